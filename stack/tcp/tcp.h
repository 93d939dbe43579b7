/* The TCP island's door. net hands in segments and path facts and pulls segments; socket calls the
 * calls of RFC 9293 3.10 (call.h). Nothing here calls out: replies that no connection owes are
 * returned, what changed for an application is asked for with tcp_next_woken. */
#ifndef TCP_TCP_H
#define TCP_TCP_H

#include "tcp/core.h"

bool tcp_init(struct tcp *, struct memory *, const struct rill_config *, struct trace *,
              struct rill_counters *);
void tcp_end(struct tcp *);

/* SEGMENT ARRIVES. Returns why the segment, or its text, was not used; RILL_DROP_NONE: it was. */
enum rill_drop tcp_input(struct tcp *, const struct tcp_arrival *, struct tcp_reply *);

/* The next sender of a port, NULL where none waits. It stays on the list until tcp_output finds
 * that it has no more to say. */
struct sender *tcp_next_sender(struct tcp *, int port);

/* What this sender sends now; false: nothing (it has left the list, and may be gone). */
bool tcp_output(struct tcp *, struct sender *, const struct tcp_path *, struct tcp_emission *);

/* All that is due at tcp.now. */
void tcp_expire(struct tcp *);
rill_time tcp_deadline(const struct tcp *);

/* False where no flow fits, or the quoted sequence number is not in flight (RFC 5927 4.1). */
bool tcp_icmp(struct tcp *, const struct tcp_icmp *);

/* The port takes no longer segments than this any more: what is in flight there and too long goes
 * again at once, in pieces. Looks at every connection. */
void tcp_narrow_port(struct tcp *, int port, uint16_t segment_max);

/* The next hop cannot be reached: EHOSTUNREACH for what has not been answered yet, a soft error for
 * the rest. */
void tcp_unreachable(struct tcp *, struct sender *);

/* The sender goes out by another port from now on. */
void tcp_move(struct tcp *, struct sender *, uint8_t port);

/* Nothing that was sent or closed waits for its acknowledgement, no reset for its turn. Looks at
 * every connection. */
bool tcp_drained(const struct tcp *);

/* The next owner for whom something may have changed; NULL: none. */
struct tcp_owner *tcp_next_woken(struct tcp *);

#endif
