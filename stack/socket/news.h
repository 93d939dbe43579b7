/* Events of a socket, for the calls that wait at it (parked.h) and the epoll sets that watch it
 * (watch.h). Events reported by the islands come this way too: rill_settle. */
#ifndef SOCKET_NEWS_H
#define SOCKET_NEWS_H

#include "base/news.h"
#include "socket/socket.h"

/* Something has changed: calls that wait at the socket look again, watchers are told of `news`,
 * bits of enum news. */
void socket_stir(struct rill *, struct socket *, unsigned news);

/* Takes what the islands report to the sockets' owners. */
void rill_settle(struct rill *);

#endif
