#include "tcp/flight.h"

#include "base/bytes.h"

#define FLIGHT_SMALLEST 8

uint32_t flight_count(const struct flight *f)
{
    return f->ring ? f->ring->count : f->single.length != 0;
}

static uint32_t place_of(const struct flight_ring *r, uint32_t index)
{
    return (r->first + index) & (r->room - 1);
}

static uint32_t index_of(const struct flight_ring *r, uint32_t place)
{
    return (place - r->first) & (r->room - 1);
}

static struct flight_entry *ring_at(struct flight_ring *r, uint32_t index)
{
    return &r->entry[place_of(r, index)];
}

struct flight_record *flight_at(const struct flight *f, uint32_t index)
{
    assert(index < flight_count(f));
    return f->ring ? &ring_at(f->ring, index)->record : (struct flight_record *)&f->single;
}

struct flight_sample *flight_sample_at(struct flight *f, uint32_t index)
{
    assert(index < flight_count(f));
    return f->ring ? &ring_at(f->ring, index)->sample : NULL;
}

/* ------------------------------------------------ the order of transmission */

static bool on_its_way(const struct flight_record *r)
{
    return !r->sacked && !r->lost;
}

static void link_neighbours(struct flight_ring *r, uint16_t place)
{
    const struct flight_entry *e = &r->entry[place];
    *(e->earlier == FLIGHT_NOBODY ? &r->earliest : &r->entry[e->earlier].later) = place;
    *(e->later == FLIGHT_NOBODY ? &r->latest : &r->entry[e->later].earlier) = place;
}

/* Inserts behind `earlier`; FLIGHT_NOBODY: in front of all. */
static void link_behind(struct flight_ring *r, uint16_t earlier, uint16_t place)
{
    struct flight_entry *e = &r->entry[place];
    e->earlier = earlier;
    e->later = earlier == FLIGHT_NOBODY ? r->earliest : r->entry[earlier].later;
    link_neighbours(r, place);
}

static void unlink_entry(struct flight_ring *r, const struct flight_entry *e)
{
    *(e->earlier == FLIGHT_NOBODY ? &r->earliest : &r->entry[e->earlier].later) = e->later;
    *(e->later == FLIGHT_NOBODY ? &r->latest : &r->entry[e->later].earlier) = e->earlier;
}

uint32_t flight_sent_first(const struct flight *f)
{
    const struct flight_ring *r = f->ring;
    if (!r)
        return f->single.length && on_its_way(&f->single) ? 0 : flight_count(f);
    return r->earliest == FLIGHT_NOBODY ? r->count : index_of(r, r->earliest);
}

/* ---------------------------------------------------------------- the ring */

static size_t ring_bytes(uint32_t room)
{
    return sizeof(struct flight_ring) + room * sizeof(struct flight_entry);
}

/* Copies the entries of `old`, in the same order of transmission; their places now begin at 0. */
static void move_entries(struct flight_ring *r, const struct flight_ring *old)
{
    for (uint32_t i = 0; i < old->count; i++)
        r->entry[i] = old->entry[place_of(old, i)];
    for (uint16_t at = old->earliest; at != FLIGHT_NOBODY; at = old->entry[at].later)
        link_behind(r, r->latest, (uint16_t)index_of(old, at));
}

static void move_single(struct flight_ring *r, const struct flight_record *single)
{
    r->entry[0] = (struct flight_entry){.record = *single};
    if (r->count && on_its_way(single))
        link_behind(r, FLIGHT_NOBODY, 0);
}

/* Replaces the ring by a larger one. `reserved`: memory may come from the reserve. */
static bool flight_grow(struct flight *f, struct memory *m, bool reserved)
{
    uint32_t count = flight_count(f), room = f->ring ? f->ring->room : 0;
    uint32_t larger = room ? room * 2 : FLIGHT_SMALLEST;
    if (larger > FLIGHT_MAX)
        return false;
    size_t bytes = ring_bytes(larger);
    struct flight_ring *r = reserved ? memory_get_reserved(m, bytes) : memory_get(m, bytes);
    if (!r)
        return false;
    *r = (struct flight_ring){.room = larger,
                              .max = min_of(larger, FLIGHT_MAX - FLIGHT_SPARE),
                              .count = count,
                              .sacked = flight_sacked(f),
                              .sacked_count = flight_sacked_count(f),
                              .lost = flight_lost(f),
                              .earliest = FLIGHT_NOBODY,
                              .latest = FLIGHT_NOBODY};
    if (f->ring)
        move_entries(r, f->ring);
    else
        move_single(r, &f->single);
    if (f->ring)
        memory_put(m, f->ring, ring_bytes(room));
    f->ring = r;
    f->single.length = 0;
    return true;
}

