/* Reassembly: one struct datagram for each datagram in the making, in a hash table by key, in a
 * list by age, and in its source's list by age.
 *
 * Invariants: `held` says which bytes are real; nothing lies beyond `end` once it is known; a
 * poisoned datagram has neither bytes nor ranges; the charges add up to `used`, of all and of each
 * source; used <= limit whenever a call returns. */
#include "ip/reassembly.h"

#define REASSEMBLY_FIRST_ROOM 2048
#define REASSEMBLY_OPTIONS (IP4_HEADER_MAX - IP4_HEADER)
#define REASSEMBLY_UNKNOWN SIZE_MAX

struct datagram {
    struct list_node age;     /* in reassembly.age */
    struct list_node sibling; /* in the source's list */
    struct datagram *next;    /* in the hash chain */
    struct reassembly_source *source;
    struct ip4 header; /* of the fragment at offset 0, else of the first to arrive */
    uint8_t options[REASSEMBLY_OPTIONS]; /* header.options point here */
    uint8_t *bytes;
    size_t room; /* of bytes */
    struct ranges held;
    size_t end;    /* the payload's length; REASSEMBLY_UNKNOWN before the last fragment */
    size_t high;   /* one past the highest byte held */
    size_t charge; /* bytes accounted for it */
    rill_time born;
    bool has_first;
    uint8_t ecn_seen;      /* bit n: codepoint n was seen */
    enum rill_drop poison; /* NONE, or why its data is not trusted */
};

_Static_assert(REASSEMBLY_MIN >=
                   sizeof(struct datagram) + 65536 + RANGES_MAX * sizeof(struct range),
               "the largest datagram fits");

void reassembly_init(struct reassembly *r, struct memory *m, struct random *random, size_t limit,
                     rill_time time)
{
    assert(limit >= REASSEMBLY_MIN);
    *r = (struct reassembly){.memory = m, .key = random_key(random), .time = time, .limit = limit};
    list_init(&r->age);
    for (unsigned i = 0; i < REASSEMBLY_SOURCES; i++)
        list_init(&r->source[i].age);
}

/* ------------------------------------------------------- accounting */

/* Accounts for the current cost of the datagram. */
static void datagram_charge(struct reassembly *r, struct datagram *d)
{
    size_t charge = sizeof *d + d->room + d->held.room * sizeof(struct range);
    r->used += charge - d->charge;
    d->source->used += charge - d->charge;
    d->charge = charge;
}

static void datagram_empty(struct reassembly *r, struct datagram *d)
{
    memory_put(r->memory, d->bytes, d->room);
    ranges_clear(&d->held, r->memory);
    d->bytes = NULL;
    d->room = 0;
    datagram_charge(r, d);
}

static void datagram_free(struct reassembly *r, struct datagram *d)
{
    datagram_empty(r, d);
    r->used -= d->charge;
    d->source->used -= d->charge;
    memory_put(r->memory, d, sizeof *d);
}

/* ------------------------------------------------------------- table */

static uint64_t reassembly_hash(const struct reassembly *r, const struct ip4 *h)
{
    uint8_t key[11];
    wire_put32(key, h->source);
    wire_put32(key + 4, h->destination);
    wire_put16(key + 8, h->id);
    key[10] = h->protocol;
    return siphash_1_3(&r->key, key, sizeof key);
}

static struct datagram **reassembly_chain(struct reassembly *r, const struct ip4 *h)
{
    return &r->bucket[reassembly_hash(r, h) % REASSEMBLY_BUCKETS];
}

static struct reassembly_source *reassembly_source(struct reassembly *r, uint32_t address)
{
    uint32_t key = htole32(address);
    uint64_t hash = siphash_1_3(&r->key, &key, sizeof key);
    return &r->source[hash % REASSEMBLY_SOURCES];
}

/* RFC 791 3.2: source, destination, protocol and identification name a datagram. */
static bool datagram_is(const struct datagram *d, const struct ip4 *h)
{
    return d->header.source == h->source && d->header.destination == h->destination &&
           d->header.protocol == h->protocol && d->header.id == h->id;
}

