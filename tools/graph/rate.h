/* Bytes in each interval of a connection's life: the throughput. */
#ifndef GRAPH_RATE_H
#define GRAPH_RATE_H

#include <rill/time.h>
#include <stdint.h>

#define RATE_BINS 80

struct rate {
    rill_time bin; /* its length: 1, 2 or 5 times a power of ten */
    uint64_t sent[RATE_BINS], acknowledged[RATE_BINS]; /* bytes */
    unsigned bins;
};

/* Bins for a time of this length, at most RATE_BINS of them. */
void rate_begin(struct rate *, rill_time length);
/* At a time since its begin; what lies outside is not counted. */
void rate_sent(struct rate *, rill_time when, uint64_t bytes);
void rate_acknowledged(struct rate *, rill_time when, uint64_t bytes);

#endif
