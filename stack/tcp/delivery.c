#include "tcp/delivery.h"

#include "tcp/cwnd.h"
#include "tcp/rack.h"

void delivery_sent(struct tcp *t, struct tcp_conn *c, uint32_t index, uint32_t count)
{
    if (!c->busy)
        return;
    struct delivery *d = &c->busy->delivery;
    if (count == flight_count(&c->flight)) /* nothing was in flight: pauses do not count */
        d->first_sent_at = d->delivered_at = t->now;
    struct flight_sample now = {.first_sent_at = d->first_sent_at,
                                .delivered_at = d->delivered_at,
                                .delivered = d->total,
                                .app_limited = d->app_limited_to > 0};
    struct flight_sample *first = flight_sample_at(&c->flight, 0);
    if (first && !first->delivered_at) /* until now it was the only one */
        *first = d->alone;
    d->alone = now;
    for (uint32_t i = index; i < index + count && c->flight.ring; i++)
        *flight_sample_at(&c->flight, i) = now;
}

/* The sample of the newest record that this ACK reports is used. */
static void take_sample(struct delivery *d, const struct flight_record *f,
                        const struct flight_sample *sample, struct ack_sample *ack)
{
    struct rate_sample *rate = &ack->rate;
    if (!sample->delivered_at || (rate->interval && sample->delivered < rate->prior_total))
        return;
    rate->prior_total = sample->delivered;
    rate->app_limited = sample->app_limited;
    rill_time sending = f->sent_at - sample->first_sent_at;
    rill_time acknowledging = ack->now - sample->delivered_at;
    rate->interval = max_of(max_of(sending, acknowledging), 1);
    d->first_sent_at = f->sent_at;
}

void delivery_take(struct tcp_conn *c, uint32_t index, struct ack_sample *ack)
{
    const struct flight_record *f = flight_at(&c->flight, index);
    struct tcp_busy *b = c->busy;
    ack->segments++;
    if (!b)
        return;
    const struct flight_sample *sample = flight_sample_at(&c->flight, index);
    take_sample(&b->delivery, f, sample ? sample : &b->delivery.alone, ack);
    if (f->retransmitted)
        ack->again_delivered = true;
    else if (f->from + f->length <= b->recovery.point)
        ack->original_delivered = true;
    rack_deliver(c, f, ack);
}

/* Without SACK an ACK may report records that duplicate ACKs have counted before: it delivers
 * nothing more, and has a sample. */
void delivery_conclude(struct tcp_conn *c, struct ack_sample *ack)
{
    if (!c->busy)
        return;
    struct delivery *d = &c->busy->delivery;
    struct rate_sample *rate = &ack->rate;
    d->total += ack->delivered;
    if (ack->delivered)
        d->delivered_at = ack->now;
    ack->total = d->total;
    if (d->app_limited_to && d->total > d->app_limited_to)
        d->app_limited_to = 0;
    if (!rate->interval)
        return;
    if (rate->prior_total >= d->round_from) {
        ack->round_began = true;
        d->round_from = d->total;
    }
    rate->delivered = d->total - rate->prior_total;
    if (rate->interval < ack->min_rtt) { /* the ACKs were delayed and arrived together */
        rate->interval = 0;
        return;
    }
    rate->bandwidth = rate->delivered * (uint64_t)RILL_SECONDS(1) / (uint64_t)rate->interval;
    if (rate->app_limited && rate->bandwidth <= d->bandwidth)
        return;
    d->bandwidth = rate->bandwidth;
    d->app_limited = rate->app_limited;
}

void delivery_check_app_limited(struct tcp_conn *c)
{
    if (!c->busy || conn_unsent(c) >= c->mss || flight_lost(&c->flight))
        return;
    uint32_t out = cwnd_in_flight(c);
    if (out < c->window.cwnd)
        c->busy->delivery.app_limited_to = max_of(c->busy->delivery.total + out, 1u);
}

uint64_t delivery_rate(const struct tcp_conn *c)
{
    return c->busy ? c->busy->delivery.bandwidth : 0;
}
