#include "tcp/fastopen.h"

#include "tcp/core.h"

/* -------------------------------------------------------------------- cookies */

static uint64_t load_word(const uint8_t *at)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < 8; i++)
        word |= (uint64_t)at[i] << 8 * i;
    return word;
}

static void store_word(uint8_t *at, uint64_t word)
{
    for (unsigned i = 0; i < 8; i++)
        at[i] = (uint8_t)(word >> 8 * i);
}

struct fast_open_keys fast_open_keys_load(const uint8_t *bytes, unsigned count)
{
    struct fast_open_keys keys = {.count = (uint8_t)count};
    assert(count <= 2);
    for (unsigned i = 0; i < count; i++, bytes += FAST_OPEN_KEY_BYTES)
        keys.key[i] = (struct hash_key){load_word(bytes), load_word(bytes + 8)};
    return keys;
}

void fast_open_keys_store(const struct fast_open_keys *keys, uint8_t *bytes)
{
    for (unsigned i = 0; i < keys->count; i++, bytes += FAST_OPEN_KEY_BYTES) {
        store_word(bytes, keys->key[i].k0);
        store_word(bytes + 8, keys->key[i].k1);
    }
}

#define IP4_AT 12 /* where an IPv4 address lies in its mapped form */

struct tcp_fast_open fast_open_cookie(const struct hash_key *key, struct rill_address client,
                                      struct rill_address server)
{
    uint8_t addresses[2 * sizeof client];
    size_t from = rill_address_is_ip4(client) ? IP4_AT : 0, length = sizeof client - from;
    memcpy(addresses, client.byte + from, length);
    memcpy(addresses + length, server.byte + from, length);
    struct tcp_fast_open cookie = {.length = sizeof(uint64_t)};
    store_word(cookie.cookie, siphash_2_4(key, addresses, 2 * length));
    return cookie;
}

unsigned fast_open_key_of(const struct fast_open_keys *keys, const struct tcp_fast_open *shown,
                          struct rill_address client, struct rill_address server)
{
    for (unsigned i = 0; i < keys->count; i++) {
        struct tcp_fast_open own = fast_open_cookie(&keys->key[i], client, server);
        if (shown->length == own.length && memcmp(shown->cookie, own.cookie, own.length) == 0)
            return i + 1;
    }
    return 0;
}

struct fast_open_keys fast_open_keys_of(const struct tcp *t, const struct tcp_listener *l)
{
    const struct rill_tcp_config *c = t->config;
    if (l->fast_open.keys.count)
        return l->fast_open.keys;
    if (c->fast_open_keys)
        return fast_open_keys_load(c->fast_open_key, c->fast_open_keys);
    return (struct fast_open_keys){.key = {t->fast_open_key}, .count = 1};
}

/* ------------------------------------------------------------------ the queue */

/* Frees the places whose hold time is over. The loop is bounded by FAST_OPEN_HOLD_SECONDS. */
static void queue_advance(struct fast_open_queue *q, int64_t second)
{
    if (q->held == 0 || second - q->second >= FAST_OPEN_HOLD_SECONDS) {
        q->pending -= q->held;
        q->held = 0;
        memset(q->held_in, 0, sizeof q->held_in);
        q->second = second;
    }
    while (q->second < second) {
        uint16_t *due = &q->held_in[++q->second % FAST_OPEN_HOLD_SECONDS];
        q->pending -= *due;
        q->held -= *due;
        *due = 0;
    }
}

bool fast_open_queue_has_room(struct fast_open_queue *q, rill_time now)
{
    queue_advance(q, now / RILL_SECONDS(1));
    return q->pending < q->limit;
}

void fast_open_queue_hold(struct fast_open_queue *q, rill_time now)
{
    queue_advance(q, now / RILL_SECONDS(1));
    q->held++;
    q->held_in[q->second % FAST_OPEN_HOLD_SECONDS]++;
}

/* ------------------------------------------------------- pending connections */

bool fast_open_is_pending(const struct tcp_conn *c)
{
    return c->fast_open >= FAST_OPEN_PENDING && c->fast_open < FAST_OPEN_CHILD;
}

struct tcp_listener *fast_open_listener(const struct tcp *t, const struct tcp_conn *c)
{
    if (c->unaccepted)
        return c->listener;
    head_ref ref = c->sender.head.queue;
    return ref ? (struct tcp_listener *)table_at(&t->table, ref) : NULL;
}

void fast_open_settle(struct tcp *t, struct tcp_conn *c, bool reset)
{
    struct tcp_listener *l = fast_open_listener(t, c);
    c->fast_open = FAST_OPEN_CHILD;
    if (!c->unaccepted)
        c->sender.head.queue = 0;
    if (!l)
        return;
    assert(l->fast_open.pending > l->fast_open.held);
    if (reset)
        fast_open_queue_hold(&l->fast_open, t->now);
    else
        l->fast_open.pending--;
}

void fast_open_forget_listener(struct tcp *t, const struct tcp_listener *l)
{
    struct pool *p = &t->pool[HEAD_CONNECTION];
    uint32_t left = l->fast_open.pending - l->fast_open.held;
    for (uint32_t i = 1; i <= p->made && left; i++) {
        struct tcp_conn *c = pool_find(p, i);
        if (!c || !c->sender.head.in_table || !fast_open_is_pending(c) ||
            c->sender.head.queue != l->ref)
            continue;
        c->sender.head.queue = 0;
        left--;
    }
}
