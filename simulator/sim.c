/* The simulator's main loop: takes events off the heap; it alone moves the clock. */
#include "world.h"

#include "base/bytes.h"
#include "draw.h"
#include "text.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { TURNS_MAX = 1000000 }; /* at one instant: more means an endless loop */

static void nodes_free(struct rill_sim *sim)
{
    for (struct rill_sim_node *n = sim->first_node, *next; n; n = next) {
        next = n->next;
        host_end(n);
        free(n->station);
        free(n);
    }
}

void rill_sim_free(struct rill_sim *sim)
{
    if (!sim)
        return;
    nodes_free(sim);
    for (struct rill_sim_link *l = sim->links, *next; l; l = next) {
        next = l->next;
        rill_cable_free(l->cable);
        free(l);
    }
    for (struct rill_sim_flow *f = sim->first_flow, *next; f; f = next) {
        next = f->next;
        free(f);
    }
    for (struct act *a = sim->acts.next, *next; a != &sim->acts; a = next) {
        next = a->next;
        free(a);
    }
    heap_end(&sim->heap);
    free(sim->buffers);
    free(sim->text);
    free(sim);
}

struct rill_sim *rill_sim_new(uint64_t seed)
{
    struct rill_sim *sim = world_new(sizeof *sim);
    if (!sim)
        return NULL;
    sim->memory.budget = SIZE_MAX;
    sim->seeds = seed;
    random_seed(&sim->random, draw(&sim->seeds));
    heap_init(&sim->heap, &sim->memory);
    sim->node_end = &sim->first_node;
    sim->flow_end = &sim->first_flow;
    sim->acts.next = sim->acts.previous = &sim->acts;
    sim->buffers = malloc((size_t)RILL_BATCH_MAX * WORLD_FRAME_ROOM);
    sim->text = malloc(TEXT_PERIOD + TEXT_RUN);
    if (!sim->buffers || !sim->text) {
        rill_sim_free(sim);
        errno = ENOMEM;
        return NULL;
    }
    text_fill(sim->text);
    return sim;
}

rill_time rill_sim_now(const struct rill_sim *sim)
{
    return sim->now;
}

uint64_t rill_sim_draw(struct rill_sim *sim, uint64_t bound)
{
    return random_below(&sim->random, bound);
}

struct rill_sim_stats rill_sim_stats(const struct rill_sim *sim)
{
    return sim->stats;
}

void rill_sim_watch(struct rill_sim *sim,
                    void (*saw)(void *, struct rill_sim_node *, const struct rill_frame *),
                    void *context)
{
    sim->saw = saw;
    sim->saw_context = context;
}

/* ---- Acts ---- */

bool rill_sim_at(struct rill_sim *sim, rill_time when, void (*act)(void *), void *context)
{
    struct act *a = world_new(sizeof *a);
    if (!a || !world_event(sim, &a->event, EVENT_ACT)) {
        free(a);
        return false;
    }
    a->act = act;
    a->context = context;
    a->next = &sim->acts;
    a->previous = sim->acts.previous;
    a->previous->next = sim->acts.previous = a;
    world_schedule(sim, &a->event, when);
    return true;
}

static void act(struct rill_sim *sim, struct act *a)
{
    struct act it = *a;
    a->previous->next = a->next;
    a->next->previous = a->previous;
    sim->events--;
    free(a);
    it.act(it.context);
}

/* ---- Running ---- */

static void happen(struct rill_sim *sim, struct event *e)
{
    sim->stats.events++;
    switch (e->kind) {
    case EVENT_ARRIVAL:
        plug_arrive(container_of(e, struct plug, arrival));
        break;
    case EVENT_OUTPUT:
        host_output(container_of(e, struct rill_sim_node, output));
        break;
    case EVENT_STEP:
        end_step(container_of(e, struct end, step));
        break;
    case EVENT_ACCEPT:
        listener_accept(container_of(e, struct listener, accept));
        break;
    case EVENT_ACT:
        act(sim, container_of(e, struct act, event));
        break;
    }
}

rill_time rill_sim_run(struct rill_sim *sim, rill_time until, bool (*stop)(void *), void *context)
{
    struct rill *current = rill_current();
    bool stopped = false;
    for (unsigned turns = 1; !stopped && heap_first_time(&sim->heap) <= until; turns++) {
        rill_time when = heap_first_time(&sim->heap);
        if (when == RILL_NEVER)
            break;
        turns = when > sim->now ? 1 : turns;
        assert(turns <= TURNS_MAX);
        world_advance(sim, when);
        struct heap_node *n = heap_pop(&sim->heap, when);
        happen(sim, container_of(n, struct event, node));
        stopped = stop && stop(context);
    }
    if (!stopped && until != RILL_NEVER)
        sim->now = max_of(sim->now, until);
    rill_use(current);
    return sim->now;
}

/* ---- What is left ---- */

static const char *flow_remains(struct rill_sim *sim)
{
    for (const struct rill_sim_flow *f = sim->first_flow; f; f = f->next)
        if (!rill_sim_flow_over(f)) {
            snprintf(sim->sentence, sizeof sim->sentence, "flow %u from %s to %s is not over",
                     f->number, f->config.node[0]->name, f->config.node[1]->name);
            return sim->sentence;
        }
    return NULL;
}

const char *rill_sim_remains(struct rill_sim *sim)
{
    const char *what = flow_remains(sim);
    for (const struct rill_sim_node *n = sim->first_node; n && !what; n = n->next) {
        if (n->is_switch || rill_deadline(n->stack) == RILL_NEVER)
            continue;
        snprintf(sim->sentence, sizeof sim->sentence, "the stack of %s waits for something",
                 n->name);
        what = sim->sentence;
    }
    for (const struct rill_sim_link *l = sim->links; l && !what; l = l->next) {
        if (rill_cable_deadline(l->cable) == RILL_NEVER)
            continue;
        snprintf(sim->sentence, sizeof sim->sentence, "a frame is under way from or to %s",
                 l->plug[0].node->name);
        what = sim->sentence;
    }
    return what;
}
