/* Threads that share only the exchange of frames and the count of working cores.
 *
 *     opened by the caller, one after the other
 *     each thread:  serve -> drain -> hand over frames until no core is at work
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

#define GLANCE RILL_MILLISECONDS(20) /* interval of checks whether the others have drained */

struct crew;

struct core {
    struct crew *crew;
    unsigned number;
    struct rill_host *host;
    pthread_t thread;
    char pcap[PATH_MAX], control[PATH_MAX];
};

struct crew {
    unsigned count;       /* open cores */
    pthread_mutex_t gate; /* no thread starts before all cores are open */
    bool called_off;
    atomic_uint at_work;
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

static int open_core(struct crew *crew, const struct rill_host_options *all,
                     struct rill_diagnostic *diagnostic)
{
    struct core *c = &crew->core[crew->count];
    struct rill_host_options o = *all;
    struct host_core_setup setup = {
        .core = {.number = crew->count, .count = all->cores, .key = all->seed},
        .exchange = crew->exchange,
        .first = crew->core[0].host,
    };
    c->crew = crew;
    c->number = crew->count;
    o.seed += c->number; /* their random choices must differ */
    o.pcap = name_of(all->pcap, c->number, c->pcap);
    o.control = name_of(all->control, c->number, c->control);
    c->host = host_open(&o, &setup, diagnostic);
    if (!c->host)
        return -1;
    crew->count++;
    return 0;
}

static void close_all(struct crew *crew)
{
    while (crew->count > 0)
        host_dismantle(crew->core[--crew->count].host);
    exchange_free(crew->exchange);
}

static int open_all(struct crew *crew, const struct rill_host_options *o,
                    struct rill_diagnostic *diagnostic)
{
    crew->exchange = exchange_new(o->cores);
    if (!crew->exchange) {
        diagnostic_set(diagnostic, errno, "cannot make %u cores: %m", o->cores);
        return -1;
    }
    while (crew->count < o->cores)
        if (open_core(crew, o, diagnostic) != 0)
            return -1;
    return 0;
}

/* ---- Running ---- */

static void *run_core(void *handed)
{
    struct core *c = handed;
    struct crew *crew = c->crew;
    pthread_mutex_lock(&crew->gate);
    pthread_mutex_unlock(&crew->gate);
    if (crew->called_off)
        return NULL;
    host_take(c->host);
    crew->serve(c->host, c->number, crew->context);
    host_drain(c->host);
    atomic_fetch_sub(&crew->at_work, 1);
    while (atomic_load(&crew->at_work) > 0)
        if (rill_host_turn(c->host, rill_host_now(c->host) + GLANCE) != 0 && errno != EINTR)
            break;
    rill_use(NULL);
    return NULL;
}

/* The caller's thread handles signals; a signal wakes every loop. Returns how many threads run. */
static unsigned start_threads(struct crew *crew)
{
    sigset_t all, before;
    unsigned started = 1;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (started < crew->count &&
           pthread_create(&crew->core[started].thread, NULL, run_core, &crew->core[started]) == 0)
        started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static int run_crew(struct crew *crew, struct rill_diagnostic *diagnostic)
{
    atomic_store(&crew->at_work, crew->count);
    pthread_mutex_lock(&crew->gate);
    unsigned started = start_threads(crew);
    crew->called_off = started < crew->count;
    pthread_mutex_unlock(&crew->gate);
    run_core(&crew->core[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(crew->core[i].thread, NULL);
    if (crew->called_off)
        diagnostic_set(diagnostic, EAGAIN, "the machine gives %u threads, not %u", started,
                       crew->count);
    return crew->called_off ? -1 : 0;
}

static int run_alone(const struct rill_host_options *o, const struct crew *crew,
                     struct rill_diagnostic *diagnostic)
{
    struct rill_host *host = rill_host_open(o, diagnostic);
    if (!host)
        return -1;
    crew->serve(host, 0, crew->context);
    rill_host_close(host);
    return 0;
}

int rill_cores_run(const struct rill_host_options *o,
                   void (*serve)(struct rill_host *, unsigned core, void *context), void *context,
                   struct rill_diagnostic *diagnostic)
{
    struct crew crew = {.serve = serve, .context = context, .gate = PTHREAD_MUTEX_INITIALIZER};
    if (o->cores <= 1)
        return run_alone(o, &crew, diagnostic);
    bool good = open_all(&crew, o, diagnostic) == 0 && run_crew(&crew, diagnostic) == 0;
    close_all(&crew);
    return good ? 0 : -1;
}
