/* rill-ladder [--svg FILE] FILE|- [FILTER]: the conversations of a capture as ladders, with the
 * state of both ends beside each segment. rill-ladder --live [SOCKET|-] [FILTER]: the same of a
 * running stack, as it happens. */
#include "finish.h"
#include "ladder/draw.h"
#include "ladder/svg.h"
#include "ladder/watch.h"

#include <errno.h>
#include <getopt.h>
#include <rill/host.h>
#include <rill/version.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: rill-ladder [--svg FILE] FILE|- [FILTER]\n"
    "       rill-ladder --live [SOCKET|-] [FILTER]\n"
    "Draws each conversation of a capture (\"-\": standard input) as a ladder:\n"
    "A --SYN--> B, with the TCP state of both ends beside each segment; in colour on a terminal.\n"
    "  --svg FILE  a page for a browser instead, of at most 2000 packets\n"
    "  --live      the traffic of a running stack until Ctrl-C. SOCKET is the path of its control\n"
    "              socket (rill-ss --list), with a /; not needed if only one stack runs. \"-\": a\n"
    "              capture from standard input while it is written. Sent segments are assumed to\n"
    "              arrive, because the program cannot look ahead\n"
    "  --help, --version\n"
    "FILTER is in libpcap's language (pcap-filter(7)), such as: tcp port 80\n"
    "Exit status: 0; 1 if the capture cannot be read to its end, or the drawing not be written;\n"
    "2 for a bad option.\n";

enum { OPTION_SVG = 256, OPTION_LIVE, OPTION_HELP, OPTION_VERSION };

struct options {
    const char *svg; /* NULL: text to standard output */
    bool live, help, version;
    const char *capture; /* live: NULL means the only running stack */
    char filter[4096];
};

/* Joins the words after the capture's name to one filter. False: it is too long. */
static bool filter_join(struct options *o, char *const *word)
{
    for (bool first = true; *word; word++, first = false) {
        if (strlen(o->filter) + strlen(*word) + 2 > sizeof o->filter)
            return false;
        strcat(strcat(o->filter, first ? "" : " "), *word);
    }
    return true;
}

/* A socket's name contains a slash, the first word of a filter does not; a filter may be a single
 * argument. */
static bool is_place(const char *word)
{
    return !strcmp(word, "-") || (strchr(word, '/') && !strchr(word, ' '));
}

static bool refuse(const char *what)
{
    fprintf(stderr, "rill-ladder: %s\n", what);
    return false;
}

/* Reads the arguments that are not options. */
static bool take_words(struct options *o, char *const *word)
{
    if (o->live && o->svg)
        return refuse("--svg: a page needs an end, which --live has not");
    if (!*word && !o->live)
        return refuse("which capture? (--help lists the options)");
    if (!o->live || (*word && is_place(*word)))
        o->capture = *word++;
    return filter_join(o, word) || refuse("the filter is too long");
}

/* False: a message was printed. */
static bool options_read(struct options *o, int argc, char **argv)
{
    static const struct option known[] = {{"svg", required_argument, NULL, OPTION_SVG},
                                          {"live", no_argument, NULL, OPTION_LIVE},
                                          {"help", no_argument, NULL, OPTION_HELP},
                                          {"version", no_argument, NULL, OPTION_VERSION},
                                          {0}};
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, ":", known, NULL)) != -1;) {
        o->help |= option == OPTION_HELP;
        o->version |= option == OPTION_VERSION;
        o->live |= option == OPTION_LIVE;
        if (option == OPTION_SVG)
            o->svg = optarg;
        if (option == '?' || option == ':')
            return rill_host_options_refuse(option, argv), false;
    }
    return o->help || o->version || take_words(o, argv + optind);
}

static int print_error(const char *name, const char *what)
{
    return fprintf(stderr, "rill-ladder: %s: %s\n", name, what), 1;
}

static int draw(const struct options *o, const struct ladder *l)
{
    if (!o->svg) {
        ladder_draw(stdout, l, isatty(STDOUT_FILENO));
        return 0;
    }
    FILE *out = fopen(o->svg, "w");
    if (!out)
        return print_error(o->svg, strerror(errno));
    ladder_svg(out, l);
    bool whole = finish_file(out, o->svg);
    fclose(out);
    return !whole;
}

static int run(const struct options *o)
{
    struct packet_list list = {0};
    struct ladder ladder;
    const char *wrong = packet_list_read(&list, o->capture, o->filter);
    if (wrong && !list.count)
        return print_error(o->capture, wrong);
    if (!ladder_make(&ladder, list.at, list.count))
        return print_error(o->capture, "not enough memory");
    if (!list.count && !list.foreign)
        fprintf(stderr, "rill-ladder: %s: no packet%s\n", o->capture,
                *o->filter ? " that the filter lets pass" : "");
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
    return wrong ? print_error(o->capture, wrong) : status;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    int status = 0;
    if (!options_read(&o, argc, argv))
        return 2;
    if (o.help)
        fputs(usage, stdout);
    else if (o.version)
        puts("rill-ladder " RILL_VERSION);
    else
        status = o.live ? watch(o.capture, o.filter) : run(&o);
    return finish_output(status, 1);
}
