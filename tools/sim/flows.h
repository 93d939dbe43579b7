/* The flows of the mixed scenario: their ends and behaviour. */
#ifndef SIM_FLOWS_H
#define SIM_FLOWS_H

#include "sim/trial.h"

/* No application is slower: bits a second. */
#define FLOWS_RATE_MIN 800000

/* Adds so many flows, of up to `most` bytes in each direction, that begin before the healing. */
void flows_add(struct trial *, unsigned flows, uint64_t most);

/* Bytes that all flows send, in both directions. */
uint64_t flows_bytes(const struct trial *);

/* The sum of the pauses of the slowest one. */
rill_time flows_pauses(const struct trial *);

/* Aborts ends that have nothing to send and whose peer has forgotten them, because no timer ends
 * these (RFC 9293 3.8.4 leaves that to keep-alives), provided that an event may have made the peer
 * forget. */
void flows_end_half_open(struct trial *);

/* Flows that may have to wait for the end of another one's TIME_WAIT. */
unsigned flows_in_line(const struct trial *);

/* Checks whether all flows did what can be expected. */
void flows_judge(struct trial *);

#endif
