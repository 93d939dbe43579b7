/* The clients of a loop that examines all of them each time: select and poll. */
#ifndef HTTPD_CROWD_H
#define HTTPD_CROWD_H

#include "httpd/server.h"

struct crowd {
    struct client **client; /* room for the server's limit, and those that get a 503 */
    unsigned count;
};

/* Ends the program if there is no memory. */
void crowd_open(struct crowd *, const struct server *);
void crowd_close(struct crowd *);

/* Accepts the waiting connections. */
void crowd_accept(struct crowd *, struct server *, rill_time now);

/* Time until the first deadline, for select and poll. */
int crowd_timeout(const struct crowd *, const struct server *, rill_time now);

#endif
