/* load - many clients on the host's own TCP, for measuring a server
 *
 *     load --connections N [--processes P] [--source A] [--talkers M] [--at-once K] [--seconds S]
 *          [--timeout S] [--progress N] [--rounds] --server PID --expect FILE URL-PATH ADDRESS
 * PORT
 *
 * Opens N connections and keeps them, has all of them (or the first M) ask for the path and
 * compares each answer with the file, byte by byte. P processes share the work, the i-th with the
 * i-th address from A on: a process has a bounded number of descriptors, an address of ports.
 *
 * --progress: to standard error a row for each N that have been opened: how many, how fast, what a
 * connection takes of the server's memory and of the whole machine's. In the end each is closed,
 * the server ending it, too, with a row for each N again: "closed", how many, how fast, and the MB
 * that the server has still grown by, and that the whole machine has less.
 *
 * One line of NAME=VALUE at the end; --rounds: reads a line, talks, says what a request has cost
 * the server's CPU, and so on to the end of its input. Status 1 if anything went wrong with a
 * connection. */
#include "c10k/clients.h"
#include "c10k/meter.h"

#include <arpa/inet.h>
#include <err.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES_MAX 64
#define CONNECTING_MAX 1024u /* at a time, of all processes; 64 of one */
#define FILE_MAX 65536

struct load {
    struct clients_config clients; /* of all together */
    unsigned processes, progress;
    pid_t server;
    bool rounds;
    struct shared *shared;
    struct results *results[PROCESSES_MAX];
    struct meter before, opened, talks, talked;
    double open_seconds, talk_seconds;
    double available; /* of the machine's memory, before the first connection */
};

/* Where the opening, or the closing, stands: the row that was told last. */
struct progress {
    unsigned held, next; /* the latter: when there is a row to tell again */
    double since;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *share(size_t n)
{
    void *at =
        mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED)
        err(1, "no memory");
    return at;
}

/* The i-th part of n things. */
static unsigned part(unsigned n, unsigned i, unsigned parts)
{
    return n / parts + (i < n % parts);
}

static void play_part(const struct load *l, unsigned i)
{
    struct clients_config mine = l->clients;
    mine.connections = part(l->clients.connections, i, l->processes);
    mine.talkers = part(l->clients.talkers, i, l->processes);
    mine.at_once = part(l->clients.at_once, i, l->processes);
    if (mine.source.sin_addr.s_addr)
        mine.source.sin_addr.s_addr = htonl(ntohl(mine.source.sin_addr.s_addr) + i);
    mine.connecting = CONNECTING_MAX / l->processes < 64 ? CONNECTING_MAX / l->processes : 64;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    clients_run(&mine, l->shared, l->results[i]);
    _exit(0);
}

static void begin_parts(struct load *l)
{
    l->shared = share(sizeof *l->shared);
    for (unsigned i = 0; i < l->processes; i++) {
        l->results[i] = share(sizeof *l->results[i]);
        pid_t pid = fork();
        if (pid < 0)
            err(1, "cannot make a process");
        if (pid == 0)
            play_part(l, i);
    }
}

static void pause_briefly(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    if (waitpid(-1, NULL, WNOHANG) > 0)
        errx(1, "one of the processes has failed");
}

/* Has everybody talk once more, and measures. */
static void talk(struct load *l)
{
    l->talks = meter_read(l->server);
    double begun = now();
    unsigned order = atomic_fetch_add(&l->shared->ordered, 1) + 1;
    for (unsigned i = 0; i < l->processes; i++)
        while (atomic_load(&l->results[i]->done) < order)
            pause_briefly();
    l->talk_seconds = now() - begun;
    l->talked = meter_read(l->server);
}

/* Bytes, of the whole machine. */
static double memory_available(void)
{
    char line[128];
    double kilobytes = 0;
    FILE *f = fopen("/proc/meminfo", "re");
    while (f && fgets(line, sizeof line, f) && sscanf(line, "MemAvailable: %lf", &kilobytes) != 1)
        ;
    if (f)
        fclose(f);
    return kilobytes * 1024;
}

static unsigned held(const struct load *l)
{
    unsigned n = 0;
    for (unsigned i = 0; i < l->processes; i++)
        n += l->results[i]->counts.held;
    return n;
}

static unsigned closed(const struct load *l)
{
    unsigned n = 0;
    for (unsigned i = 0; i < l->processes; i++)
        n += atomic_load(&l->results[i]->closed);
    return n;
}

