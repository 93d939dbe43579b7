/* Congestion control as a plug-in: const operations over a window and a little state without
 * pointers, fed with what each acknowledgement told. A new one is a file with a struct cc_ops and a
 * line in cc.c. */
#ifndef TCP_CC_H
#define TCP_CC_H

#include <rill/time.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one acknowledgement brought: filled in step by step as it is taken, then handed on. */
struct ack_news {
    rill_time now;
    rill_time rtt;      /* a valid sample (Karn, RFC 7323 4), else 0 */
    uint32_t acked;     /* bytes newly acknowledged cumulatively, SYN and FIN counted */
    uint32_t sacked;    /* bytes newly SACKed */
    uint32_t delivered; /* bytes told for the first time, by SACK, duplicate ACKs or cumulatively */
    uint32_t lost;      /* bytes newly found lost */
    uint32_t flight;    /* FlightSize before it: sent, not cumulatively acknowledged (RFC 5681 2) */
    uint32_t segments;  /* newly delivered: what `delivered` is in segments */
    bool una_advanced;
    bool duplicate;      /* RFC 5681 section 2 */
    bool window_limited; /* the congestion window was in use, so it may grow (RFC 7661 in little) */
    bool in_recovery;
    bool echoed; /* ECE: a router has marked instead of dropping (RFC 3168) */
};

struct cc_window {
    uint32_t cwnd, ssthresh; /* bytes */
};

#define CC_PRIVATE 8 /* words of a plug-in's own state */

struct cc_state {
    uint64_t word[CC_PRIVATE];
};

struct cc_ops {
    char name[16];
    void (*start)(struct cc_window *, struct cc_state *, uint32_t mss);
    /* Outside of recovery, cwnd grows by what was acknowledged. */
    void (*acked)(struct cc_window *, struct cc_state *, const struct ack_news *, uint32_t mss);
    /* Entering fast recovery: sets ssthresh and cwnd. flight: FlightSize. */
    void (*lost)(struct cc_window *, struct cc_state *, uint32_t flight, uint32_t mss);
    /* A retransmission time-out; `first`: not yet backed off for these bytes (RFC 5681 3.1 equation
     * 4). */
    void (*timed_out)(struct cc_window *, struct cc_state *, uint32_t flight, uint32_t mss,
                      bool first);
};

extern const struct cc_ops cc_reno;

/* By TCP_CONGESTION's name, NULL where there is none. */
const struct cc_ops *cc_find(const char *name);

/* The numbers by which connections know them. */
#define CC_NUMBER_MASK 7u
const struct cc_ops *cc_at(unsigned number);
unsigned cc_number(const struct cc_ops *);

/* RFC 6928: min(10 MSS, max(2 MSS, 14,600)), with 10 as configured. */
uint32_t cc_initial_window(unsigned segments, uint32_t mss);

#endif
