/* Damaged IPv4 frames whose checksums are put right, so that the damage gets past them. */
#ifndef REPLAY_REPAIR_H
#define REPLAY_REPAIR_H

#include "recording/recording.h"
#include "wire/eth.h"

/* As far as the frame's lengths still make sense; fragments keep the sum of their transport. */
void repair_checksums(uint8_t *frame, size_t length);

/* Makes a frame one from station 02:00:00:00:00:02 to 192.0.2.1 at 02:00:00:00:00:01, its checksums
 * put right. What is no Ethernet frame stays as it is. */
void repair_address(uint8_t *frame, size_t length);

/* A superframe that a card was to cut: a total length of 0 becomes what was recorded. */
void repair_superframe(struct recorded *);

#endif
