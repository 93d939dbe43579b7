/* Spurious recovery: segments that were taken for lost had only been late. Detected by timestamps
 * (the Eifel detection, RFC 3522: the ACK echoes a timestamp older than the first retransmission),
 * by D-SACK (RFC 3708: every retransmission has arrived twice), or for a time-out by F-RTO (RFC
 * 5682). Then cwnd and ssthresh are restored; after a time-out as RFC 4015 says. */
#ifndef TCP_UNDO_H
#define TCP_UNDO_H

#include "tcp/segment.h"

/* A recovery begins: stores the state to restore. To be called before ssthresh changes. */
void undo_start(struct tcp_conn *, const struct ack_sample *);

/* The recovery was started by a time-out. */
void undo_timed_out(struct tcp_conn *);

/* A lost segment was retransmitted, up to `to`. */
void undo_sent_again(struct tcp *, struct tcp_conn *, position to);

/* Counts the retransmissions that a D-SACK reports as unnecessary. */
void undo_take_ack(struct tcp *, struct tcp_conn *, const struct ack_sample *);

/* The ACK advances SND.UNA, and answers a segment from before the first retransmission. */
bool undo_was_late(const struct tcp_conn *, const struct ack_sample *);

/* The recovery is proven spurious, by undo_was_late or by D-SACKs. */
bool undo_is_due(const struct tcp_conn *, const struct ack_sample *);

/* Restores the stored state. */
void undo(struct tcp *, struct tcp_conn *, const struct ack_sample *);

/* RFC 4015 step 11: after a spurious time-out, the timer uses the first round trip of text sent
 * after it, instead of the samples since then. True: the sample was taken. */
bool undo_takes_rtt(struct tcp_conn *, position from, rill_time rtt);

#endif
