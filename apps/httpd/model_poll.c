/* poll(2): one loop. Each turn passes the whole list, and scans all of it afterwards: a thousand
 * idle connections cost as much as a thousand busy ones. */
#include "httpd/crowd.h"

#include <err.h>
#include <stdlib.h>

/* Waits for events and handles them. False: it must stop. */
static bool turn(struct server *s, struct crowd *w, struct pollfd *set)
{
    rill_time now = rill_host_now(s->host);
    unsigned polled = w->count;
    for (unsigned i = 0; i < polled; i++)
        set[i] = (struct pollfd){w->client[i]->fd, connection_wants(&w->client[i]->connection), 0};
    set[polled] = (struct pollfd){s->listener, server_accepts(s, now) ? POLLIN : 0, 0};
    if (rill_poll(set, polled + 1, crowd_timeout(w, s, now)) < 0)
        return false;

    now = rill_host_now(s->host);
    w->count = 0; /* the remaining clients move up */
    for (unsigned i = 0; i < polled; i++) {
        struct client *c = w->client[i];
        if (client_serve(c, set[i].revents, now))
            w->client[w->count++] = c;
    }
    if (set[polled].revents)
        crowd_accept(w, s, now);
    return true;
}

void model_poll(struct server *s)
{
    struct crowd crowd;
    struct pollfd *set = calloc(s->limit + REFUSED_MAX + 1, sizeof *set);
    if (!set)
        err(1, "cannot keep %u connections", s->limit);
    crowd_open(&crowd, s);
    while (turn(s, &crowd, set))
        ;
    server_stopped();
    crowd_close(&crowd);
    free(set);
}
