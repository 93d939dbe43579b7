/* Threads that share only the exchange of frames and the count of running cores.
 *
 *     opened by the caller, one after the other
 *     each thread:  serve -> drain -> hand over frames until no core is running
 *     closed by the caller, core 0 last, because it owns the interface */
#include "diagnostic.h"
#include "host/host.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <rill/cores.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define DRAIN_POLL RILL_MILLISECONDS(20) /* interval of checks whether the others have drained */

struct cores;

struct core {
    struct cores *cores;
    unsigned number;
    struct rill_host *host;
    pthread_t thread;
    char pcap[PATH_MAX], control[PATH_MAX];
};

struct cores {
    unsigned count;             /* open cores */
    pthread_mutex_t start_lock; /* no thread starts before all cores are open */
    bool cancelled;
    atomic_uint running;
    struct exchange *exchange;
    void (*serve)(struct rill_host *, unsigned core, void *context);
    void *context;
    struct core core[RILL_CORES_MAX];
};

/* ---- Opening ---- */

/* "run.pcapng" of core 1 is "run-2.pcapng". */
static const char *name_of(const char *name, unsigned core, char out[PATH_MAX])
{
    if (!name || core == 0)
        return name;
    const char *slash = strrchr(name, '/'), *dot = strrchr(slash ? slash : name, '.');
    int stem = dot ? (int)(dot - name) : (int)strlen(name);
    snprintf(out, PATH_MAX, "%.*s-%u%s", stem, name, core + 1, dot ? dot : "");
    return out;
}

static int open_core(struct cores *cores, const struct rill_host_options *all,
                     struct rill_diagnostic *diagnostic)
{
    struct core *c = &cores->core[cores->count];
    struct rill_host_options o = *all;
    struct host_core_setup setup = {
        .core = {.number = cores->count, .count = all->cores, .key = all->seed},
        .exchange = cores->exchange,
        .first = cores->core[0].host,
    };
    c->cores = cores;
    c->number = cores->count;
    o.seed += c->number; /* their random choices must differ */
    o.pcap = name_of(all->pcap, c->number, c->pcap);
    o.control = name_of(all->control, c->number, c->control);
    c->host = host_open(&o, &setup, diagnostic);
    if (!c->host)
        return -1;
    cores->count++;
    return 0;
}

static void close_all(struct cores *cores)
{
    while (cores->count > 0)
        host_dismantle(cores->core[--cores->count].host);
    exchange_free(cores->exchange);
}

static int open_all(struct cores *cores, const struct rill_host_options *o,
                    struct rill_diagnostic *diagnostic)
{
    cores->exchange = exchange_new(o->cores);
    if (!cores->exchange) {
        diagnostic_set(diagnostic, errno, "cannot make %u cores: %m", o->cores);
        return -1;
    }
    while (cores->count < o->cores)
        if (open_core(cores, o, diagnostic) != 0)
            return -1;
    return 0;
}

/* ---- Running ---- */

static void *run_core(void *handed)
{
    struct core *c = handed;
    struct cores *cores = c->cores;
    pthread_mutex_lock(&cores->start_lock);
    pthread_mutex_unlock(&cores->start_lock);
    if (cores->cancelled)
        return NULL;
    host_take(c->host);
    cores->serve(c->host, c->number, cores->context);
    host_drain(c->host);
    atomic_fetch_sub(&cores->running, 1);
    while (atomic_load(&cores->running) > 0)
        if (rill_host_turn(c->host, rill_host_now(c->host) + DRAIN_POLL) != 0 && errno != EINTR)
            break;
    rill_use(NULL);
    return NULL;
}

/* The caller's thread handles signals; a signal wakes every loop. Returns how many threads run. */
static unsigned start_threads(struct cores *cores)
{
    sigset_t all, before;
    unsigned started = 1;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (started < cores->count &&
           pthread_create(&cores->core[started].thread, NULL, run_core, &cores->core[started]) == 0)
        started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static int run_threads(struct cores *cores, struct rill_diagnostic *diagnostic)
{
    atomic_store(&cores->running, cores->count);
    pthread_mutex_lock(&cores->start_lock);
    unsigned started = start_threads(cores);
    cores->cancelled = started < cores->count;
    pthread_mutex_unlock(&cores->start_lock);
    run_core(&cores->core[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(cores->core[i].thread, NULL);
    if (cores->cancelled)
        diagnostic_set(diagnostic, EAGAIN, "the machine gives %u threads, not %u", started,
                       cores->count);
    return cores->cancelled ? -1 : 0;
}

static int run_alone(const struct rill_host_options *o, const struct cores *cores,
                     struct rill_diagnostic *diagnostic)
{
    struct rill_host *host = rill_host_open(o, diagnostic);
    if (!host)
        return -1;
    cores->serve(host, 0, cores->context);
    rill_host_close(host);
    return 0;
}

int rill_cores_run(const struct rill_host_options *o,
                   void (*serve)(struct rill_host *, unsigned core, void *context), void *context,
                   struct rill_diagnostic *diagnostic)
{
    struct cores cores = {
        .serve = serve, .context = context, .start_lock = PTHREAD_MUTEX_INITIALIZER};
    if (o->cores <= 1)
        return run_alone(o, &cores, diagnostic);
    bool good = open_all(&cores, o, diagnostic) == 0 && run_threads(&cores, diagnostic) == 0;
    close_all(&cores);
    return good ? 0 : -1;
}
