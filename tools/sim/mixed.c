#include "sim/mixed.h"

#include "sim/build.h"
#include "sim/datagrams.h"
#include "sim/faults.h"
#include "sim/flows.h"
#include "sim/leaks.h"

#define SLOW_MAX 20 /* times the bound: beyond it a slow flow counts as failed */
#define TIME_WAIT_MAX RILL_SECONDS(60)
#define FIN_WAIT_2_MAX RILL_SECONDS(120)
#define SYN_TIMEOUT RILL_SECONDS(180) /* R2 of an active open, MUST-23 */
#define NEIGHBOUR_TIME \
    RILL_SECONDS(60) /* until a wrong MAC is detected: 45 + 5 + 3 s, RFC 4861 7.3 */

/* How long after the healing an application may see no progress: its connection may have backed off
 * to its longest RTO just then, in each direction, once for data in flight and once for the window;
 * an opening one ends at R2 at the latest; a wrong neighbour must be detected; and applications
 * pause. */
static rill_time progress_bound(const struct trial *t)
{
    return SYN_TIMEOUT + NEIGHBOUR_TIME + 4 * BUILD_RTO_MAX + 64 * build_round_trip(t) +
           flows_pauses(t);
}

/* How long all flows together may last: all bytes pass, one flow after another, over the slowest
 * link (or as slowly as SO_MAX_PACING_RATE demands), with eight times the bytes, for headers and
 * retransmissions; and some wait for the port of another. */
static rill_time end_bound(const struct trial *t)
{
    uint64_t bits = 8 * 8 * (flows_bytes(t) + 100000), rate = build_slowest(t);
    rate = rate < FLOWS_RATE_MIN ? rate : FLOWS_RATE_MIN;
    return progress_bound(t) + flows_in_line(t) * TIME_WAIT_MAX +
           (rill_time)(bits / (rate / 1000 + 1)) * RILL_MILLISECONDS(1);
}

static bool all_over(void *context)
{
    const struct trial *t = context;
    for (struct rill_sim_flow *f = rill_sim_flow_first(t->sim); f; f = rill_sim_flow_next(f))
        if (!rill_sim_flow_over(f))
            return false;
    return true;
}

/* Has nothing happened at either end since then? */
static bool is_stuck(const struct rill_sim_flow *f, rill_time since)
{
    return !rill_sim_flow_over(f) && rill_sim_end(f, 0)->moved < since &&
           rill_sim_end(f, 1)->moved < since;
}

static void judge_progress(struct trial *t, rill_time since)
{
    for (struct rill_sim_flow *f = rill_sim_flow_first(t->sim); f; f = rill_sim_flow_next(f)) {
        const struct rill_sim_flow_config *c = rill_sim_flow_config(f);
        if (is_stuck(f, since))
            trial_fail(t, "stuck: nothing has moved between %s and %s:%u for %lld s",
                       rill_sim_name(c->node[0]), rill_sim_name(c->node[1]), c->port,
                       (long long)((rill_sim_now(t->sim) - since) / RILL_SECONDS(1)));
    }
}

/* Runs until all flows end. A flow that proceeds only by time-outs may need longer than the bound:
 * that is slow, not stuck. */
static void run_to_the_end(struct trial *t)
{
    rill_time pause = progress_bound(t), end = end_bound(t);
    while (!all_over(t) && !*t->failure && rill_sim_now(t->sim) < t->healed + SLOW_MAX * end) {
        rill_time since = rill_sim_now(t->sim);
        rill_sim_run(t->sim, since + pause, all_over, t);
        flows_end_half_open(t);
        judge_progress(t, since);
    }
    if (!all_over(t))
        trial_fail(t, "%s %lld s after all was healed", rill_sim_remains(t->sim),
                   (long long)((rill_sim_now(t->sim) - t->healed) / RILL_SECONDS(1)));
    t->slow = rill_sim_now(t->sim) > t->healed + end;
    trial_print(t, "all flows are over%s", t->slow ? ", later than they should be" : "");
}

/* Runs until the stacks have finished what the applications left to them: orphans, TIME_WAIT. */
static void run_out(struct trial *t)
{
    rill_time began = rill_sim_now(t->sim);
    rill_time quiet = began + SYN_TIMEOUT + FIN_WAIT_2_MAX + TIME_WAIT_MAX + 4 * BUILD_RTO_MAX;
    while (rill_sim_remains(t->sim) && rill_sim_now(t->sim) < quiet)
        rill_sim_run(t->sim, rill_sim_now(t->sim) + RILL_SECONDS(1), NULL, NULL);
    if (rill_sim_remains(t->sim))
        trial_fail(t, "a timer never ends: %s, %lld s after the last flow",
                   rill_sim_remains(t->sim), (long long)((quiet - began) / RILL_SECONDS(1)));
    leaks_check(t);
}

static void run(struct trial *t, unsigned flows, uint64_t most, unsigned faults)
{
    t->healed = RILL_MILLISECONDS(trial_draw_scale(t, 100, 30000));
    build_world(t);
    flows_add(t, flows, most);
    faults_add(t, faults);
    if (t->corners)
        datagrams_begin(t);
    rill_sim_run(t->sim, t->healed, NULL, NULL);
    faults_heal(t);
    run_to_the_end(t);
    flows_judge(t);
    if (t->corners)
        datagrams_end(t);
    run_out(t);
}

void mixed_run(struct trial *t)
{
    unsigned flows = (unsigned)trial_draw(t, 1, 8);
    uint64_t most = 1000000;
    if (trial_once_in(t, 16)) { /* many small flows */
        flows = (unsigned)trial_draw(t, 20, 100);
        most = 2000;
    }
    run(t, flows, most, (unsigned)trial_draw(t, 0, 10));
}

void mixed_run_rare(struct trial *t)
{
    t->rare = true;
    mixed_run(t);
}

void mixed_run_corners(struct trial *t)
{
    t->corners = true;
    mixed_run_rare(t);
}

void mixed_run_long(struct trial *t)
{
    bool many = trial_once_in(t, 2);
    unsigned flows = (unsigned)(many ? trial_draw(t, 1000, 4000) : trial_draw(t, 1, 12));
    run(t, flows, many ? 2000 : 20000000, (unsigned)trial_draw(t, 5, 40));
}
