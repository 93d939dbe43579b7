/* How much a connection has transferred, and how long each limit held it back, since its beginning,
 * for TCP_INFO. Names are those of RFC 4898, to which Linux's struct tcp_info refers. TCP itself
 * does not use these values.
 *
 * The tally lies directly behind the connection in its pool, so it needs no allocation of its own.
 * If tcp.tally is false there is none, and all values read as 0.
 *
 * Recorded by tally_in and tally_out for each segment, tally_acked for each ACK that counts,
 * tally_limits when output has nothing more to send, tally_state at each change of state. */
#ifndef TCP_TALLY_H
#define TCP_TALLY_H

#include "tcp/segment.h"

/* What keeps the sender from being done (Linux: enum tcp_chrono). */
enum tally_limit {
    LIMIT_NONE, /* everything is acknowledged */
    LIMIT_BUSY, /* the path, or cwnd */
    LIMIT_WINDOW,
    LIMIT_BUFFER, /* all is sent, and the send buffer has no room for more */
    LIMIT_COUNT
};

struct tcp_tally {
    uint64_t bytes_sent, bytes_retrans; /* of text; the first counts repeated text, too */
    uint64_t delivery_rate;             /* bytes a second, the last that was measured; 0: none */
    uint32_t segs_in, segs_out, data_segs_in, data_segs_out;
    uint32_t delivered, delivered_ce; /* segments, the SYN among them; under an ECE */
    uint32_t dsack_dups, rcv_ooopack; /* segments */
    uint32_t min_rtt;                 /* us; 0: none measured */
    uint16_t reord_seen;              /* ACKs that told of reordering; it stays at its most */
    uint16_t reordering : 9;          /* segments, the most by which one was overtaken */
    uint16_t limit : 2;               /* enum tally_limit */
    bool rate_app_limited : 1;        /* of delivery_rate */
    uint32_t data_sent_at, data_received_at, ack_received_at; /* ms of the stack's clock */
    uint32_t limit_since, state_since;                        /* the same */
    uint32_t limited[LIMIT_COUNT - 1];                        /* ms, from LIMIT_BUSY on */
};

_Static_assert(sizeof(struct tcp_tally) <= 96, "the memory budget is part of the design");

/* Bytes of a connection with its tally, if it has one. */
size_t tally_conn_size(const struct rill_tcp_config *);

/* A connection begins. */
void tally_start(struct tcp *, struct tcp_conn *);

/* It comes out of a SYN that was answered so often. */
void tally_answered(struct tcp *, struct tcp_conn *, unsigned syn_acks);

/* Our SYN was acknowledged; 0: no round trip could be measured. */
void tally_opened(struct tcp *, struct tcp_conn *, rill_time rtt);

void tally_in(struct tcp *, struct tcp_conn *, const struct tcp_arrival *);
void tally_out(struct tcp *, struct tcp_conn *, const struct tcp_emission *, bool again);
/* An ACK that tells the sender in us nothing. */
void tally_heard(struct tcp *, struct tcp_conn *);
/* What `news` tells, after all conclusions were drawn of it. */
void tally_acked(struct tcp *, struct tcp_conn *, const struct ack_news *);

/* Text was overtaken by so many bytes. */
void tally_reordered(struct tcp *, struct tcp_conn *, uint32_t bytes);
void tally_out_of_order(struct tcp *, struct tcp_conn *);

/* Its state changes. */
void tally_state(struct tcp *, struct tcp_conn *);

/* Looks what holds the connection back from now on. */
void tally_limits(struct tcp *, struct tcp_conn *);

/* A copy, in which what goes on is counted up to now, and the times are how long ago it was. */
bool tally_kept(const struct tcp *);
struct tcp_tally tally_read(const struct tcp *, const struct tcp_conn *);

#endif
