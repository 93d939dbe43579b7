/* How much a connection has transferred, and how long each limit held it back, since its beginning,
 * for TCP_INFO. Names are those of RFC 4898, to which Linux's struct tcp_info refers. TCP itself
 * does not use these values.
 *
 * They lie directly behind the connection in its pool, so they need no allocation of their own.
 * If tcp.statistics is false there are none, and all values read as 0.
 *
 * Recorded by stats_in and stats_out for each segment, stats_acked for each ACK that counts,
 * stats_limits when output has nothing more to send, stats_state at each change of state. */
#ifndef TCP_STATS_H
#define TCP_STATS_H

#include "tcp/segment.h"

/* What limits the sender (Linux: enum tcp_chrono). */
enum stats_limit {
    LIMIT_NONE, /* all data is acknowledged */
    LIMIT_BUSY, /* the path, or cwnd */
    LIMIT_WINDOW,
    LIMIT_BUFFER, /* all data is sent, and the send buffer is full */
    LIMIT_COUNT
};

struct tcp_stats {
    uint64_t bytes_sent, bytes_retrans; /* of text; the first counts repeated text, too */
    uint64_t delivery_rate;             /* bytes a second, the last that was measured; 0: none */
    uint32_t segs_in, segs_out, data_segs_in, data_segs_out;
    uint32_t delivered, delivered_ce; /* segments, including the SYN; those reported as marked */
    uint32_t dsack_dups, rcv_ooopack; /* segments */
    uint32_t min_rtt;                 /* us; 0: none measured */
    uint16_t reord_seen;              /* ACKs that reported reordering; stops at its maximum */
    uint16_t reordering : 9;          /* segments, the most by which one was overtaken */
    uint16_t limit : 2;               /* enum stats_limit */
    bool rate_app_limited : 1;        /* of delivery_rate */
    uint32_t data_sent_at, data_received_at, ack_received_at; /* ms of the stack's clock */
    uint32_t limit_since, state_since;                        /* the same */
    uint32_t limited[LIMIT_COUNT - 1];                        /* ms, from LIMIT_BUSY on */
};

_Static_assert(sizeof(struct tcp_stats) <= 96, "the memory budget is part of the design");

/* Bytes of a connection with its statistics, if they are kept. */
size_t stats_conn_size(const struct rill_tcp_config *);

/* A connection begins. */
void stats_start(struct tcp *, struct tcp_conn *);

/* The connection comes from a SYN for which so many SYN-ACKs were sent. */
void stats_answered(struct tcp *, struct tcp_conn *, unsigned syn_acks);

/* Our SYN was acknowledged; 0: no RTT sample. */
void stats_opened(struct tcp *, struct tcp_conn *, rill_time rtt);

void stats_in(struct tcp *, struct tcp_conn *, const struct tcp_arrival *);
void stats_out(struct tcp *, struct tcp_conn *, const struct tcp_emission *, bool again);
/* An ACK that acknowledges nothing new. */
void stats_ack_in(struct tcp *, struct tcp_conn *);
/* Records the ACK, after it was evaluated. */
void stats_acked(struct tcp *, struct tcp_conn *, const struct ack_sample *);

/* Later data has overtaken text by so many bytes. */
void stats_reordered(struct tcp *, struct tcp_conn *, uint32_t bytes);
void stats_out_of_order(struct tcp *, struct tcp_conn *);

/* The state changes. */
void stats_state(struct tcp *, struct tcp_conn *);

/* Determines what limits the connection from now on. */
void stats_limits(struct tcp *, struct tcp_conn *);

bool stats_kept(const struct tcp *);

/* A copy in which running times include the present, and points in time are ages. */
struct tcp_stats stats_read(const struct tcp *, const struct tcp_conn *);

#endif
