/* The Internet checksum (RFC 1071). A running sum is a plain uint64_t that is folded at the end; parts may be summed one after another as
 * long as each but the last has an even length (checksum_add_odd_aware: see checksum_spans). */
#ifndef WIRE_CHECKSUM_H
#define WIRE_CHECKSUM_H

#include "base/bytes.h"

#include <rill/address.h>

/* Adds bytes to a running sum. The span begins at an even offset of what is summed. */
uint64_t checksum_add(uint64_t sum, struct rill_span);

/* The same over several spans in a row, of any lengths: an odd one swaps what follows. */
uint64_t checksum_add_spans(uint64_t sum, const struct rill_span *, unsigned n);

/* Copies and sums in one pass: what a device without checksum and gather needs. `to` is at an even offset. */
uint64_t checksum_copy(uint64_t sum, uint8_t *to, struct rill_span);

/* Pseudo-header of TCP and UDP (RFC 9293 3.1; RFC 8200 8.1). The ::ffff of a mapped address adds zero in ones' complement, so one function
 * serves both families. `length` is that of transport header and text. */
uint64_t checksum_pseudo(struct rill_address source, struct rill_address destination, uint8_t protocol, uint32_t length);

/* The running sum folded to 16 bits, not complemented: a partial checksum as devices want it. */
uint16_t checksum_fold(uint64_t sum);

/* The field's value: the complement of the folded sum. A sum over a good packet, its checksum field included, finishes as 0. */
static inline uint16_t checksum_finish(uint64_t sum)
{
    return (uint16_t)~checksum_fold(sum);
}

/* RFC 1624 equation 3: the field after one 16-bit word has changed. */
uint16_t checksum_update(uint16_t field, uint16_t old_word, uint16_t new_word);

#endif
