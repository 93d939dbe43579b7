/* The table of descriptors: blocks of 64, each with one word of bits, so that a search for the
 * lowest free one checks 64 at a time, and skips full blocks in one step. It doubles and never
 * shrinks. */
#include "socket/descriptor.h"

#include "base/bytes.h"

#include <errno.h>

void descriptors_init(struct descriptors *d, struct memory *m, uint32_t max)
{
    *d = (struct descriptors){.memory = m, .max = max};
}

void descriptors_end(struct descriptors *d)
{
    memory_put(d->memory, d->block, d->blocks * sizeof *d->block);
    descriptors_init(d, d->memory, d->max);
}

static bool descriptors_grow(struct descriptors *d)
{
    uint32_t blocks = d->blocks ? 2 * d->blocks : 1;
    size_t each = sizeof *d->block;
    void *larger = memory_grow(d->memory, d->block, d->blocks * each, blocks * each);
    if (!larger)
        return false;
    d->block = larger;
    d->blocks = blocks;
    return true;
}

/* The lowest free descriptor, which may lie one past the table. */
static uint32_t descriptor_lowest(struct descriptors *d)
{
    while (d->not_full < d->blocks && d->block[d->not_full].used == UINT64_MAX)
        d->not_full++;
    uint32_t first = d->not_full * DESCRIPTOR_BLOCK;
    if (d->not_full == d->blocks)
        return first;
    return first + (uint32_t)__builtin_ctzll(~d->block[d->not_full].used);
}

int descriptor_get(struct descriptors *d, uint32_t object)
{
    assert(object);
    uint32_t fd = descriptor_lowest(d);
    if (fd >= d->max)
        return -EMFILE;
    if (fd / DESCRIPTOR_BLOCK == d->blocks && !descriptors_grow(d))
        return -ENOBUFS;
    struct descriptor_block *b = &d->block[fd / DESCRIPTOR_BLOCK];
    b->used |= (uint64_t)1 << fd % DESCRIPTOR_BLOCK;
    b->object[fd % DESCRIPTOR_BLOCK] = object;
    return (int)fd;
}

uint32_t descriptor_object(const struct descriptors *d, int fd)
{
    if (fd < 0 || (uint32_t)fd / DESCRIPTOR_BLOCK >= d->blocks)
        return 0;
    return d->block[fd / DESCRIPTOR_BLOCK].object[fd % DESCRIPTOR_BLOCK];
}

void descriptor_put(struct descriptors *d, int fd)
{
    assert(descriptor_object(d, fd));
    uint32_t block = (uint32_t)fd / DESCRIPTOR_BLOCK;
    d->block[block].object[fd % DESCRIPTOR_BLOCK] = 0;
    d->block[block].used &= ~((uint64_t)1 << fd % DESCRIPTOR_BLOCK);
    d->not_full = min_of(d->not_full, block);
}

int descriptor_next(const struct descriptors *d, int fd)
{
    for (; (uint32_t)fd / DESCRIPTOR_BLOCK < d->blocks; fd++)
        if (descriptor_object(d, fd))
            return fd;
    return -1;
}
