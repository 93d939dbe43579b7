#include "tcp/tuning.h"

#include "tcp/buffer.h"
#include "tcp/life.h"
#include "tcp/option.h"
#include "tcp/timer.h"

#define FIRST_FLIGHT 10 /* segments, RFC 6928: a sender's initial window needs no growth */
#define SLACK 16        /* segments added to the measured value, as in Linux */

/* -------------------------------------------------------------- life cycle */

/* The busy part is freed one RTO after the last text, unless another timer runs by then. */
static void watch(struct tcp *t, struct tcp_conn *c)
{
    if (c->timer == TIMER_NONE)
        timer_set(t, c, TIMER_QUIET, conn_rto(t, c, 0));
}

/* Counts it among the receivers that share their offers, or not. A fixed buffer is not shared. */
static void count_as_receiver(struct tcp *t, struct tcp_conn *c, bool on)
{
    struct tuning *u = &c->busy->tuning;
    on = on && !conn_buffers(c)->receive;
    if (u->counted == on)
        return;
    u->counted = on;
    buffer_count_receivers(t, on ? 1 : -1);
}

static bool received_recently(const struct tcp *t, const struct tcp_conn *c)
{
    return t->now - c->busy->received_at < conn_rto(t, c, 0);
}

void tuning_forget(struct tcp *t, struct tcp_conn *c)
{
    if (c->busy && c->busy->tuning.counted && (c->orphan || !received_recently(t, c)))
        count_as_receiver(t, c, false);
}

bool tuning_runs(struct tcp *t, struct tcp_conn *c)
{
    bool recent = received_recently(t, c);
    tuning_forget(t, c);
    if (recent)
        watch(t, c);
    return recent || c->rcv.read < conn_read_limit(c); /* reading it starts the timer again */
}

/* ------------------------------------------------------------- round trips */

/* Timestamps give a smoothed estimate. Without them the time of a window is an upper bound, so the
 * minimum is best (tcp_rcv_rtt_update). */
static void take_sample(struct tuning *u, rill_time rtt, bool bound)
{
    if (!u->rtt || (bound && rtt < u->rtt))
        u->rtt = rtt;
    else if (!bound)
        u->rtt += (rtt - u->rtt) / 8;
}

/* The peer sent this after our segment with that timestamp had arrived (RFC 7323 4). */
static void measure_by_echo(struct tcp *t, struct tcp_conn *c, const struct segment *s)
{
    struct tuning *u = &c->busy->tuning;
    const struct tcp_options *o = &s->header->options;
    if (o->timestamp_echo == u->echoed || s->text.length < c->rcv_mss)
        return; /* one sample per timestamp of ours; a short segment may have waited for its text */
    u->echoed = o->timestamp_echo;
    rill_time rtt = option_echo_age(t, c, o);
    if (rtt)
        take_sample(u, rtt, false);
}

/* Text beyond the edge offered at `window_since` was sent after the peer had received that
 * offer. */
static void measure_by_window(struct tcp *t, struct tcp_conn *c)
{
    struct tuning *u = &c->busy->tuning;
    if (u->window_edge && c->rcv.nxt < u->window_edge)
        return;
    if (u->window_edge)
        take_sample(u, max_of(t->now - u->window_since, 1), true);
    u->window_edge = c->rcv.edge;
    u->window_since = t->now;
}

static uint32_t first_flight(const struct tcp_conn *c)
{
    return FIRST_FLIGHT * (uint32_t)c->mss;
}

uint32_t tuning_read_max(const struct tcp_conn *c)
{
    return c->busy && c->busy->tuning.read ? c->busy->tuning.read : first_flight(c);
}

void tuning_receive(struct tcp *t, struct tcp_conn *c, const struct segment *s)
{
    if (!conn_busy(t, c)) /* without memory the buffer cannot grow */
        return;
    struct tuning *u = &c->busy->tuning;
    c->busy->received_at = t->now;
    watch(t, c);
    if (!u->read) {
        u->read = first_flight(c);
        u->read_to = c->rcv.read;
        u->read_since = t->now;
        u->rtt = RILL_MICROSECONDS(c->rtt.srtt); /* from the handshake, if measured */
    }
    if (c->rcv.nxt - u->read_to > first_flight(c))
        count_as_receiver(t, c, true);
    if (c->timestamps && s->header->options.has_timestamps)
        measure_by_echo(t, c, s);
    else
        measure_by_window(t, c);
}

void tuning_empty(struct tcp_conn *c)
{
    if (c->busy && c->receive_ring)
        c->busy->tuning.held = (uint32_t)ring_held_max(c->receive_ring);
}

/* ------------------------------------------------------------------ growth */

/* Twice the bytes read. If they exceed those of the previous round trip, the growth is
 * extrapolated. */
static uint64_t buffer_wanted(const struct tcp_conn *c, uint32_t before, uint32_t read)
{
    uint64_t twice = 2 * (uint64_t)read + SLACK * (uint64_t)c->mss;
    return twice + 2 * (twice * (read - before) / before);
}

/* Grows as if it were the only receiver, so that room is usable at once when others end. */
static void grow(const struct tcp *t, struct tcp_conn *c, uint64_t wanted)
{
    const struct rill_tcp_config *config = t->config;
    wanted = min_of(wanted, config->receive_buffer_max);
    while ((uint64_t)config->receive_buffer << c->receive_growth < wanted &&
           c->receive_growth < RECEIVE_GROWTH_MAX)
        c->receive_growth++;
}

void tuning_read(struct tcp *t, struct tcp_conn *c)
{
    if (!c->busy || c->dead)
        return;
    struct tuning *u = &c->busy->tuning;
    watch(t, c);
    if (t->now - u->read_since < (u->rtt ? u->rtt : conn_rto(t, c, 0)))
        return;
    uint32_t read = (uint32_t)min_of(c->rcv.read - u->read_to, UINT32_MAX);
    if (read > u->read && u->rtt && !conn_buffers(c)->receive && !buffer_must_not_grow(t)) {
        grow(t, c, buffer_wanted(c, u->read, read));
        u->read = read;
    }
    if (read <= first_flight(c))
        count_as_receiver(t, c, false);
    u->read_to = c->rcv.read;
    u->read_since = t->now;
}
