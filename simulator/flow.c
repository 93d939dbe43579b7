/* Flows: their two ends, and which application a frame wakes. */
#include "end.h"
#include "listener.h"
#include "sockets.h"
#include "wire/eth.h"
#include "wire/ip4.h"

#include <assert.h>
#include <errno.h>

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
    if (e)
        world_schedule(n->sim, &e->step, n->sim->now);
    else
        listener_wake(n, k.local_port);
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
    if (!end_init(f, 0) || !end_init(f, 1) || (!config->crosses && !listener_for(config)))
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