static struct datagram *reassembly_find(struct reassembly *r, const struct ip4 *h)
{
    struct datagram *d = *reassembly_chain(r, h);
    while (d && !datagram_is(d, h))
        d = d->next;
    return d;
}

static void datagram_unlink(struct reassembly *r, struct datagram *d)
{
    struct datagram **link = reassembly_chain(r, &d->header);
    while (*link != d)
        link = &(*link)->next;
    *link = d->next;
    list_remove(&d->age);
    list_remove(&d->sibling);
}

static void reassembly_evict(struct reassembly *r, struct datagram *d)
{
    datagram_unlink(r, d);
    datagram_free(r, d);
    r->evicted++;
}

/* The oldest entry of a list, or the second oldest if the oldest is `spared`; NULL: none. */
static struct list_node *list_oldest_but(const struct list *l, const struct list_node *spared)
{
    struct list_node *n = list_first(l);
    return n && n == spared ? list_next(l, n) : n;
}

static size_t reassembly_share(const struct reassembly *r)
{
    return max_of(r->limit / REASSEMBLY_SHARE, REASSEMBLY_MIN);
}

/* Makes room for `more` bytes: evicts the source's own oldest datagrams while it exceeds its share,
 * then the oldest of all. The datagram being processed (NULL: a new one) is spared. */
static bool reassembly_reserve(struct reassembly *r, struct reassembly_source *s,
                               struct datagram *spared, size_t more)
{
    struct list_node *n;
    while (s->used + more > reassembly_share(r) &&
           (n = list_oldest_but(&s->age, spared ? &spared->sibling : NULL)) != NULL)
        reassembly_evict(r, container_of(n, struct datagram, sibling));
    while (r->used + more > r->limit &&
           (n = list_oldest_but(&r->age, spared ? &spared->age : NULL)) != NULL)
        reassembly_evict(r, container_of(n, struct datagram, age));
    return s->used + more <= reassembly_share(r) && r->used + more <= r->limit;
}

static void datagram_set_header(struct datagram *d, const struct ip4 *h)
{
    assert(h->options.length <= sizeof d->options);
    d->header = *h;
    d->header.options = span_of(d->options, h->options.length);
    if (h->options.length)
        memcpy(d->options, h->options.at, h->options.length);
}

static struct datagram *datagram_new(struct reassembly *r, const struct ip4 *h, rill_time now)
{
    struct reassembly_source *s = reassembly_source(r, h->source);
    if (!reassembly_reserve(r, s, NULL, sizeof(struct datagram)))
        return NULL;
    struct datagram *d = memory_get(r->memory, sizeof *d);
    if (!d)
        return NULL;
    struct datagram **chain = reassembly_chain(r, h);
    d->source = s;
    d->end = REASSEMBLY_UNKNOWN;
    d->born = now;
    d->next = *chain;
    *chain = d;
    ranges_init(&d->held);
    datagram_set_header(d, h);
    list_append(&r->age, &d->age);
    list_append(&s->age, &d->sibling);
    datagram_charge(r, d);
    return d;
}

static void reassembly_take_back(struct reassembly *r)
{
    if (r->lent)
        datagram_free(r, r->lent);
    r->lent = NULL;
}

void reassembly_end(struct reassembly *r)
{
    reassembly_take_back(r);
    while (!list_empty(&r->age))
        reassembly_evict(r, container_of(list_first(&r->age), struct datagram, age));
}

/* --------------------------------------------------------- fragments */

/* Checks a fragment alone. */
static enum rill_drop fragment_judge(const struct ip4 *h, size_t length)
{
    size_t header = IP4_HEADER + h->options.length;
    if (length == 0 || (h->more_fragments && length % 8 != 0))
        return RILL_DROP_FRAGMENT_ODD;
    if (h->dont_fragment) /* so it cannot be a fragment */
        return RILL_DROP_FRAGMENT_ODD;
    if (header + h->fragment_offset + length > IP4_TOTAL_MAX)
        return RILL_DROP_FRAGMENT_TOO_LONG;
    return RILL_DROP_NONE;
}

