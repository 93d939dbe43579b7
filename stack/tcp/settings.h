/* The options of a connection: at its creation, and those that may change later. */
#ifndef TCP_SETTINGS_H
#define TCP_SETTINGS_H

#include "tcp/core.h"

/* Applies all settings except max_segment and interactive, which only count at creation. -ENOBUFS:
 * the connection is unchanged. */
int tcp_apply(struct tcp *, struct tcp_conn *, const struct tcp_settings *);

/* TCP_QUICKACK (tcp(7)), until the course of the connection changes the mode. Not 0: a pending ACK
 * is sent now, and the next segments are acknowledged at once; an even number means only the first
 * part, if an ACK is pending. 0: acknowledgements wait for text that carries them. */
void tcp_quickack(struct tcp *, struct tcp_conn *, int value);

#endif
