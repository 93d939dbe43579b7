#include "script/arena.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 16384
#define ALIGNMENT _Alignof(max_align_t)

struct arena_block {
    struct arena_block *before;
    size_t size;
    _Alignas(max_align_t) char bytes[];
};

static void block_add(struct arena *a, size_t size)
{
    struct arena_block *block = calloc(1, sizeof *block + size);
    if (!block) {
        fputs("rill-script: not enough memory\n", stderr);
        exit(1);
    }
    block->before = a->last;
    block->size = size;
    a->last = block;
    a->left = size;
}

void *arena_get(struct arena *a, size_t size)
{
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (!a->last || size > a->left)
        block_add(a, size > BLOCK ? size : BLOCK);
    void *at = a->last->bytes + a->last->size - a->left;
    a->left -= size;
    return at;
}

char *arena_copy(struct arena *a, const char *from, size_t length)
{
    char *copy = arena_get(a, length + 1);
    memcpy(copy, from, length);
    return copy;
}

char *arena_copy_printable(struct arena *a, const char *from, size_t length)
{
    char *copy = arena_copy(a, from, length);
    for (size_t i = 0; i < length; i++)
        if (iscntrl((unsigned char)copy[i]) && copy[i] != '\n' && copy[i] != '\t')
            copy[i] = '?';
    return copy;
}

void arena_end(struct arena *a)
{
    while (a->last) {
        struct arena_block *before = a->last->before;
        free(a->last);
        a->last = before;
    }
    a->left = 0;
}
