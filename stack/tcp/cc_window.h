/* The two numbers that a congestion control sets, and the parts of RFC 5681 that concern nothing
 * else. Below the plug-ins, which cc.c lists. */
#ifndef TCP_CC_WINDOW_H
#define TCP_CC_WINDOW_H

#include <stdint.h>

struct cc_window {
    uint32_t cwnd, ssthresh; /* bytes */
};

/* ssthresh before any congestion (RFC 5681 3.1: arbitrarily high). */
#define CC_NO_THRESHOLD (UINT32_MAX / 2)

/* Slow start, RFC 5681 equation 2: cwnd grows by `acked` bytes, at most to ssthresh. Returns the
 * growth. */
uint32_t cc_slow_start(struct cc_window *, uint32_t acked);

/* RFC 6928: min(10 MSS, max(2 MSS, 14,600)), with 10 as configured. */
uint32_t cc_initial_window(unsigned segments, uint32_t mss);

#endif
