/* Fast Open on a listener (RFC 7413 4.2.2): how it answers a SYN. */
#ifndef TCP_FASTOPEN_PASSIVE_H
#define TCP_FASTOPEN_PASSIVE_H

#include "tcp/syn.h"

/* Examines a SYN for which the listener has just made a record. If its cookie is valid, a
 * connection in SYN_RECEIVED with the SYN's data replaces the record and is returned. Otherwise the
 * record notes whether its SYN-ACK must carry a cookie. */
struct tcp_conn *fast_open_take_syn(struct tcp *, struct tcp_listener *, struct tcp_syn *,
                                    const struct tcp_arrival *);

/* TCP_FASTOPEN and related options of a listener, and the configuration's bits for all
 * listeners. */
struct fast_open_settings {
    uint32_t limit; /* of pending connections; 0: off */
    bool without_cookie;
    struct fast_open_keys keys; /* count 0: the stack's */
};
void tcp_listen_fast_open(struct tcp *, struct tcp_listener *, const struct fast_open_settings *);

#endif
