/* Flows: their two ends, listeners, and which application a frame wakes. */
#include "app.h"
#include "sockets.h"
#include "wire/eth.h"
#include "wire/ip4.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define BACKLOG 4096

/* ---- Listeners ---- */

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

static bool flow_listen(const struct rill_sim_flow_config *c)
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

void flow_wake_listener(const struct end *e)
{
    struct listener *l = listener_find(e->flow->config.node[e->index], e->local_port);
    if (l)
        world_schedule(l->node->sim, &l->accept, l->node->sim->now);
}

void flow_relisten(struct rill_sim_node *n)
{
    for (struct listener *l = n->listeners; l; l = l->next) {
        bool good = listener_open(l);
        assert(good);
    }
}

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

/* ---- Waking ---- */

void flow_wake_all(struct rill_sim_node *n)
{
    struct rill_sim *sim = n->sim;
    for (struct rill_sim_flow *f = sim->first_flow; f; f = f->next)
        for (int i = 0; i < 2; i++)
            if (f->config.node[i] == n && f->end[i].seen.fd >= 0)
                world_schedule(sim, &f->end[i].step, sim->now);
    for (struct listener *l = n->listeners; l; l = l->next)
        world_schedule(sim, &l->accept, sim->now);
}

static void wake_by_ports(struct rill_sim_node *n, uint32_t remote, const uint8_t *ports)
{
    struct end_key k = {.node = n,
                        .remote = remote,
                        .local_port = wire_get16(ports + 2),
                        .remote_port = wire_get16(ports)};
    struct end *e = end_find(n->sim, &k);
    struct listener *l = e ? NULL : listener_find(n, k.local_port);
    if (e)
        world_schedule(n->sim, &e->step, n->sim->now);
    if (l)
        world_schedule(n->sim, &l->accept, n->sim->now);
}

void flow_wake(struct rill_sim_node *n, const struct rill_frame *frame)
{
    struct eth eth;
    struct ip4 ip;
    struct rill_span packet, payload;
    if (!eth_parse(&eth, span_of(frame->buffer + frame->start, frame->length), &packet) ||
        eth.type != ETH_TYPE_IP4 || ip4_parse(&ip, packet, &payload) != RILL_DROP_NONE)
        return;
    if (ip.protocol != IP_PROTOCOL_TCP || ip.more_fragments || ip.fragment_offset)
        flow_wake_all(n);
    else if (payload.length >= 4)
        wake_by_ports(n, ip.source, payload.at);
}

/* ---- Flows ---- */

bool flow_waits(const struct rill_sim_flow *flow, uint16_t *local_port)
{
    const struct rill_sim_flow_config *c = &flow->config;
    struct rill_sim_flow *f = c->node[0]->calling[*local_port % CALLING_BUCKETS];
    for (; f; f = f->same_port) {
        if (f->end[0].local_port != *local_port || f->config.node[1] != c->node[1] ||
            f->config.port != c->port)
            continue;
        if (!rill_sim_flow_over(f))
            return true;
        if (!f->end[0].seen.finished || !f->end[1].seen.finished)
            *local_port = 0;
    }
    return false;
}

static bool end_init(struct rill_sim_flow *f, int i)
{
    struct end *e = &f->end[i];
    e->flow = f;
    e->index = (uint8_t)i;
    e->app = f->config.app[i];
    e->seen = (struct rill_sim_end){.opened = RILL_NEVER, .ended = RILL_NEVER, .fd = -1};
    e->done = RILL_NEVER;
    e->read = e->app.read_pause == RILL_NEVER ? RILL_NEVER : 0;
    return world_event(f->sim, &e->step, EVENT_STEP);
}

struct rill_sim_flow *rill_sim_flow_add(struct rill_sim *sim,
                                        const struct rill_sim_flow_config *config)
{
    assert(!config->node[0]->is_switch && !config->node[1]->is_switch);
    assert(config->port != 0 && (config->local_port != 0 || !config->crosses));
    struct rill_sim_flow *f = world_new(sizeof *f);
    if (!f)
        return NULL;
    f->sim = sim;
    f->config = *config;
    f->number = ++sim->flows;
    *sim->flow_end = f;
    sim->flow_end = &f->next;
    if (!end_init(f, 0) || !end_init(f, 1) || (!config->crosses && !flow_listen(config)))
        return NULL; /* rill_sim_free frees the unfinished parts */
    world_schedule(sim, &f->end[0].step, config->start);
    if (config->crosses) {
        f->end[0].local_port = config->local_port; /* a part of both ends' keys */
        world_schedule(sim, &f->end[1].step, config->start);
    }
    return f;
}

void flow_host_down(struct rill_sim_node *n)
{
    for (struct rill_sim_flow *f = n->sim->first_flow; f; f = f->next)
        for (int i = 0; i < 2; i++)
            if (f->config.node[i] == n && f->end[i].seen.fd >= 0) {
                f->forgotten |= i == 0;
                end_over(&f->end[i], ECONNRESET);
            }
}

const struct rill_sim_flow_config *rill_sim_flow_config(const struct rill_sim_flow *f)
{
    return &f->config;
}

const struct rill_sim_end *rill_sim_end(const struct rill_sim_flow *f, int end)
{
    assert(end == 0 || end == 1);
    return &f->end[end].seen;
}

bool rill_sim_flow_over(const struct rill_sim_flow *f)
{
    const struct rill_sim_end *server = &f->end[1].seen;
    bool never_began = server->opened == RILL_NEVER && !f->config.crosses;
    return f->end[0].seen.ended != RILL_NEVER && (server->ended != RILL_NEVER || never_began);
}

static void wake(struct end *e)
{
    if (e->seen.fd >= 0)
        world_schedule(e->flow->sim, &e->step, e->flow->sim->now);
}

void rill_sim_flow_stop(struct rill_sim_flow *f, int end)
{
    f->end[end].app.bytes = f->end[end].seen.sent;
    wake(&f->end[end]);
}

void rill_sim_flow_read(struct rill_sim_flow *f, int end, uint32_t chunk, rill_time pause)
{
    struct end *e = &f->end[end];
    e->app.read_chunk = chunk;
    e->app.read_pause = pause;
    e->read = pause == RILL_NEVER ? RILL_NEVER : f->sim->now;
    wake(e);
}

void rill_sim_flow_abort(struct rill_sim_flow *f, int end)
{
    struct rill *before = rill_current();
    if (f->end[end].seen.fd >= 0)
        end_abort(&f->end[end]);
    rill_use(before);
}

struct rill_sim_flow *rill_sim_flow_first(const struct rill_sim *sim)
{
    return sim->first_flow;
}

struct rill_sim_flow *rill_sim_flow_next(const struct rill_sim_flow *f)
{
    return f->next;
}
