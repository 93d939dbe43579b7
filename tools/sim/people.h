/* Who talks to whom in the mixed scenario, and how. */
#ifndef SIM_PEOPLE_H
#define SIM_PEOPLE_H

#include "sim/trial.h"

/* No application wants to be slower: bits a second. */
#define PEOPLE_RATE_MIN 800000

/* Adds so many flows, of up to `most` bytes each way, that begin before the healing. */
void people_add(struct trial *, unsigned flows, uint64_t most);

/* Bytes that all of them want to send, both ways. */
uint64_t people_bytes(const struct trial *);

/* What the pauses of the slowest of them add up to. */
rill_time people_pauses(const struct trial *);

/* Ends that wait for a peer who has forgotten them and have nothing to say, which no timer ends
 * (RFC 9293 3.8.4 leaves that to keep-alives): they are aborted, where something has happened that
 * may have made the peer forget. */
void people_end_half_open(struct trial *);

/* Whether all flows did what they may be expected to. */
void people_judge(struct trial *);

#endif
