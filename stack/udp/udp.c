/* Ports and sockets of UDP: which socket has which port, and which gets a datagram.
 *
 * Invariant: a socket is in bucket[local_port % buckets] if it has a port and an owner, else in
 * `portless`; so every socket is on exactly one of these lists until it is freed. */
#include "udp/udp.h"

#include "base/overlap.h"
#include "udp/member.h"
#include "udp/udp_error.h"
#include "udp/udp_queue.h"

#include <errno.h>

#define FEWEST_BUCKETS 256
#define BUCKETS_MAX (UINT16_MAX + 1u) /* one for each port */

static struct udp_socket *socket_of(struct list_node *n)
{
    return container_of(n, struct udp_socket, node);
}

static struct list *udp_bucket(const struct udp *u, uint16_t port)
{
    return &u->bucket[port % u->buckets];
}

static bool udp_make_buckets(struct udp *u, uint32_t buckets)
{
    struct list *made = memory_get(u->memory, buckets * sizeof *made);
    if (!made)
        return false;
    for (uint32_t i = 0; i < buckets; i++)
        list_init(&made[i]);
    u->bucket = made;
    u->buckets = buckets;
    return true;
}

/* As many buckets as sockets, if memory allows. Those of a port stay in order: udp_find. */
static void udp_widen(struct udp *u)
{
    struct list *old = u->bucket;
    uint32_t buckets = u->buckets;
    if (u->bound < buckets || buckets == BUCKETS_MAX || !udp_make_buckets(u, 2 * buckets))
        return;
    for (uint32_t i = 0; i < buckets; i++) {
        struct list_node *n;
        while ((n = list_first(&old[i]))) {
            list_remove(n);
            list_append(udp_bucket(u, socket_of(n)->local_port), n);
        }
    }
    memory_put(u->memory, old, buckets * sizeof *old);
}

/* ------------------------------------------------------------- the island */

/* A key for UDP alone: other values drawn from the same seed tell nothing about it. */
static struct hash_key key_from(uint64_t seed)
{
    struct random r;
    random_seed(&r, seed ^ 0x756470 /* "udp" */);
    return random_key(&r);
}

bool udp_init(struct udp *u, struct memory *m, const struct rill_config *config,
              struct rill_counters *counters)
{
    *u = (struct udp){
        .memory = m,
        .counters = counters,
        .port_key = key_from(config->seed),
        .ttl = config->ttl,
    };
    steer_init(&u->steer, config);
    list_init(&u->portless);
    list_init(&u->woken);
    list_init(&u->departed);
    for (int i = 0; i < RILL_PORTS_MAX; i++) {
        list_init(&u->sending[i]);
        list_init(&u->members[i]);
    }
    return udp_make_buckets(u, FEWEST_BUCKETS);
}

static void udp_drop_members(struct udp *u, struct udp_socket *s)
{
    for (struct udp_member *m; (m = udp_member_first(s)) != NULL;)
        udp_member_remove(u, s, m);
}

static void udp_end_list(struct udp *u, struct list *l)
{
    struct list_node *n;
    while ((n = list_first(l))) {
        struct udp_socket *s = socket_of(n);
        s->owner = NULL; /* the application may have freed it already */
        list_remove(n);
        udp_drop_received(u, s);
        udp_drop_unsent(u, s);
        errors_clear(&s->errors, u->memory);
        udp_drop_members(u, s);
        udp_forget(u, s);
    }
}

void udp_end(struct udp *u)
{
    if (!u->bucket)
        return;
    for (uint32_t i = 0; i < u->buckets; i++)
        udp_end_list(u, &u->bucket[i]);
    udp_end_list(u, &u->portless);
    udp_forget_departed(u);
    memory_put(u->memory, u->bucket, u->buckets * sizeof *u->bucket);
    u->bucket = NULL;
}

/* ---------------------------------------------------------------- sockets */

