#include "tcp/metrics.h"

_Static_assert(offsetof(struct metrics, entry) == 0, "the cache hands out entries");

struct metrics *metrics_find(struct lru_cache *c, struct rill_address remote)
{
    struct lru_entry *e = lru_cache_find(c, remote);
    if (e)
        lru_cache_touch(c, e);
    return (struct metrics *)e;
}

struct metrics *metrics_for(struct lru_cache *c, struct rill_address remote)
{
    return (struct metrics *)lru_cache_find_or_add(c, remote);
}