/* Compares it with the held data: it must have the same end, and its bytes must be all new, or all
 * old and equal (RFC 5722 3; a duplicate from the network is harmless). */
static enum rill_drop fragment_compare(const struct datagram *d, const struct ip4 *h,
                                       struct rill_span payload)
{
    size_t from = h->fragment_offset;
    size_t to = from + payload.length;
    struct range r = {(position)from, (position)to};
    if (!h->more_fragments && (d->high > to || (d->end != REASSEMBLY_UNKNOWN && d->end != to)))
        return RILL_DROP_FRAGMENT_ENDS;
    if (to > d->end)
        return RILL_DROP_FRAGMENT_ENDS;
    struct range gap = ranges_gap(&d->held, r);
    if (gap.from == r.from && gap.to == r.to)
        return RILL_DROP_NONE;
    if (gap.from == gap.to && memcmp(d->bytes + from, payload.at, payload.length) == 0)
        return RILL_DROP_FRAGMENT_DUPLICATE;
    return RILL_DROP_FRAGMENT_OVERLAP;
}

/* Buffer sizes are powers of two, so a growing datagram is copied only a few times. */
static bool datagram_widen(struct reassembly *r, struct datagram *d, size_t to)
{
    size_t room = d->room ? d->room : REASSEMBLY_FIRST_ROOM;
    while (room < to)
        room *= 2;
    if (room == d->room)
        return true;
    if (!reassembly_reserve(r, d->source, d, room - d->room))
        return false;
    uint8_t *bytes = memory_grow(r->memory, d->bytes, d->room, room);
    if (!bytes)
        return false;
    d->bytes = bytes;
    d->room = room;
    datagram_charge(r, d);
    return true;
}

/* Adds a range. The array of ranges may grow; its cost is accounted for afterwards. */
static bool datagram_hold(struct reassembly *r, struct datagram *d, struct range range)
{
    if (!ranges_add(&d->held, r->memory, range))
        return false;
    datagram_charge(r, d);
    return reassembly_reserve(r, d->source, d, 0);
}

/* Copies the bytes to their place; false: no room. */
static bool datagram_add(struct reassembly *r, struct datagram *d, const struct ip4 *h,
                         struct rill_span payload)
{
    size_t from = h->fragment_offset;
    size_t to = from + payload.length;
    if (!datagram_widen(r, d, to) ||
        !datagram_hold(r, d, (struct range){(position)from, (position)to}))
        return false;
    memcpy(d->bytes + from, payload.at, payload.length);
    d->high = max_of(d->high, to);
    d->ecn_seen |= (uint8_t)(1u << (h->tos & ECN_MASK));
    if (!h->more_fragments)
        d->end = to;
    if (from == 0) {
        d->has_first = true;
        datagram_set_header(d, h);
    }
    return true;
}

static enum rill_drop datagram_poison(struct reassembly *r, struct datagram *d,
                                      enum rill_drop reason)
{
    d->poison = reason;
    datagram_empty(r, d);
    return reason;
}

static bool datagram_whole(const struct datagram *d)
{
    return d->end != REASSEMBLY_UNKNOWN && ranges_reach(&d->held, 0) == (position)d->end;
}

/* Checks the whole datagram: the first header may have more options than the others; and RFC 3168
 * 5.3: one CE marks the whole datagram, but CE mixed with fragments that are not ECN-capable is
 * invalid. */
static enum rill_drop datagram_judge(const struct datagram *d)
{
    bool marked = d->ecn_seen & 1u << ECN_CE;
    if (IP4_HEADER + d->header.options.length + d->end > IP4_TOTAL_MAX)
        return RILL_DROP_FRAGMENT_TOO_LONG;
    if (marked && d->ecn_seen & 1u << ECN_NOT_ECT)
        return RILL_DROP_FRAGMENT_ODD;
    return RILL_DROP_NONE;
}

