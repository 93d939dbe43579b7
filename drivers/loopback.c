/* One frame at a time: gather spans into the stack's own rings must be copied before the next call
 * into the stack, and a frame of this port may be 64 KB. */
#include <assert.h>
#include <rill/loopback.h>
#include <string.h>

/* An Ethernet header, the largest IP packet, and headroom for the stack. */
enum { BUFFER_SIZE = 14 + 65535 + 243 };

/* Copies the frame's gather spans behind its headers, as a received frame has them. */
static void turn_round(struct rill_frame *f)
{
    for (unsigned i = 0; i < f->gather_count; i++) {
        assert(f->start + f->length + f->gather[i].length <= f->room);
        memcpy(f->buffer + f->start + f->length, f->gather[i].at, f->gather[i].length);
        f->length += (uint32_t)f->gather[i].length;
    }
    f->gather_count = 0;
    f->gso_size = 0; /* a receiver treats a superframe as one frame */
    f->checksum_good = f->checksum_partial;
    f->checksum_partial = false;
}

unsigned rill_loopback_turn(struct rill *stack, rill_time now)
{
    uint8_t buffer[BUFFER_SIZE];
    unsigned n = 0;
    while (n < RILL_BATCH_MAX) {
        struct rill_frame f = {.buffer = buffer, .room = sizeof buffer};
        if (rill_transmit(stack, RILL_LOOPBACK_PORT, &f, 1, now) == 0)
            break;
        turn_round(&f);
        rill_receive(stack, RILL_LOOPBACK_PORT, &f, 1, now);
        n++;
    }
    return n;
}
