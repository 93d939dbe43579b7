/* A bounded book of what is known about remote addresses: found by a keyed hash; a new entry
 * replaces the least recently used one. A user embeds an entry as the first member of its own
 * struct. Entries come from a pool and never move; only the book frees them, so a pointer is valid
 * until the next call of book_for. */
#ifndef BASE_BOOK_H
#define BASE_BOOK_H

#include "base/hash.h"
#include "base/list.h"
#include "base/pool.h"

#include <rill/address.h>

struct book_entry {
    struct rill_address remote;
    struct list_node age;
    uint32_t index; /* number in the pool, never 0 */
    uint32_t next;  /* in the bucket */
};

struct book {
    struct pool pool;
    struct hash_key key;
    uint32_t *bucket; /* BOOK_BUCKETS */
    struct list age;  /* least recently used first */
};

#define BOOK_BUCKETS 1024

/* A book of at most `limit` entries of `size` bytes each. False: no memory. */
bool book_init(struct book *, struct memory *, struct random *, size_t size, uint32_t limit);
void book_end(struct book *); /* also for a book whose book_init failed */

/* The entry for an address; NULL: there is none. */
struct book_entry *book_find(const struct book *, struct rill_address remote);

/* Like book_find, but makes a new entry if there is none: all zero except the address. The entry
 * counts as used. NULL: no memory. */
struct book_entry *book_for(struct book *, struct rill_address remote);

/* The entry was used now. */
void book_touch(struct book *, struct book_entry *);

#endif
