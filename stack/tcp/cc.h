/* Congestion control as a plug-in: const operations over a window and a little state without
 * pointers, fed with what each acknowledgement reported. A new one is a file with a struct cc_ops
 * and a line in cc.c.
 *
 * Recovery (recovery.h) decides when a window of data was congested and what is sent again; the
 * plug-in says how large the window is. While recovery lasts it is PRR that moves cwnd towards the
 * ssthresh that the plug-in has set, unless the plug-in is `rate_based` and keeps it to itself. */
#ifndef TCP_CC_H
#define TCP_CC_H

#include "base/ranges.h"
#include "tcp/cc_window.h"

#include <rill/time.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A delivery-rate sample (draft-cheng-iccrg-delivery-rate-estimation): what arrived between the
 * transmission of the newest segment that this ACK reports, and now. */
struct rate_sample {
    rill_time interval;   /* 0: this ACK gives no sample */
    uint64_t delivered;   /* bytes, within the interval */
    uint64_t bandwidth;   /* bytes a second: delivered / interval */
    uint64_t prior_total; /* ack->total when that segment was sent */
    bool app_limited;     /* the application had no data to send then: the rate may be too low */
};

/* What one acknowledgement reports: filled in step by step, then handed on. */
struct ack_sample {
    rill_time now;
    rill_time rtt;      /* a valid sample (Karn, RFC 7323 4), else 0 */
    position rtt_from;  /* where the text that it measures begins */
    rill_time min_rtt;  /* the least of this connection's samples; 0: none yet */
    rill_time srtt;     /* RFC 6298's, this sample in it; 0: none yet */
    uint32_t acked;     /* bytes newly acknowledged cumulatively, SYN and FIN counted */
    uint32_t sacked;    /* bytes newly SACKed */
    uint32_t delivered; /* bytes newly reported by SACK, duplicate ACKs or cumulatively */
    uint32_t lost;      /* bytes newly found lost */
    uint32_t flight;    /* FlightSize before it: sent, not cumulatively acknowledged (RFC 5681 2) */
    uint32_t in_flight; /* after it, estimated to be in the network: RFC 6675's pipe */
    uint32_t segments;  /* newly delivered: `delivered` in segments */
    uint32_t marked;    /* of these, with a CE mark: 0 or all (RFC 3168), or as told (RFC 9768) */
    uint32_t growth_max; /* bytes by which HyStart++ lets one ACK grow cwnd (RFC 9406 4.3, L) */
    uint64_t total;      /* bytes ever delivered, these included */
    struct rate_sample rate;
    rill_time paced;              /* pacing holds the next text back for so long */
    rill_time echo_age;           /* the age of the timestamp that it echoes; 0: it echoes none */
    uint32_t duplicates_reported; /* segments that arrived twice, by D-SACK (RFC 2883) */
    struct range twice;           /* their text; from == to: none */
    uint32_t overtaken;           /* bytes: how far later data has overtaken text, at most */
    bool una_advanced;
    bool repeats;            /* it says nothing that the previous ACK did not say */
    bool duplicate;          /* the same while text is in flight: RFC 5681 section 2 */
    bool has_sack;           /* it has SACK blocks */
    bool original_delivered; /* it reports data that was sent once, before recovery's point */
    bool again_delivered;    /* it reports data that was sent more than once */
    bool window_limited;     /* cwnd limited the sender, so it may grow (like RFC 7661) */
    bool in_recovery;        /* PRR controls cwnd */
    bool loss_recovery;      /* recovery from a loss is active after it, also after a time-out */
    bool round_began;        /* it reports a segment sent after the ACK that began the last round */
    bool echoed;             /* a router has marked instead of dropping (RFC 3168, ECE; RFC 9768) */
    bool again;              /* a repeated time-out for the same bytes (RFC 5681 3.1 equation 4) */
};

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

/* What a plug-in reports: TCP_CC_INFO, which like Linux's has formats for BBR (`rate_based`) and
 * for DCTCP (`exact_ecn`). */
struct cc_facts {
    uint64_t bandwidth;              /* bytes a second */
    rill_time min_rtt;               /* RILL_NEVER: not known */
    uint32_t pacing_gain, cwnd_gain; /* in 256ths */
    uint32_t alpha;                  /* in 1,024ths */
    uint64_t marked, acked;          /* bytes in the current observation window */
};

typedef void cc_call(struct cc_window *, struct cc_state *, const struct ack_sample *,
                     uint32_t mss);

struct cc_ops {
    char name[16];
    bool rate_based;  /* it controls cwnd and the pacing rate, also during recovery */
    bool keeps_model; /* its state survives pauses, so an idle connection keeps its busy part */
    bool exact_ecn;   /* uses RFC 8257's ECN: each SYN requests it, and each CE is echoed */

    /* Initializes the state: the connection has begun to send, or has chosen the plug-in. Only
     * ack->now is valid. */
    cc_call *start;

    /* An ACK that acknowledges data, or, for a `rate_based` plug-in, SACKs data: cwnd grows, unless
     * ack->in_recovery. */
    cc_call *acked;

    /* A window of data has met congestion, by loss (ack->lost) or mark (ack->echoed): sets
     * ssthresh. PRR reduces cwnd to it segment by segment (RFC 6937). */
    cc_call *congested;

    /* A retransmission time-out: sets cwnd to the loss window, and ssthresh unless ack->again. */
    cc_call *timed_out;

    /* The congestion was spurious: cwnd and ssthresh are restored already. NULL: nothing else to
     * do. */
    cc_call *undone;

    /* Sending resumes after nothing was in flight. NULL: nothing to do. */
    cc_call *resumed;

    /* The pacing rate in bytes a second; 0 or NULL: derived from cwnd and the round trip. */
    uint64_t (*pacing_rate)(const struct cc_window *, const struct cc_state *);

    /* NULL: TCP_CC_INFO is empty. */
    struct cc_facts (*facts)(const struct cc_state *);
};

extern const struct cc_ops cc_reno, cc_cubic, cc_dctcp, cc_bbr;

/* By its TCP_CONGESTION name; NULL: unknown. */
const struct cc_ops *cc_find(const char *name);

/* Connections store a plug-in by its number. */
#define CC_NUMBER_MASK 3u
const struct cc_ops *cc_at(unsigned number); /* less than cc_count() */
unsigned cc_count(void);
unsigned cc_number(const struct cc_ops *);

/* BBR's send quantum (4.2.2 of the draft): at less than 1.2 Mbit/s, here in bytes a second,
 * segments leave one by one, because a pair would be a long burst. */
#define CC_SINGLES_BELOW 150000

/* Reno's parts (RFC 5681), for plug-ins that replace only some of them. cc_reno_grow handles an
 * ACK; `avoided`: bytes acknowledged since cwnd last grew in congestion avoidance. cc_reno_half is
 * equation 4 for a loss or a mark. cc_reno_time_out sets the loss window. */
void cc_reno_grow(struct cc_window *, uint32_t *avoided, const struct ack_sample *, uint32_t mss);
uint32_t cc_reno_half(const struct cc_window *, const struct ack_sample *, uint32_t mss);
void cc_reno_time_out(struct cc_window *, const struct ack_sample *, uint32_t mss);

#endif
