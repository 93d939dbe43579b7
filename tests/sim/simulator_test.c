/* The simulator: hosts, links, switches and applications on one clock, from one seed. */
#include "../unit/unit.h"

#include <errno.h>
#include <rill/rill.h>
#include <rill/sim.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* Runs a bad link for a while; what has been sent, and when. */
static uint64_t trace_of(uint64_t seed)
{
    struct rill_cable_config bad = {.delay = 5 * MS,
                                    .jitter = 3 * MS,
                                    .rate = 5000000,
                                    .loss_ppm = 20000,
                                    .reorder_ppm = 20000,
                                    .discipline = RILL_CABLE_RED};
    struct two t = two_hosts(seed, bad);
    for (int i = 0; i < 3; i++)
        flow(&t, (struct rill_sim_app){.bytes = 200000}, (struct rill_sim_app){.bytes = 50000});
    rill_sim_run(t.sim, RILL_SECONDS(100), NULL, NULL);
    struct rill_sim_stats s = rill_sim_stats(t.sim);
    CU_ASSERT(s.segments > 300);
    CU_ASSERT(s.events > s.segments);
    rill_sim_free(t.sim);
    return s.hash;
}

static void the_seed_decides_all(void)
{
    CU_ASSERT_EQUAL(trace_of(1), trace_of(1));
    CU_ASSERT_NOT_EQUAL(trace_of(1), trace_of(2));
    CU_ASSERT_EQUAL(trace_of(UINT64_MAX), trace_of(UINT64_MAX));
}

/* ---- Time ---- */

struct diary {
    struct rill_sim *sim;
    rill_time at[4];
    unsigned count;
};

static void note(void *context)
{
    struct diary *d = context;
    d->at[d->count++] = rill_sim_now(d->sim);
}

static bool has_two(void *context)
{
    const struct diary *d = context;
    return d->count == 2;
}

static void acts_happen_in_the_order_of_their_times(void)
{
    struct diary d = {.sim = rill_sim_new(1)};
    rill_time when[4] = {30 * MS, 10 * MS, 20 * MS, 50 * MS};
    for (int i = 0; i < 4; i++)
        CU_ASSERT(rill_sim_at(d.sim, when[i], note, &d));
    CU_ASSERT_EQUAL(rill_sim_run(d.sim, 40 * MS, has_two, &d), 20 * MS);
    CU_ASSERT_EQUAL(rill_sim_run(d.sim, 40 * MS, NULL, NULL), 40 * MS);
    CU_ASSERT_EQUAL(d.count, 3);
    CU_ASSERT_EQUAL(d.at[2], 30 * MS);
    CU_ASSERT_EQUAL(rill_sim_run(d.sim, RILL_NEVER, NULL, NULL), 50 * MS);
    CU_ASSERT_EQUAL(rill_sim_run(d.sim, RILL_NEVER, NULL, NULL), 50 * MS); /* nothing is left */
    rill_sim_free(d.sim);
}

/* ---- Switches ---- */

static void switches_learn_and_refuse_circles(void)
{
    struct rill_sim *sim = rill_sim_new(3);
    struct rill_cable_config way = {.delay = MS};
    struct rill_sim_node *s[3], *h[4];
    struct rill_sim_link *leaf[4];
    for (int i = 0; i < 3; i++)
        s[i] = rill_sim_switch_add(sim, NULL);
    for (int i = 0; i < 2; i++)
        CU_ASSERT_PTR_NOT_NULL(rill_sim_link_add(sim, s[i], s[i + 1], &way, &way));
    CU_ASSERT_PTR_NULL(rill_sim_link_add(sim, s[2], s[0], &way, &way));
    CU_ASSERT_EQUAL(errno, ELOOP);
    for (int i = 0; i < 4; i++) {
        h[i] = host(sim);
        leaf[i] = rill_sim_link_add(sim, h[i], s[i % 3], &way, &way);
    }
    struct rill_sim_flow_config f = {.node = {h[0], h[2]}, .port = 9, .app[0].bytes = 100000};
    struct rill_sim_flow *one = rill_sim_flow_add(sim, &f);
    rill_sim_run(sim, RILL_SECONDS(10), NULL, NULL);
    CU_ASSERT(is_complete(one));
    CU_ASSERT(rill_sim_link_stats(leaf[2], 1)->delivered > 60);
    CU_ASSERT(rill_sim_link_stats(leaf[3], 1)->delivered < 20); /* what was broadcast */
    rill_sim_free(sim);
}

