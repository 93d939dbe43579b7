/* Memory that lives as long as one script: taken in pieces, freed all at once. */
#ifndef SCRIPT_ARENA_H
#define SCRIPT_ARENA_H

#include <stddef.h>

struct arena {
    struct arena_block *last; /* NULL: empty */
    size_t left;              /* bytes of it that are free */
};

/* Zeroed bytes, aligned for anything. Never NULL: without memory the program ends. */
void *arena_get(struct arena *, size_t);

/* A copy, terminated with a NUL. */
char *arena_copy(struct arena *, const char *, size_t length);

/* The same for display: control characters except newline and tab, which could control a terminal,
 * become question marks. */
char *arena_copy_printable(struct arena *, const char *, size_t length);

void arena_end(struct arena *);

#endif
