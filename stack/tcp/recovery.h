/* Loss detection and recovery: RFC 8985 (RACK-TLP) with SACK, RFC 6582 without, RFC 6298 for
 * time-outs. Detection only marks records lost; output retransmits them when the congestion window
 * has room, which RFC 6937 (prr.h) provides. Spurious detections are undone (undo.h, frto.h). */
#ifndef TCP_RECOVERY_H
#define TCP_RECOVERY_H

#include "tcp/segment.h"

/* Evaluates one acknowledgement: losses, begin or end of recovery, changes of cwnd. */
void recovery_take_ack(struct tcp *, struct tcp_conn *, struct ack_sample *);

/* RFC 8985 6.2 step 5: the reordering timer has expired. */
void recovery_reorder_out(struct tcp *, struct tcp_conn *);

/* RFC 6298 5.4 to 5.7: the retransmission timer has expired. */
void recovery_time_out(struct tcp *, struct tcp_conn *);

/* The connection has changed its plug-in. If the old one was `rate_based`, there is no ssthresh for
 * PRR yet: the new one sets it. */
void recovery_taken_over(const struct tcp *, struct tcp_conn *, const struct cc_ops *before);

/* A segment was sent: records from `index` on, `bytes` of them. */
struct departure {
    uint32_t index, count, bytes;
    bool again, probe; /* retransmitted; a loss probe */
};
void recovery_sent(struct tcp *, struct tcp_conn *, const struct departure *);

#endif
