#include "host/clock.h"

#include "proc_status.h"

#include <time.h>

static rill_time read_host(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return RILL_SECONDS(t.tv_sec) + t.tv_nsec;
}

/* Whether a debugger is attached. */
static bool is_traced(void)
{
    return proc_status("TracerPid") != 0;
}

void host_clock_init(struct host_clock *c, bool debug)
{
    *c = (struct host_clock){.debug = debug || is_traced()};
    c->wall = read_host(CLOCK_MONOTONIC);
    c->cpu = read_host(CLOCK_PROCESS_CPUTIME_ID);
}

rill_time host_clock_judge(struct host_clock *c, rill_time wall, rill_time cpu,
                           bool (*traced)(void))
{
    rill_time jump = wall - c->wall;
    if (jump > HOST_CLOCK_JUMP) {
        /* If a debugger attached just now only the tracer shows it: c->cpu was not updated. */
        bool was_idle = c->debug ? cpu - c->cpu < jump / 10 : traced();
        if (was_idle) {
            c->stopped += jump;
            c->debug = true;
        }
    }
    c->wall = wall;
    c->cpu = cpu;
    return wall - c->stopped;
}

rill_time host_clock_read(struct host_clock *c)
{
    rill_time wall = read_host(CLOCK_MONOTONIC);
    rill_time cpu = c->debug ? read_host(CLOCK_PROCESS_CPUTIME_ID) : 0;
    return host_clock_judge(c, wall, cpu, is_traced);
}

rill_time host_clock_sleep_max(const struct host_clock *c)
{
    return c->debug ? HOST_CLOCK_JUMP / 2 : RILL_NEVER;
}

rill_time host_clock_date(void)
{
    return read_host(CLOCK_REALTIME);
}
