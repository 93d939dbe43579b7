#include "tcp/policer.h"

#include "base/bytes.h"

#define ROUNDS_MIN 4u
#define ROUNDS_MAX (4 * ROUNDS_MIN)
#define ROUNDS_OF_USE 48u
#define LOSS_MIN 50u         /* 256ths of what was delivered */
#define DIFFERENCE_SHARE 8u  /* of the rate before */
#define DIFFERENCE_RATE 500u /* bytes a second */

static void begin_interval(struct policer *p, rill_time now)
{
    p->began = now;
    p->bytes = 0;
    p->lost = 0;
    p->rounds = 0;
}

static bool is_close(uint64_t a, uint64_t b)
{
    uint64_t difference = a > b ? a - b : b - a;
    return difference * DIFFERENCE_SHARE <= b || difference <= DIFFERENCE_RATE;
}

static void end_interval(struct policer *p, uint64_t rate, rill_time now)
{
    if (p->rate && is_close(rate, p->rate)) {
        p->rate = (rate + p->rate) / 2;
        p->applies = true;
        p->rounds = 0;
        return;
    }
    p->rate = rate;
    begin_interval(p, now);
}

void policer_take(struct policer *p, const struct ack_sample *ack, bool round, bool limited)
{
    if (round && p->rounds < UINT8_MAX)
        p->rounds++;
    if (p->applies)
        return;
    if (!p->measures) { /* from the first loss on: the tokens are used up */
        p->measures = ack->lost > 0;
        begin_interval(p, ack->now);
        return;
    }
    p->bytes += ack->delivered;
    p->lost += ack->lost;
    if (limited || p->rounds > ROUNDS_MAX) {
        *p = (struct policer){0};
        return;
    }
    bool much = p->bytes && (uint64_t)p->lost * 256 >= p->bytes * LOSS_MIN;
    rill_time time = ack->now - p->began;
    if (p->rounds >= ROUNDS_MIN && ack->lost && much && time >= RILL_MILLISECONDS(1))
        end_interval(p, p->bytes * (uint64_t)RILL_SECONDS(1) / (uint64_t)time, ack->now);
}

bool policer_is_old(const struct policer *p)
{
    return p->applies && p->rounds >= ROUNDS_OF_USE;
}
