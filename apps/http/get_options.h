/* The command line of rill-get, besides the options that all apps share. */
#ifndef HTTP_GET_OPTIONS_H
#define HTTP_GET_OPTIONS_H

#include "http/text.h"
#include <rill/time.h>

#define GET_USAGE \
    "rill-get [OPTIONS] URL\n" \
    "The host is an IPv4 address in numbers: rill has no resolver.\n" \
    "  -X METHOD             instead of GET, or of what the other options imply\n" \
    "  -H 'Name: value'      another field of the request; may be repeated\n" \
    "  -d TEXT               send TEXT (POST)\n" \
    "  --data-file FILE      send the file (POST)\n" \
    "  -T FILE               send the file (PUT)\n" \
    "  -o FILE, -O           write to FILE, or to the name that ends the URL\n" \
    "  -i, -I                show the head too; ask for the head only\n" \
    "  -L                    follow redirections, 10 at most\n" \
    "  -f                    a status of 400 or more is an error, its body is not shown\n" \
    "  -s, -v                silent; show both heads on standard error\n" \
    "  --max-time S          give up after S seconds\n" \
    "Exit status: 0, 1 if rill cannot start, 2 for a bad option, or curl's:\n" \
    "  3 bad URL, 6 host not numeric, 7 cannot connect, 8 not HTTP, 18 answer cut short,\n" \
    "  22 status with -f, 23 cannot write, 26 cannot read what to send, 28 time is up,\n" \
    "  47 too many redirections, 52 no answer, 56 connection lost; 130 after Ctrl-C\n"

struct get_options {
    const char *method; /* -X; NULL: what the others imply */
    const char *data;   /* -d */
    const char *file;   /* --data-file or -T */
    const char *output; /* -o */
    struct text fields; /* -H, each with its CR LF */
    bool upload;        /* -T */
    bool named_by_url;  /* -O */
    bool include;       /* -i */
    bool head;          /* -I */
    bool follow;        /* -L */
    bool silent;        /* -s */
    bool verbose;       /* -v */
    bool fail;          /* -f */
    rill_time max_time; /* 0: no limit */
};

/* Fills in *options, which is all zero, and returns the URL. A bad option ends the program with
 * status 2. */
const char *get_options_parse(struct get_options *, int argc, char **argv);

bool get_options_has_field(const struct get_options *, const char *name);

#endif
