#include "httpd/crowd.h"

#include <err.h>
#include <stdlib.h>

void crowd_open(struct crowd *w, const struct server *s)
{
    w->count = 0;
    w->client = calloc(s->limit + REFUSED_MAX, sizeof(struct client *));
    if (!w->client)
        err(1, "cannot keep %u connections", s->limit);
}

void crowd_close(struct crowd *w)
{
    for (unsigned i = 0; i < w->count; i++)
        client_end(w->client[i]);
    free(w->client);
}

void crowd_accept(struct crowd *w, struct server *s, rill_time now)
{
    struct client *c;
    while (server_accepts(s, now) && (c = server_accept(s, SOCK_NONBLOCK)))
        w->client[w->count++] = c;
}

int crowd_timeout(const struct crowd *w, const struct server *s, rill_time now)
{
    rill_time first = RILL_NEVER;
    for (unsigned i = 0; i < w->count; i++) {
        rill_time deadline = connection_deadline(&w->client[i]->connection);
        first = deadline < first ? deadline : first;
    }
    return server_timeout(s, first, now);
}
