#include "graph/rate.h"

#include "base/bytes.h"

/* The smallest of 1, 2, 5, 10, 20 ... that is large enough. */
static rill_time round_up(rill_time length)
{
    static const int step[] = {1, 2, 5};
    for (rill_time power = 1;; power *= 10)
        for (unsigned i = 0; i < 3; i++)
            if (power * step[i] >= length)
                return power * step[i];
}

void rate_begin(struct rate *r, rill_time length)
{
    length = min_of(length, RILL_NEVER / 4); /* the end of the last bin is a time, too */
    *r = (struct rate){.bin = round_up(length / (RATE_BINS - 1) + 1)};
    r->bins = (unsigned)min_of(length / r->bin + 1, RATE_BINS);
}

static void count(const struct rate *r, uint64_t *in, rill_time when, uint64_t bytes)
{
    if (when >= 0 && when / r->bin < r->bins)
        in[when / r->bin] += bytes;
}

void rate_sent(struct rate *r, rill_time when, uint64_t bytes)
{
    count(r, r->sent, when, bytes);
}

void rate_acknowledged(struct rate *r, rill_time when, uint64_t bytes)
{
    count(r, r->acknowledged, when, bytes);
}
