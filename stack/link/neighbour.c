#include "link/neighbour.h"

#define NEIGHBOUR_NEVER (-1)
#define NEIGHBOUR_LOOK 16 /* entries examined to find one to evict */

/* -------------------------------------------------------------- table */

bool neighbours_init(struct neighbours *ns, struct memory *m, struct random *random, unsigned limit)
{
    assert(limit > 0);
    *ns = (struct neighbours){.memory = m, .random = random, .key = random_key(random)};
    pool_init(&ns->pool, m, sizeof(struct neighbour), limit);
    heap_init(&ns->timers, m);
    list_init(&ns->kept);
    list_init(&ns->passing);
    for (unsigned i = 0; i < RILL_PORTS_MAX; i++)
        list_init(&ns->asking[i]);
    for (ns->bucket_count = 1; ns->bucket_count < limit;)
        ns->bucket_count *= 2;
    ns->bucket = memory_get(m, ns->bucket_count * sizeof *ns->bucket);
    if (ns->bucket && heap_reserve(&ns->timers, limit))
        return true;
    neighbours_end(ns);
    return false;
}

void neighbours_end(struct neighbours *ns)
{
    memory_put(ns->memory, ns->bucket, ns->bucket_count * sizeof *ns->bucket);
    ns->bucket = NULL;
    heap_end(&ns->timers);
    pool_end(&ns->pool);
}

/* The head of the hash chain for this address. */
static uint32_t *neighbours_chain(const struct neighbours *ns, int port, struct rill_address a)
{
    uint8_t bytes[sizeof a.byte + 1];
    memcpy(bytes, a.byte, sizeof a.byte);
    bytes[sizeof a.byte] = (uint8_t)port;
    uint64_t hash = siphash_1_3(&ns->key, bytes, sizeof bytes);
    return &ns->bucket[hash & (ns->bucket_count - 1)];
}

static bool neighbour_is(const struct neighbour *n, int port, struct rill_address address)
{
    return n->port == port && rill_address_equal(n->address, address);
}

static struct neighbour *find_by_hash(struct neighbours *ns, int port, struct rill_address address)
{
    for (uint32_t i = *neighbours_chain(ns, port, address); i;) {
        struct neighbour *n = pool_at(&ns->pool, i);
        if (neighbour_is(n, port, address))
            return n;
        i = n->next;
    }
    return NULL;
}

struct neighbour *neighbour_find(struct neighbours *ns, int port, struct rill_address address)
{
    assert(port >= 0 && port < RILL_PORTS_MAX);
    struct neighbour *n = ns->last ? pool_at(&ns->pool, ns->last) : NULL;
    if (!n || !neighbour_is(n, port, address))
        n = find_by_hash(ns, port, address);
    ns->last = n ? n->index : 0;
    return n;
}

static bool has_waiters(const struct neighbour *n)
{
    for (unsigned i = 0; i < NEIGHBOUR_WAITERS; i++)
        if (!list_empty(&n->waiting[i]))
            return true;
    return false;
}

static bool list_has_waiters(const struct list *entries, unsigned kind)
{
    for (struct list_node *n = list_first(entries); n; n = list_next(entries, n))
        if (!list_empty(&container_of(n, struct neighbour, age)->waiting[kind]))
            return true;
    return false;
}

bool neighbours_have_waiters(const struct neighbours *ns, unsigned kind)
{
    return list_has_waiters(&ns->kept, kind) || list_has_waiters(&ns->passing, kind);
}

/* Its waiters must be gone. */
static void neighbour_forget(struct neighbours *ns, struct neighbour *n)
{
    assert(!has_waiters(n));
    uint32_t *link = neighbours_chain(ns, n->port, n->address);
    while (*link != n->index)
        link = &((struct neighbour *)pool_at(&ns->pool, *link))->next;
    *link = n->next;
    ns->last = 0;
    heap_remove(&ns->timers, &n->timer);
    list_remove(&n->asking);
    list_remove(&n->age);
    pool_put(&ns->pool, n->index);
    ns->removals++;
}

/* Removes the oldest passing entry without waiters. Entries with waiters go to the end, so that
 * they are not examined repeatedly. */
static bool neighbours_evict_passing(struct neighbours *ns)
{
    for (unsigned i = 0; i < NEIGHBOUR_LOOK && !list_empty(&ns->passing); i++) {
        struct neighbour *n = container_of(list_first(&ns->passing), struct neighbour, age);
        if (!has_waiters(n)) {
            neighbour_forget(ns, n);
            return true;
        }
        list_remove(&n->age);
        list_append(&ns->passing, &n->age);
    }
    return false;
}

