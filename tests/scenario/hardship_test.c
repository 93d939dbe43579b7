/* Paths that are hard on a transport, and what it makes of them. */
#include "lab.h"

#include "../unit/unit.h"

#include <stdio.h>

#define MBIT 1000000ull
#define MEGABYTE 1000000ull

/* Seconds that a transfer takes until all of it was read. */
static double transfer_time(struct lab *lab, uint64_t bytes, rill_time most)
{
    struct rill_sim_flow *f = lab_transfer(lab, bytes, 0);
    rill_time step = most / 4000;
    while (rill_sim_end(f, 1)->received < bytes && rill_sim_now(lab->sim) < most)
        lab_run(lab, rill_sim_now(lab->sim) + step);
    CU_ASSERT_EQUAL(rill_sim_end(f, 1)->received, bytes);
    return (double)rill_sim_now(lab->sim) / 1e9;
}

static struct lab open_default(const struct lab_path *path)
{
    struct rill_sim_host_config h;
    lab_config(&h);
    return lab_open(path, &h);
}

static double goodput_of(const struct lab_path *path, bool timestamps)
{
    struct rill_sim_host_config h;
    lab_config(&h);
    h.stack.tcp.timestamps = timestamps;
    struct lab lab = lab_open(path, &h);
    struct rill_sim_flow *f = lab_bulk(&lab, "cubic", 0);
    lab_run(&lab, RILL_SECONDS(5));
    double goodput = lab_goodput(&lab, f, RILL_SECONDS(35));
    lab_close(&lab);
    return goodput;
}

#define SHARE_SEEDS 4

/* Goodput of one flow, the mean of some seeds, as a share of the same flow's on the same path
 * without the hardship. */
static double share_of_clean(struct lab_path path, bool timestamps)
{
    struct lab_path clean = path;
    clean.reorder_ppm = clean.ack_loss_ppm = 0;
    double sum = 0;
    for (path.seed = 1; path.seed <= SHARE_SEEDS; path.seed++)
        sum += goodput_of(&path, timestamps);
    return sum / SHARE_SEEDS / goodput_of(&clean, timestamps);
}

static void reordering_and_lost_acknowledgements_cost_little(void)
{
    struct lab_path path = {.rtt = 40 * MS, .rate = 50 * MBIT, .seed = 1};
    path.queue = 2 * lab_bdp(&path);
    lab_table("A share of the clean path's goodput, 50 Mbit/s and 40 ms, four seeds");
    path.reorder_ppm = 100000;
    lab_expect("10 % of the segments come 10 ms late (RFC 8985 3.3)", share_of_clean(path, true),
               (struct lab_bounds){0.8, 1.05}, "");
    lab_expect("the same without timestamps, and so without PAWS", share_of_clean(path, false),
               (struct lab_bounds){0.8, 1.05}, "");
    path.reorder_ppm = 0;
    path.ack_loss_ppm = 200000;
    lab_expect("20 % of the ACKs are lost", share_of_clean(path, true),
               (struct lab_bounds){0.9, 1.05}, "");
}

/* The last segments of a transfer are lost: nothing comes behind them that could tell. One leaves
 * each millisecond from 80 ms on (ARP and the handshake take one round trip each). */
static void a_lost_tail_is_repaired_by_a_probe(void)
{
    struct lab_path path = {.rtt = 40 * MS, .seed = 2};
    struct lab lab = open_default(&path);
    struct rill_sim_flow_config tail = {.node = {lab.host[0], lab.host[1]},
                                        .port = 80,
                                        .app[0] = {.bytes = 10 * LAB_MSS,
                                                   .write_chunk = LAB_MSS,
                                                   .write_pause = MS,
                                                   .linger = RILL_SECONDS(5)}};
    struct rill_sim_flow *t = rill_sim_flow_add(lab.sim, &tail);
    lab_run(&lab, 86 * MS + MS / 2);
    lab_cut(&lab, true);
    lab_run(&lab, 100 * MS);
    CU_ASSERT_EQUAL(lab_cut_count(&lab), 3);
    lab_cut(&lab, false);
    while (rill_sim_end(t, 1)->received < 10 * LAB_MSS && rill_sim_now(lab.sim) < RILL_SECONDS(5))
        lab_run(&lab, rill_sim_now(lab.sim) + MS);
    lab_table("The last three of ten segments are lost, 40 ms (RFC 8985 7)");
    /* The last ACK at 126 ms, two round trips of silence, one for the probe, one for the first
     * repair (RFC 6937: one segment out for one that has arrived), half a one for the second. */
    lab_expect("all has arrived after", (double)rill_sim_now(lab.sim) / 1e6,
               (struct lab_bounds){0, 126 + 4.5 * 40 + 5}, " ms");
    lab_expect("probes", (double)lab_counter(&lab, RILL_TcpExtTCPLossProbes),
               (struct lab_bounds){1, 2}, "");
    lab_expect("retransmission time-outs", (double)lab_counter(&lab, RILL_TcpExtTCPTimeouts),
               (struct lab_bounds){0, 0}, "");
    lab_close(&lab);
}

