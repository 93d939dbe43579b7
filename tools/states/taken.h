/* How often runs have taken each transition of the state diagram, from a file of lines FROM TO
 * COUNT. A file may hold several runs, one behind the other: their counts add up. */
#ifndef STATES_TAKEN_H
#define STATES_TAKEN_H

#include <rill/trace.h>
#include <stdint.h>
#include <stdio.h>

struct taken {
    uint64_t count[RILL_TCP_STATE_COUNT][RILL_TCP_STATE_COUNT]; /* [from][to] */
};

/* Adds what the file holds. 0, or the number of the line that names no transition of the diagram.
 */
unsigned taken_read(struct taken *, FILE *);

/* Prints a line for each transition that can be taken and no run has taken, and returns how many.
 */
unsigned taken_dark(const struct taken *, FILE *out);

#endif