/* Removes the least recently used kept entry, if it has been idle for long enough. */
static bool neighbours_evict_kept(struct neighbours *ns, rill_time now)
{
    if (list_empty(&ns->kept))
        return false;
    struct neighbour *n = container_of(list_first(&ns->kept), struct neighbour, age);
    if (now - n->used < NEIGHBOUR_IDLE_TIME || has_waiters(n))
        return false;
    neighbour_forget(ns, n);
    return true;
}

/* A new passing entry without state. `ours`: we want to send, which has priority over entries that
 * others cause, and may evict an idle entry. */
static struct neighbour *neighbour_new(struct neighbours *ns, int port, struct rill_address address,
                                       bool ours, rill_time now)
{
    uint32_t index;
    struct neighbour *n = pool_get(&ns->pool, &index);
    if (!n && (neighbours_evict_passing(ns) || (ours && neighbours_evict_kept(ns, now))))
        n = pool_get(&ns->pool, &index);
    if (!n)
        return NULL;
    uint32_t *chain = neighbours_chain(ns, port, address);
    *n = (struct neighbour){.address = address, .port = port, .index = index, .next = *chain};
    n->confirmed = NEIGHBOUR_NEVER;
    n->asked = now - NEIGHBOUR_REQUEST_INTERVAL;
    for (unsigned i = 0; i < NEIGHBOUR_WAITERS; i++)
        list_init(&n->waiting[i]);
    list_append(&ns->passing, &n->age);
    *chain = index;
    return n;
}

/* ------------------------------------------------------------- states */

/* Queues a request, or starts a timer for it if the last one was sent less than a second ago. */
static void neighbour_ask(struct neighbours *ns, struct neighbour *n, rill_time now)
{
    rill_time allowed = n->asked + NEIGHBOUR_REQUEST_INTERVAL;
    if (allowed > now)
        heap_set(&ns->timers, &n->timer, allowed);
    else
        list_append(&ns->asking[n->port], &n->asking);
}

/* RFC 4861 6.3.4: uniform between 0.5 and 1.5 of the base, so that hosts do not probe at the same
 * time. */
static rill_time neighbour_draw_reachable_time(struct neighbours *ns)
{
    rill_time half = NEIGHBOUR_REACHABLE_TIME / 2;
    return half + (rill_time)random_below(ns->random, 2 * half);
}

/* The only writer of the state. Each state starts its own timer or request. */
static void neighbour_set_state(struct neighbours *ns, struct neighbour *n,
                                enum neighbour_state state, rill_time now)
{
    heap_remove(&ns->timers, &n->timer);
    list_remove(&n->asking);
    n->state = state;
    n->disputed = false;
    switch (state) {
    case NEIGHBOUR_INCOMPLETE:
    case NEIGHBOUR_PROBE:
        n->tries = 0;
        neighbour_ask(ns, n, now);
        break;
    case NEIGHBOUR_REACHABLE:
        n->confirmed = now;
        heap_set(&ns->timers, &n->timer, now + neighbour_draw_reachable_time(ns));
        break;
    case NEIGHBOUR_STALE:
        break;
    case NEIGHBOUR_DELAY:
        heap_set(&ns->timers, &n->timer, now + NEIGHBOUR_DELAY_TIME);
        break;
    case NEIGHBOUR_FAILED:
        heap_set(&ns->timers, &n->timer, now + NEIGHBOUR_FAILED_TIME);
        break;
    }
}

/* Records that we send to the entry, which protects it from eviction. */
static void neighbour_touch(struct neighbours *ns, struct neighbour *n, rill_time now)
{
    n->used = now;
    if (n->fixed)
        return;
    if (n->kept && list_next(&ns->kept, &n->age) == NULL)
        return; /* it is the most recently used one already */
    n->kept = n->kept || neighbour_usable(n);
    list_remove(&n->age);
    list_append(n->kept ? &ns->kept : &ns->passing, &n->age);
}

void neighbour_use_known(struct neighbours *ns, struct neighbour *n, rill_time now)
{
    if (n->state == NEIGHBOUR_STALE)
        neighbour_set_state(ns, n, NEIGHBOUR_DELAY, now);
    neighbour_touch(ns, n, now);
}

struct neighbour *neighbour_use(struct neighbours *ns, int port, struct rill_address address,
                                rill_time now)
{
    struct neighbour *n = neighbour_find(ns, port, address);
    if (!n) {
        n = neighbour_new(ns, port, address, true, now);
        if (!n)
            return NULL;
        neighbour_set_state(ns, n, NEIGHBOUR_INCOMPLETE, now);
    }
    neighbour_use_known(ns, n, now);
    return n;
}

