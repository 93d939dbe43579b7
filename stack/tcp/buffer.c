#include "tcp/buffer.h"

#define PATHS 2         /* all large receivers share this many times receive_buffer_max */
#define SCARCE_WINDOW 4 /* segments: what Linux leaves a receiver under memory pressure */

/* Eighths of the budget: buffer.h. */
enum { TIGHT = 5, SCARCE = 6, VERY_SCARCE = 7 };

const struct tcp_buffers *conn_buffers(const struct tcp_conn *c)
{
    static const struct tcp_buffers none;
    return c->extras ? &c->extras->buffers : &none;
}

uint32_t buffer_unsent_mark(const struct tcp *t, const struct tcp_conn *c)
{
    uint32_t own = conn_buffers(c)->unsent;
    return own ? own : t->config->unsent_mark;
}

void buffer_count_receivers(struct tcp *t, int change)
{
    const struct rill_tcp_config *config = t->config;
    t->receivers += (uint32_t)change;
    uint32_t each =
        (uint32_t)(PATHS * (uint64_t)config->receive_buffer_max / max_of(t->receivers, PATHS));
    t->receive_share = max_of(each, config->receive_buffer);
}

/* Rings on the free lists are given back when memory is needed. */
static bool more_is_used_than(const struct tcp *t, unsigned eighths)
{
    return t->memory->used - t->rings.free_bytes > t->memory->budget / 8 * eighths;
}

/* As tcp_under_memory_pressure. */
bool buffer_must_not_grow(const struct tcp *t)
{
    return more_is_used_than(t, TIGHT);
}

bool buffer_is_scarce(const struct tcp *t)
{
    return more_is_used_than(t, SCARCE);
}

bool buffer_is_very_scarce(const struct tcp *t)
{
    return more_is_used_than(t, VERY_SCARCE);
}

/* Twice cwnd, as tcp_sndbuf_expand: the data in flight, and as much again that can be sent when its
 * acknowledgements arrive. */
static uint32_t send_wanted(const struct tcp_conn *c)
{
    return c->window.cwnd <= UINT32_MAX / 2 ? 2 * c->window.cwnd : UINT32_MAX;
}

uint32_t tcp_send_buffer(const struct tcp *t, const struct tcp_conn *c)
{
    const struct rill_tcp_config *config = t->config;
    uint32_t fixed = conn_buffers(c)->send;
    if (buffer_is_scarce(t)) /* a minimum remains for every other connection */
        return RING_SMALLEST;
    if (fixed)
        return fixed;
    if (buffer_must_not_grow(t))
        return config->send_buffer;
    return min_of(max_of(send_wanted(c), config->send_buffer), config->send_buffer_max);
}

uint32_t tcp_receive_buffer(const struct tcp *t, const struct tcp_conn *c)
{
    const struct tcp_buffers *b = conn_buffers(c);
    if (b->receive)
        return b->receive;
    uint64_t tuned = (uint64_t)t->config->receive_buffer << c->receive_growth;
    tuned = min_of(tuned, t->receive_share); /* at most receive_buffer_max */
    /* all data that recv waits for must fit: tcp_set_rcvlowat */
    return (uint32_t)max_of(tuned, min_of(b->low_water, t->config->receive_buffer_max));
}

/* TCP_WINDOW_CLAMP */
static uint32_t clamped(const struct tcp_buffers *b, uint32_t window)
{
    return b->window_clamp ? min_of(window, b->window_clamp) : window;
}

uint32_t buffer_receive_max(const struct tcp *t, const struct tcp_buffers *b)
{
    return clamped(b, b->receive ? b->receive : t->config->receive_buffer_max);
}

uint16_t buffer_first_window(const struct tcp *t, const struct tcp_buffers *b)
{
    uint32_t window = clamped(b, b->receive ? b->receive : t->config->receive_buffer);
    return (uint16_t)min_of(window, UINT16_MAX);
}

/* The longest segments of both directions: the peer's may be longer than ours, whose path is
 * another, and a window that holds none of them lets one pass for each of its time-outs. */
static uint32_t segments(const struct tcp_conn *c, uint32_t count)
{
    return count * (uint32_t)max_of(c->mss, c->rcv_mss);
}

uint32_t buffer_window_max(const struct tcp *t, const struct tcp_conn *c, uint32_t buffer)
{
    uint32_t window = clamped(conn_buffers(c), buffer);
    if (buffer_must_not_grow(t))
        window = min_of(window, segments(c, SCARCE_WINDOW));
    return window;
}

/* Unread text that every connection may have, however scarce memory is. */
static position least_held(const struct tcp *t, const struct tcp_conn *c)
{
    uint32_t count = more_is_used_than(t, VERY_SCARCE) ? 1 : SCARCE_WINDOW;
    return max_of((position)segments(c, count), RING_SMALLEST);
}

bool buffer_may_hold(const struct tcp *t, const struct tcp_conn *c, position to)
{
    position length = to - c->rcv.read;
    if (length <= least_held(t, c))
        return true;
    bool held = c->receive_ring && length <= (position)c->receive_ring->capacity;
    bool awaited = length <= (position)conn_buffers(c)->low_water; /* recv waits for it */
    return held || awaited || !buffer_is_scarce(t);
}
