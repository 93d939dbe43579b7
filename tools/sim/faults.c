#include "sim/faults.h"

#include "sim/attack.h"
#include "sim/build.h"
#include "sim/datagrams.h"

#include <assert.h>
#include <stdlib.h>

enum fault_kind {
    FAULT_CUT,
    FAULT_WEATHER,
    FAULT_STALL,
    FAULT_ATTACK,
    FAULT_MTU,
    FAULT_RESTART,
    FAULT_MEMORY,
    FAULT_SLEEP,
    FAULT_ABORT,
    FAULT_ROUTE,
    FAULT_FLOOD,
    FAULT_FRAGMENTS,
    FAULT_KINDS
};

/* One in so many of each; harmful ones are rarer, so that most flows survive. */
static const uint8_t odds[FAULT_KINDS] = {20, 20, 20, 50, 10, 3, 5, 20, 5, 0, 0, 0};
/* Not a host's MTU: it would drop what comes without DF, as no router is there to cut it. */
static const uint8_t corner_odds[FAULT_KINDS] = {20, 20, 20, 20, 0, 3, 5, 20, 5, 20, 10, 20};

struct fault {
    struct trial *trial;
    enum fault_kind kind;
    unsigned which; /* host or link */
    uint64_t much;  /* length, number or amount */
};

static void heal_link(void *context)
{
    struct fault *a = context;
    rill_sim_link_cut(a->trial->link[a->which], false);
    trial_print(a->trial, "link %u is healed", a->which);
    free(a);
}

/* A separate act heals the link, and owns the fault from then on. */
static bool cut(struct fault *a)
{
    rill_sim_link_cut(a->trial->link[a->which], true);
    trial_print(a->trial, "link %u is cut for %llu ms", a->which,
                (unsigned long long)a->much / 1000000);
    return rill_sim_at(a->trial->sim, rill_sim_now(a->trial->sim) + (rill_time)a->much, heal_link,
                       a);
}

static void stall(struct fault *a, struct rill_sim_node *n)
{
    rill_sim_stall(n, rill_sim_now(a->trial->sim) + (rill_time)a->much);
    trial_print(a->trial, "%s stalls for %llu ms", rill_sim_name(n),
                (unsigned long long)a->much / 1000000);
}

static void change_mtu(struct fault *a, struct rill_sim_node *n)
{
    rill_sim_host_mtu(n, (uint16_t)a->much);
    trial_print(a->trial, "%s: MTU %llu", rill_sim_name(n), (unsigned long long)a->much);
}

static void lack_memory(struct fault *a, struct rill_sim_node *n)
{
    rill_memory_fail(rill_sim_stack(n), a->much);
    trial_print(a->trial, "%s: allocation %llu from here fails", rill_sim_name(n),
                (unsigned long long)a->much);
}

/* From now on frames take another way, with another MTU. */
static void change_route(struct fault *a)
{
    struct trial *t = a->trial;
    unsigned link = a->which % t->links;
    bool told = trial_once_in(t, 2);
    for (int i = 0; i < 2; i++) {
        t->calm[link][i].mtu = (uint16_t)a->much;
        t->calm[link][i].reports_mtu = told;
    }
    build_storm(t, link);
}

/* One of the flows that have begun; NULL: there is none. */
static struct rill_sim_flow *draw_flow(struct trial *t)
{
    struct rill_sim_flow *chosen = NULL;
    uint64_t seen = 0;
    for (struct rill_sim_flow *f = rill_sim_flow_first(t->sim); f; f = rill_sim_flow_next(f))
        if (rill_sim_end(f, 0)->opened != RILL_NEVER && trial_once_in(t, ++seen))
            chosen = f;
    return chosen;
}

/* Reads nothing until everything is healed: the window closes. */
static void sleep_over(struct fault *a, struct rill_sim_flow *f, int end)
{
    rill_sim_flow_read(f, end, 0, RILL_NEVER);
    trial_print(a->trial, "end %d of the flow on port %u reads no more", end,
                rill_sim_flow_config(f)->port);
}

static void abort_flow(struct fault *a, struct rill_sim_flow *f, int end)
{
    rill_sim_flow_abort(f, end);
    trial_print(a->trial, "end %d of the flow on port %u is aborted", end,
                rill_sim_flow_config(f)->port);
}

