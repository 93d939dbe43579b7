/* select(2): one loop. Instead of poll's list there are three bit sets of FD_SETSIZE bits, which
 * the answer overwrites. No descriptor may be larger, so 1,024 are the limit. */
#include "httpd/crowd.h"

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

static bool turn(struct server *s, struct crowd *w)
{
    rill_time now = rill_host_now(s->host);
    struct sets sets = {.max = s->listener};
    for (unsigned i = 0; i < w->count; i++)
        watch(&sets, w->client[i]->fd, connection_wants(&w->client[i]->connection));
    watch(&sets, s->listener, server_accepts(s, now) ? POLLIN : 0);
    int timeout = crowd_timeout(w, s, now);
    struct timeval left = {timeout / 1000, timeout % 1000 * 1000};
    if (rill_select(sets.max + 1, &sets.read, &sets.write, NULL, timeout < 0 ? NULL : &left) < 0)
        return false;

    now = rill_host_now(s->host);
    unsigned asked = w->count;
    w->count = 0; /* the remaining clients move up */
    for (unsigned i = 0; i < asked; i++) {
        struct client *c = w->client[i];
        if (client_serve(c, ready(&sets, c->fd), now))
            w->client[w->count++] = c;
    }
    if (ready(&sets, s->listener))
        crowd_accept(w, s, now);
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
    struct crowd crowd;
    crowd_open(&crowd, s);
    while (turn(s, &crowd))
        ;
    server_stopped();
    crowd_close(&crowd);
}
