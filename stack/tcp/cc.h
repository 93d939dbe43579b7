/* Congestion control as a plug-in: const operations over a window and a little state without
 * pointers, fed with what each acknowledgement told. A new one is a file with a struct cc_ops and a
 * line in cc.c.
 *
 * Recovery (recovery.h) decides when a window of data was congested and what is sent again; the
 * plug-in says how large the window is. While recovery lasts it is PRR that moves cwnd towards the
 * ssthresh that the plug-in has set, unless the plug-in is `rate_based` and keeps it to itself. */
#ifndef TCP_CC_H
#define TCP_CC_H

#include "base/ranges.h"

#include <rill/time.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A delivery-rate sample (draft-cheng-iccrg-delivery-rate-estimation): what arrived between the
 * time when the newest segment that this ACK tells of was sent, and now. */
struct rate_sample {
    rill_time interval;   /* 0: this ACK gives none */
    uint64_t delivered;   /* bytes, within the interval */
    uint64_t bandwidth;   /* bytes a second: delivered / interval */
    uint64_t prior_total; /* news->total when that segment was sent */
    bool app_limited;     /* the application had nothing to send then: it may be too low */
};

/* What one acknowledgement brought: filled in step by step as it is taken, then handed on. */
struct ack_news {
    rill_time now;
    rill_time rtt;      /* a valid sample (Karn, RFC 7323 4), else 0 */
    rill_time min_rtt;  /* the least of this connection's samples; 0: none yet */
    rill_time srtt;     /* RFC 6298's, this sample in it; 0: none yet */
    uint32_t acked;     /* bytes newly acknowledged cumulatively, SYN and FIN counted */
    uint32_t sacked;    /* bytes newly SACKed */
    uint32_t delivered; /* bytes told for the first time, by SACK, duplicate ACKs or cumulatively */
    uint32_t lost;      /* bytes newly found lost */
    uint32_t flight;    /* FlightSize before it: sent, not cumulatively acknowledged (RFC 5681 2) */
    uint32_t in_flight; /* after it, believed to be on its way: RFC 6675's pipe */
    uint32_t segments;  /* newly delivered: what `delivered` is in segments */
    uint32_t growth_most; /* bytes by which HyStart++ lets one ACK grow cwnd (RFC 9406 4.3, L) */
    uint64_t total;       /* bytes ever delivered, these included */
    struct rate_sample rate;
    rill_time echo_age; /* how long ago we have sent what its timestamp echoes; 0: it has none */
    uint32_t duplicates_told; /* segments that have arrived twice, by D-SACK (RFC 2883) */
    struct range twice;       /* their text; from == to: none */
    uint32_t overtaken; /* bytes, the farthest: text has arrived behind what was sent after it */
    bool una_advanced;
    bool repeats;            /* nothing is in it that the ACK before did not say */
    bool duplicate;          /* the same while text is out: RFC 5681 section 2 */
    bool sack_told;          /* it has SACK blocks */
    bool original_delivered; /* it tells of what was sent once, before recovery's point */
    bool again_delivered;    /* and of what was sent more than once */
    bool window_limited; /* the congestion window was in use, so it may grow (RFC 7661 in little) */
    bool in_recovery;    /* PRR has cwnd */
    bool round_began;    /* it tells of a segment that was sent after the last such ACK had come */
    bool echoed;         /* ECE: a router has marked instead of dropping (RFC 3168) */
    bool again;          /* a time-out: not the first for these bytes (RFC 5681 3.1 equation 4) */
};

struct cc_window {
    uint32_t cwnd, ssthresh; /* bytes */
};

/* ssthresh before any congestion, and none lower (RFC 5681 3.1: arbitrarily high). */
#define CC_NO_THRESHOLD (UINT32_MAX / 2)

#define CC_PRIVATE 192 /* bytes of a plug-in's own state */

struct cc_state {
    uint64_t word[CC_PRIVATE / sizeof(uint64_t)];
};

