/* What passes between a driver and the stack: one Ethernet frame in a buffer that the caller owns.
 *
 *     buffer                                        buffer + room
 *     | headroom      | bytes: start .. start+length |    |
 *
 * On receive the driver sets start, length and, where the device vouches for it, checksum_good. One
 * that is made by the same machine may come as it was before its sum was finished, or it was cut.
 * On transmit the stack writes headers (and what text it must copy) into the buffer, and may leave
 * the rest of the frame as gather spans that still lie in its own rings: they follow buffer[start
 * .. start+length) on the wire and are valid only until the next call of any kind into that stack.
 * A port that declares can_gather = false never sees one. */
#ifndef RILL_FRAME_H
#define RILL_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RILL_GATHER_MAX 2 /* a ring wraps once */

/* Borrowed bytes. */
struct rill_span {
    const uint8_t *at;
    size_t length;
};

struct rill_frame {
    uint8_t *buffer;
    uint32_t room;   /* bytes that buffer holds */
    uint32_t start;  /* offset of the frame's first byte */
    uint32_t length; /* bytes of the frame that lie in the buffer */

    /* What trace records call the frame. Receive: the caller's choice, 0 for none. Transmit: the
     * stack's count, over all ports, from 1. */
    uint32_t number;

    struct rill_span gather[RILL_GATHER_MAX]; /* transmit only */
    uint8_t gather_count;

    bool checksum_good;      /* receive: the device has verified the transport checksum, or made the
                                frame itself */
    bool checksum_partial;   /* only the pseudo-header's sum stands there (start and offset below).
                                Transmit: the device is to finish it. Receive: checksum_good, too, and
                                whoever hands the frame on finishes it */
    uint16_t checksum_start; /* offset from the frame's first byte */
    uint16_t checksum_offset; /* from checksum_start */
    uint16_t header_length;   /* transmit: Ethernet, IP and transport headers; what each cut of a
                                 superframe repeats */
    uint16_t gso_size; /* not 0: a superframe, to be cut into pieces of so many bytes of text, or
                          (receive) joined of such */
};

/* The whole length on the wire (of a superframe: before the cut). */
static inline size_t rill_frame_length(const struct rill_frame *f)
{
    size_t n = f->length;
    for (unsigned i = 0; i < f->gather_count; i++)
        n += f->gather[i].length;
    return n;
}

#endif
