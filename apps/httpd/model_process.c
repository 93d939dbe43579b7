/* A process for each connection, forked beforehand. Only one process can own the stack: it accepts,
 * and relays bytes between each connection and the socket pair of the worker that serves it.
 *
 * The carrier has no buffer. It peeks at what lies in one socket, offers it to the other, and takes
 * as much as that has accepted; the rest stays where it is, and TCP's window stops the sender. */
#include "httpd/blocking.h"
#include "httpd/server.h"
#include "httpd/worker.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define EVENTS 256
#define PIECE 65536

enum direction { MOVING, FULL, ENDED }; /* FULL: the receiving side has no room */

/* One connection with its two sockets. Events name the relay and, in the lowest bit, the side. */
struct relay {
    int fd;      /* rill's */
    int pair;    /* our end of the worker's socket pair */
    int adopted; /* its number in rill's epoll set */
    int worker;  /* the other end, until a worker has it */
    short watched[2];
    enum direction request, answer;
    bool over;
    LIST_ENTRY(relay) all;
};

struct carrier {
    struct server *server;
    int set;
    bool listening;
    struct relay *next; /* NULL: none is ready */
    LIST_HEAD(, relay) all, over;
};

enum side { CLIENT, WORKER };

/* Moves as many bytes as possible in one direction. */
static enum direction carry(int from, const struct calls *out, int to, const struct calls *in)
{
    char bytes[PIECE];
    for (;;) {
        ssize_t n = out->recv(from, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN)
            return MOVING;
        if (n <= 0) {
            in->shutdown(to, SHUT_WR);
            return ENDED;
        }
        ssize_t taken = in->send(to, bytes, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (taken < 0)
            return errno == EAGAIN ? FULL : ENDED;
        out->recv(from, bytes, (size_t)taken, MSG_DONTWAIT);
    }
}

/* Watches a side for `wants`; 0: not at all, because an end would be reported forever. */
static bool watch(const struct carrier *w, struct relay *r, enum side side, short wants)
{
    int fd = side == CLIENT ? r->fd : r->adopted;
    struct epoll_event e = {.events = (uint32_t)wants, .data.u64 = (uintptr_t)r | side};
    int operation = EPOLL_CTL_MOD;
    if (wants == r->watched[side])
        return true;
    if (!wants)
        operation = EPOLL_CTL_DEL;
    else if (!r->watched[side])
        operation = EPOLL_CTL_ADD;
    r->watched[side] = wants;
    return rill_epoll_ctl(w->set, operation, fd, &e) == 0;
}

static short wants_of(enum direction out, enum direction in)
{
    return (short)((out == MOVING ? POLLIN : 0) | (in == FULL ? POLLOUT : 0));
}

static bool watch_both(const struct carrier *w, struct relay *r)
{
    short worker = wants_of(r->answer, r->request);
    if (r->answer == ENDED) /* the answer is complete: wait for the worker's end */
        worker |= POLLHUP;
    return watch(w, r, CLIENT, wants_of(r->request, r->answer)) && watch(w, r, WORKER, worker);
}

/* Its memory stays until no event can refer to it. */
static void relay_end(struct carrier *w, struct relay *r)
{
    if (r->adopted >= 0)
        rill_close(r->adopted);
    close(r->pair);
    rill_close(r->fd);
    LIST_REMOVE(r, all);
    LIST_INSERT_HEAD(&w->over, r, all);
    r->over = true;
    w->server->count--;
}

static void relay_turn(struct carrier *w, struct relay *r, bool worker_left)
{
    if (r->request != ENDED)
        r->request = carry(r->fd, &rill_calls, r->pair, &host_calls);
    if (r->answer != ENDED)
        r->answer = carry(r->pair, &host_calls, r->fd, &rill_calls);
    bool over = r->answer == ENDED && (worker_left || r->request == ENDED);
    if (over || !watch_both(w, r))
        relay_end(w, r);
}

/* Prepared before accept, so that no connection is accepted that cannot be served. */
static struct relay *relay_new(void)
{
    int end[2];
    struct relay *r = malloc(sizeof *r);
    if (!r)
        return NULL;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, end) != 0) {
        free(r);
        return NULL;
    }
    *r = (struct relay){.fd = -1, .pair = end[0], .adopted = -1, .worker = end[1]};
    return r;
}