struct udp_socket *udp_open(struct udp *u, struct udp_owner *owner)
{
    assert(owner);
    struct udp_socket *s = memory_get(u->memory, sizeof *s);
    if (!s)
        return NULL;
    s->owner = owner;
    s->receive_buffer = s->send_buffer = UDP_BUFFER;
    s->ttl = u->ttl;
    s->multicast_ttl = 1; /* RFC 1112 6.1 */
    s->discovery = IP4_DISCOVERY_WANT;
    list_init(&s->received);
    list_init(&s->unsent);
    errors_init(&s->errors);
    list_init(&s->members);
    list_append(&u->portless, &s->node);
    return s;
}

void udp_close(struct udp *u, struct udp_socket *s)
{
    assert(list_empty(&s->members)); /* net has ended them */
    list_remove(&s->owner->woken);
    u->bound -= s->local_port != 0;
    s->owner = NULL;
    list_remove(&s->node);
    udp_drop_received(u, s);
    udp_want_errors(u, s, false);
    if (udp_first_unsent(s))
        list_append(&u->portless, &s->node);
    else
        udp_forget(u, s);
}

/* Linux's rule: two sockets may share a port if their addresses differ, if both have SO_REUSEADDR,
 * or if both have SO_REUSEPORT. */
static bool udp_collide(const struct udp_socket *a, const struct udp_socket *b,
                        struct rill_address local)
{
    bool shared = (a->reuse && b->reuse) || (a->reuse_port && b->reuse_port);
    return addresses_overlap(a->local, local) && !shared;
}

/* True if another socket prevents `s` from having the port on this address. */
static bool udp_port_taken(const struct udp *u, const struct udp_socket *s,
                           struct rill_address local, uint16_t port)
{
    struct list *bucket = udp_bucket(u, port);
    for (struct list_node *n = list_first(bucket); n; n = list_next(bucket, n)) {
        const struct udp_socket *other = socket_of(n);
        if (other->local_port == port && udp_collide(other, s, local))
            return true;
    }
    return false;
}

/* A free port, searched from an unpredictable one on (RFC 6056 3.3.1); 0 if all are taken. Ports
 * are visible on the wire, so they come from a keyed hash: they would reveal the state of a
 * generator. A chosen port is never shared, because a caller that names no port does not expect
 * sharing. */
static uint16_t udp_draw_port(struct udp *u, struct rill_address local)
{
    static const struct udp_socket unsharing;
    uint32_t range = steer_ports(&u->steer);
    uint64_t key = htole64(++u->drawn);
    uint32_t start = (uint32_t)(siphash_2_4(&u->port_key, &key, sizeof key) % range);
    for (uint32_t i = 0; i < range; i++) {
        uint16_t port = steer_port(&u->steer, start + i);
        if (!udp_port_taken(u, &unsharing, local, port))
            return port;
    }
    return 0;
}

int udp_bind(struct udp *u, struct udp_socket *s, struct rill_address local, uint16_t port)
{
    if (s->local_port)
        return -EINVAL;
    if (!port)
        port = udp_draw_port(u, local);
    if (!port || udp_port_taken(u, s, local, port))
        return -EADDRINUSE;
    s->local = local;
    s->local_port = port;
    list_remove(&s->node);
    u->bound++;
    udp_widen(u);
    list_append(udp_bucket(u, port), &s->node);
    return 0;
}

void udp_unbind(struct udp *u, struct udp_socket *s)
{
    s->local = (struct rill_address){{0}};
    u->bound -= s->local_port != 0;
    s->local_port = 0;
    list_remove(&s->node);
    list_append(&u->portless, &s->node);
}

void udp_connect(struct udp_socket *s, struct rill_address remote, uint16_t port)
{
    s->remote = remote;
    s->remote_port = port;
}

/* ------------------------------------------------------- what has arrived */

/* How well a socket matches: connected (3), bound to the address (2), bound to any (1); 0: no
 * match. */
