#include "tcp/table.h"

#define TABLE_SMALLEST 256
#define TABLE_MOVE_BUCKETS \
    4 /* of the old table, with each insertion: it is empty long before the next growth */
#define TABLE_CROWD 4096 /* entries that are worth counting by port */
#define TABLE_PORTS (UINT16_MAX + 1)

bool table_init(struct table *t, struct memory *m, struct pool *pools, struct hash_key key)
{
    *t = (struct table){.memory = m, .pool = pools, .key = key, .size = TABLE_SMALLEST};
    t->bucket = memory_get(m, TABLE_SMALLEST * sizeof *t->bucket);
    return t->bucket != NULL;
}

void table_end(struct table *t)
{
    if (t->old_bucket)
        memory_put(t->memory, t->old_bucket, t->old_size * sizeof *t->old_bucket);
    memory_put(t->memory, t->bucket, t->size * sizeof *t->bucket);
    memory_put(t->memory, t->users, TABLE_PORTS * sizeof *t->users);
}

struct head *table_get(struct table *t, enum head_kind kind)
{
    uint32_t index;
    struct head *h = pool_get(&t->pool[kind], &index);
    if (!h)
        return NULL;
    h->kind = kind;
    h->next = index << 2 | kind;
    return h;
}

void table_put(struct table *t, struct head *h)
{
    assert(!h->in_table);
    pool_put(&t->pool[h->kind], h->next >> 2);
}

uint32_t table_hash(const struct table *t, const struct flow *f)
{
    struct flow key = flow_key(f);
    return (uint32_t)siphash_1_3(&t->key, &key, sizeof key);
}

/* The bucket of this hash: in the old table until that bucket has been moved. */
static head_ref *table_bucket(const struct table *t, uint32_t hash)
{
    uint32_t old = hash & (t->old_size - 1);
    if (t->old_bucket && old >= t->moved)
        return &t->old_bucket[old];
    return &t->bucket[hash & (t->size - 1)];
}

static bool flow_equal(const struct flow *a, const struct flow *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

head_ref table_find(const struct table *t, const struct flow *f)
{
    if (t->last && flow_equal(&table_at(t, t->last)->flow, f))
        return t->last;
    for (head_ref r = *table_bucket(t, table_hash(t, f)); r; r = table_at(t, r)->next)
        if (flow_equal(&table_at(t, r)->flow, f))
            return r;
    return 0;
}

void table_expect(struct table *t, head_ref r)
{
    assert(table_at(t, r)->in_table);
    t->last = r;
}

static void table_move_bucket(struct table *t)
{
    head_ref *from = &t->old_bucket[t->moved++];
    head_ref next, r = *from;
    *from = 0; /* table_walk reads the old table, too */
    for (; r; r = next) {
        struct head *h = table_at(t, r);
        head_ref *to = &t->bucket[table_hash(t, &h->flow) & (t->size - 1)];
        next = h->next;
        h->next = *to;
        *to = r;
    }
    if (t->moved == t->old_size) {
        memory_put(t->memory, t->old_bucket, t->old_size * sizeof *t->old_bucket);
        t->old_bucket = NULL;
    }
}

static void table_grow(struct table *t)
{
    head_ref *larger = memory_get(t->memory, (size_t)t->size * 2 * sizeof *larger);
    if (!larger)
        return;
    t->old_bucket = t->bucket;
    t->old_size = t->size;
    t->moved = 0;
    t->bucket = larger;
    t->size *= 2;
}

static void count_user(struct table *t, const struct head *h, int change)
{
    if (t->users && h->kind != HEAD_LISTENER)
        t->users[h->flow.local_port] += (uint32_t)change;
}

void table_insert(struct table *t, struct head *h)
{
    assert(!h->in_table);
    head_ref ref = h->next;
    for (int i = 0; t->old_bucket && i < TABLE_MOVE_BUCKETS; i++)
        table_move_bucket(t);
    if (!t->old_bucket && t->count >= t->size)
        table_grow(t);
    head_ref *to = table_bucket(t, table_hash(t, &h->flow));
    h->next = *to;
    h->in_table = true;
    *to = ref;
    t->count++;
    count_user(t, h, 1);
}

/* Where the table refers to this entry. */
static head_ref *table_place(const struct table *t, const struct head *h)
{
    assert(h->in_table);
    head_ref *at = table_bucket(t, table_hash(t, &h->flow));
    while (table_at(t, *at) != h)
        at = &table_at(t, *at)->next;
    return at;
}

void table_remove(struct table *t, struct head *h)
{
    head_ref *at = table_place(t, h), ref = *at;
    if (t->last == ref)
        t->last = 0;
    *at = h->next;
    h->next = ref;
    h->in_table = false;
    t->count--;
    count_user(t, h, -1);
}

void table_replace(struct table *t, struct head *h, struct head *heir)
{
    assert(!heir->in_table);
    assert(flow_equal(&h->flow, &heir->flow));
    head_ref *at = table_place(t, h), ref = *at;
    *at = heir->next;
    heir->next = h->next;
    h->next = ref;
    h->in_table = false;
    heir->in_table = true;
    if (t->last == ref)
        t->last = *at;
}

/* Upper half of the cursor: a bucket's number, the old buckets behind the new ones. Lower half: the
 * entry after which to continue. */
head_ref table_walk(const struct table *t, uint64_t *cursor)
{
    uint32_t bucket = (uint32_t)(*cursor >> 32);
    head_ref r = (head_ref)*cursor ? table_at(t, (head_ref)*cursor)->next : 0;
    uint32_t buckets = t->size + (t->old_bucket ? t->old_size : 0);
    for (; !r && bucket < buckets; bucket++)
        r = bucket < t->size ? t->bucket[bucket] : t->old_bucket[bucket - t->size];
    *cursor = (uint64_t)bucket << 32 | r;
    return r;
}

/* Counts once; from then on table_insert and table_remove do. */
static bool count_users(struct table *t)
{
    uint64_t cursor = 0;
    if (!t->users && t->count >= TABLE_CROWD) {
        t->users = memory_get(t->memory, TABLE_PORTS * sizeof *t->users);
        for (head_ref r; t->users && (r = table_walk(t, &cursor)) != 0;)
            count_user(t, table_at(t, r), 1);
    }
    return t->users;
}

bool table_users(struct table *t, uint16_t local_port, uint32_t *users)
{
    bool known = count_users(t);
    *users = known ? t->users[local_port] : 0;
    return known;
}
