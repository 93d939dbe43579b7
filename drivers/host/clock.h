/* The host's clock, which stops while a debugger stops the process: see rill_host_now. */
#ifndef DRIVERS_HOST_CLOCK_H
#define DRIVERS_HOST_CLOCK_H

#include <rill/time.h>
#include <stdbool.h>
#include <time.h>

/* Between two readings further apart than this, the process may have been stopped. */
#define HOST_CLOCK_JUMP RILL_MILLISECONDS(100)

struct host_clock {
    bool debug;        /* check jumps for stops */
    rill_time wall;    /* CLOCK_MONOTONIC at the last reading */
    rill_time cpu;     /* the process's CPU time then; updated if debug is set */
    rill_time stopped; /* total time subtracted; a debugger lowers it to let time pass */
};

void host_clock_init(struct host_clock *, bool debug);
rill_time host_clock_read(struct host_clock *);

/* The longest single sleep of the loop: a sleep must not look like a stop. */
rill_time host_clock_sleep_max(const struct host_clock *);

/* host_clock_read for given values of the two host clocks, for tests; `traced` is called only if
 * needed. */
rill_time host_clock_judge(struct host_clock *, rill_time wall, rill_time cpu,
                           bool (*traced)(void));

/* CLOCK_REALTIME, for captures. */
rill_time host_clock_date(void);

/* A duration in the host's format. */
static inline struct timespec host_timespec(rill_time length)
{
    return (struct timespec){.tv_sec = (time_t)(length / RILL_SECONDS(1)),
                             .tv_nsec = (long)(length % RILL_SECONDS(1))};
}

#endif
