#include "net/net.h"

#include "net/message.h"
#include "net/way.h"

#include <errno.h>

static bool add_loopback(struct net *net)
{
    struct rill_port_config config = {.name = "lo", .mac = {2}, .mtu = UINT16_MAX, .can_checksum = false};
    if (net_port_add(net, &config) < 0)
        return false;
    net->port[RILL_LOOPBACK_PORT].link.loopback = true;
    struct local_address a = {.address = rill_address_ip4(0x7f000001),
                              .prefix = prefix_of_ip4(8),
                              .port = RILL_LOOPBACK_PORT,
                              .state = RILL_ADDRESS_READY};
    return address_add(&net->addresses, &a) == 0;
}

bool net_init(struct net *net, const struct rill_config *config, rill_time now)
{
    *net = (struct net){.config = *config, .now = now, .memory.budget = config->memory_budget};
    struct memory *m = &net->memory;
    random_seed(&net->random, config->seed);
    reassembly_init(&net->reassembly, m, &net->random, config->reassembly_memory, config->reassembly_time);
    peer_limit_init(&net->errors, &net->random, config->icmp_errors);
    limit_init(&net->resets, config->icmp_errors, config->icmp_errors);
    bool good = trace_init(&net->trace, m, config->trace_records);
    good = tcp_init(&net->tcp, m, &net->config, &net->trace, &net->counters) && good;
    good = udp_init(&net->udp, m, &net->config, &net->counters) && good;
    good = neighbours_init(&net->neighbours, m, &net->random, config->neighbours_max) && good;
    good = paths_init(&net->paths, m, &net->random, config->paths_max) && good;
    return good && add_loopback(net);
}

void net_end(struct net *net)
{
    tcp_end(&net->tcp);
    udp_end(&net->udp);
    neighbours_end(&net->neighbours);
    paths_end(&net->paths);
    reassembly_end(&net->reassembly);
    for (unsigned i = 0; i < net->ports; i++)
        owed_end(&net->port[i].owed);
    trace_end(&net->trace, &net->memory);
    assert(net->memory.used == 0); /* whoever took has given back */
}

void net_clock(struct net *net, rill_time now)
{
    net->now = max_of(net->now, now);
    net->tcp.now = net->now;
}

void net_drop(struct net *net, int port, enum rill_drop why)
{
    net->counters.drop[why]++;
    if (!trace_on(&net->trace))
        return;
    struct rill_trace_record r = {
        .when = net->now, .event = RILL_EVENT_DROP, .drop = (uint8_t)why, .port = (uint8_t)port};
    trace_write(&net->trace, &r);
}

/* Waiting nodes go back to where their islands look for senders. */
void net_neighbour_found(struct net *net, struct neighbour *n)
{
    list_splice(&net->tcp.sending[n->port], &n->waiting[NET_WAITS_TCP]);
    list_splice(&net->udp.sending[n->port], &n->waiting[NET_WAITS_UDP]);
}

/* The next hop does not answer: EHOSTUNREACH for whoever waits for it. */
static void neighbour_failed(struct net *net, struct neighbour *n)
{
    struct list *tcp = &n->waiting[NET_WAITS_TCP], *udp = &n->waiting[NET_WAITS_UDP];
    while (!list_empty(tcp))
        tcp_unreachable(&net->tcp, sender_of(list_first(tcp)));
    while (!list_empty(udp))
        udp_fail(&net->udp, container_of(list_first(udp), struct udp_socket, sender), EHOSTUNREACH);
}

void net_expire(struct net *net)
{
    struct reassembly_expired lost;
    tcp_expire(&net->tcp);
    for (struct neighbour *n; (n = neighbour_expire(&net->neighbours, net->now)) != NULL;)
        neighbour_failed(net, n);
    while (reassembly_expire(&net->reassembly, net->now, &lost)) {
        net->counters.drop[RILL_DROP_FRAGMENT_TIMEOUT]++;
        reply_reassembly_timeout(net, &lost);
    }
}

static bool port_has_work(const struct net *net, unsigned port)
{
    return owed_first(&net->port[port].owed) || neighbour_has_request(&net->neighbours, (int)port) ||
           !list_empty(&net->tcp.sending[port]) || !list_empty(&net->udp.sending[port]);
}

rill_time net_deadline(const struct net *net)
{
    for (unsigned i = 0; i < net->ports; i++)
        if (port_has_work(net, i))
            return net->now;
    rill_time next = min_of(tcp_deadline(&net->tcp), neighbours_deadline(&net->neighbours));
    next = min_of(next, reassembly_deadline(&net->reassembly));
    for (unsigned i = 0; i < net->claims; i++)
        next = min_of(next, claim_deadline(&net->claim[i].claim));
    return max_of(next, net->now);
}

/* The embedder's configuration. */

int net_port_add(struct net *net, const struct rill_port_config *config)
{
    if (!port_config_good(config))
        return -EINVAL;
    if (net->ports == RILL_PORTS_MAX)
        return -ENOSPC;
    struct net_port *p = &net->port[net->ports];
    if (!owed_init(&p->owed, &net->memory, net->config.echo_memory))
        return -ENOMEM;
    port_init(&p->link, config);
    paths_outdate(&net->paths);
    return (int)net->ports++;
}

