#include "tcp/hystart.h"

#include "base/bytes.h"

/* RFC 9406 4.3. Its L, the limit of the growth for one ACK, comes with the ACK. */
#define MIN_RTT_THRESH RILL_MILLISECONDS(4)
#define MAX_RTT_THRESH RILL_MILLISECONDS(16)
#define MIN_RTT_DIVISOR 8
#define N_RTT_SAMPLE 8
#define CSS_GROWTH_DIVISOR 4
#define CSS_ROUNDS 5

/* The ACK train, with Linux's numbers. */
#define TRAIN_GAP RILL_MILLISECONDS(2)
#define TRAIN_SLACK RILL_MILLISECONDS(1)
#define TRAIN_SEGMENTS 16

void hystart_begin(struct hystart *h)
{
    *h = (struct hystart){.last_min = RILL_NEVER, .this_min = RILL_NEVER};
}

/* True: all rounds of conservative slow start are complete. */
static bool begin_round(struct hystart *h)
{
    h->last_min = h->this_min;
    h->this_min = RILL_NEVER;
    h->samples = 0;
    return h->baseline && h->rounds++ == CSS_ROUNDS;
}

static bool has_risen(const struct hystart *h)
{
    if (h->last_min == RILL_NEVER)
        return false;
    rill_time threshold =
        max_of(MIN_RTT_THRESH, min_of(h->last_min / MIN_RTT_DIVISOR, MAX_RTT_THRESH));
    return h->this_min >= h->last_min + threshold;
}

static void take_sample(struct hystart *h, rill_time rtt)
{
    h->this_min = min_of(h->this_min, rtt);
    if (h->samples < N_RTT_SAMPLE)
        h->samples++;
    if (h->samples < N_RTT_SAMPLE)
        return;
    if (h->baseline && h->this_min < h->baseline) {
        h->baseline = 0; /* the rise was only jitter: slow start continues */
    } else if (!h->baseline && has_risen(h)) {
        h->baseline = h->this_min;
        h->rounds = 1; /* the rest of this round counts */
    }
}

/* A window of data leaves in a burst, so its ACKs arrive at the rate of the bottleneck: half of a
 * round trip is filled by half of what the path holds, and the next round sends twice that. Pacing
 * (then L is infinite) spreads the burst over half of a round trip itself. */
static bool train_is_long(struct hystart *h, const struct cc_window *w,
                          const struct ack_sample *ack, uint32_t mss)
{
    if (ack->round_began)
        h->round_at = h->acked_at = ack->now;
    if (w->cwnd < TRAIN_SEGMENTS * mss || !ack->min_rtt || ack->now - h->acked_at > TRAIN_GAP)
        return false;
    h->acked_at = ack->now;
    bool paced = ack->growth_max == UINT32_MAX;
    return ack->now - h->round_at > (ack->min_rtt + TRAIN_SLACK) / (paced ? 1 : 2);
}

void hystart_acked(struct hystart *h, struct cc_window *w, const struct ack_sample *ack,
                   uint32_t mss)
{
    bool complete = ack->round_began && begin_round(h);
    if (complete || train_is_long(h, w, ack, mss)) {
        w->ssthresh = w->cwnd;
        return;
    }
    if (ack->rtt)
        take_sample(h, ack->rtt);
    if (ack->in_recovery || !ack->window_limited)
        return;
    uint32_t grown = min_of(ack->delivered, ack->growth_max);
    w->cwnd += h->baseline ? grown / CSS_GROWTH_DIVISOR : grown;
}
