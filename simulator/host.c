/* A host: a stack, its ports, and when the stack's output is fetched. */
#include "world.h"

#include "base/bytes.h"
#include "draw.h"
#include "listener.h"
#include "segment.h"

#include <assert.h>
#include <rill/loopback.h>
#include <stdio.h>
#include <stdlib.h>

void rill_sim_host_config_init(struct rill_sim_host_config *c)
{
    *c = (struct rill_sim_host_config){.prefix = 8, .mtu = 1500, .gso_max = 65535};
    rill_config_init(&c->stack);
    c->stack.check = true;
}

static bool host_boot(struct rill_sim_node *n)
{
    struct rill_config config = n->config.stack;
    config.seed += draw(&n->sim->seeds);
    n->aborts = 0;
    n->stack = rill_new(&config, n->sim->now);
    return n->stack != NULL;
}

struct rill_sim_node *rill_sim_host_add(struct rill_sim *sim,
                                        const struct rill_sim_host_config *config)
{
    struct rill_sim_node *n = node_add(sim, config->name, 'h');
    if (!n)
        return NULL;
    n->config = *config;
    sim->hosts++;
    if (!n->config.address)
        n->config.address = 0x0a000000 + sim->hosts;
    return world_event(sim, &n->output, EVENT_OUTPUT) && host_boot(n) ? n : NULL;
}

struct rill *rill_sim_stack(const struct rill_sim_node *n)
{
    assert(!n->is_switch);
    return n->stack;
}

uint32_t rill_sim_address(const struct rill_sim_node *n)
{
    return n->config.address;
}

const uint8_t *rill_sim_mac(const struct rill_sim_node *n)
{
    assert(!n->is_switch && n->first);
    return n->first->device.facts.mac;
}

const char *rill_sim_name(const struct rill_sim_node *n)
{
    return n->name;
}

/* ---- Ports ---- */

/* Adds the stack's port for a plug. */
static bool host_port(struct rill_sim_node *n, struct plug *p)
{
    p->port = rill_port_add(n->stack, &p->device.facts);
    if (p->port < 0)
        return false;
    return p != n->first || rill_address_add(n->stack, p->port, rill_address_ip4(n->config.address),
                                             n->config.prefix, false) == 0;
}

static bool host_capture(struct rill_sim_node *n, struct plug *p)
{
    p->outer = rill_capture_device(&p->device, n->capture, capture_time);
    if (!p->outer) {
        p->outer = &p->device;
        return false;
    }
    n->capture = NULL;
    rill_capture_explain(p->outer, n->stack);
    return true;
}

bool host_plug(struct rill_sim_node *n, struct plug *p)
{
    unsigned count = 0;
    for (const struct plug *i = n->first; i; i = i->next)
        count++;
    struct rill_port_config *facts = &p->device.facts;
    *facts = (struct rill_port_config){.mtu = n->config.mtu,
                                       .can_gather = true,
                                       .can_checksum = true,
                                       .gso_max = n->config.gso_max};
    snprintf(facts->name, sizeof facts->name, "eth%u", count - 1);
    uint8_t mac[6] = {2, 0, (uint8_t)count, 0, (uint8_t)(n->number >> 8), (uint8_t)n->number};
    memcpy(facts->mac, mac, sizeof mac);
    if (!host_port(n, p))
        return false;
    rill_sim_touch(n);
    return !n->capture || host_capture(n, p);
}

void rill_sim_capture(struct rill_sim_node *n, struct rill_capture *capture)
{
    assert(!n->first && !n->capture);
    n->capture = capture;
}

void rill_sim_host_mtu(struct rill_sim_node *n, uint16_t mtu)
{
    for (struct plug *p = n->first; p; p = p->next) {
        p->device.facts.mtu = mtu;
        int failed = rill_port_mtu(n->stack, p->port, mtu);
        assert(!failed);
    }
    n->config.mtu = mtu;
    rill_sim_touch(n);
}

/* ---- In and out ---- */

void host_receive(struct rill_sim_node *n, int port, const struct rill_frame *frame, unsigned count)
{
    rill_receive(n->stack, port, frame, count, n->sim->now);
    for (unsigned i = 0; i < count; i++)
        flow_wake(n, &frame[i]);
    rill_sim_touch(n);
}

