#include "tcp/flight.h"

#include "base/bytes.h"

#define FLIGHT_SMALLEST 8

uint32_t flight_count(const struct flight *f)
{
    return f->ring ? f->ring->count : f->single.length != 0;
}

static struct flight_record *ring_at(struct flight_ring *r, uint32_t index)
{
    return &r->record[(r->first + index) & (r->room - 1)];
}

struct flight_record *flight_at(struct flight *f, uint32_t index)
{
    assert(index < flight_count(f));
    return f->ring ? ring_at(f->ring, index) : &f->single;
}

static size_t ring_bytes(uint32_t room)
{
    return sizeof(struct flight_ring) + room * sizeof(struct flight_record);
}

/* A ring with at least one free place; what was there moves into it. */
static bool flight_make_room(struct flight *f, struct memory *m)
{
    uint32_t count = flight_count(f), room = f->ring ? f->ring->room : 0;
    if (count < room)
        return true;
    uint32_t larger = room ? room * 2 : FLIGHT_SMALLEST;
    if (larger > FLIGHT_MAX)
        return false;
    struct flight_ring *r = memory_get(m, ring_bytes(larger));
    if (!r)
        return false;
    *r = (struct flight_ring){
        .room = larger, .count = count, .sacked = flight_sacked(f), .lost = flight_lost(f)};
    for (uint32_t i = 0; i < count; i++)
        r->record[i] = *flight_at(f, i);
    if (f->ring)
        memory_put(m, f->ring, ring_bytes(room));
    f->ring = r;
    f->single.length = 0;
    return true;
}

bool flight_reserve(struct flight *f, struct memory *m)
{
    return (!f->ring && !f->single.length) || flight_make_room(f, m);
}

bool flight_append(struct flight *f, struct memory *m, const struct flight_record *record)
{
    assert(record->length);
    if (!f->ring && !f->single.length) {
        f->single = *record;
        return true;
    }
    if (!flight_make_room(f, m))
        return false;
    assert(!f->ring->count || ring_at(f->ring, f->ring->count - 1)->from +
                                      ring_at(f->ring, f->ring->count - 1)->length ==
                                  record->from);
    *ring_at(f->ring, f->ring->count++) = *record;
    return true;
}

/* `bytes` of a record leave the sums that its marks have put them in. */
static void flight_unmark(struct flight *f, const struct flight_record *r, uint32_t bytes)
{
    if (!f->ring)
        return;
    if (r->sacked)
        f->ring->sacked -= bytes;
    if (r->lost)
        f->ring->lost -= bytes;
}

struct flight_record flight_acknowledge(struct flight *f, position una)
{
    struct flight_record last = {0};
    while (flight_count(f)) {
        struct flight_record *r = flight_at(f, 0);
        if (r->from + r->length > una) {
            uint32_t cut = r->from < una ? (uint32_t)(una - r->from) : 0;
            flight_unmark(f, r, cut);
            r->from += cut;
            r->length -= cut;
            break;
        }
        last = *r;
        flight_unmark(f, r, r->length);
        r->length = 0;
        if (f->ring) {
            f->ring->first++;
            f->ring->count--;
        }
    }
    return last;
}

uint32_t flight_unsacked_below(const struct flight *f, position una)
{
    struct flight *shown = (struct flight *)f;
    uint32_t count = flight_count(f), unsacked = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct flight_record *r = flight_at(shown, i);
        if (r->from + r->length > una)
            break;
        unsacked += !r->sacked;
    }
    return unsacked;
}

uint32_t flight_find(const struct flight *f, position p)
{
    struct flight *shown = (struct flight *)f;
    uint32_t low = 0, high = flight_count(f);
    if (high == 0 || p < flight_at(shown, 0)->from)
        return high;
    uint32_t count = high;
    while (high - low > 1) { /* the record that holds p, if any does, lies in [low, high) */
        uint32_t middle = low + (high - low) / 2;
        if (flight_at(shown, middle)->from <= p)
            low = middle;
        else
            high = middle;
    }
    const struct flight_record *r = flight_at(shown, low);
    return p < r->from + r->length ? low : count;
}

bool flight_split(struct flight *f, struct memory *m, uint32_t index, position p)
{
    if (!flight_make_room(f, m))
        return false;
    struct flight_ring *r = f->ring;
    for (uint32_t i = r->count++; i > index + 1; i--)
        *ring_at(r, i) = *ring_at(r, i - 1);
    struct flight_record *front = ring_at(r, index), *back = ring_at(r, index + 1);
    assert(p > front->from && p < front->from + front->length);
    *back = *front;
    back->from = p;
    back->length = (uint32_t)(front->from + front->length - p);
    front->length -= back->length;
    front->pushed = false;
    return true;
}

void flight_set_sacked(struct flight *f, uint32_t index)
{
    struct flight_record *r = flight_at(f, index);
    if (r->sacked)
        return;
    flight_unmark(f, r, r->length);
    r->lost = false;
    r->sacked = true;
    if (f->ring)
        f->ring->sacked += r->length;
}

void flight_set_lost(struct flight *f, uint32_t index)
{
    struct flight_record *r = flight_at(f, index);
    if (r->lost || r->sacked)
        return;
    r->lost = true;
    if (!f->ring)
        return;
    f->ring->lost += r->length;
    f->ring->lost_from = min_of(f->ring->lost_from, r->from);
}

void flight_set_resent(struct flight *f, uint32_t index, rill_time now)
{
    struct flight_record *r = flight_at(f, index);
    if (r->lost && f->ring)
        f->ring->lost -= r->length;
    r->lost = false;
    r->retransmitted = true;
    r->sent_at = now;
}

void flight_set_all_lost(struct flight *f)
{
    for (uint32_t i = 0; i < flight_count(f); i++)
        flight_set_lost(f, i);
}

void flight_forget_sacked(struct flight *f)
{
    for (uint32_t i = 0; i < flight_count(f); i++)
        flight_at(f, i)->sacked = false;
    if (f->ring)
        f->ring->sacked = 0;
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
    struct flight_record left = r->count ? *ring_at(r, 0) : (struct flight_record){0};
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

void flight_check(const struct flight *f, position una, position nxt)
{
    struct flight *shown = (struct flight *)f;
    position at = una;
    uint32_t sacked = 0, lost = 0;
    for (uint32_t i = 0; i < flight_count(f); i++) {
        const struct flight_record *r = flight_at(shown, i);
        assert(r->from == at);
        assert(r->length > 0);
        assert(!(r->lost && r->sacked));
        sacked += r->sacked ? r->length : 0;
        lost += r->lost ? r->length : 0;
        at += r->length;
    }
    assert(at == nxt);
    assert(sacked == flight_sacked(f));
    assert(lost == flight_lost(f));
}