/* ---- Accidents ---- */

static void a_cut_is_survived_and_a_restart_is_noticed(void)
{
    struct two t =
        two_hosts(4, (struct rill_cable_config){.delay = MS, .rate = 1000000, .queue = 20000});
    struct rill_sim_app much = {.bytes = 1000000}, nothing = {0};
    struct rill_sim_flow *f = flow(&t, much, nothing);
    rill_sim_run(t.sim, RILL_SECONDS(1), NULL, NULL);
    rill_sim_link_cut(t.link, true);
    uint64_t before = rill_sim_end(f, 1)->received;
    rill_sim_run(t.sim, RILL_SECONDS(5), NULL, NULL);
    CU_ASSERT(rill_sim_end(f, 1)->received <= before + 21000); /* what was waiting */
    rill_sim_link_cut(t.link, false);
    rill_sim_run(t.sim, RILL_SECONDS(60), NULL, NULL);
    CU_ASSERT(is_complete(f));

    f = flow(&t, much, nothing);
    rill_sim_run(t.sim, RILL_SECONDS(61), NULL, NULL);
    rill_sim_restart(t.node[1]);
    rill_sim_run(t.sim, RILL_SECONDS(70), NULL, NULL);
    CU_ASSERT_EQUAL(rill_sim_end(f, 1)->error, ECONNRESET);
    CU_ASSERT(rill_sim_end(f, 0)->error == ECONNRESET || rill_sim_end(f, 0)->error == EPIPE);
    CU_ASSERT(rill_sim_flow_over(f));
    f = flow(&t, much, nothing); /* it listens again */
    rill_sim_run(t.sim, RILL_SECONDS(100), NULL, NULL);
    CU_ASSERT(is_complete(f));
    rill_sim_free(t.sim);
}

static void a_host_that_stalls_does_nothing(void)
{
    struct two t = two_hosts(5, (struct rill_cable_config){.delay = MS, .rate = 10000000});
    struct rill_sim_flow *f =
        flow(&t, (struct rill_sim_app){.bytes = 2000000}, (struct rill_sim_app){0});
    rill_sim_run(t.sim, RILL_SECONDS(1), NULL, NULL);
    uint64_t before = rill_sim_end(f, 1)->received;
    rill_sim_stall(t.node[1], RILL_SECONDS(3));
    rill_sim_run(t.sim, RILL_SECONDS(3) - 1, NULL, NULL);
    CU_ASSERT(before > 0);
    CU_ASSERT_EQUAL(rill_sim_end(f, 1)->received, before);
    rill_sim_run(t.sim, RILL_SECONDS(30), NULL, NULL);
    CU_ASSERT(is_complete(f));
    rill_sim_free(t.sim);
}

/* ---- Applications ---- */

static void forged_text_is_noticed_by_applications_only(void)
{
    struct two t = two_hosts(6, (struct rill_cable_config){.delay = MS, .forge_ppm = 100000});
    struct rill_sim_flow *f =
        flow(&t, (struct rill_sim_app){.bytes = 1000000}, (struct rill_sim_app){0});
    rill_sim_run(t.sim, RILL_SECONDS(30), NULL, NULL);
    CU_ASSERT_EQUAL(rill_sim_end(f, 1)->received, 1000000);
    CU_ASSERT(rill_sim_end(f, 1)->wrong > 0);
    CU_ASSERT(rill_sim_end(f, 1)->wrong <= rill_sim_link_stats(t.link, 0)->forged);
    rill_sim_free(t.sim);
}

