/* Two pipes, and the loop that runs two stacks over them. */
#include "damage.h"
#include "draw.h"
#include "join.h"
#include "pipe.h"
#include "recorder.h"
#include "segment.h"
#include "wire/eth.h"
#include "wire/ip4.h"

#include <assert.h>
#include <errno.h>
#include <rill/loopback.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_ROOM = 65792 };  /* Ethernet, the largest IP packet, and headroom */
enum { TURNS_MAX = 1000000 }; /* at one instant: more means an endless loop */

struct rill_cable {
    struct pipe pipe[2]; /* [e] starts at end e */
    struct rill_frame frame[RILL_BATCH_MAX];
    uint8_t *memory;             /* of rill_cable_run's frames; NULL until it is called */
    struct recorder recorder[2]; /* of rill_cable_run, at each end */
};

struct rill_cable *rill_cable_new(const struct rill_cable_config *there,
                                  const struct rill_cable_config *back, uint64_t seed)
{
    struct rill_cable *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    for (int i = 0; i < 2; i++)
        pipe_init(&c->pipe[i], i == 0 ? there : back, draw(&seed));
    return c;
}

void rill_cable_free(struct rill_cable *c)
{
    if (!c)
        return;
    for (int i = 0; i < 2; i++)
        pipe_end(&c->pipe[i]);
    for (int i = 0; i < 2; i++)
        recorder_end(&c->recorder[i]);
    free(c->memory);
    free(c);
}

void rill_cable_change(struct rill_cable *c, int direction, const struct rill_cable_config *config)
{
    assert(direction == 0 || direction == 1);
    pipe_change(&c->pipe[direction], config);
}

const struct rill_cable_config *rill_cable_config(const struct rill_cable *c, int direction)
{
    assert(direction == 0 || direction == 1);
    return &c->pipe[direction].config;
}

/* A router's ICMP answer returns to the sender, if it is not lost. */
static void tell_too_long(struct rill_cable *c, int end, const struct flight *f, rill_time now)
{
    uint8_t answer[DAMAGE_ANSWER_MAX];
    const struct rill_cable_config *config = &c->pipe[end].config;
    size_t n = config->reports_mtu ? damage_answer(f->bytes, f->length, config->mtu, answer) : 0;
    struct flight *back = n ? pipe_flight(&c->pipe[!end], n) : NULL;
    if (!back)
        return;
    memcpy(back->bytes, answer, n);
    back->length = n;
    if (!pipe_put(&c->pipe[!end], back, now))
        free(back);
}

/* A router passes a long packet on in fragments, where it may. */
static void pass_fragments(struct rill_cable *c, int end, const struct flight *whole, rill_time now)
{
    struct pipe *p = &c->pipe[end];
    uint8_t fragment[ETH_HEADER + IP4_TOTAL_MAX];
    size_t at = 0, n;
    while ((n = damage_cut(whole->bytes, whole->length, p->config.mtu, &at, fragment)) > 0) {
        struct flight *f = pipe_flight(p, n);
        if (!f)
            continue;
        memcpy(f->bytes, fragment, n);
        f->length = n;
        if (!pipe_put(p, f, now))
            free(f);
    }
}

void rill_cable_put(struct rill_cable *c, int end, const struct rill_frame *frame, rill_time now)
{
    assert(end == 0 || end == 1);
    for (unsigned i = 0; i < segment_count(frame); i++) {
        struct flight *f = pipe_flight(&c->pipe[end], segment_room(frame));
        if (!f)
            continue;
        f->length = segment_copy(frame, i, f->bytes);
        if (pipe_put(&c->pipe[end], f, now))
            continue;
        tell_too_long(c, end, f, now);
        pass_fragments(c, end, f, now);
        free(f);
    }
}

