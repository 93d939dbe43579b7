/* What a switch between coroutines costs: `make bench-switch`. A hundred of them yield in turn, as
 * those of a server do that are all ready; the loop's turns between the batches are counted in,
 * what other processes do is not. */
#include <rill/coroutine.h>
#include <stdio.h>
#include <time.h>

enum { COROUTINES = 100, YIELDS = 100000 };

static int no_loop(void *unused, rill_time until)
{
    (void)unused;
    (void)until;
    return 0;
}

static void *yield_often(void *unused)
{
    for (int i = 0; i < YIELDS; i++)
        rill_yield();
    return unused;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(void)
{
    struct rill_config config;
    rill_config_init(&config);
    struct rill *stack = rill_new(&config, 0);
    rill_set_wait(stack, no_loop, NULL);
    struct rill_scheduler *scheduler = rill_scheduler_new(stack, NULL);
    for (int i = 0; i < COROUTINES; i++)
        rill_detach(rill_go(yield_often, NULL));
    double from = seconds();
    rill_scheduler_run(scheduler);
    double took = seconds() - from;
    uint64_t switches = rill_scheduler_facts(scheduler).switches;
    printf("%llu switches, %.1f ns each\n", (unsigned long long)switches,
           took * 1e9 / (double)switches);
    rill_scheduler_free(scheduler);
    rill_free(stack);
    return 0;
}
