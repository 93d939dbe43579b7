/* The stacks of coroutines: reused, bounded, guarded. */
#include "unit.h"
#include "world.h"

#include <errno.h>
#include <rill/coroutine.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static struct rill_scheduler *scheduler;

static void begin(const struct rill_scheduler_options *options)
{
    world_begin(NULL);
    scheduler = rill_scheduler_new(world.end[LEFT], options);
    CU_ASSERT_PTR_NOT_NULL_FATAL(scheduler);
}

static void *sleep_then(void *n)
{
    rill_sleep(RILL_MILLISECONDS(1));
    return n;
}

static void stacks_are_reused(void)
{
    struct rill_scheduler_options options;
    rill_scheduler_options_init(&options);
    options.stacks_kept = 2;
    begin(&options);
    for (int round = 0; round < 10; round++)
        for (int i = 0; i < 2; i++)
            rill_join(rill_go(sleep_then, NULL), NULL);
    CU_ASSERT_EQUAL(rill_scheduler_facts(scheduler).stacks_mapped, 1);
    for (int i = 0; i < 5; i++)
        rill_detach(rill_go(sleep_then, NULL));
    CU_ASSERT_EQUAL(rill_scheduler_facts(scheduler).stacks, 5);
    rill_scheduler_run(scheduler);
    CU_ASSERT_EQUAL(rill_scheduler_facts(scheduler).stacks, 2);
    rill_scheduler_free(scheduler);
    world_end();
}

/* Touches the lowest byte of each of its frames, downwards, until there is no more. */
static void *overflow(void *depth)
{
    volatile char frame[4096];
    frame[0] = 1;
    void *deeper = (intptr_t)depth < 1000000 ? overflow((char *)depth + 1) : NULL;
    return frame[0] ? deeper : NULL;
}

/* Four of these do not fit, and each is larger than a page. */
static void *overflow_in_leaps(void *depth)
{
    volatile char frame[20000];
    frame[0] = 1;
    void *deeper = (intptr_t)depth < 3 ? overflow_in_leaps((char *)depth + 1) : NULL;
    return frame[0] ? deeper : NULL;
}

static void overflow_ends_the_process(void *(*run)(void *))
{
    pid_t child = fork();
    CU_ASSERT_TRUE_FATAL(child >= 0);
    if (child == 0) {
        struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGSEGV, SIG_DFL); /* a sanitizer would tell of it instead */
        begin(NULL);
        for (int i = 0; i < 8; i++)
            rill_go(i == 4 ? run : sleep_then, NULL);
        rill_scheduler_run(scheduler);
        _exit(0);
    }
    int status = 0;
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFSIGNALED(status));
    CU_ASSERT_EQUAL(WTERMSIG(status), SIGSEGV);
}

static void an_overflow_hits_the_guard(void)
{
    overflow_ends_the_process(overflow);
    overflow_ends_the_process(overflow_in_leaps);
}

static void without_room_for_a_stack_nothing_begins(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return; /* they want room themselves */
#endif
    if (getenv("UNDER_VALGRIND"))
        return;
    pid_t child = fork();
    CU_ASSERT_TRUE_FATAL(child >= 0);
    if (child == 0) {
        struct rlimit none = {0, 0};
        begin(NULL);
        struct rill_coroutine *first = rill_go(sleep_then, NULL);
        setrlimit(RLIMIT_AS, &none);
        bool refused = !rill_go(sleep_then, NULL) && errno == ENOMEM;
        _exit(!refused || rill_join(first, NULL) != 0 || !rill_go(sleep_then, NULL));
    }
    int status = 0;
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL(status, 0);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"stacks are reused", stacks_are_reused},
        {"an overflow hits the guard", an_overflow_hits_the_guard},
        {"without room for a stack nothing begins", without_room_for_a_stack_nothing_begins},
    };
    return UNIT_MAIN("coroutine_stack", tests);
}
