/* Damage of a cable to the bytes of a frame. Frames are Ethernet in one piece with finished
 * checksums; frames that are not IPv4 (or not TCP) are left alone where noted. */
#ifndef SIMULATOR_DAMAGE_H
#define SIMULATOR_DAMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Flips one bit, chosen by `fraction` of 2^64. */
void damage_flip(uint8_t *frame, size_t length, uint64_t fraction);

/* Flips one bit of a TCP segment's text and corrects the checksum. False: it has no text. */
bool damage_forge(uint8_t *frame, size_t length, uint64_t fraction);

/* Marks congestion experienced (RFC 3168 5). False: the packet is not ECN-capable. */
bool damage_mark(uint8_t *frame, size_t length);

/* The next fragment that a router makes of a packet that exceeds the next hop's MTU (RFC 791 3.2):
 * what follows *at bytes of payload, which then moves on. `fragment` has room for the MTU. Returns
 * the fragment's length; 0: it was the last, or the packet must not be fragmented, or has options.
 */
size_t damage_cut(const uint8_t *frame, size_t length, uint16_t mtu, size_t *at, uint8_t *fragment);

/* The ICMP answer of a router for a packet that exceeds the next hop's MTU and must not be
 * fragmented (RFC 792, RFC 1191 4), as a frame back to its sender. Returns its length; 0: no
 * answer. */
#define DAMAGE_ANSWER_MAX 70
size_t damage_answer(const uint8_t *frame, size_t length, uint16_t mtu,
                     uint8_t answer[DAMAGE_ANSWER_MAX]);

#endif
