/* Path MTU discovery of a connection without ICMP errors (RFC 4821; RFC 8899 is the same for
 * datagrams, which is left to the application). Repeated time-outs reveal a black hole, and
 * segments become shorter; from there single larger segments of new data probe the path.
 *
 * Life: mtu_start at ESTABLISHED, if the destination is known to need it or the configuration says
 * so; else mtu_time_out begins the search. If routers may fragment (IP_PMTUDISC_DONT), nothing is
 * probed or learnt, but a black hole makes segments shorter, as in Linux: fragments get lost, too.
 *
 * DEVIATION: the rate of losses after an increase does not verify the new size (7.8, SHOULD); if
 * longer segments do not pass at all, the next time-outs reduce the size again.
 *
 * The time-outs may also come from an outage. After shorter segments have passed, one of the
 * segments that are sent again therefore goes in full length, as a probe: if it arrives, the old
 * size is back. Other connections learn sizes below base_mss only after a probe.
 *
 * Invariant: at most one probe is in flight, and its range is one record of the flight. */
#ifndef TCP_MTU_H
#define TCP_MTU_H

#include "tcp/core.h"

/* The connection is established: takes over what is known about the destination. */
void mtu_start(struct tcp *, struct tcp_conn *);

/* The largest segment, header included, that is not a probe. */
uint32_t mtu_segment_max(const struct tcp_conn *, const struct tcp_path *);

/* Must a probe leave now (*text bytes of new text)? Or soon, so that no other new text may use up
 * the window (RFC 4821 7.4)? */
enum mtu_probe { MTU_NO_PROBE, MTU_PROBE_NOW, MTU_PROBE_SOON };
enum mtu_probe mtu_probe_due(const struct tcp *, const struct tcp_conn *, const struct tcp_path *,
                             uint32_t *text);

/* Is the record, which is longer than a segment may be now, retransmitted whole, as a probe? */
bool mtu_retransmits_whole(struct tcp_conn *, const struct tcp_path *, uint32_t index);

/* A probe was sent. */
void mtu_sent(struct tcp_conn *, position from, position to);

/* SND.UNA has moved: a probe may have arrived. */
void mtu_take_ack(struct tcp *, struct tcp_conn *);

/* Losses were found. True: only the probe is lost, which is no sign of congestion (7.6.2). */
bool mtu_take_loss(struct tcp *, struct tcp_conn *);

/* The retransmission timer has expired: 7.6.3, 7.7. */
void mtu_time_out(struct tcp *, struct tcp_conn *);

/* ICMP or the port has reported a size: the result of an outstanding probe no longer matters. */
void mtu_reported(struct tcp_conn *);

#endif