static void a_slow_reader_reads_as_slowly_as_it_wants(void)
{
    struct two t = two_hosts(7, (struct rill_cable_config){.delay = MS});
    struct rill_sim_app slow = {.read_chunk = 1000, .read_pause = 10 * MS};
    struct rill_sim_flow *f = flow(&t, (struct rill_sim_app){.bytes = 1000000}, slow);
    rill_sim_run(t.sim, RILL_SECONDS(5), NULL, NULL);
    CU_ASSERT(rill_sim_end(f, 1)->received > 490000);
    CU_ASSERT(rill_sim_end(f, 1)->received <= 500000);
    rill_sim_flow_read(f, 1, 0, RILL_NEVER);
    uint64_t before = rill_sim_end(f, 1)->received;
    rill_sim_run(t.sim, RILL_SECONDS(100), NULL, NULL); /* zero window */
    CU_ASSERT_EQUAL(rill_sim_end(f, 1)->received, before);
    rill_sim_flow_read(f, 1, 0, 0);
    rill_sim_run(t.sim, RILL_SECONDS(200), NULL, NULL);
    CU_ASSERT(is_complete(f));
    rill_sim_free(t.sim);
}

static void applications_answer_half_close_and_abort(void)
{
    struct two t = two_hosts(8, (struct rill_cable_config){.delay = MS});
    struct rill_sim_app asks = {.bytes = 1000}, answers = {.bytes = 50000, .answers = true};
    struct rill_sim_flow *f = flow(&t, asks, answers);
    struct rill_sim_app aborts = {.bytes = 1000000, .abort_after = 3000};
    struct rill_sim_flow *g = flow(&t, (struct rill_sim_app){.bytes = 5000}, aborts);
    rill_sim_run(t.sim, RILL_SECONDS(10), NULL, NULL);
    CU_ASSERT(is_complete(f));
    CU_ASSERT(rill_sim_end(g, 1)->aborted);
    CU_ASSERT(rill_sim_end(g, 1)->received >= 3000);
    CU_ASSERT_EQUAL(rill_sim_end(g, 0)->error, ECONNRESET);
    rill_sim_free(t.sim);
}

static void an_endless_flow_ends_when_it_is_told_to(void)
{
    struct two t = two_hosts(9, (struct rill_cable_config){.delay = MS, .rate = 8000000});
    struct rill_sim_flow *f =
        flow(&t, (struct rill_sim_app){.bytes = RILL_SIM_ENDLESS}, (struct rill_sim_app){0});
    rill_sim_run(t.sim, RILL_SECONDS(10), NULL, NULL);
    uint64_t ten = rill_sim_end(f, 1)->received;
    rill_sim_run(t.sim, RILL_SECONDS(20), NULL, NULL);
    uint64_t goodput =
        rill_sim_end(f, 1)->received - ten; /* a million bytes a second, less headers */
    CU_ASSERT(goodput > 9200000 && goodput < 9600000);
    rill_sim_flow_stop(f, 0);
    rill_sim_run(t.sim, RILL_SECONDS(30), NULL, NULL);
    CU_ASSERT(is_complete(f));
    rill_sim_free(t.sim);
}

static uint64_t counted(const struct rill_sim_node *n, enum rill_counter c)
{
    return rill_counters(rill_sim_stack(n))->value[c];
}

