/* The throughput: bytes in each interval of a connection's life. */
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

/* Creates at most RATE_BINS bins for this length of time. */
void rate_begin(struct rate *, rill_time length);
/* The time is relative to the begin; bytes outside of the bins are not counted. */
void rate_sent(struct rate *, rill_time when, uint64_t bytes);
void rate_acknowledged(struct rate *, rill_time when, uint64_t bytes);

#endif
