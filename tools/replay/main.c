/* rill-replay FILE...: replays recorded traffic, with rill in place of one of the hosts. */
#include "capture_file.h"
#include "finish.h"
#include "replay/replay.h"

#include <getopt.h>
#include <rill/host.h>
#include <rill/version.h>
#include <string.h>

static const char usage[] =
    "usage: rill-replay [OPTIONS] FILE\n"
    "Plays one side of each conversation in a capture (\"-\": standard input) with rill, on a "
    "virtual\n"
    "clock, and reports where rill behaves differently from the recorded host.\n"
    "\n"
    "  --as client|server|both  which side rill plays [both, one after the other]\n"
    "  --hostile                feeds every frame instead of conversations, and counts the drops\n"
    "                           by reason\n"
    "  --offload                the device joins and cuts superframes and does checksums, as a\n"
    "                           TAP's kernel may\n"
    "  --filter FILTER          only these packets, in libpcap's language (pcap-filter(7))\n"
    "  --pcap FILE              records the fed packets and rill's: pcapng, or FILE.pcap\n"
    "  --verbose, -v            prints every segment\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 no difference but allowed ones, 1 one that is not allowed, 2 the capture\n"
    "cannot be read, 3 something in it cannot be played.\n";

enum {
    OPTION_AS = 256,
    OPTION_HOSTILE,
    OPTION_OFFLOAD,
    OPTION_FILTER,
    OPTION_PCAP,
    OPTION_HELP,
    OPTION_VERSION
};

static const struct option known[] = {{"as", required_argument, NULL, OPTION_AS},
                                      {"hostile", no_argument, NULL, OPTION_HOSTILE},
                                      {"offload", no_argument, NULL, OPTION_OFFLOAD},
                                      {"filter", required_argument, NULL, OPTION_FILTER},
                                      {"pcap", required_argument, NULL, OPTION_PCAP},
                                      {"verbose", no_argument, NULL, 'v'},
                                      {"help", no_argument, NULL, OPTION_HELP},
                                      {"version", no_argument, NULL, OPTION_VERSION},
                                      {0}};

struct arguments {
    struct replay_options replay;
    const char *file, *pcap;
    bool help, version;
};

static bool set_side(struct replay_options *o, const char *name)
{
    bool both = !strcmp(name, "both");
    o->side[CONVERSATION_CLIENT] = both || !strcmp(name, "client");
    o->side[CONVERSATION_SERVER] = both || !strcmp(name, "server");
    if (o->side[CONVERSATION_CLIENT] || o->side[CONVERSATION_SERVER])
        return true;
    fprintf(stderr, "rill-replay: --as %s: client, server or both\n", name);
    return false;
}

static bool take(struct arguments *a, int option)
{
    switch (option) {
    case OPTION_AS:
        return set_side(&a->replay, optarg);
    case OPTION_HOSTILE:
        return a->replay.hostile = true;
    case OPTION_OFFLOAD:
        return a->replay.player.offload = true;
    case OPTION_FILTER:
        a->replay.filter = optarg;
        return true;
    case OPTION_PCAP:
        a->pcap = optarg;
        return true;
    case 'v':
        a->replay.player.verbose = stdout;
        return true;
    case OPTION_HELP:
        return a->help = true;
    case OPTION_VERSION:
        return a->version = true;
    default: /* refused already */
        return false;
    }
}

static bool read_arguments(struct arguments *a, int argc, char **argv)
{
    *a = (struct arguments){.replay = {.side = {true, true}, .filter = "", .complaints = stderr}};
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, ":v", known, NULL)) != -1;) {
        if (option == '?' || option == ':')
            return rill_host_options_refuse(option, argv), false;
        if (!take(a, option))
            return false;
    }
    a->file = argv[optind];
    if (a->help || a->version || argc == optind + 1)
        return true;
    fprintf(stderr, "rill-replay: wanted: one capture (--help lists the options)\n");
    return false;
}

int main(int argc, char **argv)
{
    struct arguments a;
    struct replay_sums sums;
    struct rill_diagnostic why;
    if (!read_arguments(&a, argc, argv))
        return REPLAY_UNREADABLE;
    if (a.help || a.version)
        return fputs(a.help ? usage : "rill-replay " RILL_VERSION "\n", stdout),
               finish_output(REPLAY_EXACT, REPLAY_UNREADABLE);
    a.replay.player.pcap = a.pcap ? rill_capture_create(a.pcap, &why) : NULL;
    if (a.pcap && !a.replay.player.pcap)
        return fprintf(stderr, "rill-replay: %s\n", why.text), REPLAY_UNREADABLE;
    enum replay_status status = replay_file(a.file, &a.replay, stdout, &sums);
    bool lost = a.pcap && capture_failed(a.replay.player.pcap);
    rill_capture_close(a.replay.player.pcap);
    return finish_output((int)(lost && status != REPLAY_DIFFERENT ? REPLAY_UNREADABLE : status),
                         REPLAY_UNREADABLE);
}
