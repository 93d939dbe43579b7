/* Selective acknowledgements with RFC 8985 and RFC 6937 against RFC 6582 without: the same
 * congestion control, the same seeds. */
#include "lab.h"

#include "../unit/unit.h"

#include <stdio.h>

#define SEEDS 8

static struct lab open_with(const struct lab_path *path, bool sack)
{
    struct rill_sim_host_config h;
    lab_config(&h);
    h.stack.tcp.sack = sack;
    return lab_open(path, &h);
}

static double goodput_with(const struct lab_path *path, bool sack)
{
    struct lab lab = open_with(path, sack);
    struct rill_sim_flow *f = lab_bulk(&lab, "reno", 0);
    lab_run(&lab, RILL_SECONDS(2));
    double goodput = lab_goodput(&lab, f, RILL_SECONDS(62));
    lab_close(&lab);
    return goodput;
}

static void sack_is_never_slower(void)
{
    static const uint32_t loss[] = {10000, 30000, 50000};
    lab_table("SACK against none, Reno, 40 ms, independent loss: goodput");
    for (unsigned l = 0; l < 3; l++) {
        double least = 1e9, sum[2] = {0, 0};
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            struct lab_path path = {.rtt = 40 * MS, .loss_ppm = loss[l], .seed = seed};
            double with = goodput_with(&path, true), without = goodput_with(&path, false);
            least = with / without < least ? with / without : least;
            sum[0] += with;
            sum[1] += without;
        }
        char what[80];
        bool bound = loss[l] == 10000; /* of the others the ratio is stated */
        snprintf(what, sizeof what, "%g %% loss, the worst of %d seeds", loss[l] / 1e4, SEEDS);
        lab_expect(what, least, (struct lab_bounds){bound ? 1 : 0.5, LAB_SOME}, "");
        snprintf(what, sizeof what, "%g %% loss, all seeds", loss[l] / 1e4);
        lab_expect(what, sum[0] / sum[1], (struct lab_bounds){1, LAB_SOME}, "");
    }
}

/* ---- five holes in one window ---- */

/* One segment leaves each millisecond, so that a cut of the link for a millisecond is a hole; in
 * the third second the window has long had room for the hundred that are out at a time. */
#define BEGIN (3000 * MS)
#define HOLES 5
#define BETWEEN (4 * MS) /* two holes */

/* Round trips from the third segment that arrives behind the first hole until all are filled. */
static double repair(bool sack)
{
    struct lab_path path = {.rtt = 100 * MS, .seed = 1};
    struct lab lab = open_with(&path, sack);
    struct rill_sim_flow_config c = {
        .node = {lab.host[0], lab.host[1]},
        .port = 80,
        .app[0] = {.bytes = RILL_SIM_ENDLESS, .write_chunk = LAB_MSS, .write_pause = MS}};
    struct rill_sim_flow *f = rill_sim_flow_add(lab.sim, &c);
    for (unsigned i = 0; i < HOLES; i++) {
        lab_run(&lab, BEGIN + i * BETWEEN - MS / 2);
        lab_cut(&lab, true);
        lab_run(&lab, BEGIN + i * BETWEEN + MS / 2);
        lab_cut(&lab, false);
    }
    uint64_t last = rill_sim_end(f, 0)->sent;
    CU_ASSERT_EQUAL(lab_cut_count(&lab), HOLES);
    while (rill_sim_end(f, 1)->received < last && rill_sim_now(lab.sim) < 2 * BEGIN)
        lab_run(&lab, rill_sim_now(lab.sim) + MS);
    CU_ASSERT_EQUAL(lab_counter(&lab, RILL_TcpExtTCPTimeouts), 0);
    rill_time noticed = BEGIN + 3 * MS + path.rtt;
    double round_trips = (double)(rill_sim_now(lab.sim) - noticed) / (double)path.rtt;
    lab_close(&lab);
    return round_trips;
}

static void five_holes_take_one_round_trip(void)
{
    lab_table(
        "Five holes in one window: round trips from the third duplicate ACK until all are filled");
    lab_expect("with SACK", repair(true), (struct lab_bounds){0, 1}, "");
    lab_expect("without: one hole each (RFC 6582 3.2)", repair(false), (struct lab_bounds){4.5, 5},
               "");
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"SACK is never slower", sack_is_never_slower},
        {"five holes take one round trip", five_holes_take_one_round_trip},
    };
    return UNIT_MAIN("sack", tests);
}
