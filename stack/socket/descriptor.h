/* Descriptors: small integers that name sockets, epoll sets and adopted host descriptors. A new one
 * is the lowest free number, as POSIX requires. */
#ifndef SOCKET_DESCRIPTOR_H
#define SOCKET_DESCRIPTOR_H

#include "base/memory.h"

#define DESCRIPTOR_BLOCK 64
#define DESCRIPTOR_INDEX_BITS 30 /* of an object's index; the kind is in the bits above */

/* The pool to which the index belongs. */
enum descriptor_kind { DESCRIPTOR_SOCKET, DESCRIPTOR_SET, DESCRIPTOR_ADOPTED };

static inline uint32_t descriptor_name(enum descriptor_kind kind, uint32_t index)
{
    return (uint32_t)kind << DESCRIPTOR_INDEX_BITS | index;
}

static inline enum descriptor_kind descriptor_kind(uint32_t object)
{
    return object >> DESCRIPTOR_INDEX_BITS;
}

static inline uint32_t descriptor_index(uint32_t object)
{
    return object & (((uint32_t)1 << DESCRIPTOR_INDEX_BITS) - 1);
}

struct descriptor_block {
    uint64_t used;                     /* a bit for each */
    uint32_t object[DESCRIPTOR_BLOCK]; /* the object that it names */
};

struct descriptors {
    struct memory *memory;
    struct descriptor_block *block;
    uint32_t blocks;
    uint32_t not_full; /* all blocks below this one are full */
    uint32_t max;      /* descriptors */
};

void descriptors_init(struct descriptors *, struct memory *, uint32_t max);
void descriptors_end(struct descriptors *);

/* Allocates the lowest free descriptor as the name of `object` (not 0). -EMFILE: there are already
 * `max`; -ENOBUFS: no memory. */
int descriptor_get(struct descriptors *, uint32_t object);

/* The object that it names; 0: none. */
uint32_t descriptor_object(const struct descriptors *, int fd);
void descriptor_put(struct descriptors *, int fd);

/* The lowest descriptor in use from `fd` on; -1: there is none. */
int descriptor_next(const struct descriptors *, int fd);

#endif
