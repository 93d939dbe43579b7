#include "ss/options.h"

#include <ctype.h>
#include <getopt.h>
#include <rill/host.h>
#include <rill/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char options_usage[] =
    "rill-ss - the sockets of running rill stacks, as ss(8) shows those of the kernel\n"
    "\n"
    "usage: rill-ss [OPTIONS] [FILTER]\n"
    "\n"
    "  --socket PATH      only this stack [all of yours; for root, of all users]\n"
    "  --list             only lists the running stacks\n"
    "  -a, --all          also listening, unconnected, SYN-RECV and TIME-WAIT\n"
    "  -l, --listening    only listening and unconnected\n"
    "  -t, --tcp; -u, --udp\n"
    "  -i, --info         round trips, windows, byte counts; -m, --memory  buffers\n"
    "  -p, --processes    users:((PROGRAM,pid=N)) beside a socket that the application holds\n"
    "  -s, --summary      numbers of sockets by kind and state\n"
    "  -H, --no-header    no line with the columns' names\n"
    "  -n, --numeric; -o, --options; -4  no effect: numbers and timers are always shown, and all\n"
    "                     is IPv4\n"
    "  --counters         counters with Linux's MIB names, as nstat(8) prints them;\n"
    "                     -z, --zeros  also those that are 0\n"
    "  --follow PORT      state changes of this port (0: of any), as they happen, until Ctrl-C\n"
    "  -j, --json         the same as JSON (sockets, -s, --counters, --list): docs/ss.md\n"
    "  --help, --version\n"
    "\n"
    "FILTER: state NAME, exclude NAME (established, close-wait, time-wait, ..., all, connected,\n"
    "synchronized, bucket, big), sport = :N, dport = :N, src E, dst E; all of them must hold.\n"
    "E is an address or prefix, a port, or both: 10.0.0.0/8, :80, 192.0.2.0/24:80.\n"
    "\n"
    "After the columns of ss: time in its state, what limits sending (app, cwnd, rwnd, sndbuf,\n"
    "pacing, nagle), whose turn it is to act, and timer:(NAME,LEFT,TRIES).\n"
    "Exit status: 0, 1 if no stack runs or one does not answer, 2 for a bad option.\n";

enum { LONG_SOCKET = 256, LONG_LIST, LONG_COUNTERS, LONG_FOLLOW, LONG_HELP, LONG_VERSION };

static const struct option long_options[] = {
    {"socket", required_argument, NULL, LONG_SOCKET},
    {"list", no_argument, NULL, LONG_LIST},
    {"all", no_argument, NULL, 'a'},
    {"listening", no_argument, NULL, 'l'},
    {"tcp", no_argument, NULL, 't'},
    {"udp", no_argument, NULL, 'u'},
    {"info", no_argument, NULL, 'i'},
    {"memory", no_argument, NULL, 'm'},
    {"processes", no_argument, NULL, 'p'},
    {"summary", no_argument, NULL, 's'},
    {"no-header", no_argument, NULL, 'H'},
    {"numeric", no_argument, NULL, 'n'},
    {"options", no_argument, NULL, 'o'},
    {"zeros", no_argument, NULL, 'z'},
    {"json", no_argument, NULL, 'j'},
    {"counters", no_argument, NULL, LONG_COUNTERS},
    {"follow", required_argument, NULL, LONG_FOLLOW},
    {"help", no_argument, NULL, LONG_HELP},
    {"version", no_argument, NULL, LONG_VERSION},
    {0},
};

static int refuse(const char *what, const char *why)
{
    fprintf(stderr, "rill-ss: %s %s\n", what, why);
    return 2;
}

static bool parse_port(const char *text, uint16_t *port)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    *port = (uint16_t)n;
    return isdigit((unsigned char)*text) && !*end && n <= 65535;
}

/* -1: continue. */
static int take_long(struct options *o, int option)
{
    switch (option) {
    case LONG_SOCKET:
        o->socket = optarg;
        return -1;
    case LONG_LIST:
        o->what = SHOW_STACKS;
        return -1;
    case LONG_COUNTERS:
        o->what = SHOW_COUNTERS;
        return -1;
    case LONG_FOLLOW:
        o->what = FOLLOW;
        return parse_port(optarg, &o->port) ? -1 : refuse(optarg, "is no port to follow");
    case LONG_HELP:
        return fputs(options_usage, stdout), 0;
    case LONG_VERSION:
        return puts("rill-ss " RILL_VERSION), 0;
    default: /* refused already */
        return 2;
    }
}

static int take(struct options *o, enum filter_scope *scope, int option)
{
    switch (option) {
    case 'a':
        *scope = SCOPE_ALL;
        return -1;
    case 'l':
        *scope = SCOPE_LISTENING;
        return -1;
    case 't':
        o->filter.tcp = true;
        return -1;
    case 'u':
        o->filter.udp = true;
        return -1;
    case 'i':
        o->style.details = true;
        return -1;
    case 'm':
        o->style.memory = true;
        return -1;
    case 's':
        o->what = SHOW_SUMMARY;
        return -1;
    case 'p':
        o->processes = true;
        return -1;
    case 'H':
        o->no_header = true;
        return -1;
    case 'z':
        o->zeros = true;
        return -1;
    case 'j':
        o->json = true;
        return -1;
    case 'n':
    case 'o':
    case '4':
        return -1;
    default:
        return take_long(o, option);
    }
}

int options_parse(struct options *o, int argc, char **argv)
{
    enum filter_scope scope = SCOPE_CONNECTED;
    *o = (struct options){0};
    optind = 0; /* so that a test may parse several */
    opterr = 0;
    for (int option;
         (option = getopt_long(argc, argv, ":altuimpsHno4zj", long_options, NULL)) != -1;) {
        if (option == '?' || option == ':')
            return rill_host_options_refuse(option, argv);
        int status = take(o, &scope, option);
        if (status >= 0)
            return status;
    }
    const char *wrong = NULL;
    filter_begin(&o->filter, o->what == SHOW_SUMMARY ? SCOPE_ALL : scope);
    const char *diagnostic = filter_parse(&o->filter, argv + optind, &wrong);
    if (diagnostic)
        return refuse(wrong, diagnostic);
    if (o->what == FOLLOW && o->json)
        return refuse("--follow", "has no JSON");
    return -1;
}
