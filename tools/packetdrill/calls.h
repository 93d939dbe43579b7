/* The system calls of the interface: each takes the lock, puts rill's descriptor in the place of
 * the host's, and makes rill's call of the same name. */
#ifndef PACKETDRILL_CALLS_H
#define PACKETDRILL_CALLS_H

#include "packetdrill/interface.h"

/* Fills in every pointer from `socket` to `poll`. */
void calls_fill(struct packetdrill_interface *);

#endif
