/* A learning switch (IEEE 802.1D 7.8): a frame goes to the port where its destination was last
 * seen, or to all ports except its own. */
#include "world.h"

#include "wire/eth.h"

#include <stdlib.h>

struct rill_sim_node *rill_sim_switch_add(struct rill_sim *sim, const char *name)
{
    struct rill_sim_node *n = node_add(sim, name, 's');
    if (!n)
        return NULL;
    n->is_switch = true;
    n->group = n;
    n->station = world_new(STATIONS_MAX * sizeof *n->station);
    return n->station ? n : NULL;
}

static struct station *station_find(struct rill_sim_node *n, struct mac mac)
{
    for (unsigned i = 0; i < n->stations; i++)
        if (!memcmp(n->station[i].mac, mac.byte, sizeof mac.byte))
            return &n->station[i];
    return NULL;
}

static void learn(struct rill_sim_node *n, struct mac mac, struct plug *at)
{
    struct station *s = station_find(n, mac);
    if (!s && n->stations < STATIONS_MAX && !mac_is_group(mac)) {
        s = &n->station[n->stations++];
        memcpy(s->mac, mac.byte, sizeof mac.byte);
    }
    if (s)
        s->at = at;
}

void switch_pass(struct rill_sim_node *n, struct plug *from, const struct rill_frame *frame)
{
    struct eth eth;
    struct rill_span payload;
    if (!eth_parse(&eth, span_of(frame->buffer + frame->start, frame->length), &payload))
        return;
    learn(n, eth.source, from);
    const struct station *to = station_find(n, eth.destination);
    for (struct plug *p = n->first; p; p = p->next)
        if (p != from && (!to || to->at == p))
            p->outer->ops->write(p->outer, frame, 1);
}
