/* Frames on their way from one thread to another: a ring of bytes with one writer and one reader,
 * neither of whom ever waits. A ring that is full takes nothing: the frame is lost, as on any wire.
 *
 *     bytes:  | record | frame ... pad | record | frame ... pad |      free       |
 *             ^ taken                                           ^ written          modulo the size
 *
 * `written` is moved by the writer alone, once a frame lies there whole; `taken` by the reader
 * alone, once it has been copied. */
#ifndef DRIVERS_HANDOVER_H
#define DRIVERS_HANDOVER_H

#include <rill/frame.h>
#include <stdatomic.h>

struct handover {
    _Alignas(64) atomic_uint_least64_t written; /* bytes, ever */
    _Alignas(64) atomic_uint_least64_t taken;
    uint8_t *bytes;
    size_t size; /* a power of two */
};

/* False: no memory. */
bool handover_init(struct handover *, size_t size);
void handover_end(struct handover *);

/* The writer: a copy of a frame that lies in one piece. False: there is no room. */
bool handover_put(struct handover *, const struct rill_frame *);

/* The reader: the oldest, copied to the start of the buffer; one that does not fit is lost. False:
 * there is none. */
bool handover_take(struct handover *, struct rill_frame *);

#endif
