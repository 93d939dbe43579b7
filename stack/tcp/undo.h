/* Spurious recovery: segments that were taken for lost had only been late. Detected by timestamps
 * (the Eifel detection, RFC 3522: the ACK echoes a timestamp older than the first retransmission),
 * by D-SACK (RFC 3708: every retransmission has arrived twice), or for a time-out by F-RTO (RFC
 * 5682). Then cwnd and ssthresh are restored; after a time-out as RFC 4015 says. */
#ifndef TCP_UNDO_H
#define TCP_UNDO_H

#include "tcp/segment.h"

/* A recovery begins: remembers what there is to restore. Before ssthresh changes. */
void undo_start(struct tcp_conn *, const struct ack_news *);

/* The recovery is a time-out's. */
void undo_timed_out(struct tcp_conn *);

/* A lost segment was sent again, up to `to`. */
void undo_sent_again(struct tcp *, struct tcp_conn *, position to);

/* Counts the retransmissions that a D-SACK says were needless. */
void undo_take_ack(struct tcp *, struct tcp_conn *, const struct ack_news *);

/* The ACK, which advances, answers what was sent before the first retransmission. */
bool undo_was_late(const struct tcp_conn *, const struct ack_news *);

/* Either proof is there. */
bool undo_is_due(const struct tcp_conn *, const struct ack_news *);

/* Restores what undo_start has remembered. */
void undo(struct tcp *, struct tcp_conn *, const struct ack_news *);

/* RFC 4015 step 11: after a time-out that was none the first round trip of text that had not been
 * sent by then, instead of what it has measured since, is what the timer goes by. True: it has
 * taken the sample. */
bool undo_takes_rtt(struct tcp_conn *, position from, rill_time rtt);

#endif
