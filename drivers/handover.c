#include "handover.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 8 };

bool handover_init(struct handover *h, size_t size)
{
    assert((size & (size - 1)) == 0);
    *h = (struct handover){.bytes = malloc(size), .size = size};
    return h->bytes != NULL;
}

void handover_end(struct handover *h)
{
    free(h->bytes);
    h->bytes = NULL;
}

static size_t padded(size_t length)
{
    return (length + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

/* How many of the `length` bytes at this position lie before the ring's end. */
static size_t before_end(const struct handover *h, uint64_t at, size_t length)
{
    size_t left = h->size - (size_t)(at & (h->size - 1));
    return length < left ? length : left;
}

static void copy_in(struct handover *h, uint64_t at, const void *from, size_t length)
{
    size_t first = before_end(h, at, length);
    memcpy(h->bytes + (at & (h->size - 1)), from, first);
    memcpy(h->bytes, (const uint8_t *)from + first, length - first);
}

static void copy_out(const struct handover *h, uint64_t at, void *to, size_t length)
{
    size_t first = before_end(h, at, length);
    memcpy(to, h->bytes + (at & (h->size - 1)), first);
    memcpy((uint8_t *)to + first, h->bytes, length - first);
}

bool handover_put(struct handover *h, const struct rill_frame *f)
{
    assert(f->gather_count == 0);
    uint64_t at = atomic_load_explicit(&h->written, memory_order_relaxed);
    uint64_t taken = atomic_load_explicit(&h->taken, memory_order_acquire);
    size_t length = sizeof *f + padded(f->length);
    if (at - taken + length > h->size)
        return false;
    copy_in(h, at, f, sizeof *f);
    copy_in(h, at + sizeof *f, f->buffer + f->start, f->length);
    atomic_store_explicit(&h->written, at + length, memory_order_release);
    return true;
}

/* Copies the frame at `at` into the reader's buffer; false: it does not fit. */
static bool unpack(const struct handover *h, uint64_t at, const struct rill_frame *packed,
                   struct rill_frame *f)
{
    struct rill_frame own = *packed;
    own.buffer = f->buffer;
    own.room = f->room;
    own.start = 0;
    if (own.length > own.room)
        return false;
    copy_out(h, at, own.buffer, own.length);
    *f = own;
    return true;
}

bool handover_take(struct handover *h, struct rill_frame *f)
{
    uint64_t at = atomic_load_explicit(&h->taken, memory_order_relaxed);
    uint64_t written = atomic_load_explicit(&h->written, memory_order_acquire);
    bool good = false;
    while (!good && at != written) {
        struct rill_frame packed;
        copy_out(h, at, &packed, sizeof packed);
        good = unpack(h, at + sizeof packed, &packed, f);
        at += sizeof packed + padded(packed.length);
    }
    atomic_store_explicit(&h->taken, at, memory_order_release);
    return good;
}
