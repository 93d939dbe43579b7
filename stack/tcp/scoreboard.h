/* The sender's use of the SACK option (RFC 2018 5, RFC 2883): which records have arrived out of
 * order, and which data has arrived twice. The SACKed ranges are also kept as a set, so that a
 * repeated block does not cause a second search of its records. */
#ifndef TCP_SCOREBOARD_H
#define TCP_SCOREBOARD_H

#include "tcp/segment.h"

/* Takes the option of an ACK, before SND.UNA moves: marks records, completes the sample. */
void scoreboard_take(struct tcp *, struct tcp_conn *, const struct segment *, struct ack_sample *);

/* SND.UNA has moved. */
void scoreboard_advance(struct tcp *, struct tcp_conn *);

/* The peer has discarded data that it had SACKed (RFC 2018 8): its ACK stops just before it. */
bool scoreboard_is_reneged(const struct tcp_conn *);

/* Nothing counts as SACKed any more. */
void scoreboard_clear(struct tcp *, struct tcp_conn *);

#endif
