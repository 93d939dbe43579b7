/* How much data leaves in one burst, where a burst ends, and when the next sender's turn comes.
 *
 * A sender with room for many segments does not send them all at once: a burst is at most a
 * millisecond of its rate, or `burst_segments` segments, so that acknowledgements keep the clock
 * (RFC 9293 3.8.2 leaves it open; Linux: tcp_tso_autosize). The last segment of a burst carries PSH
 * (RFC 9293 3.9.1.2 allows more than MUST-61), so that a receiver that joins segments does not wait
 * for more. `burst_to` in the busy part is the end of the current burst; at or before SND.NXT:
 * none.
 *
 * Senders take turns by surplus round robin (Adiseshu, Parulkar and Varghese, "A Reliable and
 * Scalable Striping Protocol", 1996): each turn is worth the largest burst, sent as one or as
 * several bursts, and any excess is subtracted from the next turn. So all send the same number of
 * bytes, whatever burst sizes their windows allow. A window that is smaller than a turn is used up
 * before the other senders' turns; otherwise its acknowledgement would arrive before cwnd was
 * filled, and cwnd would not grow. */
#ifndef TCP_BURST_H
#define TCP_BURST_H

#include "tcp/core.h"

/* Bytes of text that may leave together at SND.NXT, out of `room` (more than 0): whole segments, or
 * less than one. Begins a new burst where the last one has ended. */
uint32_t burst_take(const struct tcp *, struct tcp_conn *, const struct tcp_path *, uint32_t room);

/* Whether the segment ends with the last byte that the application has written (RFC 9293 MUST-60,
 * MUST-61). As in Linux, a write with MSG_MORE has no end: more data is announced. */
bool burst_ends_written(const struct tcp_conn *, position to);

/* Whether the segment of new text that ends at `to` always carries PSH: at the end of written data,
 * after each half of the peer's largest window, and where a window probe carries text. */
bool burst_pushes(const struct tcp_conn *, position to);

/* Whether the segment ends a burst of several segments. As in Linux, a retransmission of it alone
 * carries no PSH for this reason. */
bool burst_closes(const struct tcp_conn *, position to);

/* New text up to `to` has left with PSH. */
void burst_pushed(struct tcp_conn *, position to);

/* A frame with so many bytes of text has left. True: its turn has ended. */
bool burst_ends_turn(struct tcp_conn *, const struct tcp_path *, uint32_t bytes);

#endif
