/* rill-states [--taken FILE] [--svg FILE | --dark]: the state diagram that every connection of rill
 * keeps to, from the table that tcp_set_state asserts. */
#include "finish.h"
#include "states/dot.h"

#include <errno.h>
#include <getopt.h>
#include <rill/host.h>
#include <rill/version.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char usage[] =
    "usage: rill-states [--taken FILE] [--svg FILE | --dark]\n"
    "Prints the state diagram of RFC 9293 as rill implements it, in graphviz's language.\n"
    "  --taken FILE  highlights and counts the transitions that runs took (rill-script --states)\n"
    "  --svg FILE    draws it with graphviz's dot\n"
    "  --dark        only lists the transitions that no run took; exit status 1 if there are any\n"
    "  --help, --version\n"
    "Exit status otherwise: 0; 1 if a file cannot be read or written; 2 for a bad option.\n";

struct options {
    const char *taken, *svg; /* NULL: none */
    bool dark, help, version;
};

static bool refuse(const char *what, const char *why)
{
    fprintf(stderr, "rill-states: %s: %s (--help lists the options)\n", what, why);
    return false;
}

/* False: a message was printed. */
static bool options_read(struct options *o, int argc, char **argv)
{
    static const struct option known[] = {
        {"taken", required_argument, NULL, 't'}, {"svg", required_argument, NULL, 's'},
        {"dark", no_argument, NULL, 'd'},        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},     {0}};
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, ":", known, NULL)) != -1;) {
        o->dark |= option == 'd';
        o->help |= option == 'h';
        o->version |= option == 'v';
        if (option == 't')
            o->taken = optarg;
        if (option == 's')
            o->svg = optarg;
        if (option == '?' || option == ':')
            return rill_host_options_refuse(option, argv), false;
    }
    if (o->help || o->version)
        return true;
    if (optind < argc)
        return refuse(argv[optind], "it takes options only");
    return !o->dark || !o->svg || refuse("--dark and --svg", "which of the two?");
}

static int print_error(const char *name, const char *what)
{
    return fprintf(stderr, "rill-states: %s: %s\n", name, what), 1;
}

/* 0, or the exit status; it has told why. */
static int counts_read(struct taken *t, const char *name)
{
    FILE *in = fopen(name, "r");
    if (!in)
        return print_error(name, strerror(errno));
    unsigned wrong = taken_read(t, in);
    fclose(in);
    if (!wrong)
        return 0;
    return fprintf(stderr, "rill-states: %s:%u: not FROM TO COUNT of a transition\n", name, wrong),
           1;
}

/* In the child: becomes dot, which reads the picture. */
static void become_dot(FILE *picture, const char *name)
{
    dup2(fileno(picture), STDIN_FILENO);
    execlp("dot", "dot", "-Tsvg", "-o", name, (char *)NULL);
    _exit(127);
}

static int svg_draw(const struct taken *taken, const char *name)
{
    FILE *picture = tmpfile();
    int status = 0;
    if (!picture)
        return print_error("a temporary file", strerror(errno));
    dot_draw(picture, taken);
    rewind(picture);
    pid_t child = fork();
    if (child == 0)
        become_dot(picture, name);
    bool ended = child > 0 && waitpid(child, &status, 0) == child;
    fclose(picture);
    if (!ended)
        return print_error("dot", strerror(errno));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return print_error("dot", "not installed: it comes with the package graphviz");
    return status ? print_error(name, "dot could not draw it") : 0;
}

static int run(const struct options *o)
{
    struct taken taken = {0};
    if (o->taken && counts_read(&taken, o->taken))
        return 1;
    if (o->dark)
        return taken_dark(&taken, stdout) > 0;
    const struct taken *shown = o->taken ? &taken : NULL;
    if (o->svg)
        return svg_draw(shown, o->svg);
    dot_draw(stdout, shown);
    return 0;
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
        puts("rill-states " RILL_VERSION);
    else
        status = run(&o);
    return finish_output(status, 1);
}