struct neighbour *neighbour_add_static(struct neighbours *ns, int port, struct rill_address address,
                                       struct mac mac)
{
    assert(neighbour_mac_good(mac));
    struct neighbour *n = neighbour_find(ns, port, address);
    if (!n)
        n = neighbour_new(ns, port, address, true, 0);
    if (!n)
        return NULL;
    neighbour_set_state(ns, n, NEIGHBOUR_STALE, 0); /* stops timer and request */
    n->state = NEIGHBOUR_REACHABLE;
    n->mac = mac;
    n->fixed = true;
    n->kept = false;
    list_remove(&n->age);
    return n;
}

/* ----------------------------------------------------------- learning */

bool neighbour_mac_good(struct mac mac)
{
    return !mac_is_group(mac) && !mac_is_zero(mac);
}

/* Never a neighbour: 0/8, 127/8, groups and 240/4. */
static bool neighbour_address_good(struct rill_address address)
{
    if (!rill_address_is_ip4(address))
        return true;
    uint32_t first = rill_address_to_ip4(address) >> 24;
    return first != 0 && first != 127 && first < 224;
}

/* A reply to a request of ours. During a dispute only the old MAC is asked. A reply that arrives
 * shortly after we gave up still counts. */
static bool neighbour_claim_answers(const struct neighbour *n, const struct neighbour_claim *c)
{
    if (!c->reply || !c->for_us || n->tries == 0)
        return false;
    if (n->state == NEIGHBOUR_PROBE)
        return !n->disputed || mac_equal(n->mac, c->mac);
    return n->state == NEIGHBOUR_INCOMPLETE || n->state == NEIGHBOUR_FAILED;
}

/* An unsolicited claim, but no MAC is in use that it could replace. Then a request to us is trusted
 * (RFC 826), and an announcement only if it changes a known entry. */
static bool neighbour_claim_believable(const struct neighbour *n, const struct neighbour_claim *c)
{
    if (n->state == NEIGHBOUR_STALE)
        return c->announces || !c->reply;
    return !neighbour_usable(n) && !c->announces && !c->reply;
}

static void neighbour_take(struct neighbours *ns, struct neighbour *n, struct mac mac,
                           enum neighbour_state state, rill_time now)
{
    n->mac = mac;
    neighbour_set_state(ns, n, state, now);
}

/* Another station claims an address whose MAC we use: asks the old MAC, and ignores others
 * meanwhile (as RFC 4861 7.2.5 does without the Override flag, but at once). */
static void neighbour_dispute(struct neighbours *ns, struct neighbour *n, rill_time now)
{
    bool locked = n->confirmed != NEIGHBOUR_NEVER && now - n->confirmed < NEIGHBOUR_LOCK_TIME;
    if (!neighbour_usable(n) || n->state == NEIGHBOUR_PROBE || locked)
        return;
    neighbour_set_state(ns, n, NEIGHBOUR_PROBE, now);
    n->disputed = true;
}

/* Applies a claim to an existing entry; true if it was believed. */
static bool neighbour_receive(struct neighbours *ns, struct neighbour *n,
                              const struct neighbour_claim *c, rill_time now)
{
    if (n->fixed)
        return false;
    if (neighbour_claim_answers(n, c)) {
        neighbour_take(ns, n, c->mac, NEIGHBOUR_REACHABLE, now);
        return true;
    }
    if (neighbour_usable(n) && mac_equal(n->mac, c->mac)) /* no news, no proof of reachability */
        return false;
    if (neighbour_claim_believable(n, c)) {
        neighbour_take(ns, n, c->mac, NEIGHBOUR_STALE, now);
        return true;
    }
    neighbour_dispute(ns, n, now);
    return false;
}

/* Only a request to us creates an entry, because we are about to answer (RFC 826). */
static struct neighbour *neighbour_meet(struct neighbours *ns, const struct neighbour_claim *c,
                                        rill_time now)
{
    if (c->reply || !c->for_us)
        return NULL;
    struct neighbour *n = neighbour_new(ns, c->port, c->address, false, now);
    if (n)
        neighbour_take(ns, n, c->mac, NEIGHBOUR_STALE, now);
    return n;
}

