/* The Internet checksum (RFC 1071).
 *
 * A running sum begins at 0, grows by the functions below and ends in checksum_fold or
 * checksum_finish. It is a one's complement sum in the byte order of memory: add numbers to it
 * through bytes, never with +. Parts may be summed one after another, in any order, as long as each
 * begins at an even offset of the whole; checksum_add_spans is for those that do not. */
#ifndef WIRE_CHECKSUM_H
#define WIRE_CHECKSUM_H

#include "base/bytes.h"

#include <rill/address.h>

/* Adds bytes to a running sum. The span begins at an even offset of the summed data. */
uint64_t checksum_add(uint64_t sum, struct rill_span);

/* Swaps the bytes of every pair in a running sum, for data at odd offsets (RFC 1071 2 (B)). Two
 * swaps cancel. */
static inline uint64_t checksum_swap(uint64_t sum)
{
    return sum << 8 | sum >> 56;
}

/* The same over several consecutive spans of any lengths; a span at an odd offset is summed with
 * its bytes swapped. The first begins at an even offset. */
uint64_t checksum_add_spans(uint64_t sum, const struct rill_span *, unsigned n);

/* Copies and sums in one pass, for a device without checksum and gather. `to` is at an even offset
 * of the summed data and does not overlap the span. */
uint64_t checksum_copy(uint64_t sum, uint8_t *to, struct rill_span);

/* Pseudo-header of TCP and UDP (RFC 9293 3.1; RFC 8200 8.1). The ::ffff of a mapped address adds
 * zero in ones' complement, so one function serves both families. `length` is that of transport
 * header and text. */
uint64_t checksum_pseudo(struct rill_address source, struct rill_address destination,
                         uint8_t protocol, uint32_t length);

/* The running sum folded to 16 bits in host order, not complemented: the partial checksum that
 * devices expect. */
uint16_t checksum_fold(uint64_t sum);

/* The field's value: the complement of the folded sum. A sum over a good packet, its checksum field
 * included, finishes as 0. */
static inline uint16_t checksum_finish(uint64_t sum)
{
    return (uint16_t)~checksum_fold(sum);
}

/* RFC 1624 equation 3: the field after one 16-bit word has changed. */
uint16_t checksum_update(uint16_t field, uint16_t old_word, uint16_t new_word);

#endif
