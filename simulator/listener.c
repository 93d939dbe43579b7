#include "listener.h"

#include "sockets.h"

#include <assert.h>

#define BACKLOG 4096

static bool listener_open(struct listener *l)
{
    struct rill *before = rill_use(l->node->stack);
    const struct rill_sim_flow_config *c = &l->config;
    struct socket_name here = name_of(c->mapped, 0, l->port);
    l->fd = rill_socket(here.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    bool good = l->fd >= 0 && rill_bind(l->fd, &here.any, here.length) == 0 &&
                rill_listen(l->fd, c->backlog ? c->backlog : BACKLOG) == 0;
    if (good && c->prepare_listener)
        c->prepare_listener(c->context, l->fd);
    rill_use(before);
    return good;
}

static struct listener *listener_find(struct rill_sim_node *n, uint16_t port)
{
    for (struct listener *l = n->listeners; l; l = l->next)
        if (l->port == port)
            return l;
    return NULL;
}

bool listener_for(const struct rill_sim_flow_config *c)
{
    struct rill_sim_node *n = c->node[1];
    uint16_t port = c->port;
    if (listener_find(n, port))
        return true;
    struct listener *l = world_new(sizeof *l);
    if (!l)
        return false;
    *l = (struct listener){.node = n, .port = port, .config = *c, .next = n->listeners};
    n->listeners = l;
    return world_event(n->sim, &l->accept, EVENT_ACCEPT) && listener_open(l);
}

void listener_wake(struct rill_sim_node *n, uint16_t port)
{
    struct listener *l = listener_find(n, port);
    if (l)
        world_schedule(n->sim, &l->accept, n->sim->now);
}

void listeners_reopen(struct rill_sim_node *n)
{
    for (struct listener *l = n->listeners; l; l = l->next) {
        bool good = listener_open(l);
        assert(good);
    }
}
