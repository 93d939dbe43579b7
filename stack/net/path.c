#include "net/path.h"

_Static_assert(offsetof(struct path, entry) == 0, "the cache hands out entries");

bool paths_init(struct paths *p, struct memory *m, struct random *random, unsigned limit)
{
    p->generation = 1;
    return lru_cache_init(&p->cache, m, random, sizeof(struct path), min_of(limit, UINT16_MAX));
}

void paths_end(struct paths *p)
{
    lru_cache_end(&p->cache);
}

struct path *path_at(struct paths *p, uint16_t number, struct rill_address remote)
{
    struct path *path = pool_find(&p->cache.pool, number);
    if (!path || !rill_address_equal(path->entry.remote, remote) ||
        path->generation != p->generation)
        return NULL;
    return path;
}

struct path *path_for(struct paths *p, struct rill_address remote)
{
    return (struct path *)lru_cache_find_or_add(&p->cache, remote);
}

struct path *path_find(const struct paths *p, struct rill_address remote)
{
    return (struct path *)lru_cache_find(&p->cache, remote);
}
