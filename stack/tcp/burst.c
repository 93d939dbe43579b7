#include "tcp/burst.h"

#include "tcp/pace.h"
#include "tcp/record.h"

#define BURST_MAX 65535u /* what a superframe holds */

static uint32_t burst_max(const struct tcp_path *path)
{
    return path->gso_max ? path->gso_max : BURST_MAX;
}

/* The bytes of a burst at that rate. A small window (the peer's or cwnd) is sent in two halves, so
 * that an ACK arrives between them. */
static uint32_t burst_bytes(const struct tcp *t, const struct tcp_conn *c,
                            const struct tcp_path *path)
{
    uint32_t bytes = min_of(pace_burst(t, c), burst_max(path));
    return min_of(bytes, min_of(c->snd.wnd_max, c->window.cwnd) / 2);
}

uint32_t burst_take(const struct tcp *t, struct tcp_conn *c, const struct tcp_path *path,
                    uint32_t room)
{
    uint32_t mss = c->mss;
    position from = c->snd.nxt;
    if (room < mss || !c->busy)
        return min_of(room, mss);
    if (c->busy->burst_to <= from) {
        uint32_t length = min_of(room, burst_bytes(t, c, path));
        c->busy->burst_to = length >= 2 * mss ? from + length - length % mss : 0;
    }
    uint32_t left = (uint32_t)max_of(c->busy->burst_to - from, (position)mss);
    left = min_of(left, room);
    return left - left % mss;
}

bool burst_ends_written(const struct tcp_conn *c, position to)
{
    return to == c->snd.end && !c->unfinished;
}

bool burst_pushes(const struct tcp_conn *c, position to)
{
    const struct tcp_busy *b = c->busy;
    return burst_ends_written(c, to) || record_ends_at(c, to) || c->probe_pending ||
           (b && to - b->pushed_to > c->snd.wnd_max / 2);
}

bool burst_closes(const struct tcp_conn *c, position to)
{
    return c->busy && to == c->busy->burst_to;
}

void burst_pushed(struct tcp_conn *c, position to)
{
    if (c->busy)
        c->busy->pushed_to = to;
}

/* True if less than a segment is left. A segment without text costs a full segment, so that many
 * pending ACKs do not leave in a row. */
bool burst_ends_turn(struct tcp_conn *c, const struct tcp_path *path, uint32_t bytes)
{
    struct tcp_busy *b = c->busy;
    int32_t segment = c->mss;
    if (!b)
        return true;
    if (b->turn < segment)
        b->turn += (int32_t)burst_max(path);
    b->turn -= max_of((int32_t)bytes, segment);
    return b->turn < segment;
}
