/* The options of a connection: what it is born with, and what may change while it lives. */
#ifndef TCP_SETTINGS_H
#define TCP_SETTINGS_H

#include "tcp/core.h"
#include "wire/ip4.h"

/* Takes over all but max_segment, which counts on the SYN only. -ENOBUFS: the connection is as it
 * was. */
int tcp_apply(struct tcp *, struct tcp_conn *, const struct tcp_settings *);

/* IP_MTU_DISCOVER. */
enum ip4_discovery tcp_discovery(const struct tcp_conn *);

#endif
