/* Goodput against loss: the response functions of Reno and CUBIC. Loss is independent, the path has
 * neither rate nor queue, so that nothing else limits. */
#include "lab.h"

#include "../unit/unit.h"

#include <math.h>
#include <stdio.h>

#define EVENTS 150 /* losses in one measurement */

static const uint32_t losses[] = {100, 1000, 10000, 30000}; /* ppm */
static const unsigned rtts[] = {10, 50, 200};               /* ms */

/* Mathis et al. 1997: MSS / RTT * sqrt(3/2) / sqrt(p). Growth is by bytes, so ACKs that cover two
 * segments do not slow it (b = 1). In segments. */
static double mathis(double p)
{
    return sqrt(1.5 / p);
}

/* Padhye et al. 1998, equation 30, b = 1, without a limit by the receiver: time-outs, too, after
 * every loss that three duplicate ACKs do not tell of. RACK and probes (RFC 8985) find most of
 * those without one, so the truth lies between the two functions. */
static double padhye(double p, double rtt, double t0)
{
    double backed_off = fmin(1, 3 * sqrt(3 * p / 8)) * p * (1 + 32 * p * p);
    return rtt / (rtt * sqrt(2 * p / 3) + t0 * backed_off);
}

/* RFC 9438 5.1, equation 6: C = 0.4, beta = 0.7. In segments; never below Reno's (4.3). */
static double cubic(double p, double rtt)
{
    double window = pow(0.4 * 3.7 / 1.2, 0.25) * pow(rtt, 0.75) / pow(p, 0.75);
    return fmax(window, mathis(p));
}

/* The mean window in segments: goodput times round trip. */
static double measure(const char *congestion, uint32_t loss_ppm, unsigned rtt_ms, double expected)
{
    struct lab_path path = {.rtt = rtt_ms * MS, .loss_ppm = loss_ppm, .seed = loss_ppm + rtt_ms};
    struct rill_sim_host_config h;
    lab_config(&h);
    struct lab lab = lab_open(&path, &h);
    struct rill_sim_flow *f = lab_bulk(&lab, congestion, 0);
    double segments = EVENTS * 1e6 / loss_ppm;
    rill_time span = (rill_time)(segments / expected * rtt_ms * (double)MS);
    lab_run(&lab, span / 10 + 20 * path.rtt); /* slow start is over */
    double goodput = lab_goodput(&lab, f, rill_sim_now(lab.sim) + span);
    lab_close(&lab);
    return goodput * rtt_ms / 1000 / LAB_MSS;
}

/* The functions say at least `least` and at most `most`. */
static void row(const char *congestion, uint32_t loss_ppm, unsigned rtt_ms, double least,
                double most)
{
    char what[96];
    double window = measure(congestion, loss_ppm, rtt_ms, most);
    snprintf(what, sizeof what, "%s, %g %% loss, %u ms: mean window", congestion, loss_ppm / 1e4,
             rtt_ms);
    lab_expect(what, window, (struct lab_bounds){0.7 * least, 1.4 * most}, " segments");
}

static void reno_keeps_to_mathis_and_padhye(void)
{
    lab_table("0.7 to 1.4 of Reno's response to loss (Mathis 1997, Padhye 1998)");
    for (unsigned l = 0; l < sizeof losses / sizeof *losses; l++)
        for (unsigned r = 0; r < sizeof rtts / sizeof *rtts; r++) {
            double p = losses[l] / 1e6, rtt = rtts[r] / 1e3;
            row("reno", losses[l], rtts[r], padhye(p, rtt, rtt + 0.2), mathis(p));
        }
}

static void cubic_keeps_to_its_function(void)
{
    lab_table("0.7 to 1.4 of CUBIC's response to loss (RFC 9438 5.1)");
    for (unsigned l = 0; l < sizeof losses / sizeof *losses; l++)
        for (unsigned r = 0; r < sizeof rtts / sizeof *rtts; r++) {
            double window = cubic(losses[l] / 1e6, rtts[r] / 1e3);
            row("cubic", losses[l], rtts[r], window, window);
        }
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"Reno keeps to Mathis and Padhye", reno_keeps_to_mathis_and_padhye},
        {"CUBIC keeps to its function", cubic_keeps_to_its_function},
    };
    return UNIT_MAIN("response", tests);
}
