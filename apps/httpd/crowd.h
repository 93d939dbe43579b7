/* The clients of a loop that looks at every one of them each time: select and poll. */
#ifndef HTTPD_CROWD_H
#define HTTPD_CROWD_H

#include "httpd/server.h"

struct crowd {
    struct client **client; /* room for the server's limit, and those who are told 503 */
    unsigned count;
};

/* Ends the program where there is no memory. */
void crowd_open(struct crowd *, const struct server *);
void crowd_close(struct crowd *);

/* Takes in whoever waits. */
void crowd_accept(struct crowd *, struct server *, rill_time now);

/* Until the first deadline, for select and poll. */
int crowd_timeout(const struct crowd *, const struct server *, rill_time now);

#endif