/* The second time one end comes late, so that the other is refused. */
static void both_ends_may_connect_at_once(void)
{
    struct two t = two_hosts(12, (struct rill_cable_config){.delay = MS});
    for (uint16_t i = 0; i < 2; i++) {
        struct rill_sim_flow_config c = {.node = {t.node[0], t.node[1]},
                                         .port = 80,
                                         .local_port = (uint16_t)(5000 + i),
                                         .crosses = true,
                                         .mapped = true};
        c.app[0].bytes = c.app[1].bytes = 10000;
        if (i == 1)
            rill_memory_fail(rill_sim_stack(t.node[1]), 1); /* its socket: it tries again */
        struct rill_sim_flow *f = rill_sim_flow_add(t.sim, &c);
        rill_sim_run(t.sim, rill_sim_now(t.sim) + RILL_SECONDS(20), NULL, NULL);
        CU_ASSERT(is_complete(f));
    }
    CU_ASSERT_EQUAL(counted(t.node[0], RILL_TcpPassiveOpens), 0);
    CU_ASSERT_EQUAL(counted(t.node[1], RILL_TcpPassiveOpens), 0);
    CU_ASSERT(counted(t.node[0], RILL_TcpAttemptFails) > 0);
    rill_sim_free(t.sim);
}

/* The server closes first: the next SYN ends its TIME_WAIT (RFC 6191). */
static void a_port_is_used_again_as_soon_as_it_is_free(void)
{
    struct two t = two_hosts(13, (struct rill_cable_config){.delay = MS});
    struct rill_sim_flow *f[3];
    for (int i = 0; i < 3; i++) {
        struct rill_sim_flow_config c = {
            .node = {t.node[0], t.node[1]}, .port = 80, .local_port = 5000};
        c.app[0] = (struct rill_sim_app){.bytes = 1000, .answers = true};
        c.app[1].bytes = 1000;
        f[i] = rill_sim_flow_add(t.sim, &c);
    }
    rill_sim_run(t.sim, RILL_SECONDS(20), NULL, NULL);
    for (int i = 0; i < 3; i++)
        CU_ASSERT(is_complete(f[i]));
    CU_ASSERT(rill_sim_end(f[1], 0)->opened >= rill_sim_end(f[0], 1)->ended);
    CU_ASSERT_EQUAL(counted(t.node[1], RILL_TcpExtTW), 3);
    rill_sim_free(t.sim);
}

static void every_write_is_reported(void)
{
    struct two t = two_hosts(14, (struct rill_cable_config){.delay = MS, .loss_ppm = 50000});
    struct rill_sim_app a = {
        .bytes = 100000, .write_chunk = 1000, .records = true, .reports = true};
    struct rill_sim_flow *f = flow(&t, a, a);
    rill_sim_run(t.sim, RILL_SECONDS(60), NULL, NULL);
    CU_ASSERT(is_complete(f));
    for (int i = 0; i < 2; i++)
        CU_ASSERT(!rill_sim_end(f, i)->misreported);
    rill_sim_free(t.sim);
}

static void thousands_connect_and_close(void)
{
    struct two t = two_hosts(10, (struct rill_cable_config){.delay = MS, .loss_ppm = 1000});
    for (int i = 0; i < 3000; i++) {
        struct rill_sim_flow_config c = {.node = {t.node[0], t.node[1]}, .port = 80};
        c.app[0].bytes = 10;
        c.app[1].bytes = 20;
        c.start = i * MS / 10;
        CU_ASSERT_PTR_NOT_NULL(rill_sim_flow_add(t.sim, &c));
    }
    rill_sim_run(t.sim, RILL_SECONDS(30), NULL, NULL);
    unsigned complete = 0;
    for (struct rill_sim_flow *f = rill_sim_flow_first(t.sim); f; f = rill_sim_flow_next(f))
        complete += is_complete(f);
    CU_ASSERT_EQUAL(complete, 3000);
    rill_sim_run(t.sim, RILL_NEVER, NULL, NULL);
    CU_ASSERT_PTR_NULL(rill_sim_remains(t.sim));
    rill_sim_free(t.sim);
}

/* ---- What is seen ---- */

static void count_frame(void *context, struct rill_sim_node *node, const struct rill_frame *f)
{
    unsigned *count = context;
    CU_ASSERT_PTR_NOT_NULL(node);
    CU_ASSERT(rill_frame_length(f) >= 60);
    ++*count;
}