static unsigned udp_fit(const struct udp_socket *s, const struct udp_arrival *a)
{
    if (s->local_port != a->header.destination)
        return 0;
    if (!rill_address_is_any(s->local) && !rill_address_equal(s->local, a->destination))
        return 0;
    if (udp_connected(s))
        return s->remote_port == a->header.source && rill_address_equal(s->remote, a->source) ? 3
                                                                                              : 0;
    return rill_address_is_any(s->local) ? 1 : 2;
}

/* Of several equal matches the one that was bound last, as in Linux. */
static struct udp_socket *udp_find(const struct udp *u, const struct udp_arrival *a)
{
    struct udp_socket *best = NULL;
    unsigned best_fit = 1;
    struct list *bucket = udp_bucket(u, a->header.destination);
    for (struct list_node *n = list_first(bucket); n; n = list_next(bucket, n)) {
        unsigned fit = udp_fit(socket_of(n), a);
        if (fit < best_fit)
            continue;
        best = socket_of(n);
        best_fit = fit;
    }
    return best;
}

static enum rill_drop udp_deliver(struct udp *u, struct udp_socket *s, const struct udp_arrival *a)
{
    enum rill_drop drop = udp_receive(u, s, a);
    u->counters->value[RILL_UdpInDatagrams] += drop == RILL_DROP_NONE;
    u->counters->value[RILL_UdpInErrors] += drop != RILL_DROP_NONE;
    u->counters->value[RILL_UdpRcvbufErrors] += drop == RILL_DROP_UDP_QUEUE_FULL;
    return drop;
}

/* RFC 1122 4.1.3.6 and 3.3.6: each matching socket gets a copy. Dropped only if none matches. */
static enum rill_drop udp_deliver_group(struct udp *u, const struct udp_arrival *a)
{
    enum rill_drop result = RILL_DROP_UDP_PORT;
    struct list *bucket = udp_bucket(u, a->header.destination);
    for (struct list_node *n = list_first(bucket); n; n = list_next(bucket, n)) {
        if (!udp_fit(socket_of(n), a) || (a->to_members && !udp_member_wants(socket_of(n), a)))
            continue;
        enum rill_drop drop = udp_deliver(u, socket_of(n), a);
        if (result != RILL_DROP_NONE)
            result = drop;
    }
    return result;
}

static enum rill_drop udp_deliver_one(struct udp *u, const struct udp_arrival *a)
{
    struct udp_socket *s = udp_find(u, a);
    return s ? udp_deliver(u, s, a) : RILL_DROP_UDP_PORT;
}

bool udp_takes_joined(const struct udp *u, const struct udp_arrival *a)
{
    const struct udp_socket *s = a->to_group ? NULL : udp_find(u, a);
    return s && s->joined;
}

enum rill_drop udp_input(struct udp *u, const struct udp_arrival *a)
{
    enum rill_drop drop =
        RILL_DROP_UDP_PORT; /* port 0 has no socket; as a source it is valid (RFC 768) */
    if (a->header.destination)
        drop = a->to_group ? udp_deliver_group(u, a) : udp_deliver_one(u, a);
    u->counters->value[RILL_UdpNoPorts] += drop == RILL_DROP_UDP_PORT;
    return drop;
}

/* Finds the socket that sent the quoted datagram: the one that would get an answer to it. */
static struct udp_socket *udp_find_quoted(const struct udp *u, const struct udp_icmp *icmp)
{
    struct udp_arrival answer = {
        .source = icmp->report.remote,
        .destination = icmp->local,
        .header = {.source = icmp->report.remote_port, .destination = icmp->local_port},
    };
    return udp_find(u, &answer);
}

bool udp_icmp(struct udp *u, const struct udp_icmp *icmp)
{
    struct udp_socket *s = udp_find_quoted(u, icmp);
    return s && udp_report(u, s, &icmp->report, icmp->data, icmp->fatal);
}

bool udp_mtu_plausible(const struct udp *u, const struct udp_icmp *icmp)
{
    const struct udp_socket *s = udp_find_quoted(u, icmp);
    return s && ip4_discovery_sets_df(udp_discovery(s)) &&
           ip4_discovery_heeds_icmp(udp_discovery(s));
}
