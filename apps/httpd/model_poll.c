/* poll(2): one loop. Each turn passes the whole list, and scans all of it afterwards: a thousand
 * idle connections cost as much as a thousand busy ones. */
#include "httpd/client_table.h"

#include <err.h>
#include <stdlib.h>

/* Waits for events and handles them. False: it must stop. */
static bool turn(struct server *s, struct client_table *t, struct pollfd *set)
{
    rill_time now = rill_host_now(s->host);
    unsigned polled = t->count;
    for (unsigned i = 0; i < polled; i++)
        set[i] = (struct pollfd){t->client[i]->fd, connection_wants(&t->client[i]->connection), 0};
    set[polled] = (struct pollfd){s->listener, server_accepts(s, now) ? POLLIN : 0, 0};
    if (rill_poll(set, polled + 1, client_table_timeout(t, s, now)) < 0)
        return false;

    now = rill_host_now(s->host);
    t->count = 0; /* the remaining clients move up */
    for (unsigned i = 0; i < polled; i++) {
        struct client *c = t->client[i];
        if (client_serve(c, set[i].revents, now))
            t->client[t->count++] = c;
    }
    if (set[polled].revents)
        client_table_accept(t, s, now);
    return true;
}

void model_poll(struct server *s)
{
    struct client_table clients;
    struct pollfd *set = calloc(s->limit + REFUSED_MAX + 1, sizeof *set);
    if (!set)
        err(1, "cannot keep %u connections", s->limit);
    client_table_open(&clients, s);
    while (turn(s, &clients, set))
        ;
    server_stopped();
    client_table_close(&clients);
    free(set);
}
