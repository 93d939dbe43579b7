/* SYN_SENT (RFC 9293 3.10.7.3): there is no peer's number to unwrap against yet, so this path takes
 * the raw header. */
#ifndef TCP_SYNSENT_H
#define TCP_SYNSENT_H

#include "tcp/segment.h"

enum rill_drop synsent_arrives(struct tcp *, struct tcp_conn *, const struct tcp_arrival *,
                               struct tcp_reply *);

#endif
