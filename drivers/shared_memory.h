/* Memory that processes share at the same address: children of fork(2), and the programs that they
 * execute. */
#ifndef DRIVERS_SHARED_MEMORY_H
#define DRIVERS_SHARED_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

struct shared_memory {
    void *at;
    size_t bytes;
    int fd; /* memfd_create(2); -1: it can only be inherited by fork(2) */
};

/* All zeros, at an address that is probably free in other programs, too. False with errno. */
bool shared_memory_make(struct shared_memory *, size_t bytes);

/* In another program, which has the descriptor: maps it at the same address. False with errno:
 * EEXIST if something else is there. */
bool shared_memory_map(const struct shared_memory *);

/* Here; other processes keep it. */
void shared_memory_end(struct shared_memory *);

/* Does the descriptor belong to such memory? */
bool shared_memory_is(int fd);

#endif
