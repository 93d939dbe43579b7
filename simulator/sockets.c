#include "sockets.h"

#include <string.h>

struct socket_name name_of(bool mapped, uint32_t address, uint16_t port)
{
    struct socket_name n = {.length = sizeof n.ip4};
    if (!mapped) {
        n.ip4 = (struct sockaddr_in){
            .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(address)};
        return n;
    }
    n.length = sizeof n.ip6;
    n.ip6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
    if (address)
        memcpy(&n.ip6.sin6_addr, rill_address_ip4(address).byte, sizeof n.ip6.sin6_addr);
    return n;
}

uint32_t name_address(const struct socket_name *n)
{
    if (n->any.sa_family == AF_INET)
        return ntohl(n->ip4.sin_addr.s_addr);
    uint32_t low;
    memcpy(&low, &n->ip6.sin6_addr.s6_addr[12], sizeof low);
    return ntohl(low);
}

uint16_t name_port(const struct socket_name *n)
{
    return ntohs(n->any.sa_family == AF_INET ? n->ip4.sin_port : n->ip6.sin6_port);
}

static struct end **bucket_of(struct rill_sim *sim, const struct end_key *k)
{
    uint64_t mixed = ((uint64_t)k->remote << 32 | (uint32_t)k->local_port << 16 | k->remote_port) +
                     k->node->number * 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    return &sim->bucket[(mixed >> 40) % SOCKET_BUCKETS];
}

static struct end_key key_of(const struct end *e)
{
    const struct rill_sim_flow_config *c = &e->flow->config;
    uint16_t ports[2] = {e->flow->end[0].local_port, c->port};
    return (struct end_key){.node = c->node[e->index],
                            .remote = c->node[!e->index]->config.address,
                            .local_port = ports[e->index],
                            .remote_port = ports[!e->index]};
}

static bool same_key(const struct end_key *a, const struct end_key *b)
{
    return a->node == b->node && a->remote == b->remote && a->local_port == b->local_port &&
           a->remote_port == b->remote_port;
}

struct end *end_find(struct rill_sim *sim, const struct end_key *k)
{
    for (struct end *e = *bucket_of(sim, k); e; e = e->same_bucket) {
        struct end_key its = key_of(e);
        if (same_key(&its, k))
            return e;
    }
    return NULL;
}

void end_remember(struct end *e, uint16_t local_port)
{
    e->local_port = local_port;
    if (e->index == 0 && !e->flow->config.crosses) { /* for those who accept */
        struct rill_sim_flow **calling =
            &e->flow->config.node[0]->calling[local_port % CALLING_BUCKETS];
        e->flow->same_port = *calling;
        *calling = e->flow;
    }
    struct end_key k = key_of(e);
    struct end **bucket = bucket_of(e->flow->sim, &k);
    e->same_bucket = *bucket;
    *bucket = e;
    e->in_table = true;
}

void end_forget(struct end *e)
{
    if (!e->in_table)
        return;
    struct end_key k = key_of(e);
    struct end **at = bucket_of(e->flow->sim, &k);
    while (*at != e)
        at = &(*at)->same_bucket;
    *at = e->same_bucket;
    e->in_table = false;
}
