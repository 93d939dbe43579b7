/* Checks what a stack still holds when it should hold nothing. */
#ifndef SIM_LEAKS_H
#define SIM_LEAKS_H

#include "sim/trial.h"

/* Fails the trial if a host holds a connection, a record, a timer, a ring, a socket other than its
 * listeners, or a fragment. */
void leaks_check(struct trial *);

#endif
