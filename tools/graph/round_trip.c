#include "graph/round_trip.h"

static struct sent *at(struct round_trip *r, unsigned i)
{
    return &r->sent[(r->begin + i) % ROUND_TRIP_SEGMENTS];
}

static void pop(struct round_trip *r)
{
    r->begin = (r->begin + 1) % ROUND_TRIP_SEGMENTS;
    r->count--;
}

static void send_again(struct round_trip *r, const struct segment *s, position from, position to)
{
    for (unsigned i = 0; i < r->count; i++) {
        struct sent *sent = at(r, i);
        if (sent->to <= from || sent->from >= to)
            continue;
        sent->again = true;
        sent->last = s->when;
        sent->last_stamp = s->tcp.options.timestamp_value;
    }
}

void round_trip_send(struct round_trip *r, const struct segment *s, position from, position to,
                     bool again)
{
    uint32_t stamp = s->tcp.options.timestamp_value;
    if (again) {
        send_again(r, s, from, to);
        return;
    }
    if (r->count == ROUND_TRIP_SEGMENTS)
        pop(r);
    *at(r, r->count++) = (struct sent){.from = from,
                                       .to = to,
                                       .first = s->when,
                                       .last = s->when,
                                       .first_stamp = stamp,
                                       .last_stamp = stamp};
}

static void smooth(struct round_trip *r, rill_time sample)
{
    r->smoothed = r->smoothed ? r->smoothed + (sample - r->smoothed) / 8 : sample;
}

/* When the segment with the echoed timestamp was sent; 0: another one, or ambiguous. */
static rill_time sent_with(const struct sent *sent, uint32_t echo)
{
    if (sent->again && sent->first_stamp == sent->last_stamp)
        return 0;
    return echo == sent->last_stamp ? sent->last : echo == sent->first_stamp ? sent->first : 0;
}

struct round_trip_sample round_trip_take(struct round_trip *r, const struct segment *s,
                                         position ack)
{
    const struct tcp_options *o = &s->tcp.options;
    rill_time once = 0, echoed = 0;
    bool again = false;
    for (; r->count && at(r, 0)->to <= ack; pop(r)) {
        const struct sent *sent = at(r, 0);
        rill_time when = o->has_timestamps ? sent_with(sent, o->timestamp_echo) : 0;
        echoed = when ? when : echoed;
        once = sent->first;
        again |= sent->again;
    }
    struct round_trip_sample sample = {.by_timestamp = again};
    rill_time since = again ? echoed : once;
    if (since && s->when > since)
        sample.length = s->when - since;
    if (sample.length)
        smooth(r, sample.length);
    return sample;
}
