#include "sim/scenario.h"

#include "sim/mixed.h"
#include "sim/monitor.h"

#include <assert.h>
#include <string.h>

static const struct scenario scenarios[] = {
    {"mixed", "everything bad at once, for a while; then everything must come to its end",
     mixed_run},
    {"rare", "the same with rare options and settings of applications and hosts", mixed_run_rare},
    {"corners", "the same with datagrams, and with even rarer features", mixed_run_corners},
    {"long", "the same with much more to say, and thousands of connections", mixed_run_long},
};

const struct scenario *scenario_at(unsigned i)
{
    return i < sizeof scenarios / sizeof *scenarios ? &scenarios[i] : NULL;
}

const struct scenario *scenario_find(const char *name)
{
    const struct scenario *s;
    for (unsigned i = 0; (s = scenario_at(i)) != NULL; i++)
        if (!strcmp(s->name, name))
            return s;
    return NULL;
}

void scenario_run(const struct scenario *s, struct trial *t)
{
    t->sim = rill_sim_new(t->seed);
    assert(t->sim);
    struct monitor *w = monitor_begin(t);
    s->run(t);
    monitor_end(w);
    struct rill_sim_stats stats = rill_sim_stats(t->sim);
    t->ended = rill_sim_now(t->sim);
    t->segments = stats.segments;
    t->events = stats.events;
    t->hash = stats.hash;
    rill_sim_free(t->sim);
    t->sim = NULL;
}
