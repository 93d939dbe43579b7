/* Tail loss probes (RFC 8985 7): when an acknowledgement is overdue, one segment is sent, new data
 * or the last segment again, so that its ACK tells RACK what is lost, long before the
 * retransmission timer would expire. TLP.end_seq is `end`, TLP.is_retrans `again`. */
#ifndef TCP_TLP_H
#define TCP_TLP_H

#include "tcp/segment.h"

/* 7.2: would a probe give information? */
bool tlp_is_wanted(const struct tcp *, const struct tcp_conn *);

/* 7.2: how long the acknowledgement may take. */
rill_time tlp_timeout(const struct tcp *, const struct tcp_conn *);

/* 7.3: the probe of [.., to) has left; `again`: it was sent before. */
void tlp_sent(struct tcp *, struct tcp_conn *, position to, bool again);

/* 7.4: what an ACK says about the probe. True: the probe has repaired a loss, which congestion
 * control must learn. */
bool tlp_take_ack(struct tcp *, struct tcp_conn *, const struct ack_sample *);

/* A probe is due (7.3): output sends it. */
void tlp_schedule(struct tcp_conn *);

/* 7.1: fast recovery or a time-out begins. */
void tlp_reset(struct tcp_conn *);

#endif
