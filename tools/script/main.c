/* rill-script [OPTIONS] FILE...: packet scripts against rill, in process and on a virtual clock. */
#include "capture_file.h"
#include "finish.h"
#include "script/file.h"
#include "script/report.h"

#include <rill/capture.h>
#include <rill/version.h>
#include <stdlib.h>

/* Opened before anything runs, so that an unwritable file is reported at once. NULL: no name. */
static FILE *open_results(const char *name, const char *mode)
{
    FILE *file = name ? fopen(name, mode) : NULL;
    if (name && !file) {
        perror(name);
        exit(2);
    }
    return file;
}

/* Results that could not be written are a failure, if nothing else was. */
static int close_results(FILE *file, const char *name, int status)
{
    bool whole = finish_file(file, name);
    fclose(file);
    return whole || status ? status : 2;
}

/* Each script has its own arena, stack and clock. */
static void run_one(const struct command_line *c, unsigned number, struct totals *t,
                    struct junit *junit)
{
    struct arena arena = {0};
    struct outcome o;
    script_run_file(&o, &arena, c->file[number], c);
    totals_add(t, &o);
    if (c->tap)
        report_tap(stdout, &o, number + 1);
    else
        report_outcome(stdout, &o, c->quiet);
    if (c->junit)
        junit_add(junit, &o);
    arena_end(&arena);
}

/* Like open_results; the capture ends with the program. */
static void open_capture(struct command_line *c)
{
    struct rill_diagnostic why;
    c->capture = c->pcap ? rill_capture_create(c->pcap, &why) : NULL;
    if (!c->pcap || c->capture)
        return;
    fprintf(stderr, "rill-script: %s\n", why.text);
    exit(2);
}

/* The recorder has told why it is not whole. */
static int close_capture(struct command_line *c, int status)
{
    bool whole = !c->capture || !capture_failed(c->capture);
    rill_capture_close(c->capture);
    return whole || status ? status : 2;
}

static int run_all(const struct command_line *c)
{
    struct totals t = {0};
    struct junit junit;
    int status;
    FILE *file = open_results(c->junit, "w"), *states = open_results(c->states, "a");
    if (file)
        junit_begin(&junit);
    if (c->tap)
        report_tap_plan(stdout, c->files);
    for (unsigned i = 0; i < c->files; i++)
        run_one(c, i, &t, &junit);
    if (!c->tap)
        report_totals(stdout, &t);
    status = totals_status(&t);
    if (file) {
        junit_end(&junit, file);
        status = close_results(file, c->junit, status);
    }
    if (states) {
        report_states(states, &t);
        status = close_results(states, c->states, status);
    }
    return status;
}

int main(int argc, char **argv)
{
    struct arena arena = {0};
    struct command_line c;
    int status = 2;
    if (!command_line_parse(&c, argc, argv, &arena))
        status = 2; /* a message was printed */
    else if (c.version)
        puts("rill-script " RILL_VERSION), status = 0;
    else if (c.help)
        fputs(options_usage, stdout), status = 0;
    else if (!c.files)
        fputs("rill-script: which scripts? (--help lists the options)\n", stderr);
    else
        open_capture(&c), status = close_capture(&c, run_all(&c));
    arena_end(&arena);
    return finish_output(status, 2);
}