static void datagram_lend(struct reassembly *r, struct datagram *d, struct reassembly_result *out)
{
    size_t header = IP4_HEADER + d->header.options.length;
    datagram_unlink(r, d);
    r->lent = d;
    out->complete = true;
    out->payload = span_of(d->bytes, d->end);
    out->header = d->header;
    out->header.total_length = (uint16_t)(header + d->end);
    out->header.more_fragments = false;
    if (d->ecn_seen & 1u << ECN_CE)
        out->header.tos |= ECN_CE;
}

enum rill_drop reassembly_take(struct reassembly *r, const struct ip4 *h, struct rill_span payload,
                               rill_time now, struct reassembly_result *out)
{
    *out = (struct reassembly_result){.complete = false};
    reassembly_take_back(r);
    struct datagram *d = reassembly_find(r, h);
    enum rill_drop reason = fragment_judge(h, payload.length);
    if (d && d->poison)
        return d->poison;
    if (d && reason == RILL_DROP_FRAGMENT_TOO_LONG)
        return datagram_poison(r, d, reason);
    if (reason)
        return reason;
    if (!d)
        d = datagram_new(r, h, now);
    if (!d)
        return RILL_DROP_FRAGMENT_MEMORY;
    reason = fragment_compare(d, h, payload);
    if (reason == RILL_DROP_FRAGMENT_DUPLICATE)
        return reason;
    if (reason)
        return datagram_poison(r, d, reason);
    if (!datagram_add(r, d, h, payload))
        return datagram_poison(r, d, RILL_DROP_FRAGMENT_MEMORY);
    if (!datagram_whole(d))
        return RILL_DROP_NONE;
    reason = datagram_judge(d);
    if (reason)
        return datagram_poison(r, d, reason);
    datagram_lend(r, d, out);
    return RILL_DROP_NONE;
}

/* ---------------------------------------------------------- time-out */

bool reassembly_expire(struct reassembly *r, rill_time now, struct reassembly_expired *out)
{
    reassembly_take_back(r);
    while (reassembly_deadline(r) <= now) {
        struct datagram *d = container_of(list_first(&r->age), struct datagram, age);
        datagram_unlink(r, d);
        r->lent = d;
        if (!d->poison) {
            size_t reach = (size_t)ranges_reach(&d->held, 0);
            *out = (struct reassembly_expired){d->header, d->has_first, span_of(d->bytes, reach)};
            return true;
        }
        reassembly_take_back(r);
    }
    return false;
}

rill_time reassembly_deadline(const struct reassembly *r)
{
    if (list_empty(&r->age))
        return RILL_NEVER;
    return container_of(list_first(&r->age), struct datagram, age)->born + r->time;
}

bool reassembly_is_due(const struct reassembly *r, rill_time now)
{
    return r->lent || reassembly_deadline(r) <= now;
}

/* ------------------------------------------------------------- check */

static void datagram_check(const struct datagram *d)
{
    ranges_check(&d->held);
    assert(!d->poison || (!d->bytes && d->held.count == 0));
    assert(d->high <= d->room || d->poison);
    assert(d->end == REASSEMBLY_UNKNOWN || d->end >= d->high);
    assert(d->charge == sizeof *d + d->room + d->held.room * sizeof(struct range));
}

void reassembly_check(const struct reassembly *r)
{
    size_t used = r->lent ? r->lent->charge : 0;
    rill_time born = INT64_MIN;
    for (struct list_node *n = list_first(&r->age); n; n = list_next(&r->age, n)) {
        const struct datagram *d = container_of(n, struct datagram, age);
        datagram_check(d);
        assert(d->born >= born);
        born = d->born;
        used += d->charge;
    }
    assert(used == r->used);
    assert(r->used <= r->limit);
    for (unsigned i = 0; i < REASSEMBLY_SOURCES; i++)
        assert(r->source[i].used <= reassembly_share(r));
}