enum rill_drop neighbour_learn(struct neighbours *ns, const struct neighbour_claim *c,
                               rill_time now, struct neighbour **taken)
{
    *taken = NULL;
    if (!c->on_link || !neighbour_address_good(c->address) || !neighbour_mac_good(c->mac))
        return RILL_DROP_ARP_SENDER;
    struct neighbour *n = neighbour_find(ns, c->port, c->address);
    if (!n)
        *taken = neighbour_meet(ns, c, now);
    else if ((c->for_us || c->announces) && neighbour_receive(ns, n, c, now))
        *taken = n;
    return c->reply && !*taken ? RILL_DROP_ARP_UNSOLICITED : RILL_DROP_NONE;
}

/* ------------------------------------------------- requests and timers */

bool neighbour_has_request(const struct neighbours *ns, int port)
{
    assert(port >= 0 && port < RILL_PORTS_MAX);
    return !list_empty(&ns->asking[port]);
}

bool neighbour_next_request(struct neighbours *ns, int port, rill_time now,
                            struct neighbour_request *out)
{
    if (!neighbour_has_request(ns, port))
        return false;
    struct neighbour *n = container_of(list_first(&ns->asking[port]), struct neighbour, asking);
    bool known = n->state == NEIGHBOUR_PROBE;
    list_remove(&n->asking);
    n->tries++;
    n->asked = now;
    heap_set(&ns->timers, &n->timer, now + NEIGHBOUR_REQUEST_INTERVAL);
    *out = (struct neighbour_request){n->address, known ? n->mac : mac_broadcast};
    return true;
}

/* A second after a request, or when the next one is allowed: asks (again), or gives up after the
 * last try. True: it has failed. */
static bool neighbour_silent(struct neighbours *ns, struct neighbour *n, rill_time now)
{
    if (n->tries < NEIGHBOUR_REQUESTS) {
        list_append(&ns->asking[n->port], &n->asking);
        return false;
    }
    bool failed = n->state == NEIGHBOUR_INCOMPLETE;
    neighbour_set_state(ns, n, failed ? NEIGHBOUR_FAILED : NEIGHBOUR_INCOMPLETE, now);
    return failed;
}

/* An entry's timer has expired. True: it has just failed. */
static bool neighbour_time_out(struct neighbours *ns, struct neighbour *n, rill_time now)
{
    assert(n->state != NEIGHBOUR_STALE); /* it has no timer */
    switch (n->state) {
    case NEIGHBOUR_INCOMPLETE:
    case NEIGHBOUR_PROBE:
        return neighbour_silent(ns, n, now);
    case NEIGHBOUR_REACHABLE:
        neighbour_set_state(ns, n, NEIGHBOUR_STALE, now);
        return false;
    case NEIGHBOUR_DELAY:
        neighbour_set_state(ns, n, NEIGHBOUR_PROBE, now);
        return false;
    case NEIGHBOUR_FAILED:
        neighbour_forget(ns, n);
        return false;
    case NEIGHBOUR_STALE:
        break;
    }
    return false;
}

struct neighbour *neighbour_expire(struct neighbours *ns, rill_time now)
{
    struct heap_node *node;
    while ((node = heap_pop(&ns->timers, now)) != NULL) {
        struct neighbour *n = container_of(node, struct neighbour, timer);
        if (neighbour_time_out(ns, n, now))
            return n;
    }
    return NULL;
}

rill_time neighbours_deadline(const struct neighbours *ns)
{
    return heap_first_time(&ns->timers);
}

/* -------------------------------------------------------------- check */

static void neighbour_check(const struct neighbours *ns, const struct neighbour *n)
{
    bool asks = n->state == NEIGHBOUR_INCOMPLETE || n->state == NEIGHBOUR_PROBE;
    bool timed = n->timer.slot != 0;
    assert(list_linked(&n->age) != n->fixed);
    assert(!n->fixed || (n->state == NEIGHBOUR_REACHABLE && !timed));
    assert(!asks || timed != list_linked(&n->asking));
    assert(asks || !list_linked(&n->asking));
    assert(asks || n->fixed || timed == (n->state != NEIGHBOUR_STALE));
    assert(!neighbour_usable(n) || neighbour_mac_good(n->mac));
    assert(!n->disputed || n->state == NEIGHBOUR_PROBE);
    assert(n == pool_at(&ns->pool, n->index));
}

void neighbours_check(const struct neighbours *ns)
{
    uint32_t count = 0;
    for (uint32_t b = 0; b < ns->bucket_count; b++) {
        for (uint32_t i = ns->bucket[b]; i; count++) {
            const struct neighbour *n = pool_at(&ns->pool, i);
            neighbour_check(ns, n);
            assert(&ns->bucket[b] == neighbours_chain(ns, n->port, n->address));
            i = n->next;
        }
    }
    assert(count == ns->pool.count);
    heap_check(&ns->timers);
}
