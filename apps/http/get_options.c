#include "http/get_options.h"

#include <err.h>
#include <getopt.h>
#include <rill/host.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool get_options_has_field(const struct get_options *o, const char *name)
{
    size_t n = strlen(name);
    const char *line = o->fields.length ? o->fields.at : "";
    while (*line) {
        if (strncasecmp(line, name, n) == 0 && line[n] == ':')
            return true;
        line += strcspn(line, "\n") + 1;
    }
    return false;
}

/* -H 'Name: value': without characters that would end the line or the head. */
static void add_field(struct get_options *o, const char *field)
{
    if (strpbrk(field, "\r\n") || !strchr(field, ':'))
        errx(2, "-H %s: not of the form 'Name: value'", field);
    text_add(&o->fields, "%s\r\n", field);
}

static void parse_max_time(struct get_options *o, const char *text)
{
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end || !(seconds > 0 && seconds <= 86400))
        errx(2, "--max-time %s: not a number of seconds up to 86400", text);
    o->max_time = (rill_time)(seconds * 1e9);
}

static void take_option(struct get_options *o, int option)
{
    switch (option) {
    case 'X':
        o->method = optarg;
        break;
    case 'H':
        add_field(o, optarg);
        break;
    case 'd':
        o->data = optarg;
        break;
    case 'F':
        o->file = optarg;
        break;
    case 'T':
        o->file = optarg;
        o->upload = true;
        break;
    case 'o':
        o->output = optarg;
        break;
    case 'O':
        o->named_by_url = true;
        break;
    case 'i':
        o->include = true;
        break;
    case 'I':
        o->head = o->include = true;
        break;
    case 'L':
        o->follow = true;
        break;
    case 's':
        o->silent = true;
        break;
    case 'v':
        o->verbose = true;
        break;
    case 'f':
        o->fail = true;
        break;
    case 'M':
        parse_max_time(o, optarg);
        break;
    default: /* refused already */
        break;
    }
}

const char *get_options_parse(struct get_options *o, int argc, char **argv)
{
    static const struct option own[] = {
        {"data-file", required_argument, NULL, 'F'},
        {"max-time", required_argument, NULL, 'M'},
        {0},
    };
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, ":X:H:d:T:o:OiILsvf", own, NULL)) != -1;) {
        if (option == '?' || option == ':')
            exit(rill_host_options_refuse(option, argv));
        take_option(o, option);
    }
    if (argc - optind != 1)
        errx(2, "wanted: one URL");
    if (o->data && o->file)
        errx(2, "-d, --data-file and -T exclude each other");
    if (o->output && o->named_by_url)
        errx(2, "-o and -O exclude each other");
    if (o->method && (!*o->method || strpbrk(o->method, " \t\r\n")))
        errx(2, "-X %s: not a method", o->method);
    return argv[optind];
}
