/* A host as one of several cores that share an address (host/cores.c). */
#ifndef DRIVERS_HOST_HOST_H
#define DRIVERS_HOST_HOST_H

#include "exchange.h"

#include <rill/host.h>

struct host_seat {
    struct rill_core core;
    struct exchange *exchange; /* NULL: the host is alone */
    struct rill_host *first; /* core 0, whose interface this one has a queue of; NULL: this is it */
};

struct rill_host *host_open(const struct rill_host_options *, const struct host_seat *,
                            struct rill_complaint *);

/* In a child of the process that has it: its copy, which is used no more, lets go of the TAP. */
void host_forsake(struct rill_host *);

/* It belongs to this process, a child of the one that has opened it and is gone. */
void host_inherit(struct rill_host *);

/* It belongs to the calling thread from now on: its stack is current here. */
void host_take(struct rill_host *);

/* Closes every descriptor and turns until all that was sent is acknowledged, or 5 s have passed. */
void host_drain(struct rill_host *);

/* Frees what there is, without draining; also a host that opened half-way. */
void host_dismantle(struct rill_host *);

#endif
