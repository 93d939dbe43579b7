#include "ladder/watch.h"

#include "ladder/live.h"
#include "recording/recording.h"

#include <errno.h>
#include <rill/control.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int print_error(const char *name, const char *what)
{
    return fprintf(stderr, "rill-ladder: %s: %s\n", name, what), 1;
}

/* Each line has been flushed, so exiting loses nothing. */
static void on_interrupt(int number)
{
    (void)number;
    _exit(0);
}

static void end_neatly(void)
{
    struct sigaction interrupt = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &interrupt, NULL);
    sigaction(SIGTERM, &interrupt, NULL);
}

/* The only running stack; NULL if there is none or several. */
static const char *find_one(struct rill_diagnostic *why)
{
    static char path[2][RILL_CONTROL_PATH];
    unsigned count = rill_control_find(path, 2);
    if (count == 1)
        return path[0];
    if (count)
        snprintf(why->text, sizeof why->text,
                 "several stacks run: name the control socket of one, "
                 "rill-ss --list shows them");
    else
        snprintf(why->text, sizeof why->text, "no stack runs that you may ask");
    return NULL;
}

/* NULL with a diagnostic. */
static FILE *open_stream(const char *place, struct rill_diagnostic *why)
{
    struct rill_control_greeting greeting;
    struct rill_control_request request = {.what = RILL_CONTROL_FRAMES};
    if (!strcmp(place, "-"))
        return stdin;
    int fd = rill_control_ask(place, request, &greeting, why);
    FILE *stream = fd >= 0 ? fdopen(fd, "rb") : NULL;
    if (!stream && fd >= 0)
        snprintf(why->text, sizeof why->text, "%s", strerror(errno));
    return stream;
}

static int draw_all(struct recording_reader *reader, struct live *live, struct rill_diagnostic *why)
{
    struct recorded r;
    bool colours = isatty(STDOUT_FILENO);
    while (recording_next(reader, &r, why)) {
        struct packet p = packet_of(&r);
        if (p.kind != PACKET_FOREIGN)
            live_draw(live, stdout, &p, colours);
        if (fflush(stdout) != 0) /* the program's end tells why */
            return 1;
    }
    return why->text[0] ? print_error("the stream", why->text) : 0;
}

/* Draws to the end of the stream, and closes it; *packets: how many arrived. */
static int draw_stream(FILE *stream, const char *filter, struct live *live, unsigned *packets)
{
    struct rill_diagnostic why = {""};
    struct recording_reader reader;
    bool good = recording_open_stream(&reader, stream, filter, &why) == RECORDING_GOOD;
    int status = good ? draw_all(&reader, live, &why) : print_error("--live", why.text);
    *packets = reader.number;
    recording_close(&reader);
    return status;
}

/* A stack ends the stream of a client that is too slow: opens it again and starts from scratch.
 * NULL: the stack has ended. */
static FILE *open_again(const char *place, struct live *live)
{
    struct rill_diagnostic why;
    FILE *stream = strcmp(place, "-") ? open_stream(place, &why) : NULL;
    if (stream)
        live_skip(live, stdout);
    else if (strcmp(place, "-"))
        fprintf(stderr, "rill-ladder: the stack has ended\n");
    return stream;
}

int watch(const char *place, const char *filter)
{
    struct rill_diagnostic why = {""};
    struct live live;
    unsigned packets;
    if (!place)
        place = find_one(&why);
    FILE *stream = place ? open_stream(place, &why) : NULL;
    if (!stream)
        return print_error("--live", why.text);
    end_neatly();
    if (!live_begin(&live))
        return print_error("--live", strerror(ENOMEM));
    int status = 0;
    do {
        status = draw_stream(stream, filter, &live, &packets);
        stream = status || !packets ? NULL : open_again(place, &live);
    } while (stream);
    live_end(&live);
    return status;
}
