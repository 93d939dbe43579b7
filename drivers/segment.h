/* A transmitted frame as it is on the wire: in one piece, with a finished checksum, and a
 * superframe cut into its segments (TCP segmentation offload in a network card). For drivers whose
 * device does neither, and for those that record or imitate the wire. */
#ifndef DRIVERS_SEGMENT_H
#define DRIVERS_SEGMENT_H

#include <rill/frame.h>

/* Copies the whole frame to `to`, which has room for rill_frame_length, and finishes its partial
 * checksum. A superframe stays whole. Returns the length. */
size_t segment_copy_whole(const struct rill_frame *, uint8_t *to);

/* Of a frame with a partial checksum, whose offset tells UDP from TCP: is it UDP; and is it a TCP
 * segment with CWR, which of a superframe's segments only the first may carry (RFC 3168 6.1.2)? */
bool segment_is_udp(const struct rill_frame *);
bool segment_has_cwr(const struct rill_frame *);

/* The number of frames on the wire: 1 unless this is a superframe. */
unsigned segment_count(const struct rill_frame *);

/* The length of the longest of them. */
size_t segment_room(const struct rill_frame *);

/* Copies the index-th of them to `to`, with the fields that it would have if sent alone. Returns
 * its length. A superframe is TCP or UDP on IPv4, and its header_length bytes of headers lie in the
 * buffer. */
size_t segment_copy(const struct rill_frame *, unsigned index, uint8_t *to);

#endif
