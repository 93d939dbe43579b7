#include "base/lru_cache.h"

bool lru_cache_init(struct lru_cache *c, struct memory *m, struct random *random, size_t size,
                    uint32_t limit)
{
    assert(size >= sizeof(struct lru_entry));
    pool_init(&c->pool, m, size, limit);
    list_init(&c->lru);
    c->key = random_key(random);
    c->bucket = memory_get(m, LRU_CACHE_BUCKETS * sizeof *c->bucket);
    return c->bucket != NULL;
}

void lru_cache_end(struct lru_cache *c)
{
    if (c->bucket)
        memory_put(c->pool.memory, c->bucket, LRU_CACHE_BUCKETS * sizeof *c->bucket);
    pool_end(&c->pool);
}

static uint32_t *lru_cache_bucket(const struct lru_cache *c, struct rill_address remote)
{
    return &c->bucket[siphash_1_3(&c->key, &remote, sizeof remote) % LRU_CACHE_BUCKETS];
}

/* The most recently used entry; NULL: the cache is empty. */
static struct lru_entry *lru_cache_newest(const struct lru_cache *c)
{
    struct list_node *n = list_last(&c->lru);
    return n ? container_of(n, struct lru_entry, lru) : NULL;
}

struct lru_entry *lru_cache_find(const struct lru_cache *c, struct rill_address remote)
{
    struct lru_entry *newest = lru_cache_newest(c);
    if (newest && rill_address_equal(newest->remote, remote))
        return newest;
    for (uint32_t i = *lru_cache_bucket(c, remote); i;) {
        struct lru_entry *e = pool_at(&c->pool, i);
        if (rill_address_equal(e->remote, remote))
            return e;
        i = e->next;
    }
    return NULL;
}

void lru_cache_touch(struct lru_cache *c, struct lru_entry *e)
{
    if (list_next(&c->lru, &e->lru) == NULL)
        return;
    list_remove(&e->lru);
    list_append(&c->lru, &e->lru);
}

static void lru_cache_remove(struct lru_cache *c, struct lru_entry *e)
{
    uint32_t *at = lru_cache_bucket(c, e->remote);
    while (*at != e->index)
        at = &((struct lru_entry *)pool_at(&c->pool, *at))->next;
    *at = e->next;
    list_remove(&e->lru);
    pool_put(&c->pool, e->index);
}

static struct lru_entry *lru_cache_add(struct lru_cache *c, struct rill_address remote)
{
    uint32_t index;
    struct lru_entry *e = pool_get(&c->pool, &index);
    if (!e && !list_empty(&c->lru)) {
        lru_cache_remove(c, container_of(list_first(&c->lru), struct lru_entry, lru));
        e = pool_get(&c->pool, &index);
    }
    if (!e)
        return NULL;
    uint32_t *bucket = lru_cache_bucket(c, remote);
    e->remote = remote;
    e->index = index;
    e->next = *bucket;
    *bucket = index;
    list_append(&c->lru, &e->lru);
    return e;
}

struct lru_entry *lru_cache_find_or_add(struct lru_cache *c, struct rill_address remote)
{
    struct lru_entry *e = lru_cache_find(c, remote);
    if (!e)
        return lru_cache_add(c, remote);
    lru_cache_touch(c, e);
    return e;
}
