/* The application of a stack that frames are thrown at: it takes every connection and every
 * datagram, and sends back what it reads. */
#ifndef REPLAY_SERVICE_H
#define REPLAY_SERVICE_H

#include "recording/recording.h"

#define SERVICE_PORTS 32    /* of each protocol */
#define SERVICE_CLIENTS 256 /* served at a time: more wait for the first to end */

struct service {
    int listener[SERVICE_PORTS], udp[SERVICE_PORTS], client[SERVICE_CLIENTS];
    uint16_t listens[SERVICE_PORTS], receives[SERVICE_PORTS];
    unsigned listeners, udps, clients;
};

/* On the ports that the recording shows, of the current stack. */
void service_open(struct service *, const struct recording *);
/* Serves whoever waits. */
void service_turn(struct service *);
/* Turns every client away. */
void service_clear(struct service *);
void service_close(struct service *);

#endif
