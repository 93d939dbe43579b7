#include "socket/object.h"

#include <errno.h>

bool object_exists(const struct rill *r, int fd)
{
    return r && descriptor_object(&r->descriptors, fd);
}

struct socket *socket_find(const struct rill *r, int fd)
{
    uint32_t object = r ? descriptor_object(&r->descriptors, fd) : 0;
    bool good = object && descriptor_kind(object) == DESCRIPTOR_SOCKET;
    return good ? pool_at(&r->sockets, descriptor_index(object)) : NULL;
}

/* NULL: it is of another kind. */
static void *object_of_kind(const struct rill *r, int fd, enum descriptor_kind kind,
                            const struct pool *pool)
{
    uint32_t object = object_exists(r, fd) ? descriptor_object(&r->descriptors, fd) : 0;
    bool good = object && descriptor_kind(object) == kind;
    return good ? pool_at(pool, descriptor_index(object)) : NULL;
}

struct watch_set *object_set(const struct rill *r, int fd)
{
    return object_of_kind(r, fd, DESCRIPTOR_SET, &r->sets);
}

struct adopted *object_adopted(const struct rill *r, int fd)
{
    return object_of_kind(r, fd, DESCRIPTOR_ADOPTED, &r->adopted);
}

void *object_open(struct rill *r, enum descriptor_kind kind, struct pool *pool, int *fd)
{
    uint32_t index;
    void *object = pool_get(pool, &index);
    *fd = object ? descriptor_get(&r->descriptors, descriptor_name(kind, index)) : -ENOBUFS;
    if (object && *fd < 0)
        pool_put(pool, index);
    return *fd < 0 ? NULL : object;
}

void object_put(struct rill *r, struct pool *pool, int fd)
{
    uint32_t index = descriptor_index(descriptor_object(&r->descriptors, fd));
    descriptor_put(&r->descriptors, fd);
    pool_put(pool, index);
}

int object_refusal(const struct rill *r, int fd)
{
    return object_exists(r, fd) ? -ENOTSOCK : -EBADF;
}

uint32_t *object_watches(const struct rill *r, int fd)
{
    struct watch_set *set = object_set(r, fd);
    struct adopted *adopted = object_adopted(r, fd);
    if (set)
        return &set->watches;
    return adopted ? &adopted->watches : &socket_find(r, fd)->watches;
}

struct waiter **object_waiters(const struct rill *r, int fd)
{
    struct watch_set *set = object_set(r, fd);
    struct adopted *adopted = object_adopted(r, fd);
    if (set)
        return &set->waiters;
    return adopted ? &adopted->waiters : &socket_find(r, fd)->waiters;
}

bool *object_close_on_exec(const struct rill *r, int fd)
{
    struct watch_set *set = object_set(r, fd);
    struct adopted *adopted = object_adopted(r, fd);
    if (set)
        return &set->close_on_exec;
    return adopted ? &adopted->close_on_exec : NULL;
}

void objects_init(struct rill *r)
{
    struct memory *m = &r->net.memory;
    const uint32_t max = ((uint32_t)1 << DESCRIPTOR_INDEX_BITS) - 1;
    pool_init(&r->sockets, m, sizeof(struct socket), max);
    pool_init(&r->sets, m, sizeof(struct watch_set), max);
    pool_init(&r->watches, m, sizeof(struct watch), UINT32_MAX);
    pool_init(&r->adopted, m, sizeof(struct adopted), max);
    descriptors_init(&r->descriptors, m, r->net.config.descriptors_max);
}

void objects_end(struct rill *r)
{
    descriptors_end(&r->descriptors);
    pool_end(&r->sockets);
    pool_end(&r->sets);
    pool_end(&r->watches);
    pool_end(&r->adopted);
}