void rill_sim_inject(struct rill_sim_node *n, const uint8_t *frame, size_t length)
{
    struct rill_frame f = world_frames(n->sim)[0];
    assert(!n->is_switch && n->first && length <= f.room);
    if (n->sim->now < n->stalled)
        return;
    memcpy(f.buffer, frame, length);
    f.length = (uint32_t)length;
    host_receive(n, n->first->port, &f, 1);
}

static void hash_in(uint64_t *hash, uint64_t value)
{
    *hash = (*hash ^ value) * 0x9fb21c651e98df25u;
    *hash ^= *hash >> 32;
}

/* Hashes the bytes in the buffer, which are the headers; the application checks the text. */
static void note_sent(struct rill_sim_node *n, const struct rill_frame *f)
{
    struct rill_sim_stats *s = &n->sim->stats;
    const uint8_t *at = f->buffer + f->start;
    s->segments += segment_count(f);
    hash_in(&s->hash, (uint64_t)n->sim->now);
    hash_in(&s->hash, (uint64_t)n->number << 32 | rill_frame_length(f));
    for (uint32_t i = 0; i < f->length; i++)
        s->hash = (s->hash ^ at[i]) * 0x100000001b3u;
    if (n->sim->saw)
        n->sim->saw(n->sim->saw_context, n, f);
}

static void plug_send(struct plug *p)
{
    struct rill_sim *sim = p->link->sim;
    unsigned n;
    do {
        struct rill_frame *frame = world_frames(sim);
        n = rill_transmit(p->node->stack, p->port, frame, RILL_BATCH_MAX, sim->now);
        for (unsigned i = 0; i < n; i++)
            note_sent(p->node, &frame[i]);
        if (n > 0)
            p->outer->ops->write(p->outer, frame, n);
    } while (n == RILL_BATCH_MAX);
}

/* A connection that the stack aborts may cause no frame, so the counters show it. */
static uint64_t count_aborts(const struct rill_sim_node *n)
{
    const uint64_t *value = rill_counters(n->stack)->value;
    return value[RILL_TcpExtTCPAbortOnTimeout] + value[RILL_TcpExtTCPAbortOnMemory] +
           value[RILL_TcpAttemptFails] + value[RILL_TcpEstabResets];
}

void host_output(struct rill_sim_node *n)
{
    if (n->sim->now < n->stalled) {
        rill_sim_touch(n);
        return;
    }
    for (struct plug *p = n->first; p; p = p->next)
        plug_send(p);
    rill_loopback_turn(n->stack, n->sim->now);
    uint64_t aborts = count_aborts(n);
    if (aborts != n->aborts)
        flow_wake_all(n);
    n->aborts = aborts;
    world_schedule(n->sim, &n->output, rill_deadline(n->stack));
}

/* ---- Faults ---- */

void rill_sim_stall(struct rill_sim_node *n, rill_time until)
{
    n->stalled = max_of(n->stalled, until);
}

void rill_sim_restart(struct rill_sim_node *n)
{
    flow_host_down(n);
    for (struct plug *p = n->first; p; p = p->next)
        if (p->outer != &p->device)
            rill_capture_explain(p->outer, NULL);
    rill_free(n->stack);
    bool good = host_boot(n);
    for (struct plug *p = n->first; p; p = p->next) {
        good = good && host_port(n, p);
        if (p->outer != &p->device)
            rill_capture_explain(p->outer, n->stack);
    }
    assert(good);
    listeners_reopen(n);
    rill_sim_touch(n);
}

void host_end(struct rill_sim_node *n)
{
    for (struct plug *p = n->first; p; p = p->next)
        if (p->outer != &p->device)
            p->outer->ops->close(p->outer);
    rill_capture_close(n->capture);
    if (rill_current() == n->stack)
        rill_use(NULL);
    if (n->stack)
        rill_free(n->stack);
    for (struct listener *l = n->listeners, *next; l; l = next) {
        next = l->next;
        free(l);
    }
}