static void tell_progress(const struct load *l, struct progress *p)
{
    unsigned n = held(l);
    if (!l->progress || n < p->next)
        return;
    double t = now();
    fprintf(stderr, "| %u | %.0f | %.0f | %.0f |\n", n, (n - p->held) / (t - p->since),
            ((double)meter_read(l->server).memory - (double)l->before.memory) / n,
            (l->available - memory_available()) / n);
    *p = (struct progress){.held = n, .next = (n / l->progress + 1) * l->progress, .since = t};
}

static void tell_closed(const struct load *l, struct progress *p)
{
    unsigned n = closed(l);
    if (n < p->next)
        return;
    double t = now();
    fprintf(stderr, "closed | %u | %.0f | %.0f | %.0f |\n", n, (n - p->held) / (t - p->since),
            ((double)meter_read(l->server).memory - (double)l->before.memory) / 1e6,
            (l->available - memory_available()) / 1e6);
    *p = (struct progress){.held = n, .next = (n / l->progress + 1) * l->progress, .since = t};
}

/* Everybody leaves. Returns how many connections did not come to a good end. */
static unsigned close_all(const struct load *l)
{
    unsigned open = held(l);
    struct progress progress = {.next = l->progress, .since = now()};
    atomic_store(&l->shared->leave, true);
    while (l->progress && waitpid(-1, NULL, WNOHANG) >= 0) {
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
        tell_closed(l, &progress);
    }
    while (wait(NULL) > 0)
        ;
    return l->progress ? open - closed(l) : 0;
}

static void open_all(struct load *l)
{
    l->before = meter_read(l->server);
    if (l->before.memory == 0)
        errx(1, "--server %d: there is no such process", l->server);
    double begun = now();
    l->available = memory_available();
    struct progress progress = {.next = l->progress, .since = begun};
    begin_parts(l);
    for (unsigned i = 0; i < l->processes; i++)
        while (atomic_load(&l->results[i]->opened) == 0) {
            pause_briefly();
            tell_progress(l, &progress);
        }
    tell_progress(l, &progress);
    l->open_seconds = now() - begun;
    l->opened = meter_read(l->server);
}

static unsigned requests(const struct load *l)
{
    unsigned n = 0;
    for (unsigned i = 0; i < l->processes; i++)
        n += l->results[i]->requests;
    return n;
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void print_latencies(const struct load *l)
{
    static const struct {
        const char *name;
        double share;
    } wanted[] = {{"p50", 0.5}, {"p99", 0.99}, {"p999", 0.999}};
    unsigned n = requests(l), at = 0;
    uint32_t *all = calloc(n + 1u, sizeof *all);
    if (!all)
        err(1, "no memory");
    for (unsigned i = 0; i < l->processes; i++) {
        memcpy(all + at, l->results[i]->latency, l->results[i]->requests * sizeof *all);
        at += l->results[i]->requests;
    }
    qsort(all, n, sizeof *all, by_size);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        printf(" %s=%u", wanted[i].name, n ? all[(unsigned)((n - 1) * wanted[i].share)] : 0);
    free(all);
}

static double cpu_per_request(const struct load *l)
{
    unsigned n = requests(l);
    return n ? (l->talked.cpu - l->talks.cpu) / n * 1e6 : 0;
}

/* Everything counted; returns how many connections something went wrong with. */
static unsigned print_counts(const struct load *l)
{
    struct counts sum = {0};
    for (unsigned i = 0; i < l->processes; i++) {
        const struct counts *t = &l->results[i]->counts;
        sum.asked += t->asked, sum.held += t->held, sum.answered += t->answered;
        sum.refused += t->refused, sum.busy += t->busy, sum.timed_out += t->timed_out;
        sum.lost += t->lost, sum.wrong += t->wrong, sum.failed += t->failed;
    }
    printf(
        "asked=%u held=%u answered=%u refused=%u busy=%u timed_out=%u lost=%u wrong=%u failed=%u",
        sum.asked, sum.held, sum.answered, sum.refused, sum.busy, sum.timed_out, sum.lost,
        sum.wrong, sum.failed);
    if (sum.held > 0)
        printf(" memory=%.0f", (double)(l->talked.memory - l->before.memory) / sum.held);
    return sum.refused + sum.busy + sum.timed_out + sum.lost + sum.wrong + sum.failed;
}

static unsigned report(const struct load *l)
{
    unsigned n = requests(l), failures = print_counts(l);
    printf(" requests=%u rate=%.0f", n, n / l->talk_seconds);
    print_latencies(l);
    printf(" cpu=%.0f cpu_request=%.1f open=%.1f\n",
           100 * (l->talked.cpu - l->talks.cpu) / l->talk_seconds, cpu_per_request(l),
           l->open_seconds);
    return failures;
}

/* A round for each line of the input. */
static void play_rounds(struct load *l)
{
    char line[64];
    printf("open\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        talk(l);
        printf("%.2f\n", cpu_per_request(l));
        fflush(stdout);
    }
}

static char *read_file(const char *name, size_t *length)
{
    char *bytes = malloc(FILE_MAX);
    FILE *f = fopen(name, "r");
    if (!f || !bytes)
        err(1, "cannot read %s", name);
    *length = fread(bytes, 1, FILE_MAX, f);
    fclose(f);
    return bytes;
}

static unsigned number(const char *option, const char *text, unsigned most)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (end == text || *end || n == 0 || n > most)
        errx(2, "--%s %s: not a number from 1 to %u", option, text, most);
    return (unsigned)n;
}

