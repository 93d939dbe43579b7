/* The simulator: hosts, links, switches and applications on one clock, from one seed. */
#include "../unit/unit.h"

#include <errno.h>
#include <rill/rill.h>
#include <rill/sim.h>

#define MS RILL_MILLISECONDS(1)

static struct rill_sim_node *host(struct rill_sim *sim)
{
    struct rill_sim_host_config h;
    rill_sim_host_config_init(&h);
    struct rill_sim_node *n = rill_sim_host_add(sim, &h);
    CU_ASSERT_PTR_NOT_NULL_FATAL(n);
    return n;
}

/* Two hosts on one link. */
struct two {
    struct rill_sim *sim;
    struct rill_sim_node *node[2];
    struct rill_sim_link *link;
};

static struct two two_hosts(uint64_t seed, struct rill_cable_config way)
{
    struct two t = {.sim = rill_sim_new(seed)};
    for (int i = 0; i < 2; i++)
        t.node[i] = host(t.sim);
    t.link = rill_sim_link_add(t.sim, t.node[0], t.node[1], &way, &way);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t.link);
    return t;
}

static struct rill_sim_flow *flow(struct two *t, struct rill_sim_app client,
                                  struct rill_sim_app server)
{
    struct rill_sim_flow_config f = {
        .node = {t->node[0], t->node[1]}, .port = 80, .app = {client, server}};
    return rill_sim_flow_add(t->sim, &f);
}

static bool is_complete(const struct rill_sim_flow *f)
{
    const struct rill_sim_end *a = rill_sim_end(f, 0), *b = rill_sim_end(f, 1);
    return a->finished && b->finished && !a->error && !b->error && !a->wrong && !b->wrong &&
           a->received == b->sent && b->received == a->sent;
}

static void two_hosts_talk_and_nothing_remains(void)
{
    struct two t = two_hosts(1, (struct rill_cable_config){.delay = 10 * MS, .loss_ppm = 10000});
    struct rill_sim_flow *f =
        flow(&t, (struct rill_sim_app){.bytes = 1000000}, (struct rill_sim_app){.bytes = 2000000});
    rill_sim_run(t.sim, RILL_SECONDS(60), NULL, NULL);
    CU_ASSERT(is_complete(f));
    CU_ASSERT_EQUAL(rill_sim_end(f, 1)->received, 1000000);
    CU_ASSERT_EQUAL(rill_sim_end(f, 0)->received, 2000000);
    CU_ASSERT_PTR_NOT_NULL(rill_sim_remains(t.sim)); /* TIME_WAIT */
    rill_sim_run(t.sim, RILL_NEVER, NULL, NULL);
    CU_ASSERT_PTR_NULL(rill_sim_remains(t.sim));
    rill_sim_free(t.sim);
}

static const struct unit_test tests[] = {
    {"two hosts talk, and nothing remains", two_hosts_talk_and_nothing_remains},
};

int main(void)
{
    return UNIT_MAIN("simulator", tests);
}
