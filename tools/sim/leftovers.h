/* Checks what a stack still holds when it should hold nothing. */
#ifndef SIM_LEFTOVERS_H
#define SIM_LEFTOVERS_H

#include "sim/trial.h"

/* Fails the trial if a host holds a connection, a record, a timer, a ring, a socket other than its
 * listeners, or a fragment. */
void leftovers_judge(struct trial *);

#endif
