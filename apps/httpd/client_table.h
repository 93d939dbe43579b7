/* The clients of a loop that examines all of them each time: select and poll. */
#ifndef HTTPD_CLIENT_TABLE_H
#define HTTPD_CLIENT_TABLE_H

#include "httpd/server.h"

struct client_table {
    struct client **client; /* room for the server's limit, and those that get a 503 */
    unsigned count;
};

/* Ends the program if there is no memory. */
void client_table_open(struct client_table *, const struct server *);
void client_table_close(struct client_table *);

/* Accepts the waiting connections. */
void client_table_accept(struct client_table *, struct server *, rill_time now);

/* Time until the first deadline, for select and poll. */
int client_table_timeout(const struct client_table *, const struct server *, rill_time now);

#endif
