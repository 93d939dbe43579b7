/* A bounded cache of what is known about remote addresses: entries are found by a keyed hash; a new
 * entry replaces the least recently used one. A user embeds an entry as the first member of its own
 * struct. Entries come from a pool and never move; only the cache frees them, so a pointer is valid
 * until the next call of lru_cache_find_or_add. */
#ifndef BASE_LRU_CACHE_H
#define BASE_LRU_CACHE_H

#include "base/hash.h"
#include "base/list.h"
#include "base/pool.h"

#include <rill/address.h>

struct lru_entry {
    struct rill_address remote;
    struct list_node lru;
    uint32_t index; /* number in the pool, never 0 */
    uint32_t next;  /* in the bucket */
};

struct lru_cache {
    struct pool pool;
    struct hash_key key;
    uint32_t *bucket; /* LRU_CACHE_BUCKETS */
    struct list lru;  /* least recently used first */
};

#define LRU_CACHE_BUCKETS 1024

/* A cache of at most `limit` entries of `size` bytes each. False: no memory. */
bool lru_cache_init(struct lru_cache *, struct memory *, struct random *, size_t size,
                    uint32_t limit);
void lru_cache_end(struct lru_cache *); /* also for a cache whose lru_cache_init failed */

/* The entry for an address; NULL: there is none. */
struct lru_entry *lru_cache_find(const struct lru_cache *, struct rill_address remote);

/* Like lru_cache_find, but makes a new entry if there is none: all zero except the address. The
 * entry counts as used. NULL: no memory. */
struct lru_entry *lru_cache_find_or_add(struct lru_cache *, struct rill_address remote);

/* The entry was used now. */
void lru_cache_touch(struct lru_cache *, struct lru_entry *);

#endif
