#include "net/config.h"

#include "net/waiting.h"

#include <errno.h>

bool net_has_index(const struct net *net, uint32_t index)
{
    for (unsigned i = 0; i < net->ports; i++)
        if (net->port[i].link.index == index)
            return true;
    return false;
}

static uint32_t free_index(const struct net *net)
{
    uint32_t index = net->ports + 1;
    while (net_has_index(net, index))
        index++;
    return index;
}

int net_port_add(struct net *net, const struct rill_port_config *config)
{
    uint32_t index = config->index ? config->index : free_index(net);
    if (!port_config_good(config) || net_has_index(net, index))
        return -EINVAL;
    if (net->ports == RILL_PORTS_MAX)
        return -ENOSPC;
    struct net_port *p = &net->port[net->ports];
    if (!reply_queue_init(&p->replies, &net->memory, net->config.echo_memory))
        return -ENOMEM;
    port_init(&p->link, config);
    p->link.index = index;
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
    uint16_t before = net->port[port].link.mtu;
    net->port[port].link.mtu = mtu;
    if (mtu < before)
        tcp_narrow_port(&net->tcp, port, (uint16_t)(mtu - IP4_HEADER));
    return 0;
}

static void start_claim(struct net *net, int port, struct rill_address a, bool probe)
{
    struct net_claim *c = &net->claim[net->claims++];
    *c = (struct net_claim){.address = a, .port = port};
    claim_start(&c->claim, rill_address_to_ip4(a), probe, &net->random, net->now);
    net_notices_changed(net);
}

/* An IPv4 prefix length as that of the mapped address. */
static unsigned inner_prefix(struct rill_address a, unsigned prefix)
{
    return rill_address_is_ip4(a) ? prefix + 96 : prefix;
}

int net_address_add(struct net *net, int port, struct rill_address a, unsigned prefix, bool probe)
{
    bool claims = net->steer.core == 0; /* of the cores that share the address, one claims it */
    if (!port_exists(net, port) || !rill_address_is_ip4(a) || prefix > 32)
        return -EINVAL;
    struct local_address entry = {.address = a,
                                  .prefix = inner_prefix(a, prefix),
                                  .port = port,
                                  .state =
                                      claims && probe ? RILL_ADDRESS_PROBING : RILL_ADDRESS_READY};
    int failed = address_add(&net->addresses, &entry);
    if (failed)
        return -failed;
    struct route subnet = {.destination = a, .prefix = entry.prefix, .port = port, .on_link = true};
    failed = port == RILL_LOOPBACK_PORT ? 0 : route_add(&net->routes, &subnet);
    if (failed && failed != EEXIST) { /* EEXIST: a second address in the same subnet */
        address_remove(&net->addresses, port, a);
        return -failed;
    }
    if (port != RILL_LOOPBACK_PORT && claims)
        start_claim(net, port, a, probe);
    paths_outdate(&net->paths);
    return 0;
}

static void remove_claim(struct net *net, int port, struct rill_address a)
{
    for (unsigned i = 0; i < net->claims; i++)
        if (net->claim[i].port == port && rill_address_equal(net->claim[i].address, a)) {
            net->claim[i] = net->claim[--net->claims];
            net_notices_changed(net);
            return;
        }
}

/* Removes the subnet's route with its last address. */
static void remove_subnet(struct net *net, int port, struct rill_address a, unsigned prefix)
{
    for (unsigned i = 0; i < net->addresses.count; i++) {
        const struct local_address *other = &net->addresses.entry[i];
        if (other->port == port && other->prefix == prefix &&
            prefix_holds(other->address, prefix, a))
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
    if (!port_exists(net, port) || port == RILL_LOOPBACK_PORT ||
        prefix > (rill_address_is_ip4(destination) ? 32 : 128))
        return -EINVAL;
    struct route r = {
        .destination = destination,
        .prefix = inner_prefix(destination, prefix),
        .port = port,
        .gateway = gateway,
        .on_link = rill_address_is_any(gateway) || rill_address_equal(gateway, rill_address_ip4(0)),
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
    struct neighbour *n = neighbour_add_static(&net->neighbours, port, a, m);
    if (!n)
        return -ENOBUFS;
    waiting_release(net, n);
    return 0;
}