/* Ensures a ring with at least one free place. */
static bool flight_make_room(struct flight *f, struct memory *m)
{
    return (f->ring && f->ring->count < f->ring->max) || flight_grow(f, m, false);
}

bool flight_reserve(struct flight *f, struct memory *m, bool may_grow)
{
    if (!f->ring)
        return !f->single.length || flight_make_room(f, m);
    return f->ring->count < f->ring->max || (may_grow && flight_make_room(f, m));
}

bool flight_append(struct flight *f, struct memory *m, const struct flight_record *record)
{
    assert(record->length);
    assert(on_its_way(record));
    if (!f->ring && !f->single.length) {
        f->single = *record;
        return true;
    }
    if (!flight_make_room(f, m))
        return false;
    struct flight_ring *r = f->ring;
    if (r->count) {
        const struct flight_record *last = &ring_at(r, r->count - 1)->record;
        assert(last->from + last->length == record->from);
    }
    uint32_t place = place_of(r, r->count++);
    r->entry[place].record = *record;
    r->entry[place].sample = (struct flight_sample){0};
    link_behind(r, r->latest, (uint16_t)place);
    return true;
}

/* Subtracts `bytes` of a record from the sums for its marks. */
static void flight_unmark(struct flight *f, const struct flight_record *r, uint32_t bytes)
{
    if (!f->ring)
        return;
    if (r->sacked)
        f->ring->sacked -= bytes;
    if (r->lost)
        f->ring->lost -= bytes;
}

/* Removes the oldest record, which is acknowledged completely. */
static void drop_oldest(struct flight *f)
{
    struct flight_record *r = flight_at(f, 0);
    flight_unmark(f, r, r->length);
    if (!f->ring) {
        r->length = 0;
        return;
    }
    if (on_its_way(r))
        unlink_entry(f->ring, ring_at(f->ring, 0));
    f->ring->sacked_count -= r->sacked;
    f->ring->first++;
    f->ring->count--;
}

bool flight_acknowledge(struct flight *f, position una)
{
    if (flight_count(f) == 0)
        return false;
    struct flight_record *r = flight_at(f, 0);
    if (r->from + r->length <= una) {
        drop_oldest(f);
        return true;
    }
    uint32_t cut = r->from < una ? (uint32_t)(una - r->from) : 0;
    flight_unmark(f, r, cut);
    r->from += cut;
    r->length -= cut;
    return false;
}

uint32_t flight_find(const struct flight *f, position p)
{
    uint32_t low = 0, high = flight_count(f);
    if (high == 0 || p < flight_at(f, 0)->from)
        return high;
    uint32_t count = high;
    while (high - low > 1) { /* the record that holds p, if any, is in [low, high) */
        uint32_t middle = low + (high - low) / 2;
        if (flight_at(f, middle)->from <= p)
            low = middle;
        else
            high = middle;
    }
    const struct flight_record *r = flight_at(f, low);
    return p < r->from + r->length ? low : count;
}

/* Ensures a free place for a part of this record. Without it, a segment that is too long for the
 * path could never be sent. */
static bool flight_make_spare(struct flight *f, struct memory *m, uint32_t index)
{
    const struct flight_ring *r = f->ring;
    uint32_t kept = r && r->room == FLIGHT_MAX && index > 0 ? FLIGHT_LAST : 0;
    return (r && r->count < r->room - kept) || flight_grow(f, m, true);
}

static void move_entry(struct flight_ring *r, uint32_t from, uint32_t to)
{
    uint16_t place = (uint16_t)place_of(r, to);
    r->entry[place] = *ring_at(r, from);
    if (on_its_way(&r->entry[place].record))
        link_neighbours(r, place);
}

/* Makes a free place behind the record: moves the records before it or those behind it, whichever
 * are fewer. */
