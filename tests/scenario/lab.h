/* Scenarios: paths and flows as the field's papers describe them, on the simulator, and the results
 * that are expected of them as assertions. Each result is a row of a table, which docs/scenarios.md
 * shows (`make docs/scenarios.md`). */
#ifndef SCENARIO_LAB_H
#define SCENARIO_LAB_H

#include <rill/rill.h>
#include <rill/sim.h>

#define LAB_MSS 1448  /* bytes of text beside timestamps, on Ethernet */
#define LAB_WIRE 1514 /* the same as a frame */

#define MS RILL_MILLISECONDS(1)

/* A path between two hosts; what is 0 does not limit. */
struct lab_path {
    rill_time rtt;
    uint64_t rate;     /* bits a second of the way from host 0 to host 1 */
    uint32_t queue;    /* bytes before it */
    uint32_t loss_ppm; /* on that way */
    uint32_t ack_loss_ppm;
    uint32_t reorder_ppm; /* held back by a quarter of the round trip */
    uint64_t seed;
};

struct lab {
    struct rill_sim *sim;
    struct rill_sim_node *host[2];
    struct rill_sim_link *link;
};

/* Bytes that the path holds: rate times round trip. */
uint32_t lab_bdp(const struct lab_path *);

/* Hosts with buffers that no scenario fills; change `config` first. Whole-object checks are off:
 * the campaign has them. */
void lab_config(struct rill_sim_host_config *);
struct lab lab_open(const struct lab_path *, const struct rill_sim_host_config *);
void lab_close(struct lab *);

/* An endless flow from host 0 to host 1, from `start` on, with that congestion control. */
struct rill_sim_flow *lab_bulk(struct lab *, const char *congestion, rill_time start);
/* One of so many bytes, whatever the default congestion control is. */
struct rill_sim_flow *lab_transfer(struct lab *, uint64_t bytes, rill_time start);

void lab_run(struct lab *, rill_time until);

/* What host 0 sends vanishes, until it does not any more. */
void lab_cut(struct lab *, bool is_cut);
/* How many segments have. */
uint64_t lab_cut_count(const struct lab *);

/* Bytes a second that host 1's application reads of each flow between now and `until`. */
void lab_goodputs(struct lab *, struct rill_sim_flow *const *, unsigned n, rill_time until,
                  double *out);
double lab_goodput(struct lab *, struct rill_sim_flow *, rill_time until);

/* Of host 0: an enum rill_counter. */
uint64_t lab_counter(const struct lab *, int counter);

/* A row of the table: what, measured, the bounds. Asserts that it lies within. */
struct lab_bounds {
    double low, high;
};
void lab_expect(const char *what, double measured, struct lab_bounds, const char *unit);
/* The table's heading, where docs/scenarios.md wants one. */
void lab_table(const char *title);

#define LAB_SOME 1e300 /* no upper bound */

#endif
