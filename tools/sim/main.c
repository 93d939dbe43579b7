/* rill-sim: runs a scenario of the simulator over many seeds, or repeats one seed. */
#include "finish.h"
#include "sim/campaign.h"
#include "sim/replay.h"

#include <errno.h>
#include <getopt.h>
#include <rill/host.h>
#include <rill/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define REPLAYED 3 /* failures that are shown in full */

static const char usage[] =
    "usage: rill-sim [OPTION]...\n"
    "Runs many seeds of a scenario: hosts, links and applications on one virtual clock.\n"
    "  --seeds N        number of seeds [1000]\n"
    "  --first S        the first seed, an unsigned 64-bit decimal [from the clock]\n"
    "  --scenario NAME  the scenario [mixed]; --list shows all\n"
    "  --file FILE      instead: seeds from a file, lines of `SCENARIO SEED`, # for comments\n"
    "  --replay S       one seed: prints its events, and writes captures and a ladder\n"
    "  --captures DIR   the folder for captures [.]\n"
    "  --jobs N         processes [one for each core]\n"
    "  --hashes         prints each seed and the hash of its trace\n"
    "  --stop           starts no further seed after a failure\n"
    "  --help, --version\n"
    "Exit status: 0 all passed; 1 a failure; 2 a bad option, or the output cannot be written.\n";

struct options {
    struct campaign campaign;
    const char *file, *captures;
    bool replays, first_given;
    uint64_t replay;
};

static bool read_number(const char *text, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && !errno;
}

static int list(void)
{
    const struct scenario *s;
    for (unsigned i = 0; (s = scenario_at(i)) != NULL; i++)
        printf("%-8s %s\n", s->name, s->about);
    return 0;
}

/* NULL, or the error in the option's value. */
static const char *take(struct options *o, int option, const char *value)
{
    uint64_t jobs = 0;
    switch (option) {
    case 'n':
        return read_number(value, &o->campaign.count) && o->campaign.count
                   ? NULL
                   : "--seeds: not a number from 1 on";
    case 'f':
        o->first_given = true;
        return read_number(value, &o->campaign.first) ? NULL : "--first: not a number of 64 bits";
    case 's':
        o->campaign.scenario = scenario_find(value);
        return o->campaign.scenario ? NULL : "--scenario: there is none of that name, see --list";
    case 'F':
        o->file = value;
        return NULL;
    case 'r':
        o->replays = true;
        return read_number(value, &o->replay) ? NULL : "--replay: not a number of 64 bits";
    case 'c':
        o->captures = value;
        return NULL;
    case 'j':
        o->campaign.workers = read_number(value, &jobs) && jobs <= 64 ? (unsigned)jobs : 0;
        return jobs && o->campaign.workers ? NULL : "--jobs: not a number from 1 to 64";
    default: /* refused already */
        return NULL;
    }
}

/* -1: continue; else the exit status. */
static int options_read(struct options *o, int argc, char **argv)
{
    static const struct option options[] = {{"seeds", 1, NULL, 'n'},
                                            {"first", 1, NULL, 'f'},
                                            {"scenario", 1, NULL, 's'},
                                            {"file", 1, NULL, 'F'},
                                            {"replay", 1, NULL, 'r'},
                                            {"captures", 1, NULL, 'c'},
                                            {"jobs", 1, NULL, 'j'},
                                            {"hashes", 0, NULL, 'H'},
                                            {"list", 0, NULL, 'l'},
                                            {"help", 0, NULL, 'h'},
                                            {"version", 0, NULL, 'v'},
                                            {"stop", 0, NULL, 'S'},
                                            {0}};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        const char *wrong = NULL;
        if (option == '?' || option == ':')
            return rill_host_options_refuse(option, argv);
        if (option == 'h')
            return fputs(usage, stdout), 0;
        if (option == 'v')
            return puts("rill-sim " RILL_VERSION), 0;
        if (option == 'l')
            return list();
        if (option == 'H')
            o->campaign.hashes = true;
        else if (option == 'S')
            o->campaign.stops = true;
        else if ((wrong = take(o, option, optarg)) != NULL)
            return fprintf(stderr, "rill-sim: %s\n", wrong), 2;
    }
    if (optind < argc)
        return fprintf(stderr, "rill-sim: %s: it takes options only (--help lists them)\n",
                       argv[optind]),
               2;
    return -1;
}

