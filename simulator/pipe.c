#include "pipe.h"

#include "base/bytes.h"
#include "damage.h"
#include "draw.h"

#include <stdlib.h>

enum { QUEUE_DEFAULT = 256 << 10 };
enum { LINK_HEADER = 14 }; /* Ethernet: not counted in the MTU */

#define BIT_NANOSECONDS 8000000000u /* one byte at 1 bit a second */
#define SURE 1000000

static bool fate_burst(struct pipe *p)
{
    const struct rill_cable_config *c = &p->config;
    bool turns = draw_chance(&p->odd, p->in_burst ? c->burst_end_ppm : c->burst_begin_ppm);
    bool lost = draw_chance(&p->odd, c->burst_loss_ppm ? c->burst_loss_ppm : SURE);
    bool was_in_burst = p->in_burst;
    p->in_burst ^= turns;
    return lost && (was_in_burst || p->in_burst);
}

static struct fate fate_draw(struct pipe *p)
{
    struct fate f;
    f.lost = draw_chance(&p->random, p->config.loss_ppm);
    f.duplicated = draw_chance(&p->random, p->config.duplicate_ppm);
    f.reordered = draw_chance(&p->random, p->config.reorder_ppm);
    f.corrupted = draw_chance(&p->random, p->config.corrupt_ppm);
    f.bit = draw(&p->random);
    f.jitter = (rill_time)draw_below(draw(&p->random), (uint64_t)p->config.jitter + 1);
    f.lost |= fate_burst(p);
    f.forged = draw_chance(&p->odd, p->config.forge_ppm);
    f.red = draw(&p->odd);
    return f;
}

static void pipe_configure(struct pipe *p, const struct rill_cable_config *config)
{
    assert(config->delay >= 0);
    assert(config->jitter >= 0);
    assert(config->reorder_delay >= 0);
    assert(config->coalesce >= 0);
    p->config = *config;
    if (p->config.queue == 0)
        p->config.queue = QUEUE_DEFAULT;
    if (p->config.reorder_delay == 0)
        p->config.reorder_delay = p->config.delay / 2 + RILL_MILLISECONDS(1);
    p->in_burst = p->in_burst && config->burst_begin_ppm > 0;
    discipline_defaults(&p->config);
}

void pipe_init(struct pipe *p, const struct rill_cable_config *config, uint64_t seed)
{
    *p = (struct pipe){.random = seed, .odd = ~seed, .memory.budget = SIZE_MAX};
    p->now = p->idle = p->last_arrival = INT64_MIN;
    heap_init(&p->under_way, &p->memory);
    pipe_configure(p, config);
}

static struct flight *flight_of(struct heap_node *n)
{
    return n ? container_of(n, struct flight, node) : NULL;
}

void pipe_end(struct pipe *p)
{
    struct flight *f;
    while ((f = p->first) != NULL) {
        p->first = f->next;
        free(f);
    }
    while ((f = flight_of(heap_pop(&p->under_way, RILL_NEVER))) != NULL)
        free(f);
    heap_end(&p->under_way);
}

struct flight *pipe_flight(struct pipe *p, size_t room)
{
    struct flight *f = malloc(sizeof *f + room);
    p->stats.sent++;
    p->stats.overflowed += !f;
    return f;
}

/* ---- In flight ---- */

/* When the card reports a frame that has arrived. */
static rill_time told(const struct pipe *p, rill_time arrives)
{
    rill_time pause = p->config.coalesce, past = pause ? arrives % pause : 0;
    return past ? arrives + pause - past : arrives;
}

/* When a frame that left at `departs` arrives. */
static rill_time arrival_of(struct pipe *p, rill_time departs, const struct fate *fate)
{
    rill_time arrives = max_of(departs + p->config.delay + fate->jitter, p->last_arrival);
    if (fate->reordered)
        return told(p, arrives + p->config.reorder_delay);
    p->last_arrival = arrives;
    return told(p, arrives);
}

/* Takes the flight over; without memory it is dropped as if the queue were full. */
static void fly(struct pipe *p, struct flight *f, rill_time arrives)
{
    f->node.slot = 0;
    if (heap_reserve(&p->under_way, p->under_way.count + 1)) {
        heap_set(&p->under_way, &f->node, arrives);
        return;
    }
    p->stats.overflowed++;
    free(f);
}

