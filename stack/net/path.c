#include "net/path.h"

bool paths_init(struct paths *p, struct memory *m, struct random *random, unsigned limit)
{
    pool_init(&p->pool, m, sizeof(struct path), min_of(limit, UINT16_MAX));
    list_init(&p->age);
    p->key = random_key(random);
    p->generation = 1;
    p->bucket = memory_get(m, PATH_BUCKETS * sizeof *p->bucket);
    return p->bucket != NULL;
}

void paths_end(struct paths *p)
{
    if (p->bucket)
        memory_put(p->pool.memory, p->bucket, PATH_BUCKETS * sizeof *p->bucket);
    pool_end(&p->pool);
}

static uint32_t *path_bucket(const struct paths *p, struct rill_address remote)
{
    return &p->bucket[siphash_1_3(&p->key, &remote, sizeof remote) % PATH_BUCKETS];
}

struct path *path_find(const struct paths *p, struct rill_address remote)
{
    for (uint32_t i = *path_bucket(p, remote); i;) {
        struct path *path = pool_at(&p->pool, i);
        if (rill_address_equal(path->remote, remote))
            return path;
        i = path->next;
    }
    return NULL;
}

struct path *path_at(struct paths *p, uint16_t number, struct rill_address remote)
{
    if (number == 0 || number > p->pool.made)
        return NULL;
    struct path *path = pool_at(&p->pool, number);
    if (!rill_address_equal(path->remote, remote) || path->generation != p->generation)
        return NULL;
    return path;
}

static void path_drop(struct paths *p, struct path *path)
{
    uint32_t *at = path_bucket(p, path->remote);
    while (*at != path->index)
        at = &((struct path *)pool_at(&p->pool, *at))->next;
    *at = path->next;
    list_remove(&path->age);
    pool_put(&p->pool, path->index);
}

void path_touch(struct paths *p, struct path *path)
{
    if (list_next(&p->age, &path->age) == NULL)
        return;
    list_remove(&path->age);
    list_append(&p->age, &path->age);
}

struct path *path_for(struct paths *p, struct rill_address remote)
{
    struct path *path = path_find(p, remote);
    if (path)
        return path;
    uint32_t index;
    path = pool_get(&p->pool, &index);
    if (!path && !list_empty(&p->age)) {
        path_drop(p, container_of(list_first(&p->age), struct path, age));
        path = pool_get(&p->pool, &index);
    }
    if (!path)
        return NULL;
    uint32_t *bucket = path_bucket(p, remote);
    path->remote = remote;
    path->index = index;
    path->next = *bucket;
    *bucket = index;
    list_append(&p->age, &path->age);
    return path;
}
