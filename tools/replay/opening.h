/* The handshake of a conversation that was recorded from the middle on. */
#ifndef REPLAY_OPENING_H
#define REPLAY_OPENING_H

#include "recording/recording.h"

/* Inserts one before the first packet of each conversation that begins without a SYN, if both of
 * its hosts have spoken and one has acknowledged text of the other. Its options are those that
 * explain what follows: timestamps and SACK where they are used, an MSS for the longest segment,
 * and the smallest window scale with which no text exceeds its window. Returns how many
 * conversations got one. */
unsigned openings_insert(struct recording *);

#endif