static void duplicate(struct pipe *p, const struct flight *f, rill_time arrives)
{
    struct flight *twin = malloc(sizeof *f + f->length);
    if (!twin)
        return;
    memcpy(twin, f, sizeof *f + f->length);
    p->stats.duplicated++;
    fly(p, twin, arrives);
}

/* The frame leaves at `departs`: decides its fate and arrival. */
static void depart(struct pipe *p, struct flight *f, rill_time departs)
{
    if (f->fate.lost) {
        p->stats.lost++;
        free(f);
        return;
    }
    if (f->fate.corrupted) {
        p->stats.corrupted++;
        damage_flip(f->bytes, f->length, f->fate.bit);
    }
    if (f->fate.forged)
        p->stats.forged += damage_forge(f->bytes, f->length, f->fate.bit);
    p->stats.reordered += f->fate.reordered;
    rill_time arrives = arrival_of(p, departs, &f->fate);
    if (f->fate.duplicated)
        duplicate(p, f, arrives);
    fly(p, f, arrives);
}

/* ---- Waiting for the rate ---- */

static rill_time time_of(const struct pipe *p, uint64_t bytes)
{
    return p->config.rate ? (rill_time)scale(bytes, BIT_NANOSECONDS, p->config.rate) : 0;
}

/* The rest of the frame that is leaving, in bytes. */
static uint64_t leaving(const struct pipe *p)
{
    if (p->config.rate == 0 || p->idle <= p->now)
        return 0;
    return scale((uint64_t)(p->idle - p->now), p->config.rate, BIT_NANOSECONDS);
}

/* Executes a verdict. False: the frame is dropped. */
static bool obey(struct pipe *p, struct flight *f, enum verdict verdict)
{
    if (verdict == VERDICT_PASS)
        return true;
    bool marked = damage_mark(f->bytes, f->length);
    bool stays = marked || verdict == VERDICT_MARK;
    p->stats.marked += marked;
    p->stats.refused += !stays;
    return stays;
}

/* Lets the first frame of the queue leave. */
static void leave(struct pipe *p, rill_time now)
{
    struct flight *f = p->first;
    p->first = f->next;
    p->waiting -= f->length;
    p->idle = now;
    if (!obey(p, f, discipline_leave(&p->discipline, &p->config, p->waiting, f->came, now))) {
        free(f);
        return;
    }
    p->idle = now + time_of(p, f->length);
    depart(p, f, p->idle);
}

void pipe_advance(struct pipe *p, rill_time now)
{
    while (p->first && max_of(p->idle, p->first->came) <= now)
        leave(p, max_of(p->idle, p->first->came));
    p->now = max_of(p->now, now);
}

static void enqueue(struct pipe *p, struct flight *f)
{
    f->next = NULL;
    if (p->first)
        p->last->next = f;
    else
        p->first = f;
    p->last = f;
    p->waiting += f->length;
}

void pipe_change(struct pipe *p, const struct rill_cable_config *config)
{
    uint64_t rest = leaving(p);
    pipe_configure(p, config);
    if (rest)
        p->idle = p->now + time_of(p, rest);
}

bool pipe_put(struct pipe *p, struct flight *f, rill_time now)
{
    assert(now >= p->now);
    pipe_advance(p, now);
    f->fate = fate_draw(p);
    f->came = now;
    uint64_t backlog = p->waiting + leaving(p);
    if (p->config.cut) {
        p->stats.cut++;
    } else if (p->config.mtu > 0 && f->length > LINK_HEADER + (size_t)p->config.mtu) {
        p->stats.too_long++;
        return false;
    } else if (backlog > 0 && backlog + f->length > p->config.queue) {
        p->stats.overflowed++;
    } else if (obey(p, f,
                    discipline_arrive(&p->discipline, &p->config, backlog, f->fate.red, now))) {
        enqueue(p, f);
        pipe_advance(p, now);
        return true;
    }
    free(f);
    return true;
}

struct flight *pipe_take(struct pipe *p, rill_time now)
{
    pipe_advance(p, now);
    struct flight *f = flight_of(heap_pop(&p->under_way, now));
    p->stats.delivered += f != NULL;
    return f;
}

rill_time pipe_arrival(const struct pipe *p)
{
    rill_time first = heap_first_time(&p->under_way);
    if (!p->first)
        return first;
    /* CoDel may drop the first, and then a shorter one arrives sooner. */
    rill_time departs = max_of(p->idle, p->first->came);
    if (p->config.discipline != RILL_CABLE_CODEL)
        departs += time_of(p, p->first->length);
    return min_of(first, departs + p->config.delay);
}
