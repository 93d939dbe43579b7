/* Local ports: their bindings, and the choice of ephemeral ones (RFC 6056 algorithm 3: a secret
 * offset for each remote end, then upwards, so that ports are hard to guess and seldom collide). */
#include "tcp/binding.h"

#include "base/overlap.h"

#include <errno.h>

#define BINDINGS_SMALLEST 256
#define BINDINGS_LARGEST (UINT16_MAX + 1) /* a bucket for each port */

static struct list *new_buckets(struct memory *m, uint32_t size)
{
    struct list *bucket = memory_get(m, size * sizeof *bucket);
    for (uint32_t i = 0; bucket && i < size; i++)
        list_init(&bucket[i]);
    return bucket;
}

bool bindings_init(struct bindings *b, struct memory *m)
{
    *b = (struct bindings){.bucket = new_buckets(m, BINDINGS_SMALLEST), .size = BINDINGS_SMALLEST};
    return b->bucket != NULL;
}

void bindings_end(struct bindings *b, struct memory *m)
{
    memory_put(m, b->bucket, b->size * sizeof *b->bucket);
}

static struct list *binding_bucket(const struct bindings *b, uint16_t port)
{
    uint32_t mixed = port * 0x9e3779b1u >> 16; /* a core's ports differ by multiples of the cores */
    return &b->bucket[mixed % b->size];
}

/* Without memory it remains as it is. */
static void bindings_grow(struct bindings *b, struct memory *m)
{
    struct bindings larger = {.size = b->size * 2, .count = b->count};
    larger.bucket = new_buckets(m, larger.size);
    if (!larger.bucket)
        return;
    for (uint32_t i = 0; i < b->size; i++)
        for (struct list_node *n; (n = list_first(&b->bucket[i])) != NULL;) {
            list_remove(n);
            uint16_t port = container_of(n, struct tcp_binding, node)->port;
            list_append(binding_bucket(&larger, port), n);
        }
    bindings_end(b, m);
    *b = larger;
}

/* May `wanted` coexist with `other` (MUST-41, MUST-42)? As in Linux: always if their addresses
 * differ; on the same address if both have SO_REUSEPORT, or both have SO_REUSEADDR and the other
 * does not listen. */
static bool bindings_agree(const struct tcp_binding *wanted, const struct tcp_binding *other)
{
    if (!addresses_overlap(wanted->local, other->local))
        return true;
    return (wanted->reuse_port && other->reuse_port) ||
           (wanted->reuse && other->reuse && !other->listening);
}

/* `self` is the binding in force that `wanted` would replace, if there is one. */
static bool binding_conflicts(const struct tcp *t, const struct tcp_binding *wanted,
                              const struct tcp_binding *self)
{
    struct list *l = binding_bucket(&t->bindings, wanted->port);
    for (struct list_node *n = list_first(l); n; n = list_next(l, n)) {
        const struct tcp_binding *b = container_of(n, struct tcp_binding, node);
        if (b != self && b->port == wanted->port && !bindings_agree(wanted, b))
            return true;
    }
    return false;
}

/* The ports that connections hold: one bit for each, found by one pass when it is needed. */
struct ports {
    bool known;
    uint64_t bits[(UINT16_MAX + 1) / 64];
};

static void ports_find(const struct tcp *t, struct rill_address local, struct ports *busy)
{
    uint64_t cursor = 0;
    *busy = (struct ports){.known = true};
    for (head_ref r; (r = table_walk(&t->table, &cursor)) != 0;) {
        const struct flow *f = &table_at(&t->table, r)->flow;
        if (addresses_overlap(f->local, local))
            busy->bits[f->local_port / 64] |= 1ull << (f->local_port % 64);
    }
}

/* Without SO_REUSEADDR or SO_REUSEPORT a port is taken while any connection, TIME_WAIT included,
 * uses it. The table knows how many connections use it, but not from which address. */
static bool port_is_held(struct tcp *t, const struct tcp_binding *wanted, struct ports *busy)
{
    uint32_t users;
    if (wanted->reuse || wanted->reuse_port)
        return false;
    bool known = table_users(&t->table, wanted->port, &users);
    if (known && (users == 0 || rill_address_is_any(wanted->local)))
        return users;
    if (!busy->known)
        ports_find(t, wanted->local, busy);
    return busy->bits[wanted->port / 64] >> (wanted->port % 64) & 1;
}

static bool binding_fits(struct tcp *t, const struct tcp_binding *b, struct ports *busy)
{
    return !binding_conflicts(t, b, NULL) && !port_is_held(t, b, busy);
}

static bool bind_ephemeral(struct tcp *t, struct tcp_binding *b, struct ports *busy)
{
    uint32_t offset = (uint32_t)random_next(&t->random);
    for (uint32_t i = 0; i < steer_ports(&t->steer); i++) {
        b->port = steer_port(&t->steer, offset + i);
        if (binding_fits(t, b, busy))
            return true;
    }
    b->port = 0;
    return false;
}

int tcp_bind(struct tcp *t, struct tcp_binding *b)
{
    struct ports busy;
    busy.known = false;
    if (b->port ? !binding_fits(t, b, &busy) : !bind_ephemeral(t, b, &busy))
        return -EADDRINUSE;
    if (t->bindings.count >= t->bindings.size && t->bindings.size < BINDINGS_LARGEST)
        bindings_grow(&t->bindings, t->memory);
    list_append(binding_bucket(&t->bindings, b->port), &b->node);
    t->bindings.count++;
    return 0;
}

void tcp_unbind(struct tcp *t, struct tcp_binding *b)
{
    list_remove(&b->node);
    t->bindings.count--;
}

int binding_choose(struct tcp *t, struct flow *f)
{
    struct flow key = flow_key(f);
    key.local_port = 0;
    uint32_t offset = (uint32_t)siphash_2_4(&t->port_key, &key, sizeof key) + t->port_step;
    for (uint32_t i = 0; i < steer_ports(&t->steer); i++) {
        struct tcp_binding b = {.local = f->local, .port = steer_port(&t->steer, offset + i)};
        f->local_port = b.port;
        if (table_find(&t->table, f) || binding_conflicts(t, &b, NULL))
            continue;
        t->port_step += i + 1 + (uint32_t)random_below(&t->random, 4);
        return 0;
    }
    f->local_port = 0;
    return -EADDRNOTAVAIL;
}

bool binding_may_listen(const struct tcp *t, const struct tcp_binding *b)
{
    struct tcp_binding listening = *b;
    listening.listening = true;
    return !binding_conflicts(t, &listening, b);
}