static void happen_to_flow(struct fault *a)
{
    struct rill_sim_flow *f = draw_flow(a->trial);
    int end = (int)a->much & 1;
    if (f && a->kind == FAULT_SLEEP)
        sleep_over(a, f, end);
    else if (f)
        abort_flow(a, f, end);
}

static void happen(void *context)
{
    struct fault *a = context;
    struct rill_sim_node *n = a->trial->host[a->which % a->trial->hosts];
    switch (a->kind) {
    case FAULT_CUT:
        if (cut(a))
            return;
        break;
    case FAULT_WEATHER:
        build_storm(a->trial, a->which % a->trial->links);
        break;
    case FAULT_STALL:
        stall(a, n);
        break;
    case FAULT_ATTACK:
        attack(a->trial, n, (unsigned)a->much);
        break;
    case FAULT_MTU:
        change_mtu(a, n);
        break;
    case FAULT_RESTART:
        trial_print(a->trial, "%s restarts", rill_sim_name(n));
        rill_sim_restart(n);
        datagrams_restart(a->trial, n);
        break;
    case FAULT_MEMORY:
        lack_memory(a, n);
        break;
    case FAULT_SLEEP:
    case FAULT_ABORT:
    case FAULT_KINDS:
        happen_to_flow(a);
        break;
    case FAULT_ROUTE:
        change_route(a);
        break;
    case FAULT_FLOOD:
        attack_flood(a->trial, n, (unsigned)a->much);
        break;
    case FAULT_FRAGMENTS:
        attack_fragments(a->trial, n, (unsigned)a->much);
        break;
    }
    free(a);
}

static enum fault_kind draw_kind(struct trial *t)
{
    const uint8_t *its = t->corners ? corner_odds : odds;
    unsigned sum = 0, kind = 0;
    for (unsigned i = 0; i < FAULT_KINDS; i++)
        sum += its[i];
    uint64_t drawn = trial_draw(t, 0, sum - 1);
    for (; drawn >= its[kind]; kind++)
        drawn -= its[kind];
    return (enum fault_kind)kind;
}

/* Draws what kind and place leave open, and records what must not be expected any more. */
static void draw_rest(struct fault *a, rill_time when)
{
    struct trial *t = a->trial;
    a->which = (unsigned)trial_draw(t, 0, (a->kind == FAULT_CUT ? t->links : t->hosts) - 1);
    uint64_t left = (uint64_t)(t->healed - when);
    switch (a->kind) {
    case FAULT_CUT:
    case FAULT_STALL:
        a->much = trial_draw_scale(t, left / 64 + 1, left + 1);
        for (unsigned i = 0; i < t->hosts; i++)
            t->refused[i] = true;
        break;
    case FAULT_MTU:
    case FAULT_ROUTE:
        a->much = trial_draw(t, 576, 1500);
        break;
    case FAULT_FLOOD:
    case FAULT_FRAGMENTS:
        a->much = trial_draw_scale(t, 64, 4096);
        break;
    case FAULT_ATTACK:
        a->much = trial_draw_scale(t, 1, 64);
        break;
    case FAULT_MEMORY:
        a->much = trial_draw_scale(t, 1, 64);
        t->harmed[a->which] = true;
        break;
    case FAULT_SLEEP:
    case FAULT_ABORT:
        a->much = trial_draw(t, 0, 1);
        break;
    default:
        t->harmed[a->which] |= a->kind == FAULT_RESTART;
        break;
    }
}

void faults_add(struct trial *t, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct fault *a = malloc(sizeof *a);
        assert(a);
        rill_time when = (rill_time)trial_draw(t, 0, (uint64_t)t->healed);
        *a = (struct fault){.trial = t, .kind = draw_kind(t)};
        draw_rest(a, when);
        bool good = rill_sim_at(t->sim, when, happen, a);
        assert(good);
    }
}

void faults_heal(struct trial *t)
{
    trial_print(t, "all is healed");
    for (unsigned i = 0; i < t->links; i++)
        build_calm(t, i);
    for (unsigned i = 0; i < t->hosts; i++)
        rill_memory_fail(rill_sim_stack(t->host[i]), 0);
    for (struct rill_sim_flow *f = rill_sim_flow_first(t->sim); f; f = rill_sim_flow_next(f))
        for (int end = 0; end < 2; end++) { /* stalled readers continue */
            const struct rill_sim_app *a = &rill_sim_flow_config(f)->app[end];
            rill_sim_flow_read(f, end, a->read_chunk, a->read_pause);
        }
}
