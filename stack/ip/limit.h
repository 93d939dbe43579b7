/* Rate limits for our own replies (RFC 1812 4.3.2.8). A bucket is one time stamp: when it would be
 * full again.
 *
 * A shared bucket is a side channel (SAD DNS, CVE-2020-25705): a sender of spoofed probes can count
 * how many replies are left for itself. So each reply costs 0, 1 or 2 tokens at random, as in
 * Linux, and each destination has its own bucket in front of the shared one. */
#ifndef IP_LIMIT_H
#define IP_LIMIT_H

#include "base/hash.h"

#include <rill/address.h>
#include <rill/time.h>
#include <stdbool.h>

#define LIMIT_BURST 50     /* tokens of the shared bucket */
#define LIMIT_PEERS 256    /* buckets for destinations, by keyed hash; collisions share one */
#define LIMIT_PEER_BURST 6 /* tokens of each */
#define LIMIT_PEER_RATE 1  /* for each second, as Linux's icmp_ratelimit */

struct limit {
    rill_time interval; /* for one token; 0: nothing is allowed */
    unsigned burst;
    rill_time full; /* when no token will be missing */
};

void limit_init(struct limit *, unsigned per_second, unsigned burst);

/* May a reply be sent now? If so, takes its tokens. On average per_second, with bursts of about
 * `burst`. */
bool limit_take(struct limit *, struct random *, rill_time now);

/* A shared bucket and one for each destination. */
struct peer_limit {
    struct limit all;
    struct hash_key key;
    struct limit peer[LIMIT_PEERS];
};

void peer_limit_init(struct peer_limit *, struct random *, unsigned per_second);

/* Both buckets must have tokens; the destination's is checked first, so that one prober cannot
 * empty the shared one. */
bool peer_limit_take(struct peer_limit *, struct rill_address to, struct random *, rill_time now);

#endif