/* A plug-in's own state, a struct declared with CC_STATE, lies in struct cc_state:
 *
 *     struct CC_STATE cubic { ... };
 *     struct cubic *s = cc_private(state);
 */
#define CC_STATE __attribute__((may_alias))

static inline void *cc_private(struct cc_state *s)
{
    return s->word;
}

/* What a plug-in tells of itself: TCP_CC_INFO, which knows as Linux's those of BBR (`rate_based`)
 * and of DCTCP (`exact_ecn`). */
struct cc_facts {
    uint64_t bandwidth;              /* bytes a second */
    rill_time min_rtt;               /* RILL_NEVER: not known */
    uint32_t pacing_gain, cwnd_gain; /* in 256ths */
    uint32_t alpha;                  /* in 1,024ths */
    uint64_t marked, acked;          /* bytes of the present observation window */
};

typedef void cc_call(struct cc_window *, struct cc_state *, const struct ack_news *, uint32_t mss);

struct cc_ops {
    char name[16];
    bool rate_based;  /* cwnd and the pacing rate are its own, in recovery, too */
    bool keeps_model; /* its state outlives pauses, and with it the busy part of idle connections */
    bool exact_ecn;   /* speaks RFC 8257's ECN: it is asked for on each SYN, each CE is echoed */

    /* The state is new: the connection has begun to send, or has chosen the plug-in; of the news
     * only `now`. */
    cc_call *start;

    /* An ACK that acknowledges something, or to a `rate_based` plug-in SACKs something: cwnd grows,
     * unless news->in_recovery. */
    cc_call *acked;

    /* A window of data has met congestion, by loss (news->lost) or mark (news->echoed): sets
     * ssthresh; cwnd comes down to it segment by segment (RFC 6937). */
    cc_call *congested;

    /* A retransmission time-out: sets cwnd to the loss window, and ssthresh unless news->again. */
    cc_call *timed_out;

    /* Congestion that was none: cwnd and ssthresh are again what they were. NULL: nothing else. */
    cc_call *undone;

    /* Sending begins again after there was nothing in flight. NULL: nothing to do. */
    cc_call *resumed;

    /* Bytes a second at which text leaves; 0 or NULL: as cwnd and the round trip have it. */
    uint64_t (*pacing_rate)(const struct cc_window *, const struct cc_state *);

    /* NULL: TCP_CC_INFO is empty. */
    struct cc_facts (*facts)(const struct cc_state *);
};

extern const struct cc_ops cc_reno, cc_cubic, cc_dctcp, cc_bbr;

/* By TCP_CONGESTION's name, NULL where there is none. */
const struct cc_ops *cc_find(const char *name);

/* The numbers by which connections know them. */
#define CC_NUMBER_MASK 7u
const struct cc_ops *cc_at(unsigned number); /* less than cc_count() */
unsigned cc_count(void);
unsigned cc_number(const struct cc_ops *);

/* Slow start, RFC 5681 equation 2: cwnd grows by `acked` bytes, ssthresh at most; returns by how
 * many it has. */
uint32_t cc_slow_start(struct cc_window *, uint32_t acked);

/* Reno's parts (RFC 5681), for plug-ins that differ from it in others. cc_reno_grow is its answer
 * to an ACK; `avoided`: bytes acknowledged since cwnd last grew in congestion avoidance.
 * cc_reno_half is equation 4. cc_reno_time_out leaves the loss window. */
void cc_reno_grow(struct cc_window *, uint32_t *avoided, const struct ack_news *, uint32_t mss);
uint32_t cc_reno_half(uint32_t flight, uint32_t mss);
void cc_reno_time_out(struct cc_window *, const struct ack_news *, uint32_t mss);

/* RFC 6928: min(10 MSS, max(2 MSS, 14,600)), with 10 as configured. */
uint32_t cc_initial_window(unsigned segments, uint32_t mss);

#endif