static void frame_fill(struct rill_frame *f, struct rill_span bytes)
{
    assert(bytes.length <= f->room);
    *f = (struct rill_frame){.buffer = f->buffer, .room = f->room};
    f->length = (uint32_t)bytes.length;
    memcpy(f->buffer, bytes.at, bytes.length);
}

unsigned rill_cable_take(struct rill_cable *c, int end, struct rill_frame *frame, unsigned max,
                         rill_time now)
{
    assert(end == 0 || end == 1);
    struct pipe *p = &c->pipe[!end];
    unsigned n = 0;
    pipe_advance(p, now);
    for (struct flight *f; n < max && (f = pipe_take(p, now)) != NULL;) {
        struct rill_span bytes = span_of(f->bytes, f->length);
        bool joined = p->config.coalesce && n > 0 && join(&frame[n - 1], bytes);
        p->stats.joined += joined;
        if (!joined)
            frame_fill(&frame[n++], bytes);
        free(f);
    }
    return n;
}

static rill_time earlier(rill_time a, rill_time b)
{
    return a < b ? a : b;
}

rill_time rill_cable_arrival(const struct rill_cable *c, int end)
{
    assert(end == 0 || end == 1);
    return pipe_arrival(&c->pipe[!end]);
}

rill_time rill_cable_deadline(const struct rill_cable *c)
{
    return earlier(rill_cable_arrival(c, 0), rill_cable_arrival(c, 1));
}

const struct rill_cable_stats *rill_cable_stats(const struct rill_cable *c, int direction)
{
    assert(direction == 0 || direction == 1);
    return &c->pipe[direction].stats;
}

int rill_cable_record(struct rill_cable *c, int end, struct rill_capture *capture,
                      const struct rill *stack)
{
    assert(end == 0 || end == 1);
    recorder_end(&c->recorder[end]);
    if (recorder_begin(&c->recorder[end], capture, stack))
        return 0;
    errno = ENOMEM;
    return -1;
}

static struct rill_frame *fresh_frames(struct rill_cable *c)
{
    for (size_t i = 0; i < RILL_BATCH_MAX; i++)
        c->frame[i] = (struct rill_frame){.buffer = c->memory + i * FRAME_ROOM, .room = FRAME_ROOM};
    return c->frame;
}

/* Passes the frames that have arrived at an end to its stack. Returns how many. */
static unsigned run_receive(struct rill_cable *c, int end, struct rill *stack, int port,
                            rill_time now)
{
    struct rill_frame *frame = fresh_frames(c);
    unsigned n = rill_cable_take(c, end, frame, RILL_BATCH_MAX, now);
    if (n == 0)
        return 0;
    recorder_arrive(&c->recorder[end], frame, n, now);
    rill_receive(stack, port, frame, n, now);
    recorder_received(&c->recorder[end], frame, n, now);
    return n;
}

/* Puts the stack's frames onto the cable. Returns how many. */
static unsigned run_transmit(struct rill_cable *c, int end, struct rill *stack, int port,
                             rill_time now)
{
    unsigned n, sum = 0;
    do {
        struct rill_frame *frame = fresh_frames(c);
        n = rill_transmit(stack, port, frame, RILL_BATCH_MAX, now);
        recorder_sent(&c->recorder[end], frame, n, now);
        for (unsigned i = 0; i < n; i++)
            rill_cable_put(c, end, &frame[i], now);
        sum += n;
    } while (n == RILL_BATCH_MAX);
    return sum + rill_loopback_turn(stack, now);
}

rill_time rill_cable_run(struct rill_cable *c, struct rill *ends[2], const int ports[2],
                         rill_time now, rill_time until, bool (*stop)(void *), void *context)
{
    if (!c->memory)
        c->memory = malloc((size_t)RILL_BATCH_MAX * FRAME_ROOM);
    assert(c->memory);
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
            continue; /* there is more to do at this instant */
        if (now >= until || (next == RILL_NEVER && until == RILL_NEVER))
            return now;
        now = earlier(next, until);
        turns = 0;
    }
}