static void open_place(struct flight_ring *r, uint32_t index)
{
    if (index < r->count++ / 2) {
        r->first--;
        for (uint32_t i = 0; i <= index; i++)
            move_entry(r, i + 1, i);
    } else {
        for (uint32_t i = r->count - 1; i > index + 1; i--)
            move_entry(r, i - 1, i);
    }
}

bool flight_split(struct flight *f, struct memory *m, uint32_t index, position p)
{
    if (!flight_make_spare(f, m, index))
        return false;
    struct flight_ring *r = f->ring;
    open_place(r, index);
    struct flight_entry *front = ring_at(r, index), *back = ring_at(r, index + 1);
    assert(p > front->record.from && p < front->record.from + front->record.length);
    *back = *front;
    back->record.from = p;
    back->record.length = (uint32_t)(front->record.from + front->record.length - p);
    front->record.length -= back->record.length;
    r->sacked_count += front->record.sacked;
    front->record.pushed = front->record.closes = false;
    if (on_its_way(&front->record))
        link_behind(r, (uint16_t)place_of(r, index), (uint16_t)place_of(r, index + 1));
    return true;
}

static void mark_lost(struct flight *f, struct flight_record *r)
{
    r->lost = true;
    if (!f->ring)
        return;
    f->ring->lost += r->length;
    f->ring->lost_from = min_of(f->ring->lost_from, r->from);
}

void flight_set_sacked(struct flight *f, uint32_t index)
{
    struct flight_record *r = flight_at(f, index);
    if (r->sacked)
        return;
    if (f->ring && on_its_way(r))
        unlink_entry(f->ring, ring_at(f->ring, index));
    flight_unmark(f, r, r->length);
    r->lost = false;
    r->sacked = true;
    if (!f->ring)
        return;
    f->ring->sacked += r->length;
    f->ring->sacked_count++;
}

void flight_set_lost(struct flight *f, uint32_t index)
{
    struct flight_record *r = flight_at(f, index);
    if (r->lost || r->sacked)
        return;
    if (f->ring)
        unlink_entry(f->ring, ring_at(f->ring, index));
    mark_lost(f, r);
}

/* It moves to the end of the order of transmission. */
void flight_set_resent(struct flight *f, uint32_t index, rill_time now)
{
    struct flight_record *r = flight_at(f, index);
    assert(!r->sacked);
    if (f->ring) {
        uint16_t place = (uint16_t)place_of(f->ring, index);
        if (!r->lost)
            unlink_entry(f->ring, &f->ring->entry[place]);
        link_behind(f->ring, f->ring->latest, place);
    }
    flight_unmark(f, r, r->length);
    r->lost = false;
    r->retransmitted = true;
    r->sent_at = now;
}

void flight_set_all_lost(struct flight *f)
{
    for (uint32_t i = 0; i < flight_count(f); i++) {
        struct flight_record *r = flight_at(f, i);
        if (!r->sacked) {
            flight_set_lost(f, i);
            continue;
        }
        flight_unmark(f, r, r->length);
        r->sacked = false;
        mark_lost(f, r);
        if (f->ring)
            f->ring->sacked_count--;
    }
}

static bool sent_before(const struct flight_ring *r, uint16_t a, uint16_t b)
{
    const struct flight_record *one = &r->entry[a].record, *other = &r->entry[b].record;
    return one->sent_at < other->sent_at ||
           (one->sent_at == other->sent_at && one->from < other->from);
}

/* The earlier of the heads of two lists is appended to the order. */
static void take_earlier(struct flight_ring *r, uint16_t *a, uint16_t *b)
{
    bool from_a = *b == FLIGHT_NOBODY || (*a != FLIGHT_NOBODY && sent_before(r, *a, *b));
    uint16_t *from = from_a ? a : b, place = *from;
    *from = r->entry[place].later;
    link_behind(r, r->latest, place);
}

/* Makes the first `max` entries of the list at `from` a list of their own; returns the rest. */
static uint16_t cut_off(struct flight_ring *r, uint16_t from, uint32_t max)
{
    while (from != FLIGHT_NOBODY && --max)
        from = r->entry[from].later;
    if (from == FLIGHT_NOBODY)
        return FLIGHT_NOBODY;
    uint16_t left = r->entry[from].later;
    r->entry[from].later = FLIGHT_NOBODY;
    return left;
}

