/* Memory of tools that read a whole file: they have no budget, and go no further without it. */
#ifndef RECORDING_GROW_H
#define RECORDING_GROW_H

#include <assert.h>
#include <stdlib.h>

static inline void *grow(void *at, size_t bytes)
{
    at = realloc(at, bytes);
    assert(at);
    return at;
}

/* Room for one more element behind `count` of them. */
static inline void *grow_one(void *array, unsigned count, unsigned *room, size_t size)
{
    if (count < *room)
        return array;
    *room = *room ? *room * 2 : 64;
    return grow(array, *room * size);
}

#endif
