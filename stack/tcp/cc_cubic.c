/* CUBIC, RFC 9438: after a reduction cwnd returns along a cubic function of time to its former
 * value, stays near it for a while, and then probes for more, independent of the round trip:
 *
 *        W_max  - - - - - - - - - -.-----'- - -'- - -
 *                          .                       target(t) = W_max + C (t - K)^3
 *                    .
 *     cwnd_epoch  .
 *                 +----------------+------------> t
 *                 0                K
 *
 * All values are integers, in bytes and milliseconds: the same on every machine. HyStart++
 * (hystart.h) ends the first slow start. */
#include "base/bytes.h"
#include "tcp/hystart.h"

/* C = 0.4 segments / s^3, beta = 0.7 (4.6), alpha = 3 (1 - beta) / (1 + beta) = 9/17 (4.3). */
#define C_TENTHS 4u
#define BETA_TENTHS 7u
#define ALPHA_OVER 9u
#define ALPHA_UNDER 17u

#define FARTHEST 262144 /* ms from K, more than 4 minutes: the window exceeds every limit there */

/* The curve of one congestion avoidance. */
struct curve {
    rill_time began;    /* begin of the epoch, moved by time without use of cwnd (5.8) */
    rill_time k;        /* ms */
    uint32_t w_max;     /* bytes; 0: no loss has set it */
    uint32_t w_est;     /* the window that Reno would have (4.3) */
    uint32_t prior;     /* cwnd at the last reduction: cwnd_prior */
    bool running;       /* false: the next ACK in congestion avoidance begins an epoch */
    uint64_t est_parts; /* growth of w_est and cwnd in fractions of a byte */
    uint64_t parts;
};

struct CC_STATE cubic {
    struct curve curve, saved; /* `saved`: before the last reduction (4.9) */
    struct hystart hystart;
    rill_time seen; /* when the last ACK arrived */
    bool reduced;   /* and no ACK outside of recovery since */
};

_Static_assert(sizeof(struct cubic) <= CC_PRIVATE, "a plug-in's own state");

static void cubic_start(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                        uint32_t mss)
{
    (void)w, (void)mss;
    struct cubic *c = cc_private(s);
    *c = (struct cubic){.seen = ack->now};
    hystart_begin(&c->hystart);
}

/* Newton's method from above, which converges to the floor of the root. */
static uint64_t cube_root(uint64_t n)
{
    uint64_t x = 1, next;
    while (x < 2642245 && x * x * x < n) /* 2642245 is the largest whose cube fits */
        x *= 2;
    x = min_of(x, 2642245u);
    while (x && (next = (2 * x + n / (x * x)) / 3) < x)
        x = next;
    return x;
}

/* 4.2. K, figure 2; after a time-out (4.8) and HyStart++ (4.10) the window begins at W_max. */
static void begin_epoch(struct curve *v, const struct cc_window *w, rill_time now, uint32_t mss)
{
    v->running = true;
    v->began = now;
    v->w_est = w->cwnd;
    v->parts = v->est_parts = 0;
    if (v->w_max <= w->cwnd) {
        v->w_max = w->cwnd;
        v->k = 0;
    } else { /* in ms: cbrt(segments / 0.4 x 10^9) */
        uint64_t gap = v->w_max - w->cwnd;
        v->k = (rill_time)cube_root(gap * (10000000000 / C_TENTHS) / mss);
    }
}

/* W_cubic(t), figure 1. */
static uint32_t window_at(const struct curve *v, rill_time t, uint32_t mss)
{
    bool before = t < v->k;
    uint64_t d = (uint64_t)min_of(before ? v->k - t : t - v->k, FARTHEST);
    uint64_t away = d * d * d / 1000000 * mss * C_TENTHS / 10000;
    if (before)
        return away < v->w_max ? v->w_max - (uint32_t)away : 0;
    return (uint32_t)min_of(v->w_max + away, (uint64_t)UINT32_MAX);
}

/* Adds `by` parts of a `whole`; returns how many wholes are complete. */
static uint32_t gather(uint64_t *parts, uint64_t by, uint64_t whole)
{
    *parts += by;
    uint64_t wholes = *parts / whole;
    *parts %= whole;
    return (uint32_t)wholes;
}

