/* LISTEN (RFC 9293 3.10.7.2): SYN records, and the connections that come of them (RFC 4987). A
 * record is all that a SYN costs; it joins `sending` for its SYN-ACKs, the first and the repeated
 * ones. The third ACK makes a connection in SYN_RECEIVED, which then takes that very segment like
 * any other. */
#ifndef TCP_LISTEN_H
#define TCP_LISTEN_H

#include "tcp/segment.h"

struct tcp_syn {
    struct sender sender; /* SYN_RECEIVED */
    seq32 iss, irs;
    uint32_t ts_recent;
    head_ref listener;
    uint16_t mss; /* the peer's, 0: none sent */
    uint8_t snd_scale;
    uint8_t sent : 7; /* SYN-ACKs so far */
    bool window_scaling : 1;
    bool timestamps : 1;
    bool sack : 1;
    bool ecn : 1;
};

_Static_assert(sizeof(struct tcp_syn) <= 96, "the memory budget is part of the design");

/* The listener for a local address and port: one bound to the address before one bound to any.
 * NULL: none. */
struct tcp_listener *listen_find(const struct tcp *, struct rill_address local, uint16_t port);

/* A segment for LISTEN. `beyond` is not NULL where the flow has just left TIME_WAIT: the ISN must
 * lie above it. */
enum rill_drop listen_arrives(struct tcp *, struct tcp_listener *, const struct tcp_arrival *,
                              struct tcp_reply *, const seq32 *beyond);

/* A segment for a SYN record. Where it is the third ACK, *made is the connection that shall take
 * it. */
enum rill_drop listen_record_arrives(struct tcp *, struct tcp_syn *, const struct tcp_arrival *,
                                     struct tcp_reply *, struct tcp_conn **made);

/* The SYN-ACK of a record that is on `sending`. */
void listen_output(struct tcp *, struct tcp_syn *, const struct tcp_path *, struct tcp_emission *);

/* A record's timer: the SYN-ACK again, or the end of it. */
void listen_expire(struct tcp *, struct tcp_syn *);

/* An established connection joins its listener's accept queue. */
void listen_enqueue(struct tcp *, struct tcp_conn *);

void listen_forget(struct tcp *, struct tcp_syn *, enum rill_reason);

/* RFC 6528: M + F(flow, secret). */
seq32 listen_isn(const struct tcp *, const struct flow *);

#endif
