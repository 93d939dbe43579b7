/* Workers take numbers of seeds from memory shared with the parent, and store their results there.
 * The parent replaces a worker that has died, and counts its seed as failed. */
#include "sim/campaign.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKERS_MAX 64
#define CPU_BUCKETS 4096 /* of 100 microseconds each; the last one has no upper limit */
#define CPU_BUCKET 100

struct shared {
    _Atomic uint64_t next;                 /* number of the next seed */
    _Atomic uint64_t working[WORKERS_MAX]; /* the seed's number plus 1 of each worker; 0: none */
    _Atomic uint64_t virtual_time, segments, events, hash, failed, slow, cpu_max;
    _Atomic uint64_t cpu[CPU_BUCKETS];
    _Atomic unsigned failures;
    struct failure failure[FAILURES_KEPT];
};

static uint64_t seed_of(const struct campaign *c, uint64_t number)
{
    return c->list ? c->list[number] : c->first + number;
}

/* ---- A worker ---- */

static void fail(struct shared *s, uint64_t seed, const char *text)
{
    atomic_fetch_add(&s->failed, 1);
    unsigned i = atomic_fetch_add(&s->failures, 1);
    if (i >= FAILURES_KEPT)
        return;
    s->failure[i].seed = seed;
    snprintf(s->failure[i].text, sizeof s->failure[i].text, "%s", text);
}

static uint64_t cpu_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void count_cpu(struct shared *s, uint64_t spent)
{
    uint64_t bucket = spent / CPU_BUCKET, most = atomic_load(&s->cpu_max);
    atomic_fetch_add(&s->cpu[bucket < CPU_BUCKETS ? bucket : CPU_BUCKETS - 1], 1);
    while (most < spent && !atomic_compare_exchange_weak(&s->cpu_max, &most, spent))
        ;
}

static void work_on(const struct campaign *c, struct shared *s, uint64_t seed)
{
    struct trial t = {.seed = seed};
    uint64_t begin = cpu_now();
    scenario_run(c->scenario, &t);
    count_cpu(s, cpu_now() - begin);
    atomic_fetch_add(&s->virtual_time, (uint64_t)t.ended);
    atomic_fetch_add(&s->segments, t.segments);
    atomic_fetch_add(&s->events, t.events);
    atomic_fetch_add(&s->hash, t.hash);
    atomic_fetch_add(&s->slow, t.slow);
    if (t.slow)
        printf("slow    %s %llu\n", c->scenario->name, (unsigned long long)seed);
    if (c->hashes)
        printf("%llu %016llx\n", (unsigned long long)seed, (unsigned long long)t.hash);
    if (*t.failure)
        fail(s, seed, t.failure);
}

static bool goes_on(const struct campaign *c, struct shared *s)
{
    return !c->stops || atomic_load(&s->failed) == 0;
}

/* In the child. */
static void work(const struct campaign *c, struct shared *s, unsigned worker)
{
    uint64_t number;
    while (goes_on(c, s) && (number = atomic_fetch_add(&s->next, 1)) < c->count) {
        atomic_store(&s->working[worker], number + 1);
        alarm(SEED_SECONDS);
        work_on(c, s, seed_of(c, number));
        atomic_store(&s->working[worker], 0);
    }
    fflush(stdout);
    _exit(0);
}

/* ---- The parent ---- */

static pid_t hire(const struct campaign *c, struct shared *s, unsigned worker)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        work(c, s, worker);
    return pid;
}

/* True: it died during a seed, and must be replaced. */
static bool mourn(const struct campaign *c, struct shared *s, unsigned worker, int status)
{
    char text[120];
    uint64_t number = atomic_exchange(&s->working[worker], 0);
    if (!number)
        return false;
    int killer = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (killer == SIGALRM)
        snprintf(text, sizeof text, "took longer than %d s", SEED_SECONDS);
    else
        snprintf(text, sizeof text, "crashed: %s", killer ? strsignal(killer) : "it exited");
    fail(s, seed_of(c, number - 1), text);
    return true;
}

static bool supervise(const struct campaign *c, struct shared *s)
{
    pid_t pid[WORKERS_MAX];
    unsigned alive = 0;
    for (unsigned i = 0; i < c->workers; i++, alive++)
        if ((pid[i] = hire(c, s, i)) < 0)
            break;
    bool good = alive > 0;
    while (alive > 0) {
        int status;
        pid_t dead = wait(&status);
        for (unsigned i = 0; i < c->workers && dead > 0; i++) {
            if (pid[i] != dead)
                continue;
            bool again = mourn(c, s, i, status);
            pid[i] = again ? hire(c, s, i) : -1;
            alive -= pid[i] < 0;
            good = good && !(again && pid[i] < 0);
        }
    }
    return good;
}

static uint64_t median(const struct shared *s)
{
    uint64_t all = 0, seen = 0;
    for (unsigned i = 0; i < CPU_BUCKETS; i++)
        all += atomic_load(&s->cpu[i]);
    for (unsigned i = 0; i < CPU_BUCKETS; i++)
        if ((seen += atomic_load(&s->cpu[i])) * 2 >= all)
            return (i + 1) * CPU_BUCKET;
    return 0;
}

static int by_seed(const void *a, const void *b)
{
    const struct failure *x = a, *y = b;
    return x->seed < y->seed ? -1 : x->seed > y->seed;
}

static void collect(struct campaign *c, const struct shared *s)
{
    unsigned failures = atomic_load(&s->failures);
    c->virtual_time = (rill_time)atomic_load(&s->virtual_time);
    c->segments = atomic_load(&s->segments);
    c->events = atomic_load(&s->events);
    c->hash = atomic_load(&s->hash);
    c->failed = atomic_load(&s->failed);
    c->slow = atomic_load(&s->slow);
    c->cpu_median = median(s);
    c->cpu_max = atomic_load(&s->cpu_max);
    memcpy(c->failure, s->failure, sizeof c->failure);
    qsort(c->failure, failures < FAILURES_KEPT ? failures : FAILURES_KEPT, sizeof *c->failure,
          by_seed);
}

bool campaign_run(struct campaign *c)
{
    if (c->workers == 0)
        c->workers = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    if (c->workers > WORKERS_MAX)
        c->workers = WORKERS_MAX;
    struct shared *s =
        mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED)
        return false;
    bool good = supervise(c, s);
    collect(c, s);
    munmap(s, sizeof *s);
    return good;
}
