#include "net/waiting.h"

#include <errno.h>

void waiting_release(struct net *net, struct neighbour *n)
{
    list_splice(&net->tcp.sending[n->port], &n->waiting[NET_WAITS_TCP]);
    list_splice(&net->udp.sending[n->port], &n->waiting[NET_WAITS_UDP]);
}

void waiting_fail(struct net *net, struct neighbour *n)
{
    struct list *tcp = &n->waiting[NET_WAITS_TCP], *udp = &n->waiting[NET_WAITS_UDP];
    while (!list_empty(tcp))
        tcp_unreachable(&net->tcp, sender_of(list_first(tcp)));
    while (!list_empty(udp))
        udp_fail(&net->udp, container_of(list_first(udp), struct udp_socket, sender), EHOSTUNREACH,
                 net->now);
}
