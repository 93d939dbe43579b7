/* Common parts of the simulator's objects: memory, places in the event heap, frames. */
#include "world.h"

#include "base/bytes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static _Thread_local rill_time capture_now; /* the clock function of a device has no context */

rill_time capture_time(void)
{
    return capture_now;
}

void world_advance(struct rill_sim *sim, rill_time when)
{
    sim->now = capture_now = when;
}

void *world_new(size_t bytes)
{
    void *it = calloc(1, bytes);
    if (!it)
        errno = ENOMEM;
    return it;
}

bool world_event(struct rill_sim *sim, struct event *e, enum event_kind kind)
{
    e->kind = kind;
    if (heap_reserve(&sim->heap, sim->events + 1)) {
        sim->events++;
        return true;
    }
    errno = ENOMEM;
    return false;
}

void world_schedule(struct rill_sim *sim, struct event *e, rill_time when)
{
    if (when == RILL_NEVER)
        heap_remove(&sim->heap, &e->node);
    else
        heap_set(&sim->heap, &e->node, max_of(when, sim->now));
}

struct rill_frame *world_frames(struct rill_sim *sim)
{
    for (size_t i = 0; i < RILL_BATCH_MAX; i++)
        sim->frame[i] = (struct rill_frame){.buffer = sim->buffers + i * WORLD_FRAME_ROOM,
                                            .room = WORLD_FRAME_ROOM};
    return sim->frame;
}

struct rill_sim_node *node_add(struct rill_sim *sim, const char *name, char initial)
{
    struct rill_sim_node *n = world_new(sizeof *n);
    if (!n)
        return NULL;
    n->sim = sim;
    n->number = ++sim->nodes;
    *sim->node_end = n;
    sim->node_end = &n->next;
    if (name && *name)
        snprintf(n->name, sizeof n->name, "%s", name);
    else
        snprintf(n->name, sizeof n->name, "%c%u", initial, n->number);
    return n;
}

void rill_sim_touch(struct rill_sim_node *n)
{
    world_schedule(n->sim, &n->output, max_of(n->sim->now, n->stalled));
}
