/* The parts of rill-httpd that all models share: the listener, the limit, and one client's turn.
 *
 * The application is apps/http/connection.h, which knows no socket. A model decides who waits for
 * what, and that is all it decides: each is one file, model_NAME.c, to be read beside the others.
 *
 *                who waits                          what one connection holds
 *     process    a process for each connection      a process, a socket pair
 *     thread     a thread for each connection       a thread
 *     select     one loop, asks about every one     a bit, as far as FD_SETSIZE goes
 *     poll       one loop, asks about every one     a struct pollfd
 *     epoll      one loop, is told who is ready     a watch
 *     coroutine  a coroutine for each connection    a stack, of which little is touched
 */
#ifndef HTTPD_SERVER_H
#define HTTPD_SERVER_H

#include "http/connection.h"
#include <rill/host.h>
#include <stdatomic.h>
#include <sys/queue.h>

#define REFUSED_MAX \
    16 /* connections beyond the limit that are told so (503); more wait in the backlog */

struct server {
    struct rill_host *host;
    struct rill_mailbox *mailbox; /* for the thread model */
    struct site site;
    int listener;
    unsigned limit;    /* of served connections */
    unsigned workers;  /* for the process model */
    int work;          /* the socket from which they take work */
    atomic_uint count; /* connections, with those that get a 503 */
    rill_time resume;  /* no accept before: descriptors or memory were short */
};

struct client {
    struct server *server;
    int fd;
    bool shut;     /* our side is shut down */
    short watched; /* for epoll */
    rill_time queued_deadline;
    TAILQ_ENTRY(client) turn;
    struct connection connection;
};

/* The models. Each serves until Ctrl-C, and frees everything. */
void model_process(struct server *);
void model_thread(struct server *);
void model_select(struct server *);
void model_poll(struct server *);
void model_epoll(struct server *);
void model_coroutine(struct server *);

/* For the process model: forks the workers before there is a stack that a child could inherit. */
void model_process_fork(struct server *);

/* Opens the listener; ends the program on failure. `flags`: SOCK_NONBLOCK or 0. */
void server_listen(struct server *, uint16_t port, int flags);

/* Should the server accept? Not while all places are taken, nor right after an accept that lacked a
 * descriptor or memory: connections in the backlog are not lost. */
bool server_accepts(const struct server *, rill_time now);

/* The next connection as a client, which gets a 503 if the limit is reached; NULL: none now.
 * `flags` as in accept4(2). */
struct client *server_accept(struct server *, int flags);

/* accept(2) has failed with errno: pauses accepting if necessary. */
void server_accept_failed(struct server *, rill_time now);

/* The machine's resources are used up, so `last` cannot be served: it gets a 503, and the limit is
 * lowered so that later connections get one as well. */
void server_is_full(struct client *last, const char *model, const char *lacks, rill_time now);

/* Milliseconds until `first`, or until accepting may go on, for rill_poll: rounded up; -1: no
 * limit. */
int server_timeout(const struct server *, rill_time first, rill_time now);

/* After a failed wait: returns on Ctrl-C, ends the program on any other error. */
void server_stopped(void);

/* For non-blocking sockets: does what is possible and returns whether the client stays; if not,
 * client_end has been called. `ready`: POLL... bits. */
bool client_serve(struct client *, short ready, rill_time now);

/* Closes the socket, and frees the place and the memory. */
void client_end(struct client *);

#endif
