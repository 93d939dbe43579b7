#include "record.h"

#include <assert.h>
#include <getopt.h>
#include <rill/rill.h>
#include <stdio.h>
#include <stdlib.h>

#define ARGUMENTS 32

/* The program's own arguments: tests have a main without any. */
static int read_arguments(char *argument[ARGUMENTS])
{
    static char text[4096];
    FILE *f = fopen("/proc/self/cmdline", "re");
    size_t length = f ? fread(text, 1, sizeof text - 1, f) : 0;
    int count = 0;
    for (size_t at = 0; at < length && count < ARGUMENTS - 1; at += strlen(text + at) + 1)
        argument[count++] = text + at;
    if (f)
        fclose(f);
    return count;
}

static struct rill_capture *open_capture(void)
{
    static const struct option known[] = {{"pcap", required_argument, NULL, 'p'},
                                          {"pcap-files", required_argument, NULL, 'n'},
                                          {"pcap-size", required_argument, NULL, 'm'},
                                          {0}};
    char *argument[ARGUMENTS] = {NULL};
    const char *file = NULL, *files = "10", *size = "0";
    struct rill_diagnostic why = {""};
    int count = read_arguments(argument);
    for (int option; (option = getopt_long(count, argument, "", known, NULL)) != -1;)
        *(option == 'p' ? &file : option == 'n' ? &files : &size) = optarg;
    struct rill_capture *c = file ? rill_capture_create(file, &why) : NULL;
    if (file && (!c || rill_capture_limit(c, (unsigned)strtoul(files, NULL, 10),
                                          strtoull(size, NULL, 10) * 1000000)))
        fprintf(stderr, "--pcap %s: %s\n", file, c ? "--pcap-files is no number" : why.text);
    return c;
}

struct rill_capture *record_capture(void)
{
    static struct rill_capture *capture;
    static bool asked;
    if (!asked)
        capture = open_capture();
    asked = true;
    return capture;
}

void record_prepare(struct rill_config *config, const struct rill_capture *capture)
{
    if (capture && config->trace_records < RILL_CAPTURE_TRACE)
        config->trace_records = RILL_CAPTURE_TRACE;
}

void record_begin(struct recorder *r, const struct rill *stack)
{
    *r = (struct recorder){0};
    bool good = !record_capture() || recorder_begin(r, record_capture(), stack);
    assert(good);
}
