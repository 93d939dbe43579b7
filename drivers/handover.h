/* Frames from one thread to another: a byte ring with one writer and one reader, neither of which
 * waits. If the ring is full, the frame is lost, as on a wire.
 *
 *     bytes:  | record | frame ... pad | record | frame ... pad |      free       |
 *             ^ taken                                           ^ written          modulo the size
 *
 * Only the writer moves `written`, after a complete frame; only the reader moves `taken`, after
 * copying it. */
#ifndef DRIVERS_HANDOVER_H
#define DRIVERS_HANDOVER_H

#include <rill/frame.h>
#include <stdatomic.h>

struct handover {
    _Alignas(64) atomic_uint_least64_t written; /* total bytes so far */
    _Alignas(64) atomic_uint_least64_t taken;
    uint8_t *bytes;
    size_t size; /* a power of two */
};

/* False: no memory. */
bool handover_init(struct handover *, size_t size);
void handover_end(struct handover *);

/* For the writer: copies a frame that has no gather spans. False: there is no room. */
bool handover_put(struct handover *, const struct rill_frame *);

/* For the reader: copies the oldest frame to the start of the buffer; a frame that does not fit is
 * lost. False: there is none. */
bool handover_take(struct handover *, struct rill_frame *);

#endif
