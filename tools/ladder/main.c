/* rill-ladder [--svg FILE] FILE|- [FILTER]: the conversations of a capture as ladders, with the
 * state of both ends beside each segment. rill-ladder --live [SOCKET|-] [FILTER]: the same of a
 * running stack, as it happens. */
#include "ladder/draw.h"
#include "ladder/svg.h"
#include "ladder/watch.h"

#include <errno.h>
#include <rill/version.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: rill-ladder [--svg FILE] FILE|- [FILTER]\n"
    "       rill-ladder --live [SOCKET|-] [FILTER]\n"
    "Draws what a capture (\"-\": standard input) holds, each conversation as a ladder:\n"
    "A --SYN--> B with the TCP state of both ends beside each segment; in colours on a terminal.\n"
    "  --svg FILE  a page for a browser instead, of at most 2000 packets\n"
    "  --live      what passes a running stack, as it happens, until Ctrl-C. SOCKET is the name "
    "of\n"
    "              its control socket (rill-ss --list), with a /; none is needed where one stack\n"
    "              runs. \"-\": a capture that somebody writes to standard input. What leaves is\n"
    "              taken to arrive: nobody can look ahead\n"
    "FILTER is in libpcap's language (pcap-filter(7)), such as: tcp port 80\n";

struct options {
    const char *svg; /* NULL: text to standard output */
    bool live;
    const char *capture; /* live: NULL where the one that runs is meant */
    char filter[4096];
};

/* The words behind the capture's name are one filter. False: it is too long. */
static bool filter_join(struct options *o, char *const *word)
{
    for (bool first = true; *word; word++, first = false) {
        if (strlen(o->filter) + strlen(*word) + 2 > sizeof o->filter)
            return false;
        strcat(strcat(o->filter, first ? "" : " "), *word);
    }
    return true;
}

/* A name of a socket has a slash, as a filter's first word has not. */
static bool is_place(const char *word)
{
    return !strcmp(word, "-") || *word == '/' || *word == '.';
}

/* NULL, or what is wrong with the arguments. */
static const char *options_read(struct options *o, char *const *argument)
{
    argument++;
    if (*argument && !strcmp(*argument, "--svg")) {
        o->svg = argument[1];
        if (!o->svg)
            return "--svg: which file?";
        argument += 2;
    }
    if (*argument && !strcmp(*argument, "--live")) {
        o->live = true;
        argument++;
    }
    if (o->live && o->svg)
        return "--svg: a page needs an end, which --live has not";
    if (!*argument && !o->live)
        return "which capture?";
    if (*argument && (*argument)[0] == '-' && (*argument)[1])
        return "no such option";
    if (!o->live || (*argument && is_place(*argument)))
        o->capture = *argument++;
    return filter_join(o, argument) ? NULL : "the filter is too long";
}

static int complain(const char *name, const char *what)
{
    return fprintf(stderr, "rill-ladder: %s: %s\n", name, what), 1;
}

/* What has not been told is a failure. */
static int finish(FILE *out, const char *name)
{
    return ferror(out) || fflush(out) ? complain(name, strerror(errno)) : 0;
}

static int draw(const struct options *o, const struct ladder *l)
{
    if (!o->svg) {
        ladder_draw(stdout, l, isatty(STDOUT_FILENO));
        return finish(stdout, "standard output");
    }
    FILE *out = fopen(o->svg, "w");
    if (!out)
        return complain(o->svg, strerror(errno));
    ladder_svg(out, l);
    int status = finish(out, o->svg);
    fclose(out);
    return status;
}

static int run(const struct options *o)
{
    struct packet_list list = {0};
    struct ladder ladder;
    const char *wrong = packet_list_read(&list, o->capture, o->filter);
    if (wrong && !list.count)
        return complain(o->capture, wrong);
    if (!ladder_make(&ladder, list.at, list.count))
        return complain(o->capture, "not enough memory");
    int status = draw(o, &ladder);
    if (list.seen > list.count)
        fprintf(stderr, "rill-ladder: %s: the first %zu of %zu packets: a filter leaves fewer\n",
                o->capture, list.count, list.seen);
    if (list.foreign)
        fprintf(stderr,
                "rill-ladder: %s: %zu packets are not drawn: not ARP or IPv4, or not whole\n",
                o->capture, list.foreign);
    ladder_end(&ladder);
    packet_list_end(&list);
    return wrong ? complain(o->capture, wrong) : status;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    if (argc > 1 && !strcmp(argv[1], "--help"))
        return fputs(usage, stdout) < 0;
    if (argc > 1 && !strcmp(argv[1], "--version"))
        return puts("rill-ladder " RILL_VERSION) < 0;
    const char *wrong = options_read(&o, argv);
    if (wrong)
        return fprintf(stderr, "rill-ladder: %s\n%s", wrong, usage), 2;
    return o.live ? watch(o.capture, o.filter) : run(&o);
}
