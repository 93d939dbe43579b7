/* The arguments of rill-script: its own options, those of every script, and the files. */
#include "script/options.h"

#include <stdio.h>
#include <string.h>

const char options_usage[] =
    "usage: rill-script [OPTIONS] FILE...   (\"-\": standard input)\n"
    "Runs packet scripts, as packetdrill has them, against rill: in process, on a virtual clock,\n"
    "without root. Options may also stand at the top of a script; the command line overrides "
    "them.\n"
    "\n"
    "output\n"
    "  --verbose, -v              prints every step and every packet\n"
    "  --quiet                    prints only failures and the totals\n"
    "  --tap                      results in the Test Anything Protocol\n"
    "  --junit FILE               results as JUnit XML, too\n"
    "  --states FILE              appends the counts of TCP state transitions, for rill-states\n"
    "  --pcap FILE                records the packets: pcapng with the stack's comments, or\n"
    "                             FILE.pcap without\n"
    "  --dry_run                  only parses the scripts\n"
    "  --help, --version\n"
    "the stack\n"
    "  --preset=linux|freebsd|rill  its configuration [linux]\n"
    "  --seed=N                   seed of its random choices [1]\n"
    "  --offload                  the device cuts superframes and finishes checksums, as a "
    "network\n"
    "                             card or a TAP does\n"
    "  --freebsd                  preset freebsd, that system's dialect, -D STANDARD, and all\n"
    "                             relaxations\n"
    "more checks than packetdrill has\n"
    "  --strict                   checksums, payload, timestamp echoes, window edges, options not\n"
    "                             offered by the peer, IP IDs, packets that no event expects\n"
    "relaxations (the result is then `relaxed`)\n"
    "  --ignore_win               ignores the windows of outbound packets\n"
    "  --ignore_psh               ignores PSH\n"
    "  --ignore_syn_options       ignores the options of SYN and SYN-ACK\n"
    "  --ignore_syn_options_order ignores only their order, NOP and EOL\n"
    "  --ignore_extra_acks        ignores pure ACKs that no event expects; an expected one may "
    "come\n"
    "                             0.5 s early or late\n"
    "  --ignore_rcvbuf            ignores the value of getsockopt(SO_RCVBUF)\n"
    "as packetdrill\n"
    "  --define NAME=VALUE, -D    replaces a word in the script\n"
    "  --ip_version=ipv4|ipv4-mapped-ipv6  the family of the script's sockets [ipv4]\n"
    "  --local_ip=A               the stack's address [192.168.0.1]\n"
    "  --remote_ip=A              the peer's [192.0.2.1]\n"
    "  --gateway_ip=A --netmask_ip=A  [192.168.0.1, 255.255.0.0]\n"
    "  --bind_port=N --connect_port=N  what `...` stands for [8080, 8080]\n"
    "  --mtu=N                    [1500]\n"
    "  --mss=N                    splits longer inbound packets into N bytes each [0: not split]\n"
    "  --tolerance_usecs=N --tolerance_percent=P  of times, the larger one [4000, 12.5]\n"
    "  --tcp_ts_tick_usecs=N      compares timestamp values, in ticks of N us [0: not compared]\n"
    "  --tcp_ts_ecr_scaled        an unknown ecr is relative to the first timestamp\n"
    "  --strict_segments          does not join several packets to match one event\n"
    "  --non_fatal=packet,syscall reports such failures, and continues the script\n"
    "  --init_scripts=A,B         shell commands to run before the script's own\n"
    "  --send_omit_free           and others for packetdrill itself: no effect\n"
    "for untrusted scripts\n"
    "  --no_python                runs no %{ }%: a script with it is unsupported\n"
    "  --turns=N                  ends a script after N thousand turns of the stack [1000]\n"
    "\n"
    "Exit status: 0 all pass, 1 a failure, 2 a parse error, 3 something unsupported.\n";

/* Options of the program itself that name a file. */
static const char **file_option(struct command_line *c, const char *argument, size_t length)
{
    static const char *const name[] = {"--junit", "--states", "--pcap"};
    const char **file[] = {&c->junit, &c->states, &c->pcap};
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        if (strlen(name[i]) == length && !strncmp(argument, name[i], length))
            return file[i];
    return NULL;
}

/* -D NAME=V, --mtu N, --junit FILE: without a `=` the value is the next argument. */
static bool takes_next(const char *argument)
{
    bool named = !strncmp(argument, "--", 2) && !strchr(argument, '=');
    struct command_line any;
    return !strcmp(argument, "-D") || file_option(&any, argument, strlen(argument)) ||
           (named && options_wants_value(argument + 2));
}

/* Options of the program itself, not of a script. */
static bool own_option(struct command_line *c, const char *argument, const char *value)
{
    size_t length = strcspn(argument, "=");
    const char **file = file_option(c, argument, length);
    if (file)
        *file = argument[length] ? argument + length + 1 : value ? value : "";
    else if (!strcmp(argument, "--tap"))
        c->tap = true;
    else if (!strcmp(argument, "--quiet"))
        c->quiet = true;
    else if (!strcmp(argument, "--help"))
        c->help = true;
    else if (!strcmp(argument, "--version"))
        c->version = true;
    else
        return false;
    return true;
}

bool options_argument(struct script_options *o, struct arena *a, const char *argument,
                      const char *next, const char **wrong)
{
    *wrong = "an option that begins with one dash is -v or -D NAME=VALUE";
    if (!strcmp(argument, "-v"))
        return options_set(o, a, "verbose", NULL, wrong);
    if (!strcmp(argument, "-D"))
        return next && options_set(o, a, "define", next, wrong);
    if (strncmp(argument, "--", 2))
        return !strncmp(argument, "-D", 2) && options_set(o, a, "define", argument + 2, wrong);
    const char *name = argument + 2, *equals = strchr(name, '=');
    if (equals)
        return options_set(o, a, arena_copy(a, name, (size_t)(equals - name)), equals + 1, wrong);
    return options_set(o, a, name, takes_next(argument) ? next : NULL, wrong);
}

bool command_line_parse(struct command_line *c, int argc, char **argv, struct arena *a)
{
    struct script_options tried;
    char **kept = arena_get(a, sizeof *kept * (size_t)(argc + 1));
    char **files = arena_get(a, sizeof *files * (size_t)(argc + 1));
    *c = (struct command_line){.option = kept, .file = files};
    bool files_only = false; /* after -- */
    options_init(&tried);
    for (int i = 1; i < argc; i++) {
        char *next = takes_next(argv[i]) && i + 1 < argc ? argv[i + 1] : NULL;
        const char *wrong;
        if (files_only || argv[i][0] != '-' || !argv[i][1]) {
            files[c->files++] = argv[i];
            continue;
        }
        if (!strcmp(argv[i], "--")) {
            files_only = true;
            continue;
        }
        if (!own_option(c, argv[i], next)) {
            if (!options_argument(&tried, a, argv[i], next, &wrong)) {
                fprintf(stderr, "rill-script: %s%s\n", *wrong ? wrong : argv[i],
                        *wrong ? "" : " is not supported");
                return false;
            }
            kept[c->options++] = argv[i];
            if (next)
                kept[c->options++] = next;
        }
        i += next != NULL;
    }
    return true;
}

void command_line_apply(const struct command_line *c, struct script_options *o, struct arena *a)
{
    o->capture = c->capture;
    for (unsigned i = 0; i < c->options; i++) {
        const char *wrong, *next = i + 1 < c->options ? c->option[i + 1] : NULL;
        options_argument(o, a, c->option[i], next, &wrong);
        i += takes_next(c->option[i]);
    }
}
