/* SYN records (RFC 4987): the only memory that a SYN takes. A record joins `sending` for its
 * SYN-ACK and the retransmissions. The third ACK turns it into a connection in SYN_RECEIVED, which
 * then processes that same segment. With Fast Open this happens before the SYN-ACK leaves. */
#ifndef TCP_SYN_H
#define TCP_SYN_H

#include "tcp/segment.h"

/* Fills in addresses and ports of a record that is in no table yet, from the segment. */
void syn_begin(const struct tcp *, const struct tcp_listener *, const struct tcp_arrival *,
               struct tcp_syn *);
/* The same for a SYN, with all that it and our configuration agree on. Our ISN is not chosen
 * yet. */
void syn_read(const struct tcp *, const struct tcp_listener *, const struct tcp_arrival *,
              struct tcp_syn *);

/* Builds the SYN-ACK of a record. `segment_max`: of the port (struct tcp_path). */
void syn_answer(const struct tcp *, const struct tcp_syn *, uint16_t segment_max,
                struct tcp_header *);
uint8_t syn_tos(const struct tcp *, const struct tcp_syn *); /* of its IP header */

/* Creates the connection of a record, without a state and not in the flow table yet. `answered`:
 * its SYN-ACK is acknowledged, else it is still to be sent. NULL: no memory. */
struct tcp_conn *syn_conn(struct tcp *, const struct tcp_syn *, bool answered);

/* Creates a record for a SYN of the listener, in SYN_RECEIVED and on `sending`. `beyond` is not
 * NULL if the SYN ends TIME_WAIT: the ISN must lie above it. NULL: no room. */
struct tcp_syn *syn_create(struct tcp *, struct tcp_listener *, const struct tcp_arrival *,
                           const seq32 *beyond);

/* Such a connection replaces a record. NULL: no memory, the record stays. */
struct tcp_conn *syn_grow(struct tcp *, struct tcp_syn *, bool answered);

/* A segment for a record. If it is the third ACK, *made is the connection that processes it. */
enum rill_drop syn_arrives(struct tcp *, struct tcp_syn *, const struct tcp_arrival *,
                           struct tcp_reply *, struct tcp_conn **made);

/* The SYN-ACK of a record on `sending`. */
void syn_output(struct tcp *, struct tcp_syn *, const struct tcp_path *, struct tcp_emission *);

/* A record's timer has expired: sends the SYN-ACK again, or removes the record. */
void syn_expire(struct tcp *, struct tcp_syn *);

void syn_forget(struct tcp *, struct tcp_syn *, enum rill_reason);

#endif
