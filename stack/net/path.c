#include "net/path.h"

_Static_assert(offsetof(struct path, entry) == 0, "the book hands out entries");

bool paths_init(struct paths *p, struct memory *m, struct random *random, unsigned limit)
{
    p->generation = 1;
    return book_init(&p->book, m, random, sizeof(struct path), min_of(limit, UINT16_MAX));
}

void paths_end(struct paths *p)
{
    book_end(&p->book);
}

struct path *path_at(struct paths *p, uint16_t number, struct rill_address remote)
{
    struct path *path = pool_find(&p->book.pool, number);
    if (!path || !rill_address_equal(path->entry.remote, remote) ||
        path->generation != p->generation)
        return NULL;
    return path;
}

struct path *path_for(struct paths *p, struct rill_address remote)
{
    return (struct path *)book_for(&p->book, remote);
}

struct path *path_find(const struct paths *p, struct rill_address remote)
{
    return (struct path *)book_find(&p->book, remote);
}
