/* Many seeds on all cores. Each seed runs in a worker process, so that a failed assertion costs one
 * seed and one worker; a seed that takes longer than SEED_SECONDS of real time is a failure, too.
 */
#ifndef SIM_CAMPAIGN_H
#define SIM_CAMPAIGN_H

#include "sim/scenario.h"

#define SEED_SECONDS 120
#define FAILURES_KEPT 64

struct failure {
    uint64_t seed;
    char text[240];
};

struct campaign {
    const struct scenario *scenario;
    uint64_t first, count;
    const uint64_t *list; /* of `count` seeds, instead of those from `first` on; NULL: none */
    unsigned workers;
    bool hashes; /* prints the hash of each seed */
    bool stops;  /* starts no seed after a failure */

    /* The results. */
    rill_time virtual_time;
    uint64_t segments, events, failed, slow;
    uint64_t hash;                /* of all seeds, in any order */
    uint64_t cpu_median, cpu_max; /* microseconds of one seed */
    struct failure failure[FAILURES_KEPT];
};

/* False: no memory, or no processes; errno. */
bool campaign_run(struct campaign *);

#endif