static bool port_exists(const struct net *net, int port)
{
    return port >= 0 && (unsigned)port < net->ports;
}

int net_port_mtu(struct net *net, int port, uint16_t mtu)
{
    if (!port_exists(net, port) || mtu < PORT_MTU_MINIMUM)
        return -EINVAL;
    net->port[port].link.mtu = mtu;
    return 0;
}

static void start_claim(struct net *net, int port, struct rill_address a, bool probe)
{
    struct net_claim *c = &net->claim[net->claims++];
    *c = (struct net_claim){.address = a, .port = port};
    claim_start(&c->claim, rill_address_to_ip4(a), probe, &net->random, net->now);
}

/* IPv4's prefix lengths are those of the mapped address inside. */
static unsigned inner_prefix(struct rill_address a, unsigned prefix)
{
    return rill_address_is_ip4(a) ? prefix + 96 : prefix;
}

int net_address_add(struct net *net, int port, struct rill_address a, unsigned prefix, bool probe)
{
    if (!port_exists(net, port) || !rill_address_is_ip4(a) || prefix > 32)
        return -EINVAL;
    struct local_address entry = {.address = a,
                                  .prefix = inner_prefix(a, prefix),
                                  .port = port,
                                  .state = probe ? RILL_ADDRESS_PROBING : RILL_ADDRESS_READY};
    int failed = address_add(&net->addresses, &entry);
    if (failed)
        return -failed;
    struct route subnet = {.destination = a, .prefix = entry.prefix, .port = port, .on_link = true};
    failed = port == RILL_LOOPBACK_PORT ? 0 : route_add(&net->routes, &subnet);
    if (failed && failed != EEXIST) { /* EEXIST: a second address in the same subnet */
        address_remove(&net->addresses, port, a);
        return -failed;
    }
    if (port != RILL_LOOPBACK_PORT)
        start_claim(net, port, a, probe);
    paths_outdate(&net->paths);
    return 0;
}

static void remove_claim(struct net *net, int port, struct rill_address a)
{
    for (unsigned i = 0; i < net->claims; i++)
        if (net->claim[i].port == port && rill_address_equal(net->claim[i].address, a)) {
            net->claim[i] = net->claim[--net->claims];
            return;
        }
}

/* The subnet's route goes with its last address. */
static void remove_subnet(struct net *net, int port, struct rill_address a, unsigned prefix)
{
    for (unsigned i = 0; i < net->addresses.count; i++) {
        const struct local_address *other = &net->addresses.entry[i];
        if (other->port == port && other->prefix == prefix && prefix_holds(other->address, prefix, a))
            return;
    }
    route_remove(&net->routes, a, prefix);
}

int net_address_remove(struct net *net, int port, struct rill_address a)
{
    const struct local_address *entry = address_find(&net->addresses, port, a);
    if (!port_exists(net, port) || !entry)
        return -EADDRNOTAVAIL;
    unsigned prefix = entry->prefix;
    address_remove(&net->addresses, port, a);
    remove_claim(net, port, a);
    remove_subnet(net, port, a, prefix);
    paths_outdate(&net->paths);
    return 0;
}

enum rill_address_state net_address_state(const struct net *net, struct rill_address a)
{
    const struct local_address *entry =
        address_find((struct addresses *)&net->addresses, ADDRESS_ANY_PORT, a);
    return entry ? entry->state : RILL_ADDRESS_ABSENT;
}

int net_route_add(struct net *net, struct rill_address destination, unsigned prefix, int port,
                  struct rill_address gateway)
{
    if (!port_exists(net, port) || port == RILL_LOOPBACK_PORT || prefix > (rill_address_is_ip4(destination) ? 32 : 128))
        return -EINVAL;
    struct route r = {
        .destination = destination,
        .prefix = inner_prefix(destination, prefix),
        .port = port,
        .gateway = gateway,
        .on_link = rill_address_equal(gateway, (struct rill_address){{0}}) ||
                   rill_address_equal(gateway, rill_address_ip4(0)),
    };
    paths_outdate(&net->paths);
    return -route_add(&net->routes, &r);
}

int net_route_remove(struct net *net, struct rill_address destination, unsigned prefix)
{
    if (prefix > (rill_address_is_ip4(destination) ? 32 : 128))
        return -EINVAL;
    paths_outdate(&net->paths);
    return -route_remove(&net->routes, destination, inner_prefix(destination, prefix));
}

int net_neighbour_add(struct net *net, int port, struct rill_address a, const uint8_t mac[6])
{
    struct mac m;
    memcpy(m.byte, mac, sizeof m.byte);
    if (!port_exists(net, port) || !neighbour_mac_good(m))
        return -EINVAL;
    struct neighbour *n = neighbour_fix(&net->neighbours, port, a, m);
    if (!n)
        return -ENOBUFS;
    net_neighbour_found(net, n);
    return 0;
}