/* ---- Campaigns ---- */

static void show_failures(const struct campaign *c, const char *folder)
{
    for (unsigned i = 0; i < c->failed && i < FAILURES_KEPT; i++) {
        const struct failure *f = &c->failure[i];
        printf("FAILED  %s %llu: %s\n        again: rill-sim --scenario %s --replay %llu\n",
               c->scenario->name, (unsigned long long)f->seed, f->text, c->scenario->name,
               (unsigned long long)f->seed);
        if (i < REPLAYED)
            replay_run(c->scenario, f->seed, folder, false);
    }
}

static int run(struct campaign *c, const char *folder)
{
    if (!campaign_run(c))
        return fprintf(stderr, "rill-sim: no processes: %s\n", strerror(errno)), 2;
    show_failures(c, folder);
    printf("sim: %llu seeds of %s from %llu: %llu s of virtual time, %llu segments, %llu failures; "
           "%llu slow; CPU of a seed %.1f ms in the median, %.1f ms at most\n",
           (unsigned long long)c->count, c->scenario->name,
           (unsigned long long)(c->list ? c->list[0] : c->first),
           (unsigned long long)(c->virtual_time / RILL_SECONDS(1)), (unsigned long long)c->segments,
           (unsigned long long)c->failed, (unsigned long long)c->slow, (double)c->cpu_median / 1e3,
           (double)c->cpu_max / 1e3);
    return c->failed > 0;
}

static int finish(uint64_t all, uint64_t failed)
{
    printf("%llu passed, %llu failed\n", (unsigned long long)(all - failed),
           (unsigned long long)failed);
    return failed > 0;
}

/* ---- Files of seeds ---- */

/* Runs one line of the file. 0: passed, 1: failed, 2: the line is invalid. */
static int run_line(const struct options *o, char *line)
{
    struct campaign c = {.count = 1, .workers = 1};
    char *name = strtok(line, " \t\n"), *seed = name ? strtok(NULL, " \t\n") : NULL;
    c.scenario = seed ? scenario_find(name) : NULL;
    if (!c.scenario || !read_number(seed, &c.first))
        return 2;
    return run(&c, o->captures);
}

static int run_file(const struct options *o)
{
    char line[256];
    uint64_t all = 0, failed = 0;
    FILE *in = fopen(o->file, "r");
    if (!in)
        return fprintf(stderr, "rill-sim: %s: %s\n", o->file, strerror(errno)), 2;
    for (unsigned number = 1; fgets(line, sizeof line, in); number++) {
        line[strcspn(line, "#")] = 0;
        if (line[strspn(line, " \t\n")] == 0)
            continue;
        int status = run_line(o, line);
        if (status == 2) {
            fclose(in);
            return fprintf(stderr, "rill-sim: %s:%u: not SCENARIO SEED\n", o->file, number), 2;
        }
        all++;
        failed += status != 0;
    }
    fclose(in);
    return finish(all, failed);
}

static int run_options(int argc, char **argv)
{
    struct options o = {.campaign = {.scenario = scenario_find("mixed"), .count = 1000},
                        .captures = "."};
    int status = options_read(&o, argc, argv);
    if (status >= 0)
        return status;
    mkdir(o.captures, 0777);
    if (o.replays && access(o.captures, W_OK) != 0)
        return fprintf(stderr, "rill-sim: cannot write captures to %s: %s\n", o.captures,
                       strerror(errno)),
               2;
    if (o.replays)
        return !replay_run(o.campaign.scenario, o.replay, o.captures, true);
    if (o.file)
        return run_file(&o);
    if (!o.first_given)
        o.campaign.first = (uint64_t)time(NULL) * 1000000;
    status = run(&o.campaign, o.captures);
    return status == 2 ? 2 : finish(o.campaign.count, o.campaign.failed);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* keeps the workers' lines whole */
    return finish_output(run_options(argc, argv), 2);
}
