/* Detects a token-bucket policer, as BBR does in Linux (lt_bw): while it has tokens, the path seems
 * fast; then everything beyond its rate is dropped. Two intervals in a row, each between two
 * losses, at least four round trips long, with much loss and about the same delivery rate, show it.
 * For the next 48 round trips of PROBE_BW that rate is used; then the path is measured again.
 * Life cycle: part of BBR's state; all zero is the state before the first loss. */
#ifndef TCP_POLICER_H
#define TCP_POLICER_H

#include "tcp/cc.h"

struct policer {
    uint64_t rate;  /* bytes a second, of the last interval; 0: there was none */
    uint64_t bytes; /* delivered in the current interval */
    uint32_t lost;  /* bytes, in the current interval */
    uint8_t rounds; /* of the current interval, or of the use of the rate */
    bool measures, applies;
    rill_time began; /* the current interval */
};

/* An ACK or a time-out. `round`: it begins a round trip; `limited`: its rate is too low, because
 * there was too little to send. */
void policer_take(struct policer *, const struct ack_sample *, bool round, bool limited);

/* So many round trips have passed since the rate applies that the path is to be measured again. */
bool policer_is_old(const struct policer *);

#endif
