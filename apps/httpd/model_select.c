/* select(2): one loop. Instead of poll's list there are three bit sets of FD_SETSIZE bits, which
 * the answer overwrites. No descriptor may be larger, so 1,024 are the limit. */
#include "httpd/client_table.h"

#include <stdio.h>

struct sets {
    fd_set read, write;
    int max; /* the largest descriptor in them */
};

static void watch(struct sets *sets, int fd, short wants)
{
    if (wants & POLLIN)
        FD_SET(fd, &sets->read);
    if (wants & POLLOUT)
        FD_SET(fd, &sets->write);
    if (fd > sets->max)
        sets->max = fd;
}

static short ready(const struct sets *sets, int fd)
{
    return (short)((FD_ISSET(fd, &sets->read) ? POLLIN : 0) |
                   (FD_ISSET(fd, &sets->write) ? POLLOUT : 0));
}

static bool turn(struct server *s, struct client_table *t)
{
    rill_time now = rill_host_now(s->host);
    struct sets sets = {.max = s->listener};
    for (unsigned i = 0; i < t->count; i++)
        watch(&sets, t->client[i]->fd, connection_wants(&t->client[i]->connection));
    watch(&sets, s->listener, server_accepts(s, now) ? POLLIN : 0);
    int timeout = client_table_timeout(t, s, now);
    struct timeval left = {timeout / 1000, timeout % 1000 * 1000};
    if (rill_select(sets.max + 1, &sets.read, &sets.write, NULL, timeout < 0 ? NULL : &left) < 0)
        return false;

    now = rill_host_now(s->host);
    unsigned asked = t->count;
    t->count = 0; /* the remaining clients move up */
    for (unsigned i = 0; i < asked; i++) {
        struct client *c = t->client[i];
        if (client_serve(c, ready(&sets, c->fd), now))
            t->client[t->count++] = c;
    }
    if (ready(&sets, s->listener))
        client_table_accept(t, s, now);
    return true;
}

void model_select(struct server *s)
{
    /* New descriptors are the lowest free numbers, so the descriptors stay below FD_SETSIZE. */
    unsigned places = (unsigned)(FD_SETSIZE - 1 - s->listener - REFUSED_MAX);
    if (s->limit > places) {
        s->limit = places;
        printf("rill-httpd: select serves %u at once: FD_SETSIZE is %d\n", places, FD_SETSIZE);
        fflush(stdout);
    }
    struct client_table clients;
    client_table_open(&clients, s);
    while (turn(s, &clients))
        ;
    server_stopped();
    client_table_close(&clients);
}
