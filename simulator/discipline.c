#include "discipline.h"

#include "draw.h"

#define FRAME 1514 /* bytes: what RFC 8289 calls MTU, and a typical frame for RED's idle time */
#define WEIGHT 9   /* RED: 1/512, the 0.002 of the paper */
#define SURE 1000000u

void discipline_defaults(struct rill_cable_config *c)
{
    uint32_t share = c->discipline == RILL_CABLE_STEP ? 6 : 12;
    c->target = c->target ? c->target : RILL_MILLISECONDS(5);
    c->interval = c->interval ? c->interval : RILL_MILLISECONDS(100);
    c->threshold = c->threshold ? c->threshold : c->queue / share;
    c->max_threshold = c->max_threshold ? c->max_threshold : 3 * c->threshold;
    c->mark_ppm = c->mark_ppm ? c->mark_ppm : 100000;
}

/* ---- RED: Floyd and Jacobson, "Random Early Detection Gateways", 1993, figure 2; gentle ---- */

/* During idle time the average falls as if small packets had arrived at an empty queue. */
static void red_idle(struct discipline *d, const struct rill_cable_config *c, rill_time now)
{
    uint64_t frames = scale((uint64_t)(now - d->red.empty), c->rate, 8000000000u) / FRAME;
    for (uint64_t i = 0; i < frames && d->red.average >> WEIGHT; i++)
        d->red.average -= d->red.average >> WEIGHT;
}

/* The probability for a frame by the average queue, in ppm. */
static uint64_t red_chance(const struct rill_cable_config *c, uint64_t average)
{
    uint64_t low = c->threshold, high = c->max_threshold;
    if (average < low)
        return 0;
    if (average < high)
        return scale(c->mark_ppm, average - low, high - low);
    if (average < 2 * high)
        return c->mark_ppm + scale(SURE - c->mark_ppm, average - high, high);
    return SURE;
}

static enum verdict red_arrive(struct discipline *d, const struct rill_cable_config *c,
                               uint64_t backlog, uint64_t fraction, rill_time now)
{
    if (backlog == 0)
        red_idle(d, c, now);
    d->red.average = d->red.average + backlog - (d->red.average >> WEIGHT);
    uint64_t chance = red_chance(c, d->red.average >> WEIGHT);
    if (chance == 0) {
        d->red.since = 0;
        return VERDICT_PASS;
    }
    /* pb / (1 - count * pb) spreads the signals evenly */
    uint64_t spent = d->red.since++ * chance;
    if (spent < SURE && draw_below(fraction, SURE - spent) >= chance)
        return VERDICT_PASS;
    d->red.since = 0;
    return VERDICT_SIGNAL;
}

enum verdict discipline_arrive(struct discipline *d, const struct rill_cable_config *c,
                               uint64_t backlog, uint64_t fraction, rill_time now)
{
    if (c->discipline == RILL_CABLE_RED)
        return red_arrive(d, c, backlog, fraction, now);
    if (c->discipline == RILL_CABLE_STEP && backlog > c->threshold)
        return VERDICT_MARK;
    return VERDICT_PASS;
}

/* ---- CoDel: RFC 8289 5 ---- */

static uint64_t square_root(uint64_t n)
{
    uint64_t root = 0;
    for (uint64_t bit = (uint64_t)1 << 31; bit; bit >>= 1)
        if ((root | bit) * (root | bit) <= n)
            root |= bit;
    return root;
}

/* interval / sqrt(count), with 16 bits behind the point. */
static rill_time control_law(rill_time from, rill_time interval, uint32_t count)
{
    return from + (rill_time)scale((uint64_t)interval, 65536, square_root((uint64_t)count << 32));
}

/* Has the frame waited too long, and so has each other one for an interval? */
static bool codel_above(struct discipline *d, const struct rill_cable_config *c, uint64_t backlog,
                        rill_time came, rill_time now)
{
    if (now - came < c->target || backlog <= FRAME) {
        d->codel.first_above = 0;
        return false;
    }
    if (d->codel.first_above == 0)
        d->codel.first_above = now + c->interval;
    return now >= d->codel.first_above;
}

/* One packet is one turn of the RFC's loop: the one after a dropped packet leaves at the same
 * time. */
static enum verdict codel_leave(struct discipline *d, const struct rill_cable_config *c, bool above,
                                rill_time now)
{
    if (!above) {
        d->codel.dropping = false;
        return VERDICT_PASS;
    }
    if (d->codel.dropping) {
        if (now < d->codel.next)
            return VERDICT_PASS;
        d->codel.count++;
        d->codel.next = control_law(d->codel.next, c->interval, d->codel.count);
        return VERDICT_SIGNAL;
    }
    uint32_t delta = d->codel.count - d->codel.last_count;
    d->codel.dropping = true;
    d->codel.count = delta > 1 && now - d->codel.next < 16 * c->interval ? delta : 1;
    d->codel.next = control_law(now, c->interval, d->codel.count);
    d->codel.last_count = d->codel.count;
    return VERDICT_SIGNAL;
}

enum verdict discipline_leave(struct discipline *d, const struct rill_cable_config *c,
                              uint64_t backlog, rill_time came, rill_time now)
{
    if (backlog == 0)
        d->red.empty = now;
    if (c->discipline != RILL_CABLE_CODEL)
        return VERDICT_PASS;
    return codel_leave(d, c, codel_above(d, c, backlog, came, now), now);
}
