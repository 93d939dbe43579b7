/* epoll(7): one loop. The stack keeps the set, a wait returns only the ready clients, and deadlines
 * are in order, so that idle connections cost nothing. */
#include "httpd/server.h"

#include <err.h>

#define EVENTS 256

/* Every deadline is a constant later than the moment at which it was set. So each of the two kinds,
 * served and draining, expires in the order in which it was set: queues are enough, no heap. */
TAILQ_HEAD(queue, client);

struct loop {
    struct server *server;
    int set;
    bool listening;
    struct queue served, draining;
};

static struct queue *queue_of(struct loop *l, const struct client *c)
{
    return c->shut ? &l->draining : &l->served;
}

static rill_time first_deadline(const struct queue *q)
{
    const struct client *c = TAILQ_FIRST(q);
    return c ? c->queued_deadline : RILL_NEVER;
}

static int timeout(const struct loop *l, rill_time now)
{
    rill_time a = first_deadline(&l->served), b = first_deadline(&l->draining);
    return server_timeout(l->server, a < b ? a : b, now);
}

static bool watch(const struct loop *l, int operation, int fd, short wants, struct client *c)
{
    struct epoll_event e = {.events = (uint32_t)wants, .data.ptr = c}; /* EPOLLIN is POLLIN */
    return rill_epoll_ctl(l->set, operation, fd, &e) == 0;
}

/* Inserts it after those with an earlier deadline: at its old place, if the deadline was not set
 * again. */
static void queue(struct loop *l, struct client *c, const struct queue *before, struct client *next)
{
    rill_time deadline = connection_deadline(&c->connection);
    bool stays = queue_of(l, c) == before && deadline == c->queued_deadline;
    c->queued_deadline = deadline;
    if (stays && next)
        TAILQ_INSERT_BEFORE(next, c, turn);
    else
        TAILQ_INSERT_TAIL(queue_of(l, c), c, turn);
}

/* Serves a client once; then it is watched and queued as it now wants, or gone. */
static void serve(struct loop *l, struct client *c, short ready, rill_time now)
{
    struct queue *q = queue_of(l, c);
    struct client *next = TAILQ_NEXT(c, turn);
    TAILQ_REMOVE(q, c, turn);
    if (!client_serve(c, ready, now))
        return;
    short wants = connection_wants(&c->connection);
    int operation = c->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (wants != c->watched && !watch(l, operation, c->fd, wants, c)) {
        client_end(c); /* no memory for a watch: the others stay */
        return;
    }
    c->watched = wants;
    queue(l, c, q, next);
}

static void accept_clients(struct loop *l, rill_time now)
{
    struct client *c;
    while (server_accepts(l->server, now) && (c = server_accept(l->server, SOCK_NONBLOCK))) {
        TAILQ_INSERT_TAIL(&l->served, c, turn);
        serve(l, c, 0, now);
    }
}

static void expire(struct loop *l, struct queue *q, rill_time now)
{
    while (first_deadline(q) <= now)
        serve(l, TAILQ_FIRST(q), 0, now);
}

static bool turn(struct loop *l)
{
    struct epoll_event event[EVENTS];
    rill_time now = rill_host_now(l->server->host);
    bool accepts = server_accepts(l->server, now);
    if (accepts != l->listening &&
        watch(l, EPOLL_CTL_MOD, l->server->listener, accepts ? POLLIN : 0, NULL))
        l->listening = accepts;
    int n = rill_epoll_wait(l->set, event, EVENTS, timeout(l, now));
    if (n < 0)
        return false;
    now = rill_host_now(l->server->host);
    for (int i = 0; i < n; i++) {
        if (event[i].data.ptr)
            serve(l, event[i].data.ptr, (short)event[i].events, now);
        else
            accept_clients(l, now);
    }
    expire(l, &l->served, now);
    expire(l, &l->draining, now);
    return true;
}

static void end_all(struct queue *q)
{
    struct client *c;
    while ((c = TAILQ_FIRST(q))) {
        TAILQ_REMOVE(q, c, turn);
        client_end(c);
    }
}

void model_epoll(struct server *s)
{
    struct loop l = {.server = s, .set = rill_epoll_create1(0), .listening = true};
    TAILQ_INIT(&l.served);
    TAILQ_INIT(&l.draining);
    if (l.set < 0 || !watch(&l, EPOLL_CTL_ADD, s->listener, POLLIN, NULL))
        err(1, "cannot make an epoll set");
    while (turn(&l))
        ;
    server_stopped();
    end_all(&l.served);
    end_all(&l.draining);
    rill_close(l.set);
}
