#include "net/net.h"

#include "net/waiting.h"

void net_clock(struct net *net, rill_time now)
{
    net->now = max_of(net->now, now);
    net->tcp.now = net->now;
}

uint16_t net_ip_id(struct net *net)
{
    uint64_t n = htole64(net->id_count++);
    return (uint16_t)siphash_2_4(&net->id_key, &n, sizeof n);
}

void net_notices_changed(struct net *net)
{
    net->notices_at = groups_deadline(&net->groups);
    for (unsigned i = 0; i < net->claims; i++)
        net->notices_at = min_of(net->notices_at, claim_deadline(&net->claim[i].claim));
}

bool net_port_has_work(const struct net *net, int port)
{
    return reply_queue_first(&net->port[port].replies) ||
           neighbour_has_request(&net->neighbours, port) || !list_empty(&net->tcp.sending[port]) ||
           !list_empty(&net->udp.sending[port]);
}

rill_time net_deadline(const struct net *net)
{
    for (unsigned i = 0; i < net->ports; i++)
        if (net_port_has_work(net, (int)i))
            return net->now;
    rill_time next = min_of(tcp_deadline(&net->tcp), neighbours_deadline(&net->neighbours));
    next = min_of(next, reassembly_deadline(&net->reassembly));
    return max_of(min_of(next, net->notices_at), net->now);
}

bool net_drained(const struct net *net)
{
    if (groups_deadline(&net->groups) <= net->now) /* groups that were left */
        return false;
    for (unsigned i = 0; i < net->ports; i++)
        if (reply_queue_first(&net->port[i].replies) || !list_empty(&net->udp.sending[i]))
            return false;
    return !neighbours_have_waiters(&net->neighbours, NET_WAITS_UDP) && tcp_drained(&net->tcp);
}