static unsigned count_captured(const char *name, unsigned *commented)
{
    struct rill_diagnostic diagnostic;
    struct rill_capture_reader *r = rill_capture_open(name, &diagnostic);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    struct rill_span frame;
    size_t length;
    rill_time when;
    unsigned n = 0;
    while (rill_capture_next(r, &frame, &length, &when, &diagnostic) == 1)
        n++;
    rill_capture_reader_close(r);
    FILE *in = fopen(name, "rb");
    char bytes[4096];
    size_t got;
    *commented = 0;
    while ((got = fread(bytes, 1, sizeof bytes, in)) > 0)
        for (size_t i = 0; i + 6 < got; i++)
            *commented += !memcmp(bytes + i, "cwnd ", 5);
    fclose(in);
    return n;
}

/* A comment on a segment tells cwnd. Also over a restart, which changes the stack whose trace the
 * comments come from. */
static void a_capture_holds_what_a_host_has_sent_and_got_and_why(void)
{
    char name[64];
    struct rill_diagnostic diagnostic;
    struct rill_sim_host_config h;
    unsigned sent = 0, commented;
    snprintf(name, sizeof name, "/tmp/rill-simulator-test-%d.pcapng", (int)getpid());
    struct rill_sim *sim = rill_sim_new(11);
    rill_sim_host_config_init(&h);
    h.gso_max = 0;
    struct rill_sim_node *b = rill_sim_host_add(sim, &h);
    h.stack.trace_records = RILL_CAPTURE_TRACE;
    struct rill_sim_node *a = rill_sim_host_add(sim, &h);
    rill_sim_capture(a, rill_capture_create(name, &diagnostic));
    struct rill_cable_config way = {.delay = MS};
    struct rill_sim_link *l = rill_sim_link_add(sim, a, b, &way, &way);
    rill_sim_watch(sim, count_frame, &sent);
    for (int i = 0; i < 2; i++) {
        struct rill_sim_flow_config f = {.node = {a, b}, .port = 1, .app[0].bytes = 100000};
        rill_sim_flow_add(sim, &f);
        rill_sim_run(sim, RILL_SECONDS(i + 1), NULL, NULL);
        rill_sim_restart(a);
    }
    rill_sim_run(sim, RILL_SECONDS(100), NULL, NULL);
    uint64_t there = rill_sim_link_stats(l, 0)->sent, back = rill_sim_link_stats(l, 1)->delivered;
    rill_sim_free(sim);
    CU_ASSERT_EQUAL(count_captured(name, &commented), there + back);
    CU_ASSERT(sent >= there + back);
    CU_ASSERT(commented > 100);
    unlink(name);
}

static const struct unit_test tests[] = {
    {"two hosts talk, and nothing remains", two_hosts_talk_and_nothing_remains},
    {"the seed decides all", the_seed_decides_all},
    {"acts happen in the order of their times", acts_happen_in_the_order_of_their_times},
    {"switches learn, and refuse circles", switches_learn_and_refuse_circles},
    {"a cut is survived, and a restart is noticed", a_cut_is_survived_and_a_restart_is_noticed},
    {"a host that stalls does nothing", a_host_that_stalls_does_nothing},
    {"forged text is noticed by applications only", forged_text_is_noticed_by_applications_only},
    {"a slow reader reads as slowly as it wants", a_slow_reader_reads_as_slowly_as_it_wants},
    {"applications answer, half-close and abort", applications_answer_half_close_and_abort},
    {"an endless flow ends when it is told to", an_endless_flow_ends_when_it_is_told_to},
    {"both ends may connect at once", both_ends_may_connect_at_once},
    {"a port is used again as soon as it is free", a_port_is_used_again_as_soon_as_it_is_free},
    {"every write is reported", every_write_is_reported},
    {"thousands connect and close", thousands_connect_and_close},
    {"a capture holds what a host has sent and got, and why",
     a_capture_holds_what_a_host_has_sent_and_got_and_why},
};

int main(void)
{
    return UNIT_MAIN("simulator", tests);
}
