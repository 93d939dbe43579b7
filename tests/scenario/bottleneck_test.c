/* Flows through a bottleneck: how much of it they use, and how they share it. */
#include "lab.h"

#include "../unit/unit.h"

#include <stdio.h>

#define MBIT 1000000ull
#define UTILISATION_MAX \
    1.05 /* text that waited behind a hole when the measurement began counts \
          */

/* The share of the rate that arrives as text: the rest is headers. */
static double utilisation(double goodput, uint64_t rate)
{
    return goodput * 8 * LAB_WIRE / LAB_MSS / (double)rate;
}

static double of_one_flow(const struct lab_path *path, const char *congestion, rill_time settle,
                          rill_time span)
{
    struct rill_sim_host_config h;
    lab_config(&h);
    struct lab lab = lab_open(path, &h);
    struct rill_sim_flow *f = lab_bulk(&lab, congestion, 0);
    lab_run(&lab, settle);
    double goodput = lab_goodput(&lab, f, settle + span);
    lab_close(&lab);
    return utilisation(goodput, path->rate);
}

static void one_cubic_flow_uses_the_path(void)
{
    struct lab_path path = {.rtt = 40 * MS, .rate = 50 * MBIT, .seed = 1};
    lab_table("One flow, 50 Mbit/s and 40 ms, drop-tail: utilisation");
    path.queue = lab_bdp(&path);
    lab_expect("CUBIC, a BDP of buffer",
               of_one_flow(&path, "cubic", RILL_SECONDS(20), RILL_SECONDS(60)),
               (struct lab_bounds){0.95, UTILISATION_MAX}, "");
    lab_expect("Reno, a BDP of buffer",
               of_one_flow(&path, "reno", RILL_SECONDS(20), RILL_SECONDS(60)),
               (struct lab_bounds){0.95, UTILISATION_MAX}, "");
    path.queue = lab_bdp(&path) / 10;
    lab_expect("CUBIC, a tenth of a BDP",
               of_one_flow(&path, "cubic", RILL_SECONDS(20), RILL_SECONDS(60)),
               (struct lab_bounds){0.75, UTILISATION_MAX}, "");
}

static void a_gigabit_over_100_ms_is_filled(void)
{
    struct lab_path path = {.rtt = 100 * MS, .rate = 1000 * MBIT, .seed = 2};
    path.queue = lab_bdp(&path);
    lab_table("1 Gbit/s x 100 ms, a BDP of buffer");
    lab_expect("CUBIC, utilisation from the third second on",
               of_one_flow(&path, "cubic", RILL_SECONDS(3), RILL_SECONDS(8)),
               (struct lab_bounds){0.9, UTILISATION_MAX}, "");
}

/* Jain, Chiu, Hawe 1984. */
static double jain(const double *x, unsigned n)
{
    double sum = 0, squares = 0;
    for (unsigned i = 0; i < n; i++) {
        sum += x[i];
        squares += x[i] * x[i];
    }
    return sum * sum / (n * squares);
}

#define FLOWS 16

static void sixteen_flows_are_fair(void)
{
    static const char *const plug_in[] = {"cubic", "reno"};
    struct lab_path path = {.rtt = 40 * MS, .rate = 100 * MBIT, .seed = 3};
    path.queue = lab_bdp(&path);
    lab_table("16 flows that begin one after the other, 100 Mbit/s and 40 ms");
    for (unsigned p = 0; p < 2; p++) {
        struct rill_sim_host_config h;
        lab_config(&h);
        struct lab lab = lab_open(&path, &h);
        struct rill_sim_flow *f[FLOWS];
        double goodput[FLOWS], sum = 0;
        char what[64];
        for (unsigned i = 0; i < FLOWS; i++)
            f[i] = lab_bulk(&lab, plug_in[p], i * 100 * MS);
        lab_run(&lab, RILL_SECONDS(20));
        lab_goodputs(&lab, f, FLOWS, RILL_SECONDS(80), goodput);
        for (unsigned i = 0; i < FLOWS; i++)
            sum += goodput[i];
        snprintf(what, sizeof what, "%s, Jain's index", plug_in[p]);
        lab_expect(what, jain(goodput, FLOWS), (struct lab_bounds){0.95, 1}, "");
        snprintf(what, sizeof what, "%s, utilisation of all", plug_in[p]);
        lab_expect(what, utilisation(sum, path.rate), (struct lab_bounds){0.95, UTILISATION_MAX},
                   "");
        lab_close(&lab);
    }
}

/* RFC 9438 4.3: on paths where Reno does well CUBIC takes no more than its share. */
static void reno_holds_its_own_beside_cubic(void)
{
    struct lab_path path = {.rtt = 20 * MS, .rate = 20 * MBIT, .seed = 4};
    path.queue = lab_bdp(&path);
    struct rill_sim_host_config h;
    lab_config(&h);
    struct lab lab = lab_open(&path, &h);
    struct rill_sim_flow *f[] = {lab_bulk(&lab, "reno", 0), lab_bulk(&lab, "cubic", 100 * MS)};
    double goodput[2];
    lab_run(&lab, RILL_SECONDS(20));
    lab_goodputs(&lab, f, 2, RILL_SECONDS(140), goodput);
    lab_table("Reno beside CUBIC, 20 Mbit/s and 20 ms (RFC 9438 4.3)");
    lab_expect("CUBIC's goodput, in Reno's", goodput[1] / goodput[0], (struct lab_bounds){0.5, 2},
               "");
    lab_expect("utilisation of both", utilisation(goodput[0] + goodput[1], path.rate),
               (struct lab_bounds){0.95, UTILISATION_MAX}, "");
    lab_close(&lab);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"one CUBIC flow uses the path", one_cubic_flow_uses_the_path},
        {"a gigabit over 100 ms is filled", a_gigabit_over_100_ms_is_filled},
        {"sixteen flows are fair", sixteen_flows_are_fair},
        {"Reno holds its own beside CUBIC", reno_holds_its_own_beside_cubic},
    };
    return UNIT_MAIN("bottleneck", tests);
}