static void far_and_slow_paths_are_used(void)
{
    lab_table("Far and slow paths");
    struct lab_path satellite = {.rtt = 600 * MS, .rate = 20 * MBIT, .seed = 3};
    satellite.queue = lab_bdp(&satellite);
    struct lab lab = open_default(&satellite);
    double ideal = 25 * MEGABYTE * 8.0 / (double)satellite.rate;
    lab_expect("25 MB over a satellite, 20 Mbit/s and 600 ms",
               transfer_time(&lab, 25 * MEGABYTE, RILL_SECONDS(120)),
               (struct lab_bounds){ideal, 2 * ideal}, " s");
    lab_close(&lab);
    struct lab_path slow = {.rtt = 1000 * MS, .rate = 9000, .queue = 8000, .seed = 4};
    lab = open_default(&slow);
    ideal = 50000 * 8.0 * LAB_WIRE / LAB_MSS / (double)slow.rate;
    lab_expect("50 KB over 9 kbit/s and 1 s, 8 KB of buffer",
               transfer_time(&lab, 50000, RILL_SECONDS(600)), (struct lab_bounds){ideal, 2 * ideal},
               " s");
    lab_close(&lab);
}

/* The reader does nothing for an hour; probes keep the connection, however long it takes. */
static void a_window_that_is_closed_for_an_hour_opens_again(void)
{
    struct lab_path path = {.rtt = 40 * MS, .rate = 50 * MBIT, .queue = 1 << 20, .seed = 5};
    struct lab lab = open_default(&path);
    struct rill_sim_flow_config c = {.node = {lab.host[0], lab.host[1]},
                                     .port = 80,
                                     .app = {{.bytes = 20 * MEGABYTE}, {.read_pause = RILL_NEVER}}};
    struct rill_sim_flow *f = rill_sim_flow_add(lab.sim, &c);
    lab_run(&lab, RILL_SECONDS(3600));
    uint64_t before = rill_sim_end(f, 1)->received;
    rill_sim_flow_read(f, 1, 0, 0);
    lab_run(&lab, RILL_SECONDS(3600) + RILL_SECONDS(10));
    lab_table("The reader stops for an hour, then reads");
    lab_expect("bytes read in the hour", (double)before, (struct lab_bounds){0, 0}, "");
    lab_expect("bytes read in the ten seconds after it", (double)rill_sim_end(f, 1)->received,
               (struct lab_bounds){20e6, 20e6}, "");
    lab_close(&lab);
}

#define MANY 10000

static void ten_thousand_flows_meet_at_one_port(void)
{
    struct lab_path path = {.rtt = 20 * MS, .rate = 1000 * MBIT, .queue = 4 << 20, .seed = 6};
    struct rill_sim_host_config h;
    lab_config(&h);
    h.stack.tcp.listen_backlog_max = MANY;
    struct lab lab = lab_open(&path, &h);
    for (unsigned i = 0; i < MANY; i++)
        lab_transfer(&lab, 10000, (rill_time)i * 50 * RILL_MICROSECONDS(1));
    rill_time end = RILL_SECONDS(60);
    lab_run(&lab, end);
    unsigned complete = 0, failed = 0;
    rill_time last = 0;
    for (struct rill_sim_flow *f = rill_sim_flow_first(lab.sim); f; f = rill_sim_flow_next(f)) {
        complete += rill_sim_end(f, 1)->received == 10000;
        failed += rill_sim_end(f, 0)->error != 0;
        if (rill_sim_end(f, 1)->moved > last)
            last = rill_sim_end(f, 1)->moved;
    }
    double ideal = MANY * 10000 * 8.0 / (double)path.rate;
    lab_table("10,000 flows of 10 KB into one port, 1 Gbit/s and 20 ms");
    lab_expect("complete", complete, (struct lab_bounds){MANY, MANY}, "");
    lab_expect("failed", failed, (struct lab_bounds){0, 0}, "");
    lab_expect("the last was read after", (double)last / 1e9, (struct lab_bounds){ideal, 10}, " s");
    lab_close(&lab);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"reordering and lost acknowledgements cost little",
         reordering_and_lost_acknowledgements_cost_little},
        {"a lost tail is repaired by a probe", a_lost_tail_is_repaired_by_a_probe},
        {"far and slow paths are used", far_and_slow_paths_are_used},
        {"a window that is closed for an hour opens again",
         a_window_that_is_closed_for_an_hour_opens_again},
        {"ten thousand flows meet at one port", ten_thousand_flows_meet_at_one_port},
    };
    return UNIT_MAIN("hardship", tests);
}