static void relay_free(struct relay *r)
{
    if (!r)
        return;
    close(r->pair);
    close(r->worker);
    free(r);
}

/* Hands the other end of the pair to a worker. */
static bool relay_begin(struct carrier *w, struct relay *r, const struct work *work)
{
    unsigned silence = w->server->site.timeout * 1000; /* of a client that reads no more */
    bool sent = work_send(w->server->work, work, r->worker);
    close(r->worker);
    r->adopted = sent ? rill_adopt(r->pair) : -1;
    rill_setsockopt(r->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    rill_setsockopt(r->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence, sizeof silence);
    return r->adopted >= 0 && watch_both(w, r);
}

/* False: no connection waits, or there is no room for another one. */
static bool accept_client(struct carrier *w, rill_time now)
{
    struct server *s = w->server;
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    if (!w->next)
        w->next = relay_new();
    int fd =
        w->next ? rill_accept4(s->listener, (struct sockaddr *)&from, &length, SOCK_NONBLOCK) : -1;
    if (fd < 0) {
        server_accept_failed(s, now);
        return false;
    }
    struct relay *r = w->next;
    w->next = NULL;
    r->fd = fd;
    LIST_INSERT_HEAD(&w->all, r, all);
    struct work work = {.refused = s->count++ >= s->limit};
    inet_ntop(AF_INET, &from.sin_addr, work.client, sizeof work.client);
    if (!relay_begin(w, r, &work))
        relay_end(w, r);
    return true;
}

static void forget_over(struct carrier *w)
{
    struct relay *r;
    while ((r = LIST_FIRST(&w->over))) {
        LIST_REMOVE(r, all);
        free(r);
    }
}

static void serve(struct carrier *w, const struct epoll_event *e, rill_time now)
{
    struct relay *r = (struct relay *)(uintptr_t)(e->data.u64 & ~(uint64_t)1);
    bool at_worker = (e->data.u64 & 1) == WORKER;
    if (r && !r->over)
        relay_turn(w, r, at_worker && e->events & EPOLLHUP);
    while (!r && server_accepts(w->server, now) && accept_client(w, now))
        ;
}

/* The listener is level-triggered, so it is not watched while no more may come. */
static void watch_listener(struct carrier *w, bool accepts)
{
    struct epoll_event e = {.events = accepts ? EPOLLIN : 0};
    if (accepts != w->listening &&
        rill_epoll_ctl(w->set, EPOLL_CTL_MOD, w->server->listener, &e) == 0)
        w->listening = accepts;
}

static bool turn(struct carrier *w)
{
    struct epoll_event event[EVENTS];
    rill_time now = rill_host_now(w->server->host);
    watch_listener(w, server_accepts(w->server, now));
    int n = rill_epoll_wait(w->set, event, EVENTS, server_timeout(w->server, RILL_NEVER, now));
    now = rill_host_now(w->server->host);
    for (int i = 0; i < n; i++)
        serve(w, &event[i], now);
    forget_over(w);
    return n >= 0;
}

void model_process_fork(struct server *s)
{
    if (s->limit > s->workers)
        s->limit = s->workers;
    s->work = workers_fork(s->limit + REFUSED_MAX, &s->site);
}

void model_process(struct server *s)
{
    struct carrier w = {.server = s, .set = rill_epoll_create1(0), .listening = true};
    struct epoll_event e = {.events = EPOLLIN};
    if (w.set < 0 || rill_epoll_ctl(w.set, EPOLL_CTL_ADD, s->listener, &e) != 0)
        err(1, "cannot make an epoll set");
    while (turn(&w))
        ;
    server_stopped();
    while (!LIST_EMPTY(&w.all))
        relay_end(&w, LIST_FIRST(&w.all));
    forget_over(&w);
    relay_free(w.next);
    rill_close(w.set);
    close(s->work);
    while (wait(NULL) > 0)
        ; /* the keeper, after the last worker */
}
