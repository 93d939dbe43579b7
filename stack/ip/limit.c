/* Token buckets as time stamps: `full` is later than now by the time of the missing tokens. */
#include "ip/limit.h"

void limit_init(struct limit *l, unsigned per_second, unsigned burst)
{
    *l = (struct limit){.interval = per_second ? RILL_SECONDS(1) / per_second : 0, .burst = burst};
}

bool limit_take(struct limit *l, struct random *random, rill_time now)
{
    rill_time full = l->full > now ? l->full : now;
    if (l->interval == 0 || full - now > l->interval * ((rill_time)l->burst - 1))
        return false;
    l->full = full + l->interval * (rill_time)random_below(random, 3);
    return true;
}

void peer_limit_init(struct peer_limit *p, struct random *random, unsigned per_second)
{
    *p = (struct peer_limit){.key = random_key(random)};
    limit_init(&p->all, per_second, LIMIT_BURST);
    for (unsigned i = 0; i < LIMIT_PEERS; i++)
        limit_init(&p->peer[i], LIMIT_PEER_RATE, LIMIT_PEER_BURST);
}

bool peer_limit_take(struct peer_limit *p, struct rill_address to, struct random *random,
                     rill_time now)
{
    uint64_t hash = siphash_1_3(&p->key, to.byte, sizeof to.byte);
    return limit_take(&p->peer[hash % LIMIT_PEERS], random, now) &&
           limit_take(&p->all, random, now);
}
