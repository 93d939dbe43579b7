/* A direction is a heap of frames under way, ordered by arrival and then by the order of putting,
 * so that frames which arrive at one instant stay in order.
 *
 * Determinism: each direction has a generator of its own, and each segment takes the same number of
 * draws from it whatever becomes of it. So changing one probability changes the fate of no frame
 * that it does not concern, and one direction's traffic leaves the other's draws alone. */
#include "segment.h"

#include <assert.h>
#include <rill/cable.h>
#include <rill/loopback.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_ROOM = 65792 };  /* Ethernet, the largest IP packet, and headroom */
enum { TURNS_MAX = 1000000 }; /* at one instant: beyond it a stack moves, but not on */
enum { QUEUE_DEFAULT = 256 << 10 };
enum { LINK_HEADER = 14 }; /* Ethernet: the MTU does not count it */

#define BIT_NANOSECONDS 8000000000u /* one byte at 1 bit a second */

/* A frame under way. */
struct flight {
    rill_time arrives;
    uint64_t sequence;
    size_t length;
    uint8_t bytes[];
};

struct direction {
    struct rill_cable_config config;
    struct rill_cable_stats stats;
    uint64_t random;        /* state of the generator */
    uint64_t sequence;      /* of the next flight */
    rill_time now;          /* latest time handed in */
    rill_time idle;         /* when the rate has let out all that waits */
    rill_time last_arrival; /* of those that keep order */
    struct flight **heap;   /* heap[i] comes before heap[2i + 1] and heap[2i + 2] */
    size_t count, room;
};

struct rill_cable {
    struct direction direction[2]; /* [e] leads away from end e */
    struct rill_frame frame[RILL_BATCH_MAX];
    uint8_t *memory; /* of rill_cable_run's frames */
};

/* What chance has in store for one segment. */
struct fate {
    bool lost, duplicated, reordered, corrupted;
    uint64_t bit; /* to flip, a fraction of 2^64 */
    rill_time jitter;
};

/* splitmix64 (Steele, Lea, Flood 2014): every seed is a good one. */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* factor * a / b without overflow on the way. */
static uint64_t scale(uint64_t factor, uint64_t a, uint64_t b)
{
    return (uint64_t)((unsigned __int128)factor * a / b);
}

/* A fraction of 2^64 as a number in [0, n). */
static uint64_t below(uint64_t fraction, uint64_t n)
{
    return (uint64_t)((unsigned __int128)fraction * n >> 64);
}

static bool draw_chance(struct direction *d, uint32_t ppm)
{
    return below(draw(&d->random), 1000000) < ppm;
}

static struct fate draw_fate(struct direction *d)
{
    struct fate f;
    f.lost = draw_chance(d, d->config.loss_ppm);
    f.duplicated = draw_chance(d, d->config.duplicate_ppm);
    f.reordered = draw_chance(d, d->config.reorder_ppm);
    f.corrupted = draw_chance(d, d->config.corrupt_ppm);
    f.bit = draw(&d->random);
    f.jitter = (rill_time)below(draw(&d->random), (uint64_t)d->config.jitter + 1);
    return f;
}

static bool comes_before(const struct flight *a, const struct flight *b)
{
    return a->arrives != b->arrives ? a->arrives < b->arrives : a->sequence < b->sequence;
}

static void swap(struct flight **a, struct flight **b)
{
    struct flight *t = *a;
    *a = *b;
    *b = t;
}

static bool heap_reserve(struct direction *d)
{
    if (d->count < d->room)
        return true;
    size_t room = d->room ? 2 * d->room : 64;
    struct flight **heap = realloc(d->heap, room * sizeof(struct flight *));
    if (!heap)
        return false;
    d->heap = heap;
    d->room = room;
    return true;
}

/* Takes the flight over; one for which there is no memory is as good as one that found the queue
 * full. */