/* One pass of a merge sort: runs of `run` entries become runs of twice as many. */
static void merge_runs(struct flight_ring *r, uint32_t run)
{
    uint16_t left = r->earliest;
    r->earliest = r->latest = FLIGHT_NOBODY;
    while (left != FLIGHT_NOBODY) {
        uint16_t a = left, b = cut_off(r, a, run);
        left = b == FLIGHT_NOBODY ? FLIGHT_NOBODY : cut_off(r, b, run);
        while (a != FLIGHT_NOBODY || b != FLIGHT_NOBODY)
            take_earlier(r, &a, &b);
    }
}

void flight_forget_lost(struct flight *f)
{
    struct flight_ring *r = f->ring;
    f->single.lost = false;
    if (!r || !r->lost)
        return;
    for (uint32_t i = 0; i < r->count; i++) {
        if (!ring_at(r, i)->record.lost)
            continue;
        ring_at(r, i)->record.lost = false;
        link_behind(r, r->latest, (uint16_t)place_of(r, i));
    }
    r->lost = 0;
    for (uint32_t run = 1; run < r->count; run *= 2) /* n log n for any order */
        merge_runs(r, run);
}

uint32_t flight_sacked_count(const struct flight *f)
{
    return f->ring ? f->ring->sacked_count : f->single.length && f->single.sacked;
}

uint32_t flight_sacked(const struct flight *f)
{
    if (f->ring)
        return f->ring->sacked;
    return f->single.sacked ? f->single.length : 0;
}

uint32_t flight_lost(const struct flight *f)
{
    if (f->ring)
        return f->ring->lost;
    return f->single.lost ? f->single.length : 0;
}

uint32_t flight_first_lost(struct flight *f)
{
    uint32_t count = flight_count(f);
    if (flight_lost(f) == 0)
        return count;
    if (!f->ring)
        return 0;
    position oldest = flight_at(f, 0)->from;
    uint32_t i = flight_find(f, max_of(f->ring->lost_from, oldest));
    while (!flight_at(f, i)->lost)
        i++;
    f->ring->lost_from = flight_at(f, i)->from;
    return i;
}

void flight_settle(struct flight *f, struct memory *m)
{
    if (!f->ring || f->ring->count > 1)
        return;
    struct flight_ring *r = f->ring;
    struct flight_record left = r->count ? ring_at(r, 0)->record : (struct flight_record){0};
    f->ring = NULL;
    f->single = left;
    memory_put(m, r, ring_bytes(r->room));
}

void flight_clear(struct flight *f, struct memory *m)
{
    if (f->ring)
        memory_put(m, f->ring, ring_bytes(f->ring->room));
    *f = (struct flight){0};
}

/* The list holds all records believed to be in flight, in the order of transmission. */
static void check_order(const struct flight *f)
{
    const struct flight_ring *r = f->ring;
    uint32_t waiting = 0;
    for (uint32_t i = 0; i < r->count; i++)
        waiting += on_its_way(&r->entry[place_of(r, i)].record);
    uint16_t before = FLIGHT_NOBODY;
    for (uint16_t at = r->earliest; at != FLIGHT_NOBODY; at = r->entry[at].later) {
        const struct flight_entry *e = &r->entry[at];
        assert(index_of(r, at) < r->count);
        assert(on_its_way(&e->record));
        assert(e->earlier == before);
        assert(before == FLIGHT_NOBODY || r->entry[before].record.sent_at <= e->record.sent_at);
        assert(waiting > 0);
        waiting--;
        before = at;
    }
    assert(before == r->latest);
    assert(waiting == 0);
}

void flight_check(const struct flight *f, position una, position nxt)
{
    position at = una;
    uint32_t sacked = 0, sacked_count = 0, lost = 0;
    for (uint32_t i = 0; i < flight_count(f); i++) {
        const struct flight_record *r = flight_at(f, i);
        sacked_count += r->sacked;
        assert(r->from == at);
        assert(r->length > 0);
        assert(!(r->lost && r->sacked));
        sacked += r->sacked ? r->length : 0;
        lost += r->lost ? r->length : 0;
        at += r->length;
    }
    assert(at == nxt);
    assert(sacked == flight_sacked(f));
    assert(sacked_count == flight_sacked_count(f));
    assert(lost == flight_lost(f));
    if (f->ring)
        check_order(f);
}
