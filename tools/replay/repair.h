/* Corrects the checksums of damaged IPv4 frames, so that the damage is not detected by them. */
#ifndef REPLAY_REPAIR_H
#define REPLAY_REPAIR_H

#include "recording/recording.h"
#include "wire/eth.h"

/* As far as the frame's lengths are consistent; fragments keep their transport checksum. */
void repair_checksums(uint8_t *frame, size_t length);

/* Changes the acknowledgement number of a whole TCP segment, from its IP header on. */
void repair_ack(uint8_t *ip, size_t length, uint32_t ack);

/* Changes a frame's addresses to one from station 02:00:00:00:00:02 to 192.0.2.1 at
 * 02:00:00:00:00:01, and corrects its checksums. A frame that is not Ethernet is left alone. */
void repair_address(uint8_t *frame, size_t length);

/* Packets that the snap length has cut behind their transport header: zeros stand for what is
 * missing, under a checksum of their own. Fragments are left alone, and what exceeds 256 MB of
 * zeros. Returns how many packets were completed. */
unsigned repair_cut(struct recording *);

/* A superframe that a card was to cut: sets a total length of 0 to the recorded length. */
void repair_superframe(struct recorded *);

/* A checksum that is only that of the pseudo-header, because a card was to complete it. */
void repair_unfinished(struct recorded *);

#endif
