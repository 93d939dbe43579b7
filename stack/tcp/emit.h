/* Builds the segment that output.c has decided to send: one path for transmission and
 * retransmission. A range of positions describes it: the SYN is at 0, data starts at 1, the FIN is
 * at snd.end. */
#ifndef TCP_EMIT_H
#define TCP_EMIT_H

#include "tcp/core.h"

/* The segment to send: positions [from, to), and why. */
struct choice {
    enum { SEND_NOTHING, SEND_RANGE, SEND_AGAIN, SEND_ACK, SEND_PROBE, SEND_RESET } kind;
    position from, to;
    uint32_t record; /* index in the flight, for SEND_AGAIN */
    enum rill_reason reason;
};

/* Fills in the segment (the choice is not SEND_NOTHING), adds it to the flight if it occupies
 * positions, and starts the timer that watches it. */
void emit(struct tcp *, struct tcp_conn *, struct choice *, const struct tcp_path *,
          struct tcp_emission *);

#endif
