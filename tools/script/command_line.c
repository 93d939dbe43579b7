/* The arguments of rill-script: its own options, those of every script, and the files. */
#include "script/options.h"

#include <stdio.h>
#include <string.h>

const char options_usage[] =
    "usage: rill-script [OPTIONS] FILE...\n"
    "Runs packet scripts against rill, in process and on a virtual clock.\n"
    "  --verbose, -v              print every step\n"
    "  --dry_run                  parse only\n"
    "  --quiet                    print what fails and the sum only\n"
    "  --tap                      results in the Test Anything Protocol\n"
    "  --junit FILE               results as JUnit XML, too\n"
    "  --define NAME=VALUE, -D    replace a word\n"
    "  --preset=linux|freebsd|rill   configuration of the stack [linux]\n"
    "  --freebsd                  preset freebsd, its dialect, -D STANDARD, all relaxations\n"
    "  --strict                   check more than packetdrill does\n"
    "relaxations (a pass is then printed as relaxed):\n"
    "  --ignore_win --ignore_psh --ignore_syn_options --ignore_syn_options_order\n"
    "  --ignore_extra_acks --ignore_rcvbuf\n"
    "as packetdrill:\n"
    "  --ip_version=ipv4 --local_ip --remote_ip --gateway_ip --netmask_ip --bind_port\n"
    "  --connect_port --mtu --mss --tolerance_usecs --tolerance_percent --tcp_ts_tick_usecs\n"
    "  --tcp_ts_ecr_scaled --strict_segments --non_fatal=packet,syscall --send_omit_free\n"
    "of this runner:\n"
    "  --seed=N                   of the stack's random choices [1]\n"
    "  --turns=N                  stop a script after so many thousand turns of the stack [1000]\n"
    "  --no_python                run no %{ }%: the script is then unsupported\n"
    "Exit status: 0 all pass, 1 a failure, 2 a parse error, 3 something unsupported.\n";

/* -D NAME=V and --define NAME=V, --junit FILE: the value is the next argument. */
static bool takes_next(const char *argument)
{
    return !strcmp(argument, "-D") || !strcmp(argument, "--define") ||
           !strcmp(argument, "--junit") || !strcmp(argument, "--non_fatal");
}

/* Options of the program itself, not of a script. */
static bool own_option(struct command_line *c, const char *argument, const char *value)
{
    if (!strcmp(argument, "--tap"))
        c->tap = true;
    else if (!strcmp(argument, "--quiet"))
        c->quiet = true;
    else if (!strcmp(argument, "--help"))
        c->help = true;
    else if (!strcmp(argument, "--version"))
        c->version = true;
    else if (!strcmp(argument, "--junit"))
        c->junit = value ? value : "";
    else if (!strncmp(argument, "--junit=", 8))
        c->junit = argument + 8;
    else
        return false;
    return true;
}

bool options_argument(struct script_options *o, struct arena *a, const char *argument,
                      const char *next, const char **wrong)
{
    *wrong = arena_copy(a, argument, strlen(argument));
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
    options_init(&tried, a);
    for (int i = 1; i < argc; i++) {
        char *next = takes_next(argv[i]) && i + 1 < argc ? argv[i + 1] : NULL;
        const char *wrong;
        if (argv[i][0] != '-' || !argv[i][1]) {
            files[c->files++] = argv[i];
            continue;
        }
        if (!own_option(c, argv[i], next)) {
            if (!options_argument(&tried, a, argv[i], next, &wrong)) {
                fprintf(stderr, "rill-script: %s\n", *wrong ? wrong : argv[i]);
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
    for (unsigned i = 0; i < c->options; i++) {
        const char *wrong, *next = i + 1 < c->options ? c->option[i + 1] : NULL;
        options_argument(o, a, c->option[i], next, &wrong);
        i += takes_next(c->option[i]);
    }
}
