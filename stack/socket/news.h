/* Events of a socket, for the calls that wait at it (parked.h) and the epoll sets that watch it
 * (watch.h). Events reported by the islands come this way too: rill_settle. */
#ifndef SOCKET_NEWS_H
#define SOCKET_NEWS_H

#include "base/news.h"
#include "socket/socket.h"

/* Something has changed: calls that wait at the socket are tried again, and watchers are informed
 * of `news`, bits of enum news. */
void socket_wake(struct rill *, struct socket *, unsigned news);

/* Passes the events that the islands report to the sockets. */
void rill_settle(struct rill *);

#endif
