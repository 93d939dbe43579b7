/* A receiver whose card joins what arrives: superframes come in, out of segments that were lost,
 * held back, doubled, damaged and marked on their way. Each byte is compared by the applications.
 */
#include "../unit/unit.h"

#include <rill/rill.h>
#include <rill/sim.h>

#define MS RILL_MILLISECONDS(1)

struct outcome {
    bool complete;
    uint64_t delivered, joined, acks; /* frames towards the reader, of those joined, and back */
    rill_time took;
};

static struct rill_sim_node *host(struct rill_sim *sim, bool sack)
{
    struct rill_sim_host_config h;
    rill_sim_host_config_init(&h);
    h.stack.tcp.sack = sack;
    h.stack.tcp.ecn = RILL_ECN_REQUEST;
    struct rill_sim_node *n = rill_sim_host_add(sim, &h);
    CU_ASSERT_PTR_NOT_NULL_FATAL(n);
    return n;
}

/* 3 MB from one host to another, which has seen all of it. */
static struct outcome transfer(uint64_t seed, struct rill_cable_config there, bool sack)
{
    struct rill_sim *sim = rill_sim_new(seed);
    struct rill_sim_flow_config f = {
        .node = {host(sim, sack), host(sim, sack)}, .port = 80, .app[0].bytes = 3000000};
    struct rill_cable_config back = {.delay = there.delay};
    struct rill_sim_link *link = rill_sim_link_add(sim, f.node[0], f.node[1], &there, &back);
    struct rill_sim_flow *flow = rill_sim_flow_add(sim, &f);
    rill_sim_run(sim, RILL_SECONDS(600), NULL, NULL);
    const struct rill_sim_end *a = rill_sim_end(flow, 0), *b = rill_sim_end(flow, 1);
    struct outcome o = {
        .complete = a->finished && b->finished && !a->error && !b->error && !b->wrong &&
                    b->received == 3000000,
        .delivered = rill_sim_link_stats(link, 0)->delivered,
        .joined = rill_sim_link_stats(link, 0)->joined,
        .acks = rill_sim_link_stats(link, 1)->delivered,
        .took = b->ended,
    };
    rill_sim_run(sim, RILL_NEVER, NULL, NULL);
    const char *remains = rill_sim_remains(sim);
    if (remains)
        fprintf(stderr, "%s\n", remains);
    CU_ASSERT_PTR_NULL(remains);
    rill_sim_free(sim);
    return o;
}

/* 1 Gbit/s, and a card that speaks up every 200 us: some 16 segments. */
static const struct rill_cable_config gigabit = {
    .delay = 2 * MS, .rate = 1000000000, .queue = 1 << 20, .coalesce = RILL_MICROSECONDS(200)};

static void superframes_are_acknowledged_one_by_one(void)
{
    struct rill_cable_config single = gigabit;
    single.coalesce = 0;
    struct outcome joined = transfer(1, gigabit, true), alone = transfer(1, single, true);
    CU_ASSERT_TRUE(joined.complete);
    CU_ASSERT_TRUE(alone.complete);
    CU_ASSERT_EQUAL(alone.joined, 0);
    CU_ASSERT(joined.joined > joined.delivered * 2 / 3);
    CU_ASSERT(joined.acks < alone.acks / 2);
    CU_ASSERT(joined.took < alone.took * 3 / 2); /* fewer ACKs do not slow the sender down */
}

static struct rill_cable_config harsh(uint64_t seed)
{
    struct rill_cable_config c = gigabit;
    c.loss_ppm = seed % 2 ? 10000 : 1000;
    c.reorder_ppm = seed % 3 ? 0 : 5000;
    c.duplicate_ppm = seed % 5 ? 0 : 5000;
    c.corrupt_ppm = seed % 4 ? 0 : 3000;
    c.jitter = seed % 7 ? 0 : MS;
    c.discipline = seed % 3 == 1 ? RILL_CABLE_STEP : RILL_CABLE_TAIL;
    return c;
}

static void nothing_is_lost_for_good_whatever_was_joined(void)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct outcome o = transfer(seed, harsh(seed), seed % 4 != 3);
        if (!o.complete)
            fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
        CU_ASSERT_TRUE(o.complete);
        CU_ASSERT(o.joined > 200);
    }
}

static const struct unit_test tests[] = {
    {"superframes are acknowledged one by one", superframes_are_acknowledged_one_by_one},
    {"nothing is lost for good, whatever was joined", nothing_is_lost_for_good_whatever_was_joined},
};

int main(void)
{
    return UNIT_MAIN("coalesce", tests);
}
