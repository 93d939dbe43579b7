/* The application of a stack under hostile replay: it accepts every connection and every datagram,
 * and sends back what it reads. */
#ifndef REPLAY_SERVICE_H
#define REPLAY_SERVICE_H

#include "recording/recording.h"

#define SERVICE_PORTS 32    /* of each protocol */
#define SERVICE_CLIENTS 256 /* served at the same time: more wait for one to end */

struct service {
    int listener[SERVICE_PORTS], udp[SERVICE_PORTS], client[SERVICE_CLIENTS];
    uint16_t listens[SERVICE_PORTS], receives[SERVICE_PORTS];
    unsigned listeners, udps, clients;
};

/* Opens the recording's ports on the current stack. */
void service_open(struct service *, const struct recording *);
/* Serves the waiting clients. */
void service_turn(struct service *);
/* Closes every client. */
void service_clear(struct service *);
void service_close(struct service *);

#endif
