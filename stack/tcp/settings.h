/* The options of a connection: at its creation, and those that may change later. */
#ifndef TCP_SETTINGS_H
#define TCP_SETTINGS_H

#include "tcp/core.h"

/* Applies all settings except max_segment and interactive, which only count at creation. -ENOBUFS:
 * the connection is unchanged. */
int tcp_apply(struct tcp *, struct tcp_conn *, const struct tcp_settings *);

/* TCP_QUICKACK (tcp(7)), which holds until the conversation itself says otherwise. Not 0: what
 * waits to be acknowledged is, now, and the next segments are at once; an even number means the
 * first half only, if anything waits. 0: acknowledgements wait for text to ride on. */
void tcp_quickack(struct tcp *, struct tcp_conn *, int value);

#endif
