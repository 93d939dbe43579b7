/* One Ethernet frame, in a buffer that the caller owns: the unit between a driver and the stack.
 *
 *     buffer                                        buffer + room
 *     | headroom      | bytes: start .. start+length |    |
 *
 * On receive the driver sets start, length and, if the device has verified the checksum,
 * checksum_good. A frame from the same machine may have an unfinished checksum (checksum_partial)
 * or be a superframe (gso_size). On transmit the stack writes the headers, and any payload that it
 * must copy, into the buffer. The rest of the frame may be gather spans that point into the stack's
 * own rings: they follow buffer[start .. start+length) on the wire and are valid only until the
 * next call of any kind into that stack. A port with can_gather = false gets no gather spans. */
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
    uint32_t length; /* bytes of the frame in the buffer */

    /* The frame's number in trace records. Receive: chosen by the caller, 0: none. Transmit:
     * counted by the stack over all ports, from 1. */
    uint32_t number;

    struct rill_span gather[RILL_GATHER_MAX]; /* transmit only */
    uint8_t gather_count;

    bool checksum_good;       /* receive: the device has verified the transport checksum, or has
                                 built the frame itself */
    bool checksum_partial;    /* the checksum field holds only the sum of the pseudo-header (start
                                 and offset below). Transmit: the device must finish it. Receive:
                                 checksum_good is set too; code that forwards the frame must finish
                                 the checksum */
    uint16_t checksum_start;  /* offset from the frame's first byte */
    uint16_t checksum_offset; /* from checksum_start */
    uint16_t header_length;   /* transmit: bytes of the Ethernet, IP and transport headers, which
                                 each segment of a superframe repeats */
    uint16_t gso_size; /* not 0: a superframe. Transmit: the device must cut it into segments with
                          this many payload bytes; receive: it was joined from such segments */
};

/* The whole length on the wire (of a superframe: before it is cut). */
static inline size_t rill_frame_length(const struct rill_frame *f)
{
    size_t n = f->length;
    for (unsigned i = 0; i < f->gather_count; i++)
        n += f->gather[i].length;
    return n;
}

#endif