static struct in_addr address(const char *text)
{
    struct in_addr a;
    if (inet_pton(AF_INET, text, &a) != 1)
        errx(2, "%s: not an IPv4 address", text);
    return a;
}

static void take_option(struct load *l, const char *name)
{
    struct clients_config *c = &l->clients;
    if (strcmp(name, "connections") == 0)
        c->connections = number(name, optarg, 1000000);
    else if (strcmp(name, "processes") == 0)
        l->processes = number(name, optarg, PROCESSES_MAX);
    else if (strcmp(name, "source") == 0)
        c->source = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = address(optarg)};
    else if (strcmp(name, "talkers") == 0)
        c->talkers = number(name, optarg, 1000000);
    else if (strcmp(name, "at-once") == 0)
        c->at_once = number(name, optarg, 100000);
    else if (strcmp(name, "timeout") == 0)
        c->timeout = number(name, optarg, 600);
    else if (strcmp(name, "progress") == 0)
        l->progress = number(name, optarg, 1000000), c->closes = true;
    else if (strcmp(name, "seconds") == 0)
        c->seconds = number(name, optarg, 50);
    else if (strcmp(name, "server") == 0)
        l->server = (pid_t)number(name, optarg, 1u << 30);
    else if (strcmp(name, "expect") == 0)
        c->body = read_file(optarg, &c->body_length);
    else
        l->rounds = true;
}

static void parse(struct load *l, int argc, char **argv)
{
    static const struct option options[] = {
        {"connections", required_argument, NULL, 1},
        {"processes", required_argument, NULL, 1},
        {"source", required_argument, NULL, 1},
        {"talkers", required_argument, NULL, 1},
        {"at-once", required_argument, NULL, 1},
        {"seconds", required_argument, NULL, 1},
        {"server", required_argument, NULL, 1},
        {"expect", required_argument, NULL, 1},
        {"timeout", required_argument, NULL, 1},
        {"progress", required_argument, NULL, 1},
        {"rounds", no_argument, NULL, 1},
        {0},
    };
    static char request[1024];
    struct clients_config *c = &l->clients;
    int which;
    for (int option; (option = getopt_long(argc, argv, "", options, &which)) != -1;) {
        if (option != 1)
            exit(2);
        take_option(l, options[which].name);
    }
    if (argc - optind != 3 || !c->body || !l->server)
        errx(2, "usage: load [OPTIONS] --server PID --expect FILE PATH ADDRESS PORT");
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", argv[optind],
             argv[optind + 1]);
    c->request = request;
    c->server =
        (struct sockaddr_in){.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)number("port", argv[optind + 2], 65535)),
                             .sin_addr = address(argv[optind + 1])};
    if (c->talkers == 0 || c->talkers > c->connections)
        c->talkers = c->connections;
    if (c->at_once > c->talkers)
        c->at_once = c->talkers;
}

int main(int argc, char **argv)
{
    static struct load l = {
        .processes = 1,
        .clients = {.connections = 100, .at_once = 64, .seconds = 5, .timeout = 10}};
    struct rlimit files;
    parse(&l, argc, argv);
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);

    open_all(&l);
    if (l.rounds)
        play_rounds(&l);
    else
        talk(&l);
    unsigned failures = report(&l);
    fflush(stdout);
    failures += close_all(&l);
    return failures > 0;
}
