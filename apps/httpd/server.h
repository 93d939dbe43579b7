/* rill-httpd, whatever model serves: the listener, how many may come, and one client's turn.
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
    struct rill_mailbox *mailbox; /* of the thread model */
    struct site site;
    int listener;
    unsigned limit;    /* of connections that are served */
    unsigned workers;  /* of the process model */
    int work;          /* and where they take it from */
    atomic_uint count; /* connections, those that are told 503 included */
    rill_time resume;  /* no accept before: descriptors or memory are short */
};

struct client {
    struct server *server;
    int fd;
    bool shut;     /* our side is */
    short watched; /* for epoll */
    rill_time queued_deadline;
    TAILQ_ENTRY(client) turn;
    struct connection connection;
};

/* The models. Each serves until Ctrl-C, and leaves nothing behind. */
void model_process(struct server *);
void model_thread(struct server *);
void model_select(struct server *);
void model_poll(struct server *);
void model_epoll(struct server *);
void model_coroutine(struct server *);

/* Of the process model, before there is a stack that a child could inherit: forks the workers. */
void model_process_fork(struct server *);

/* Makes the listener; ends the program where that cannot be. `flags`: SOCK_NONBLOCK or 0. */
void server_listen(struct server *, uint16_t port, int flags);

/* Should the listener be asked? Not while all places are taken, nor right after an accept that
 * lacked a descriptor or memory: what waits in the backlog is not lost. */
bool server_accepts(const struct server *, rill_time now);

/* The next connection as a client, the host's 503 already in it where the limit is reached; NULL:
 * none now. `flags` as in accept4(2). */
struct client *server_accept(struct server *, int flags);

/* An accept(2) has failed, with this errno: is it to rest? */
void server_accept_failed(struct server *, rill_time now);

/* The machine has nothing more to serve a client with, nor this one, who came last: it is to be
 * told 503, and who comes from now on is told so by some of those who are there already. */
void server_is_full(struct client *last, const char *model, const char *lacks, rill_time now);

/* Milliseconds until `first`, or until accepting may go on, as rill_poll wants them: rounded up; -1
 * for ever. */
int server_timeout(const struct server *, rill_time first, rill_time now);

/* What a wait that failed means: returns on Ctrl-C, ends the program on anything else. */
void server_stopped(void);

/* For descriptors that do not block: does what can be done and returns whether the client stays;
 * where it does not, client_end has been called. `ready`: POLL... bits. */
bool client_serve(struct client *, short ready, rill_time now);

/* Closes the socket, gives the place and the memory back. */
void client_end(struct client *);

#endif
