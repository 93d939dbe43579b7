#include "sim/accidents.h"

#include "sim/attack.h"
#include "sim/build.h"
#include "sim/letters.h"

#include <assert.h>
#include <stdlib.h>

enum accident_kind {
    ACCIDENT_CUT,
    ACCIDENT_WEATHER,
    ACCIDENT_STALL,
    ACCIDENT_ATTACK,
    ACCIDENT_MTU,
    ACCIDENT_RESTART,
    ACCIDENT_MEMORY,
    ACCIDENT_SLEEP,
    ACCIDENT_ABORT,
    ACCIDENT_ROUTE,
    ACCIDENT_FLOOD,
    ACCIDENT_FRAGMENTS,
    ACCIDENT_KINDS
};

/* One in so many of each; harmful ones are rarer, so that most flows survive. */
static const uint8_t odds[ACCIDENT_KINDS] = {20, 20, 20, 50, 10, 3, 5, 20, 5, 0, 0, 0};
/* Not a host's MTU: it would drop what comes without DF, as no router is there to cut it. */
static const uint8_t corner_odds[ACCIDENT_KINDS] = {20, 20, 20, 20, 0, 3, 5, 20, 5, 20, 10, 20};

struct accident {
    struct trial *trial;
    enum accident_kind kind;
    unsigned which; /* host or link */
    uint64_t much;  /* length, number or amount */
};

static void heal_link(void *context)
{
    struct accident *a = context;
    rill_sim_link_cut(a->trial->link[a->which], false);
    trial_tell(a->trial, "link %u is healed", a->which);
    free(a);
}

/* A separate act heals the link, and owns the accident from then on. */
static bool cut(struct accident *a)
{
    rill_sim_link_cut(a->trial->link[a->which], true);
    trial_tell(a->trial, "link %u is cut for %llu ms", a->which,
               (unsigned long long)a->much / 1000000);
    return rill_sim_at(a->trial->sim, rill_sim_now(a->trial->sim) + (rill_time)a->much, heal_link,
                       a);
}

static void stall(struct accident *a, struct rill_sim_node *n)
{
    rill_sim_stall(n, rill_sim_now(a->trial->sim) + (rill_time)a->much);
    trial_tell(a->trial, "%s stalls for %llu ms", rill_sim_name(n),
               (unsigned long long)a->much / 1000000);
}

static void change_mtu(struct accident *a, struct rill_sim_node *n)
{
    rill_sim_host_mtu(n, (uint16_t)a->much);
    trial_tell(a->trial, "%s: MTU %llu", rill_sim_name(n), (unsigned long long)a->much);
}

static void lack_memory(struct accident *a, struct rill_sim_node *n)
{
    rill_memory_fail(rill_sim_stack(n), a->much);
    trial_tell(a->trial, "%s: allocation %llu from here fails", rill_sim_name(n),
               (unsigned long long)a->much);
}

/* From now on frames take another way, with another MTU. */
static void change_route(struct accident *a)
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
static void sleep_over(struct accident *a, struct rill_sim_flow *f, int end)
{
    rill_sim_flow_read(f, end, 0, RILL_NEVER);
    trial_tell(a->trial, "end %d of the flow on port %u reads no more", end,
               rill_sim_flow_config(f)->port);
}

static void abort_flow(struct accident *a, struct rill_sim_flow *f, int end)
{
    rill_sim_flow_abort(f, end);
    trial_tell(a->trial, "end %d of the flow on port %u is aborted", end,
               rill_sim_flow_config(f)->port);
}

static void happen_to_flow(struct accident *a)
{
    struct rill_sim_flow *f = draw_flow(a->trial);
    int end = (int)a->much & 1;
    if (f && a->kind == ACCIDENT_SLEEP)
        sleep_over(a, f, end);
    else if (f)
        abort_flow(a, f, end);
}

static void happen(void *context)
{
    struct accident *a = context;
    struct rill_sim_node *n = a->trial->host[a->which % a->trial->hosts];
    switch (a->kind) {
    case ACCIDENT_CUT:
        if (cut(a))
            return;
        break;
    case ACCIDENT_WEATHER:
        build_storm(a->trial, a->which % a->trial->links);
        break;
    case ACCIDENT_STALL:
        stall(a, n);
        break;
    case ACCIDENT_ATTACK:
        attack(a->trial, n, (unsigned)a->much);
        break;
    case ACCIDENT_MTU:
        change_mtu(a, n);
        break;
    case ACCIDENT_RESTART:
        trial_tell(a->trial, "%s restarts", rill_sim_name(n));
        rill_sim_restart(n);
        letters_restart(a->trial, n);
        break;
    case ACCIDENT_MEMORY:
        lack_memory(a, n);
        break;
    case ACCIDENT_SLEEP:
    case ACCIDENT_ABORT:
    case ACCIDENT_KINDS:
        happen_to_flow(a);
        break;
    case ACCIDENT_ROUTE:
        change_route(a);
        break;
    case ACCIDENT_FLOOD:
        attack_flood(a->trial, n, (unsigned)a->much);
        break;
    case ACCIDENT_FRAGMENTS:
        attack_fragments(a->trial, n, (unsigned)a->much);
        break;
    }
    free(a);
}

static enum accident_kind draw_kind(struct trial *t)
{
    const uint8_t *its = t->corners ? corner_odds : odds;
    unsigned sum = 0, kind = 0;
    for (unsigned i = 0; i < ACCIDENT_KINDS; i++)
        sum += its[i];
    uint64_t drawn = trial_draw(t, 0, sum - 1);
    for (; drawn >= its[kind]; kind++)
        drawn -= its[kind];
    return (enum accident_kind)kind;
}

/* Draws what kind and place leave open, and records what must not be expected any more. */
static void draw_rest(struct accident *a, rill_time when)
{
    struct trial *t = a->trial;
    a->which = (unsigned)trial_draw(t, 0, (a->kind == ACCIDENT_CUT ? t->links : t->hosts) - 1);
    uint64_t left = (uint64_t)(t->healed - when);
    switch (a->kind) {
    case ACCIDENT_CUT:
    case ACCIDENT_STALL:
        a->much = trial_draw_scale(t, left / 64 + 1, left + 1);
        for (unsigned i = 0; i < t->hosts; i++)
            t->refused[i] = true;
        break;
    case ACCIDENT_MTU:
    case ACCIDENT_ROUTE:
        a->much = trial_draw(t, 576, 1500);
        break;
    case ACCIDENT_FLOOD:
    case ACCIDENT_FRAGMENTS:
        a->much = trial_draw_scale(t, 64, 4096);
        break;
    case ACCIDENT_ATTACK:
        a->much = trial_draw_scale(t, 1, 64);
        break;
    case ACCIDENT_MEMORY:
        a->much = trial_draw_scale(t, 1, 64);
        t->harmed[a->which] = true;
        break;
    case ACCIDENT_SLEEP:
    case ACCIDENT_ABORT:
        a->much = trial_draw(t, 0, 1);
        break;
    default:
        t->harmed[a->which] |= a->kind == ACCIDENT_RESTART;
        break;
    }
}

void accidents_add(struct trial *t, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct accident *a = malloc(sizeof *a);
        assert(a);
        rill_time when = (rill_time)trial_draw(t, 0, (uint64_t)t->healed);
        *a = (struct accident){.trial = t, .kind = draw_kind(t)};
        draw_rest(a, when);
        bool good = rill_sim_at(t->sim, when, happen, a);
        assert(good);
    }
}

void accidents_heal(struct trial *t)
{
    trial_tell(t, "all is healed");
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
