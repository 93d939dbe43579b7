/* The options of a connection: what it is born with, and what may change while it lives. */
#ifndef TCP_SETTINGS_H
#define TCP_SETTINGS_H

#include "tcp/core.h"

/* Takes over all but max_segment and interactive, which count at the beginning only. -ENOBUFS: the
 * connection is as it was. */
int tcp_apply(struct tcp *, struct tcp_conn *, const struct tcp_settings *);

/* TCP_QUICKACK (tcp(7)), which holds until the conversation itself says otherwise. Not 0: what
 * waits to be acknowledged is, now, and the next segments are at once; an even number means the
 * first half only, if anything waits. 0: acknowledgements wait for text to ride on. */
void tcp_quickack(struct tcp *, struct tcp_conn *, int value);

#endif
