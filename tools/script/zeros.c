#include "script/zeros.h"

#include <string.h>

void zeros_make(struct run *r, const char *path, int64_t size)
{
    struct zeros *z = arena_get(r->arena, sizeof *z);
    zeros_remove(r, path);
    *z = (struct zeros){.next = r->files,
                        .kind = ZEROS_FILE,
                        .path = arena_copy(r->arena, path, strlen(path)),
                        .size = size};
    r->files = z;
}

void zeros_remove(struct run *r, const char *path)
{
    for (struct zeros **link = &r->files; *link; link = &(*link)->next)
        if (!strcmp((*link)->path, path)) {
            *link = (*link)->next;
            return;
        }
}

struct zeros *zeros_find(const struct run *r, const char *path)
{
    struct zeros *z = r->files;
    while (z && strcmp(z->path, path) != 0)
        z = z->next;
    return z;
}
