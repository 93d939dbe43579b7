/* Links: cables between nodes, and the devices that represent them to a host's ports. */
#include "world.h"

#include "base/bytes.h"
#include "draw.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

void plug_schedule(struct plug *p)
{
    rill_time when = rill_cable_arrival(p->link->cable, p->end);
    if (!p->node->is_switch && when != RILL_NEVER)
        when = max_of(when, p->node->stalled);
    world_schedule(p->link->sim, &p->arrival, when);
}

static struct plug *plug_of(struct rill_device *d)
{
    return container_of(d, struct plug, device);
}

static int plug_read(struct rill_device *d, struct rill_frame *frame, unsigned max)
{
    struct plug *p = plug_of(d);
    return (int)rill_cable_take(p->link->cable, p->end, frame, max, p->link->sim->now);
}

static int plug_write(struct rill_device *d, const struct rill_frame *frame, unsigned n)
{
    struct plug *p = plug_of(d);
    for (unsigned i = 0; i < n; i++)
        rill_cable_put(p->link->cable, p->end, &frame[i], p->link->sim->now);
    for (int e = 0; e < 2 && n > 0; e++) /* an ICMP answer may come back */
        plug_schedule(&p->link->plug[e]);
    return (int)n;
}

static int plug_descriptor(const struct rill_device *d)
{
    (void)d;
    return -1;
}

/* The link outlives its devices. */
static void plug_close(struct rill_device *d)
{
    (void)d;
}

static bool plug_init(struct plug *p, struct rill_sim_link *l, int end, struct rill_sim_node *node)
{
    static const struct rill_device_ops ops = {
        .read = plug_read,
        .write = plug_write,
        .descriptor = plug_descriptor,
        .close = plug_close,
    };
    *p = (struct plug){.device.ops = &ops, .link = l, .end = end, .node = node};
    p->outer = &p->device;
    if (!world_event(l->sim, &p->arrival, EVENT_ARRIVAL))
        return false;
    if (node->last)
        node->last->next = p;
    else
        node->first = p;
    node->last = p;
    return node->is_switch || host_plug(node, p);
}

void plug_arrive(struct plug *p)
{
    struct rill_sim *sim = p->link->sim;
    struct rill_frame *frame = world_frames(sim);
    if (p->node->is_switch) {
        while (p->outer->ops->read(p->outer, frame, 1) == 1)
            switch_pass(p->node, p, frame);
    } else if (sim->now >= p->node->stalled) {
        int n = p->outer->ops->read(p->outer, frame, RILL_BATCH_MAX);
        if (n > 0)
            host_receive(p->node, p->port, frame, (unsigned)n);
    }
    plug_schedule(p);
}

/* ---- Connected groups ---- */

static struct rill_sim_node *group_of(struct rill_sim_node *n)
{
    while (n->group != n)
        n = n->group;
    return n;
}

/* False: the two switches are connected already; another link would make a loop. */
static bool groups_join(struct rill_sim_node *a, struct rill_sim_node *b)
{
    if (!a->is_switch || !b->is_switch)
        return true;
    a = group_of(a);
    b = group_of(b);
    a->group = b;
    return a != b;
}

struct rill_sim_link *rill_sim_link_add(struct rill_sim *sim, struct rill_sim_node *a,
                                        struct rill_sim_node *b,
                                        const struct rill_cable_config *there,
                                        const struct rill_cable_config *back)
{
    assert(a != b);
    if (!groups_join(a, b)) {
        errno = ELOOP;
        return NULL;
    }
    struct rill_sim_link *l = world_new(sizeof *l);
    if (!l)
        return NULL;
    l->sim = sim;
    l->next = sim->links;
    sim->links = l;
    l->cable = rill_cable_new(there, back, draw(&sim->seeds));
    bool good = l->cable != NULL;
    for (int e = 0; e < 2; e++)
        good = good && plug_init(&l->plug[e], l, e, e == 0 ? a : b);
    return good ? l : NULL; /* rill_sim_free frees the unfinished parts */
}

void rill_sim_link_change(struct rill_sim_link *l, int direction,
                          const struct rill_cable_config *config)
{
    /* frames that have left by now keep the old configuration */
    rill_cable_take(l->cable, !direction, NULL, 0, l->sim->now);
    rill_cable_change(l->cable, direction, config);
    plug_schedule(&l->plug[!direction]);
}

const struct rill_cable_config *rill_sim_link_config(const struct rill_sim_link *l, int direction)
{
    return rill_cable_config(l->cable, direction);
}

const struct rill_cable_stats *rill_sim_link_stats(const struct rill_sim_link *l, int direction)
{
    return rill_cable_stats(l->cable, direction);
}

void rill_sim_link_cut(struct rill_sim_link *l, bool is_cut)
{
    for (int i = 0; i < 2; i++) {
        struct rill_cable_config c = *rill_cable_config(l->cable, i);
        c.cut = is_cut;
        rill_sim_link_change(l, i, &c);
    }
}
