#include "ladder/watch.h"

#include "ladder/live.h"
#include "recording/recording.h"

#include <errno.h>
#include <rill/control.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int complain(const char *name, const char *what)
{
    return fprintf(stderr, "rill-ladder: %s: %s\n", name, what), 1;
}

/* Each line has been flushed: nothing is lost. */
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

/* The only stack that runs, NULL where that is none or several. */
static const char *find_one(struct rill_complaint *why)
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

/* NULL with a sentence. */
static FILE *open_stream(const char *place, struct rill_complaint *why)
{
    struct rill_control_greeting greeting;
    struct rill_control_request request = {.what = RILL_CONTROL_FRAMES};
    if (place && !strcmp(place, "-"))
        return stdin;
    if (!place)
        place = find_one(why);
    int fd = place ? rill_control_ask(place, request, &greeting, why) : -1;
    FILE *stream = fd >= 0 ? fdopen(fd, "rb") : NULL;
    if (!stream && fd >= 0)
        snprintf(why->text, sizeof why->text, "%s", strerror(errno));
    return stream;
}

static int draw_all(struct recording_reader *reader, struct live *live, struct rill_complaint *why)
{
    struct recorded r;
    bool colours = isatty(STDOUT_FILENO);
    while (recording_next(reader, &r, why)) {
        struct packet p = packet_of(&r);
        if (p.kind != PACKET_FOREIGN)
            live_draw(live, stdout, &p, colours);
        if (fflush(stdout) != 0)
            return complain("standard output", strerror(errno));
    }
    return why->text[0] ? complain("the stream", why->text) : 0;
}

int watch(const char *place, const char *filter)
{
    struct rill_complaint why = {""};
    struct recording_reader reader;
    struct live live;
    FILE *stream = open_stream(place, &why);
    if (!stream)
        return complain("--live", why.text);
    end_neatly();
    int status = 1;
    if (recording_open_stream(&reader, stream, filter, &why) != RECORDING_GOOD)
        complain("--live", why.text);
    else if (!live_begin(&live))
        complain("--live", strerror(ENOMEM));
    else {
        status = draw_all(&reader, &live, &why);
        live_end(&live);
    }
    recording_close(&reader);
    return status;
}
