#include "tcp/cc_window.h"

#include "base/bytes.h"

uint32_t cc_slow_start(struct cc_window *w, uint32_t acked)
{
    uint32_t grown = w->cwnd < w->ssthresh ? min_of(acked, w->ssthresh - w->cwnd) : 0;
    w->cwnd += grown;
    return grown;
}

uint32_t cc_initial_window(unsigned segments, uint32_t mss)
{
    uint32_t max = segments * mss;
    return min_of(max, max_of(2 * mss, 14600u));
}
