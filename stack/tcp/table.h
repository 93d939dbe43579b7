/* The one flow table: every connection, SYN record, TIME_WAIT record and listener, found by its
 * four-tuple through a keyed hash. It grows by moving a few buckets with each insertion, so no call
 * ever pays for a whole rehash. */
#ifndef TCP_TABLE_H
#define TCP_TABLE_H

#include "base/hash.h"
#include "base/pool.h"
#include "tcp/flow.h"

struct table {
    struct memory *memory;
    struct pool *pool; /* [enum head_kind], the owner's */
    struct hash_key key;
    head_ref *bucket;     /* the new table */
    uint32_t size;        /* a power of two */
    head_ref *old_bucket; /* the part not moved yet; NULL: everything was moved */
    uint32_t old_size;
    uint32_t moved; /* buckets of old_bucket that are empty now */
    uint32_t count;
    head_ref last;   /* the entry of table_expect while it is in the table; else 0 */
    uint32_t *users; /* entries by local port, listeners not; NULL: not counted */
};

bool table_init(struct table *, struct memory *, struct pool *pools, struct hash_key);
void table_end(struct table *);

/* Takes an object from its pool; NULL: none is available. */
struct head *table_get(struct table *, enum head_kind);
void table_put(struct table *, struct head *); /* it must be out of the table */

static inline enum head_kind ref_kind(head_ref r)
{
    return (enum head_kind)(r & 3);
}

static inline struct head *table_at(const struct table *t, head_ref r)
{
    return pool_at(&t->pool[r & 3], r >> 2);
}

/* The entry with exactly this flow; 0: none. */
head_ref table_find(const struct table *, const struct flow *);

/* The entry that table_find compares first, because segments of a flow arrive in a row. */
void table_expect(struct table *, head_ref);

/* Keyed, so that outsiders cannot compute it. */
uint32_t table_hash(const struct table *, const struct flow *);

/* The flow must not be in the table. Never fails: if the table cannot grow, its chains do. */
void table_insert(struct table *, struct head *);
void table_remove(struct table *, struct head *);

/* Another entry of the same flow replaces one that leaves. */
void table_replace(struct table *, struct head *, struct head *heir);

/* How many entries, listeners not, have this local port, without looking at each. False: unknown,
 * because there are few entries, which are soon walked, or because memory is short. */
bool table_users(struct table *, uint16_t local_port, uint32_t *users);

/* Walks all entries, for status and for whole-object checks: *cursor starts at 0; 0 ends. */
head_ref table_walk(const struct table *, uint64_t *cursor);

#endif
