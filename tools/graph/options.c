#include "graph/options.h"

#include <getopt.h>
#include <math.h>
#include <rill/host.h>
#include <stdlib.h>
#include <string.h>

const char options_usage[] =
    "usage: rill-graph [OPTIONS] FILE|- [FILTER]\n"
    "Draws the TCP connections of a capture (\"-\": standard input) with gnuplot: time-sequence\n"
    "graph, congestion window, round trip and throughput, into PREFIX-a2b-KIND.svg and .png.\n"
    "A capture written by rill (--pcap run.pcapng) has cwnd, ssthresh and RTO in its comments.\n"
    "\n"
    "  -o, --output PREFIX  prefix of the files' names; \"DIR/\" only sets the folder [the\n"
    "                   capture's name without its suffix, in this folder]\n"
    "  --plot KIND      only this kind: time-sequence, cwnd, rtt, throughput; may be repeated\n"
    "  --svg, --png     only this format [both]\n"
    "  --data           keeps gnuplot's input files: PREFIX-a2b.gp and .dat\n"
    "  --both           both directions [the one with more data]\n"
    "  --connections N  only the N with most data [8]; use a filter for others\n"
    "  --from S, --to S only this part, in seconds since the connection's first packet\n"
    "  --list           only lists the connections\n"
    "  --help, --version\n"
    "FILTER is in libpcap's language (pcap-filter(7)), such as: tcp port 80\n"
    "\n"
    "Exit status: 0 all drawn; 1 not all, or there is no TCP; 2 wrong arguments, or a capture\n"
    "that cannot be read to its end; 3 an unknown link type.\n";

enum {
    OPTION_PLOT = 256,
    OPTION_SVG,
    OPTION_PNG,
    OPTION_DATA,
    OPTION_BOTH,
    OPTION_CONNECTIONS,
    OPTION_FROM,
    OPTION_TO,
    OPTION_LIST,
    OPTION_HELP,
    OPTION_VERSION
};

static const struct option known[] = {{"output", required_argument, NULL, 'o'},
                                      {"plot", required_argument, NULL, OPTION_PLOT},
                                      {"svg", no_argument, NULL, OPTION_SVG},
                                      {"png", no_argument, NULL, OPTION_PNG},
                                      {"data", no_argument, NULL, OPTION_DATA},
                                      {"both", no_argument, NULL, OPTION_BOTH},
                                      {"connections", required_argument, NULL, OPTION_CONNECTIONS},
                                      {"from", required_argument, NULL, OPTION_FROM},
                                      {"to", required_argument, NULL, OPTION_TO},
                                      {"list", no_argument, NULL, OPTION_LIST},
                                      {"help", no_argument, NULL, OPTION_HELP},
                                      {"version", no_argument, NULL, OPTION_VERSION},
                                      {0}};

static bool refuse(const char *option, const char *value, const char *expected)
{
    fprintf(stderr, "rill-graph: %s %s: %s\n", option, value, expected);
    return false;
}

static bool take_kind(struct options *o, const char *name)
{
    for (unsigned i = 0; i < PLOT_KINDS; i++)
        if (!strcmp(name, plot_kind_name(i)))
            return o->kind[i] = true;
    return refuse("--plot", name, "time-sequence, cwnd, rtt or throughput");
}

static bool take_time(rill_time *time, const char *option, const char *value)
{
    char *end;
    double seconds = strtod(value, &end);
    if (end == value || *end || !isfinite(seconds) || seconds < 0 || seconds > 1e9)
        return refuse(option, value, "a number of seconds, such as 1.5");
    *time = (rill_time)(seconds * (double)RILL_SECONDS(1));
    return true;
}

static bool take_connections(struct options *o, const char *value)
{
    char *end;
    unsigned long n = strtoul(value, &end, 10);
    if (*end || n < 1 || n > SURVEY_MAX)
        return refuse("--connections", value, "a number from 1 to 65536");
    o->connections = (unsigned)n;
    return true;
}

static bool take_prefix(struct options *o, const char *value)
{
    if (!*value || strlen(value) >= sizeof o->prefix / 2)
        return refuse("-o", value, "the name of files to be, or of a folder and a slash");
    strcpy(o->prefix, value);
    return true;
}

static bool take_value(struct options *o, int option)
{
    switch (option) {
    case 'o':
        return take_prefix(o, optarg);
    case OPTION_PLOT:
        return take_kind(o, optarg);
    case OPTION_CONNECTIONS:
        return take_connections(o, optarg);
    case OPTION_FROM:
        return take_time(&o->from, "--from", optarg);
    case OPTION_TO:
        return take_time(&o->to, "--to", optarg);
    default: /* refused already */
        return false;
    }
}

static bool take(struct options *o, int option)
{
    switch (option) {
    case OPTION_SVG:
        return o->format[PLOT_SVG] = true;
    case OPTION_PNG:
        return o->format[PLOT_PNG] = true;
    case OPTION_DATA:
        return o->data = true;
    case OPTION_BOTH:
        return o->both = true;
    case OPTION_LIST:
        return o->list = true;
    case OPTION_HELP:
        return o->help = true;
    case OPTION_VERSION:
        return o->version = true;
    default:
        return take_value(o, option);
    }
}

/* Joins the words after the capture's name to one filter. False: it is too long. */
static bool join_filter(struct options *o, char *const *word)
{
    for (; *word; word++) {
        if (strlen(o->filter) + strlen(*word) + 2 > sizeof o->filter)
            return refuse("the", "filter", "it is too long");
        strcat(strcat(o->filter, *o->filter ? " " : ""), *word);
    }
    return true;
}

/* /tmp/run.pcapng gives "run", in the folder that -o names. */
static void name_after_capture(struct options *o)
{
    const char *slash = strrchr(o->file, '/'), *base = slash ? slash + 1 : o->file;
    if (!strcmp(o->file, "-"))
        base = "graph";
    const char *dot = strrchr(base, '.');
    size_t length = dot && dot != base ? (size_t)(dot - base) : strlen(base);
    size_t at = strlen(o->prefix);
    snprintf(o->prefix + at, sizeof o->prefix - at, "%.*s", (int)min_of(length, 255u), base);
}

/* If none is chosen, all are. */
static void default_to_all(bool *chosen, unsigned count)
{
    bool any = false;
    for (unsigned i = 0; i < count; i++)
        any |= chosen[i];
    for (unsigned i = 0; i < count; i++)
        chosen[i] |= !any;
}

static bool ask_for_capture(void)
{
    fprintf(stderr, "rill-graph: which capture? (--help lists the options)\n");
    return false;
}

bool options_read(struct options *o, int argc, char **argv)
{
    *o = (struct options){.connections = 8, .to = RILL_NEVER};
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, ":o:", known, NULL)) != -1;) {
        if (option == '?' || option == ':')
            return rill_host_options_refuse(option, argv), false;
        if (!take(o, option))
            return false;
    }
    if (o->help || o->version)
        return true;
    if (optind == argc)
        return ask_for_capture();
    if (o->from >= o->to)
        return refuse("--from", "--to", "the part between them is empty");
    o->file = argv[optind];
    if (!*o->prefix || o->prefix[strlen(o->prefix) - 1] == '/')
        name_after_capture(o);
    default_to_all(o->kind, PLOT_KINDS);
    default_to_all(o->format, PLOT_FORMATS);
    return join_filter(o, argv + optind + 1);
}
