/* Many connections between two stacks in one process, which are held: how fast they open, what both
 * ends of one take of the resident set, and requests on a hundredth of them. */
#include "bench/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define BOTH_ENDS 1150 /* bytes: more than the last column of what this prints */
#define SPARE (256ul << 20)
#define PER_PORT 20000 /* connections to a listener: local ports, of 28,232, stay easy to find */
#define FIRST_PORT 1000

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double resident(void)
{
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    require(f && fscanf(f, "%*u %lu", &pages) == 1, "/proc/self/statm");
    fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static unsigned long available(void)
{
    char line[128];
    unsigned long kilobytes = 0;
    FILE *f = fopen("/proc/meminfo", "re");
    require(f, "/proc/meminfo");
    while (fgets(line, sizeof line, f) && sscanf(line, "MemAvailable: %lu", &kilobytes) != 1)
        ;
    fclose(f);
    return kilobytes << 10;
}

static void require_memory(unsigned long connections)
{
    unsigned long there = available(), fit = there > SPARE ? (there - SPARE) / BOTH_ENDS : 0;
    if (connections <= fit)
        return;
    fprintf(stderr,
            "engine: %lu connections do not fit into the memory that is available: %lu do\n",
            connections, fit);
    exit(1);
}

static void open_all(int (*fd)[2], const struct options *o)
{
    unsigned long step = o->connections / 10 + (o->connections % 10 > 0), reported = 0;
    double since = seconds(), before = resident();
    uint16_t port = FIRST_PORT;
    int listening = -1;
    for (unsigned long i = 0; i < o->connections; i++) {
        if (i % PER_PORT == 0)
            listening = listener(++port);
        fd[i][0] = connected(listening, port, &fd[i][1], o);
        if ((i + 1) % step != 0 && i + 1 < o->connections)
            continue;
        double t = seconds(), n = (double)(i + 1 - reported);
        printf("%lu open, %.0f per s, %.0f bytes both ends\n", i + 1, n / (t - since),
               (resident() - before) / (double)(i + 1));
        fflush(stdout);
        reported = i + 1;
        since = t;
    }
}

void run_idle(const struct options *o)
{
    require_memory(o->connections);
    int(*fd)[2] = calloc(o->connections, sizeof *fd);
    require(fd, "memory");
    open_all(fd, o);
    unsigned long talkers = (o->connections + 99) / 100;
    double since = seconds();
    for (unsigned long i = 0; i < talkers; i++)
        exchange(fd[i * 100][0], fd[i * 100][1], o);
    printf("%lu of them asked, %.0f per s\n", talkers, (double)talkers / (seconds() - since));
    free(fd);
}
