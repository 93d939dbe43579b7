/* Events of a socket, for the calls that wait at it (parked.h) and the epoll sets that watch it
 * (watch.h). Events reported by the islands come this way too: rill_dispatch_events. */
#ifndef SOCKET_EVENTS_H
#define SOCKET_EVENTS_H

#include "base/io_event.h"
#include "socket/socket.h"

/* Something has changed: calls that wait at the socket are tried again, and watchers are informed
 * of `events`, bits of enum io_event. */
void socket_wake(struct rill *, struct socket *, unsigned events);

/* Passes the events that the islands report to the sockets. */
void rill_dispatch_events(struct rill *);

#endif
