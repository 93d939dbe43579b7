/* One client's connection to the server, without its socket: the caller passes bytes and the
 * time in, takes bytes out, and chooses how to wait for readiness (poll, threads, coroutines):
 *
 *     connection_open
 *     while ((wants = connection_wants(c)) != 0)
 *         POLLOUT: send what connection_peek copies out, say connection_sent
 *         POLLIN:  receive at most connection_room bytes, hand them to connection_received
 *         connection_deadline has passed: connection_expire
 *         connection_is_closing: shut the sending side down, once
 *     connection_close
 *
 * HEAD -> BODY -> ANSWER -> HEAD ... -> ANSWER -> DRAIN -> OVER. While an answer is being sent
 * nothing is read: requests that are pipelined wait in the buffer, and beyond it in TCP. The one
 * exception is BODY, where a 100 (Continue) may be on its way out.
 *
 * Between two requests a connection is these few hundred bytes: what a request takes is allocated
 * with its first byte and freed with its answer. */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include "http/body.h"
#include "http/head.h"
#include "http/request.h"
#include "http/response.h"
#include "http/site.h"
#include <rill/time.h>

#define CONNECTION_BODY_ROOM 4096 /* room for body bytes after the longest head */

enum connection_state {
    CONNECTION_HEAD,   /* a request's head is expected, or arriving */
    CONNECTION_BODY,   /* its body is read and discarded */
    CONNECTION_ANSWER, /* the response is being sent */
    CONNECTION_DRAIN,  /* all is sent; what the peer still sends is discarded (RFC 9112 9.6) */
    CONNECTION_OVER
};

/* A request that is arriving. */
struct arrival {
    struct request request; /* its slices lie in `in` */
    size_t have;            /* bytes in `in` */
    char in[HEAD_MAX + CONNECTION_BODY_ROOM];
};

struct connection {
    enum connection_state state;
    const struct site *site;
    char client[24]; /* for the log */
    rill_time deadline;
    bool peer_ended;
    struct head_scan scan;
    struct arrival *arrival; /* NULL: no byte of a request yet */
    struct body body;
    struct response response;
    bool cut;       /* an answer is cut short */
    size_t taken;   /* bytes of the answer sent since the time-out was last restarted */
    size_t drained; /* bytes discarded in DRAIN */
};

void connection_open(struct connection *, const struct site *, const char *client, rill_time now);
/* Answers with a status (503) without reading a request; call it right after connection_open. */
void connection_refuse(struct connection *, int status, rill_time now);
void connection_close(struct connection *);
/* Of a closed connection: its answer was not completely sent. Then reset the socket (SO_LINGER), or
 * its data would wait for a client that does not read. */
bool connection_was_cut(const struct connection *);

/* POLLIN, POLLOUT or both; 0: it is over. */
short connection_wants(const struct connection *);
bool connection_is_closing(const struct connection *);

/* How many bytes it can take; not 0 if it wants POLLIN. */
size_t connection_room(const struct connection *);
/* n bytes have arrived, which are copied; 0: the peer will send no more. */
void connection_received(struct connection *, const void *, size_t n, rill_time now);

/* Like outgoing_peek. -1: the connection cannot go on and must be reset. */
ssize_t connection_peek(const struct connection *, void *out, size_t room);
void connection_sent(struct connection *, size_t n, rill_time now);

rill_time connection_deadline(const struct connection *);
/* Call it when the deadline has passed. */
void connection_expire(struct connection *, rill_time now);

#endif
