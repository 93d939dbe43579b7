/* The host's clock, which stops while a debugger stops the process: see rill_host_now. */
#ifndef DRIVERS_HOST_CLOCK_H
#define DRIVERS_HOST_CLOCK_H

#include <rill/time.h>
#include <stdbool.h>
#include <time.h>

/* Two readings further apart than this may have a stop between them. */
#define HOST_CLOCK_JUMP RILL_MILLISECONDS(100)

struct host_clock {
    bool debug;        /* jumps are judged */
    rill_time wall;    /* CLOCK_MONOTONIC at the last reading */
    rill_time cpu;     /* CPU time of the process then; kept where debug is set */
    rill_time stopped; /* what has been subtracted so far; less where a debugger let time pass */
};

void host_clock_init(struct host_clock *, bool debug);
rill_time host_clock_read(struct host_clock *);

/* The longest that the loop may sleep at once: a sleep must not look like a stop. */
rill_time host_clock_sleep_max(const struct host_clock *);

/* What host_clock_read does with the two host clocks' values, for tests; `traced` is asked only
 * where it matters. */
rill_time host_clock_judge(struct host_clock *, rill_time wall, rill_time cpu,
                           bool (*traced)(void));

/* CLOCK_REALTIME, for captures. */
rill_time host_clock_date(void);

/* A duration as the host takes it. */
static inline struct timespec host_timespec(rill_time length)
{
    return (struct timespec){.tv_sec = (time_t)(length / RILL_SECONDS(1)),
                             .tv_nsec = (long)(length % RILL_SECONDS(1))};
}

#endif
