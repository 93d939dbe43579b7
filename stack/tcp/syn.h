/* SYN records (RFC 4987): the only memory that a SYN takes. A record joins `sending` for its
 * SYN-ACK and the retransmissions. The third ACK turns it into a connection in SYN_RECEIVED, which
 * then processes that same segment. With Fast Open this happens before the SYN-ACK leaves. */
#ifndef TCP_SYN_H
#define TCP_SYN_H

#include "tcp/segment.h"

/* Between whom: a record that stands nowhere yet, filled from the segment that speaks for it. */
void syn_begin(const struct tcp *, const struct tcp_listener *, const struct tcp_arrival *,
               struct tcp_syn *);
/* The same of a SYN, with all that it and our configuration agree on; our ISN is still to choose.
 */
void syn_read(const struct tcp *, const struct tcp_listener *, const struct tcp_arrival *,
              struct tcp_syn *);

/* The SYN-ACK that says it. `segment_max`: of the port (struct tcp_path). */
void syn_answer(const struct tcp *, const struct tcp_syn *, uint16_t segment_max,
                struct tcp_header *);
uint8_t syn_tos(const struct tcp *, const struct tcp_syn *); /* of its IP header */

/* The connection that the record has promised, without a state and not in the flow table yet; its
 * SYN-ACK has been answered, or is still to be sent. NULL: no memory. */
struct tcp_conn *syn_conn(struct tcp *, const struct tcp_syn *, bool answered);

/* A record for a SYN that the listener takes, in SYN_RECEIVED and on `sending`. `beyond` is not
 * NULL where the flow has just left TIME_WAIT: the ISN must lie above it. NULL: no room. */
struct tcp_syn *syn_create(struct tcp *, struct tcp_listener *, const struct tcp_arrival *,
                           const seq32 *beyond);

/* Such a connection takes the place of a record that is there. NULL: no memory, the record stays.
 */
struct tcp_conn *syn_grow(struct tcp *, struct tcp_syn *, bool answered);

/* A segment for a record. Where it is the third ACK, *made is the connection that shall take it. */
enum rill_drop syn_arrives(struct tcp *, struct tcp_syn *, const struct tcp_arrival *,
                           struct tcp_reply *, struct tcp_conn **made);

/* The SYN-ACK of a record that is on `sending`. */
void syn_output(struct tcp *, struct tcp_syn *, const struct tcp_path *, struct tcp_emission *);

/* A record's timer: the SYN-ACK again, or the end of it. */
void syn_expire(struct tcp *, struct tcp_syn *);

void syn_forget(struct tcp *, struct tcp_syn *, enum rill_reason);

#endif
