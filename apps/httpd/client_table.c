#include "httpd/client_table.h"

#include <err.h>
#include <stdlib.h>

void client_table_open(struct client_table *t, const struct server *s)
{
    t->count = 0;
    t->client = calloc(s->limit + REFUSED_MAX, sizeof(struct client *));
    if (!t->client)
        err(1, "cannot keep %u connections", s->limit);
}

void client_table_close(struct client_table *t)
{
    for (unsigned i = 0; i < t->count; i++)
        client_end(t->client[i]);
    free(t->client);
}

void client_table_accept(struct client_table *t, struct server *s, rill_time now)
{
    struct client *c;
    while (server_accepts(s, now) && (c = server_accept(s, SOCK_NONBLOCK)))
        t->client[t->count++] = c;
}

int client_table_timeout(const struct client_table *t, const struct server *s, rill_time now)
{
    rill_time first = RILL_NEVER;
    for (unsigned i = 0; i < t->count; i++) {
        rill_time deadline = connection_deadline(&t->client[i]->connection);
        first = deadline < first ? deadline : first;
    }
    return server_timeout(s, first, now);
}