static void heap_push(struct direction *d, struct flight *f)
{
    if (!heap_reserve(d)) {
        d->stats.overflowed++;
        free(f);
        return;
    }
    f->sequence = d->sequence++;
    size_t i = d->count++;
    d->heap[i] = f;
    for (; i > 0 && comes_before(d->heap[i], d->heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&d->heap[i], &d->heap[(i - 1) / 2]);
}

static struct flight *heap_pop(struct direction *d)
{
    struct flight *first = d->heap[0];
    d->heap[0] = d->heap[--d->count];
    for (size_t i = 0, child; (child = 2 * i + 1) < d->count; i = child) {
        if (child + 1 < d->count && comes_before(d->heap[child + 1], d->heap[child]))
            child++;
        if (!comes_before(d->heap[child], d->heap[i]))
            break;
        swap(&d->heap[child], &d->heap[i]);
    }
    return first;
}

static void direction_configure(struct direction *d, const struct rill_cable_config *config)
{
    assert(config->delay >= 0);
    assert(config->jitter >= 0);
    assert(config->reorder_delay >= 0);
    d->config = *config;
    if (d->config.queue == 0)
        d->config.queue = QUEUE_DEFAULT;
    if (d->config.reorder_delay == 0)
        d->config.reorder_delay = d->config.delay / 2 + RILL_MILLISECONDS(1);
}

static void direction_free(struct direction *d)
{
    while (d->count > 0)
        free(heap_pop(d));
    free(d->heap);
}

/* Bytes that still wait for the rate. */
static uint64_t direction_backlog(const struct direction *d)
{
    if (d->config.rate == 0 || d->idle <= d->now)
        return 0;
    return scale((uint64_t)(d->idle - d->now), d->config.rate, BIT_NANOSECONDS);
}

/* Makes so many bytes wait for the rate, behind those that do already. */
static void direction_occupy(struct direction *d, uint64_t bytes)
{
    if (d->idle < d->now)
        d->idle = d->now;
    if (d->config.rate > 0)
        d->idle += (rill_time)scale(bytes, BIT_NANOSECONDS, d->config.rate);
}

/* When a frame that left at `departs` arrives. */
static rill_time direction_arrival(struct direction *d, rill_time departs, const struct fate *fate)
{
    rill_time arrives = departs + d->config.delay + fate->jitter;
    if (arrives < d->last_arrival)
        arrives = d->last_arrival;
    if (fate->reordered)
        return arrives + d->config.reorder_delay;
    d->last_arrival = arrives;
    return arrives;
}

static struct flight *flight_new(size_t room)
{
    return malloc(sizeof(struct flight) + room);
}

static void flight_flip(struct flight *f, uint64_t fraction)
{
    uint64_t bit = below(fraction, (uint64_t)f->length * 8);
    f->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

static void direction_duplicate(struct direction *d, const struct flight *f)
{
    struct flight *twin = flight_new(f->length);
    if (!twin)
        return;
    memcpy(twin, f, sizeof *f + f->length);
    d->stats.duplicated++;
    heap_push(d, twin);
}

/* Takes the flight over and decides what becomes of it. */
static void direction_send(struct direction *d, struct flight *f)
{
    struct fate fate = draw_fate(d);
    d->stats.sent++;
    if (d->config.mtu > 0 && f->length > LINK_HEADER + (size_t)d->config.mtu) {
        d->stats.too_long++;
        free(f);
        return;
    }
    uint64_t backlog = direction_backlog(d);
    if (backlog > 0 && backlog + f->length > d->config.queue) {
        d->stats.overflowed++;
        free(f);
        return;
    }
    direction_occupy(d, f->length);
    if (fate.lost) {
        d->stats.lost++;
        free(f);
        return;
    }
    if (fate.corrupted) {
        d->stats.corrupted++;
        flight_flip(f, fate.bit);
    }
    d->stats.reordered += fate.reordered;
    f->arrives = direction_arrival(d, d->idle, &fate);
    if (fate.duplicated)
        direction_duplicate(d, f);
    heap_push(d, f);
}

struct rill_cable *rill_cable_new(const struct rill_cable_config *there,
                                  const struct rill_cable_config *back, uint64_t seed)
{
    struct rill_cable *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->memory = malloc((size_t)RILL_BATCH_MAX * FRAME_ROOM);
    if (!c->memory) {
        free(c);
        return NULL;
    }
    for (int i = 0; i < 2; i++) {
        direction_configure(&c->direction[i], i == 0 ? there : back);
        c->direction[i].random = draw(&seed);
        c->direction[i].now = INT64_MIN;
        c->direction[i].idle = INT64_MIN;
        c->direction[i].last_arrival = INT64_MIN;
    }
    return c;
}

void rill_cable_free(struct rill_cable *c)
{
    if (!c)
        return;
    for (int i = 0; i < 2; i++)
        direction_free(&c->direction[i]);
    free(c->memory);
    free(c);
}

void rill_cable_change(struct rill_cable *c, int direction, const struct rill_cable_config *config)
{
    assert(direction == 0 || direction == 1);
    struct direction *d = &c->direction[direction];
    uint64_t backlog = direction_backlog(d);
    direction_configure(d, config);
    d->idle = d->now;
    direction_occupy(d, backlog);
}

void rill_cable_put(struct rill_cable *c, int end, const struct rill_frame *frame, rill_time now)
{
    assert(end == 0 || end == 1);
    struct direction *d = &c->direction[end];
    assert(now >= d->now);
    d->now = now;
    for (unsigned i = 0; i < segment_count(frame); i++) {
        struct flight *f = flight_new(segment_room(frame));
        if (!f) {
            d->stats.sent++;
            d->stats.overflowed++;
            continue;
        }
        f->length = segment_copy(frame, i, f->bytes);
        direction_send(d, f);
    }
}

unsigned rill_cable_take(struct rill_cable *c, int end, struct rill_frame *frame, unsigned max,
                         rill_time now)
{
    assert(end == 0 || end == 1);
    struct direction *d = &c->direction[!end];
    unsigned n = 0;
    for (; n < max && d->count > 0 && d->heap[0]->arrives <= now; n++) {
        struct flight *f = heap_pop(d);
        assert(f->length <= frame[n].room);
        frame[n] = (struct rill_frame){.buffer = frame[n].buffer, .room = frame[n].room};
        frame[n].length = (uint32_t)f->length;
        memcpy(frame[n].buffer, f->bytes, f->length);
        free(f);
        d->stats.delivered++;
    }
    return n;
}

static rill_time earlier(rill_time a, rill_time b)
{
    return a < b ? a : b;
}

rill_time rill_cable_deadline(const struct rill_cable *c)
{
    rill_time first = RILL_NEVER;
    for (int i = 0; i < 2; i++) {
        const struct direction *d = &c->direction[i];
        if (d->count > 0)
            first = earlier(first, d->heap[0]->arrives);
    }
    return first;
}

const struct rill_cable_stats *rill_cable_stats(const struct rill_cable *c, int direction)
{
    assert(direction == 0 || direction == 1);
    return &c->direction[direction].stats;
}

static struct rill_frame *fresh_frames(struct rill_cable *c)
{
    for (size_t i = 0; i < RILL_BATCH_MAX; i++)
        c->frame[i] = (struct rill_frame){.buffer = c->memory + i * FRAME_ROOM, .room = FRAME_ROOM};
    return c->frame;
}

/* What has arrived at an end goes into its stack. Returns how many frames. */
static unsigned run_receive(struct rill_cable *c, int end, struct rill *stack, int port,
                            rill_time now)
{
    struct rill_frame *frame = fresh_frames(c);
    unsigned n = rill_cable_take(c, end, frame, RILL_BATCH_MAX, now);
    if (n > 0)
        rill_receive(stack, port, frame, n, now);
    return n;
}

/* What the stack has to send goes onto the cable. Returns how many frames. */
static unsigned run_transmit(struct rill_cable *c, int end, struct rill *stack, int port,
                             rill_time now)
{
    unsigned n, sum = 0;
    do {
        struct rill_frame *frame = fresh_frames(c);
        n = rill_transmit(stack, port, frame, RILL_BATCH_MAX, now);
        for (unsigned i = 0; i < n; i++)
            rill_cable_put(c, end, &frame[i], now);
        sum += n;
    } while (n == RILL_BATCH_MAX);
    return sum + rill_loopback_turn(stack, now);
}

rill_time rill_cable_run(struct rill_cable *c, struct rill *ends[2], const int ports[2],
                         rill_time now, rill_time until, bool (*stop)(void *), void *context)
{
    for (unsigned turns = 1;; turns++) {
        assert(turns <= TURNS_MAX);
        unsigned moved = 0;
        for (int e = 0; e < 2; e++)
            moved += run_receive(c, e, ends[e], ports[e], now);
        for (int e = 0; e < 2; e++)
            moved += run_transmit(c, e, ends[e], ports[e], now);
        if (stop && stop(context))
            return now;
        rill_time next = earlier(rill_deadline(ends[0]), rill_deadline(ends[1]));
        next = earlier(next, rill_cable_deadline(c));
        if (moved > 0 || next <= now)
            continue; /* this instant is not over */
        if (now >= until || (next == RILL_NEVER && until == RILL_NEVER))
            return now;
        now = earlier(next, until);
        turns = 0;
    }
}
