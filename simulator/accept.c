/* A listener's turn: which flow a new connection belongs to. */
#include "end.h"
#include "sockets.h"

static struct rill_sim_node *host_of(struct rill_sim *sim, uint32_t address)
{
    for (struct rill_sim_node *n = sim->first_node; n; n = n->next)
        if (!n->is_switch && n->config.address == address)
            return n;
    return NULL;
}

/* The flow to which an accepted connection belongs, found by the client's port. If several flows
 * used the port, the last one. */
static struct rill_sim_flow *flow_of(const struct listener *l, const struct socket_name *peer)
{
    uint32_t address = name_address(peer);
    uint16_t port = name_port(peer);
    struct rill_sim_node *client = host_of(l->node->sim, address);
    struct rill_sim_flow *found = NULL;
    for (struct rill_sim_flow *f = client ? client->calling[port % CALLING_BUCKETS] : NULL; f;
         f = f->same_port)
        if (f->config.node[1] == l->node && f->config.port == l->port && !f->config.crosses &&
            f->end[0].local_port == port && f->end[1].seen.opened == RILL_NEVER) {
            if (found && f->forgotten)
                return NULL; /* ambiguous: the new flow's, or the old one's, from before */
            found = found ? found : f;
        }
    return found;
}

static void accept_one(struct listener *l, int fd, const struct socket_name *peer)
{
    struct rill_sim_flow *f = flow_of(l, peer);
    if (!f) { /* no flow's: after a restart, or from an attacker. A normal close would hide that */
        socket_abort(fd);
        return;
    }
    struct end *e = &f->end[1];
    e->seen.fd = fd;
    if (f->config.prepare)
        f->config.prepare(f->config.context, 1, fd);
    end_remember(e, l->port);
    end_opened(e);
    world_schedule(f->sim, &e->step, f->sim->now);
}

void listener_accept(struct listener *l)
{
    struct socket_name peer = name_of(l->config.mapped, 0, 0);
    int fd;
    if (l->node->sim->now < l->node->stalled) {
        world_schedule(l->node->sim, &l->accept, l->node->stalled);
        return;
    }
    rill_use(l->node->stack);
    while ((fd = rill_accept4(l->fd, &peer.any, &peer.length, SOCK_NONBLOCK)) >= 0)
        accept_one(l, fd, &peer);
    rill_sim_touch(l->node);
}
