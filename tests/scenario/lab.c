#include "lab.h"

#include "../unit/unit.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#define PORT 80
#define BUFFER (64 << 20)

uint32_t lab_bdp(const struct lab_path *p)
{
    return (uint32_t)(p->rate / 8 * (uint64_t)(p->rtt / MS) / 1000);
}

void lab_config(struct rill_sim_host_config *h)
{
    rill_sim_host_config_init(h);
    h->stack.check = false;
    h->stack.memory_budget = (size_t)4 << 30;
    h->stack.tcp.metrics = false; /* no flow knows what another has found out */
    h->stack.tcp.send_buffer_max = h->stack.tcp.receive_buffer_max = BUFFER;
}

struct lab lab_open(const struct lab_path *p, const struct rill_sim_host_config *h)
{
    struct lab lab = {.sim = rill_sim_new(p->seed + 1)};
    for (int i = 0; i < 2; i++)
        lab.host[i] = rill_sim_host_add(lab.sim, h);
    struct rill_cable_config there = {.delay = p->rtt / 2,
                                      .rate = p->rate,
                                      .queue = p->rate ? p->queue : UINT32_MAX,
                                      .loss_ppm = p->loss_ppm,
                                      .reorder_ppm = p->reorder_ppm,
                                      .reorder_delay = p->rtt / 4};
    struct rill_cable_config back = {.delay = p->rtt / 2, .loss_ppm = p->ack_loss_ppm};
    lab.link = rill_sim_link_add(lab.sim, lab.host[0], lab.host[1], &there, &back);
    CU_ASSERT_PTR_NOT_NULL_FATAL(lab.link);
    return lab;
}

void lab_close(struct lab *lab)
{
    for (struct rill_sim_flow *f = rill_sim_flow_first(lab->sim); f; f = rill_sim_flow_next(f)) {
        CU_ASSERT_EQUAL(rill_sim_end(f, 0)->wrong, 0);
        CU_ASSERT_EQUAL(rill_sim_end(f, 1)->wrong, 0);
    }
    rill_sim_free(lab->sim);
}

/* `context`: the plug-in's name. */
static void choose_congestion(void *context, int end, int fd)
{
    const char *name = context;
    (void)end;
    CU_ASSERT_EQUAL(rill_setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, (socklen_t)strlen(name)),
                    0);
}

static struct rill_sim_flow *add(struct lab *lab, uint64_t bytes, const char *congestion,
                                 rill_time start)
{
    struct rill_sim_flow_config f = {.node = {lab->host[0], lab->host[1]},
                                     .port = PORT,
                                     .start = start,
                                     .app[0].bytes = bytes,
                                     .prepare = congestion ? choose_congestion : NULL,
                                     .context = (void *)congestion};
    struct rill_sim_flow *flow = rill_sim_flow_add(lab->sim, &f);
    CU_ASSERT_PTR_NOT_NULL_FATAL(flow);
    return flow;
}

struct rill_sim_flow *lab_bulk(struct lab *lab, const char *congestion, rill_time start)
{
    return add(lab, RILL_SIM_ENDLESS, congestion, start);
}

struct rill_sim_flow *lab_transfer(struct lab *lab, uint64_t bytes, rill_time start)
{
    return add(lab, bytes, NULL, start);
}

void lab_run(struct lab *lab, rill_time until)
{
    rill_sim_run(lab->sim, until, NULL, NULL);
}

void lab_cut(struct lab *lab, bool is_cut)
{
    struct rill_cable_config there = *rill_sim_link_config(lab->link, 0);
    there.cut = is_cut;
    rill_sim_link_change(lab->link, 0, &there);
}

uint64_t lab_cut_count(const struct lab *lab)
{
    return rill_sim_link_stats(lab->link, 0)->cut;
}

void lab_goodputs(struct lab *lab, struct rill_sim_flow *const *flow, unsigned n, rill_time until,
                  double *out)
{
    rill_time from = rill_sim_now(lab->sim);
    for (unsigned i = 0; i < n; i++)
        out[i] = (double)rill_sim_end(flow[i], 1)->received;
    lab_run(lab, until);
    for (unsigned i = 0; i < n; i++)
        out[i] =
            ((double)rill_sim_end(flow[i], 1)->received - out[i]) * 1e9 / (double)(until - from);
}

double lab_goodput(struct lab *lab, struct rill_sim_flow *flow, rill_time until)
{
    double goodput;
    lab_goodputs(lab, &flow, 1, until, &goodput);
    return goodput;
}

uint64_t lab_counter(const struct lab *lab, int counter)
{
    return rill_counters(rill_sim_stack(lab->host[0]))->value[counter];
}

void lab_table(const char *title)
{
    printf("\n## %s\n\n| scenario | measured | expected |\n|---|---|---|\n", title);
}

void lab_expect(const char *what, double measured, struct lab_bounds b, const char *unit)
{
    char expected[64];
    int digits = b.low == b.high ? 12 : 4; /* a count is exact */
    if (b.high >= LAB_SOME)
        snprintf(expected, sizeof expected, "at least %.4g%s", b.low, unit);
    else if (b.low == b.high)
        snprintf(expected, sizeof expected, "%.*g%s", digits, b.low, unit);
    else if (b.low == 0)
        snprintf(expected, sizeof expected, "at most %.4g%s", b.high, unit);
    else
        snprintf(expected, sizeof expected, "%.4g to %.4g%s", b.low, b.high, unit);
    printf("| %s | %.*g%s | %s |\n", what, digits, measured, unit, expected);
    bool within = measured >= b.low && measured <= b.high;
    if (!within)
        CU_FAIL("outside of what is expected: see the table");
}
