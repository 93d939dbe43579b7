#include "base/book.h"

bool book_init(struct book *b, struct memory *m, struct random *random, size_t size, uint32_t limit)
{
    assert(size >= sizeof(struct book_entry));
    pool_init(&b->pool, m, size, limit);
    list_init(&b->age);
    b->key = random_key(random);
    b->bucket = memory_get(m, BOOK_BUCKETS * sizeof *b->bucket);
    return b->bucket != NULL;
}

void book_end(struct book *b)
{
    if (b->bucket)
        memory_put(b->pool.memory, b->bucket, BOOK_BUCKETS * sizeof *b->bucket);
    pool_end(&b->pool);
}

static uint32_t *book_bucket(const struct book *b, struct rill_address remote)
{
    return &b->bucket[siphash_1_3(&b->key, &remote, sizeof remote) % BOOK_BUCKETS];
}

/* The most recently used entry; NULL: the book is empty. */
static struct book_entry *book_newest(const struct book *b)
{
    struct list_node *n = list_last(&b->age);
    return n ? container_of(n, struct book_entry, age) : NULL;
}

struct book_entry *book_find(const struct book *b, struct rill_address remote)
{
    struct book_entry *newest = book_newest(b);
    if (newest && rill_address_equal(newest->remote, remote))
        return newest;
    for (uint32_t i = *book_bucket(b, remote); i;) {
        struct book_entry *e = pool_at(&b->pool, i);
        if (rill_address_equal(e->remote, remote))
            return e;
        i = e->next;
    }
    return NULL;
}

void book_touch(struct book *b, struct book_entry *e)
{
    if (list_next(&b->age, &e->age) == NULL)
        return;
    list_remove(&e->age);
    list_append(&b->age, &e->age);
}

static void book_drop(struct book *b, struct book_entry *e)
{
    uint32_t *at = book_bucket(b, e->remote);
    while (*at != e->index)
        at = &((struct book_entry *)pool_at(&b->pool, *at))->next;
    *at = e->next;
    list_remove(&e->age);
    pool_put(&b->pool, e->index);
}

static struct book_entry *book_add(struct book *b, struct rill_address remote)
{
    uint32_t index;
    struct book_entry *e = pool_get(&b->pool, &index);
    if (!e && !list_empty(&b->age)) {
        book_drop(b, container_of(list_first(&b->age), struct book_entry, age));
        e = pool_get(&b->pool, &index);
    }
    if (!e)
        return NULL;
    uint32_t *bucket = book_bucket(b, remote);
    e->remote = remote;
    e->index = index;
    e->next = *bucket;
    *bucket = index;
    list_append(&b->age, &e->age);
    return e;
}

struct book_entry *book_for(struct book *b, struct rill_address remote)
{
    struct book_entry *e = book_find(b, remote);
    if (!e)
        return book_add(b, remote);
    book_touch(b, e);
    return e;
}