/* 4.3: W_est grows by alpha segments a window, and by one segment once it has reached
 * cwnd_prior. */
static void follow_reno(struct curve *v, uint64_t acked, uint32_t cwnd, uint32_t mss)
{
    bool back = v->w_est >= v->prior;
    v->w_est += gather(&v->est_parts, acked * mss * (back ? ALPHA_UNDER : ALPHA_OVER),
                       (uint64_t)cwnd * ALPHA_UNDER);
}

/* 4.2 to 4.5. */
static void avoid(struct cubic *c, struct cc_window *w, const struct ack_sample *ack,
                  uint32_t acked, uint32_t mss)
{
    struct curve *v = &c->curve;
    if (!v->running)
        begin_epoch(v, w, ack->now, mss);
    rill_time t = ack->now - v->began;
    follow_reno(v, acked, w->cwnd, mss);
    if (window_at(v, t / RILL_MILLISECONDS(1), mss) < v->w_est) {
        w->cwnd = max_of(w->cwnd, v->w_est);
        return;
    }
    uint64_t target = window_at(v, (t + ack->srtt) / RILL_MILLISECONDS(1), mss);
    target = min_of(max_of(target, w->cwnd), w->cwnd + (uint64_t)w->cwnd / 2);
    w->cwnd += gather(&v->parts, (target - w->cwnd) * acked, w->cwnd);
}

static void cubic_acked(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                        uint32_t mss)
{
    struct cubic *c = cc_private(s);
    rill_time pause = ack->now - c->seen;
    c->seen = ack->now;
    if (w->ssthresh >= CC_NO_THRESHOLD) {
        hystart_acked(&c->hystart, w, ack, mss);
        return;
    }
    if (ack->in_recovery)
        return;
    c->reduced = false;
    if (w->cwnd < w->ssthresh)
        c->curve.running = false;
    if (!ack->window_limited) {
        c->curve.began += pause;
        return;
    }
    uint32_t left = ack->delivered - cc_slow_start(w, ack->delivered);
    if (left)
        avoid(c, w, ack, min_of(left, w->cwnd), mss);
}

/* 5.8: the pause does not count as time of the curve. */
static void cubic_resumed(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                          uint32_t mss)
{
    (void)w, (void)mss;
    struct cubic *c = cc_private(s);
    c->curve.began += ack->now - c->seen;
    c->seen = ack->now;
}

/* 4.6. Data that limited transmit sent beyond cwnd does not count (RFC 5681 3.2 step 2). */
static void reduce(struct cubic *c, struct cc_window *w, const struct ack_sample *ack, uint32_t mss)
{
    if (!c->reduced)
        c->saved = c->curve;
    c->reduced = true;
    uint64_t flight = min_of(ack->flight, w->cwnd);
    w->ssthresh = max_of((uint32_t)(flight * BETA_TENTHS / 10), 2 * mss);
    c->curve.prior = w->cwnd;
    c->curve.running = false;
}

static void cubic_congested(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                            uint32_t mss)
{
    struct cubic *c = cc_private(s);
    uint64_t cwnd = w->cwnd;
    reduce(c, w, ack, mss);
    if (cwnd < c->curve.w_max) /* 4.7: fast convergence makes room for new flows */
        c->curve.w_max = (uint32_t)(cwnd * (10 + BETA_TENTHS) / 20);
    else
        c->curve.w_max = (uint32_t)cwnd;
}

/* 4.8. */
static void cubic_timed_out(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                            uint32_t mss)
{
    struct cubic *c = cc_private(s);
    if (!ack->again)
        reduce(c, w, ack, mss);
    c->curve.w_max = 0;
    c->curve.running = false;
    w->cwnd = mss; /* the loss window */
}

/* 4.9. */
static void cubic_undone(struct cc_window *w, struct cc_state *s, const struct ack_sample *ack,
                         uint32_t mss)
{
    (void)w, (void)ack, (void)mss;
    struct cubic *c = cc_private(s);
    c->curve = c->saved;
    c->reduced = false;
}

const struct cc_ops cc_cubic = {
    .name = "cubic",
    .start = cubic_start,
    .acked = cubic_acked,
    .congested = cubic_congested,
    .timed_out = cubic_timed_out,
    .undone = cubic_undone,
    .resumed = cubic_resumed,
};
