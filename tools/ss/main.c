/* rill-ss [OPTIONS] [FILTER]: inspects running stacks through their control sockets. */
#include "finish.h"
#include "ss/counters.h"
#include "ss/follow.h"
#include "ss/options.h"
#include "ss/summary.h"
#include "ss/words.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { STACKS_MAX = 64, CHUNK = 64 };

/* One stack that has answered. */
struct stack {
    const char *path;
    int fd;
    struct rill_control_greeting greeting;
};

static int print_error(const char *sentence)
{
    fflush(stdout);
    fprintf(stderr, "rill-ss: %s\n", sentence);
    return 1;
}

/* Reads whole structures, up to `most`; returns their number, 0 at the end, -1 with errno if the
 * stream broke off. */
static int take(int fd, void *to, size_t size, int most)
{
    size_t got = 0;
    do {
        ssize_t n = recv(fd, (char *)to + got, size * (size_t)most - got, 0);
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        got += (size_t)n;
    } while (got % size);
    if (got % size == 0)
        return (int)(got / size);
    errno = EPROTO;
    return -1;
}

static int broke_off(const struct stack *s)
{
    char text[256];
    snprintf(text, sizeof text, "%.200s: %s", s->path,
             errno == EAGAIN ? "it does not answer any more" : strerror(errno));
    return print_error(text);
}

/* -------------------------------------------------------------------- views */

static void print_stack(const struct stack *s)
{
    char address[WORDS_END], age[WORDS_TIME];
    struct rill_status name = {.local = s->greeting.address};
    words_local(address, &name);
    *strchr(address, ':') = '\0';
    printf("%s, process %d, %s on %s, for %s: %s\n", s->greeting.program, (int)s->greeting.pid,
           address, s->greeting.device, words_time(age, s->greeting.age), s->path);
}

static int show_sockets(const struct options *o, const struct stack *s, struct json *j)
{
    struct rill_status status[CHUNK];
    int n;
    if (j)
        json_open(j, "sockets", '[');
    else if (!o->no_header)
        table_head(stdout);
    while ((n = take(s->fd, status, sizeof *status, CHUNK)) > 0)
        for (int i = 0; i < n; i++) {
            if (!filter_passes(&o->filter, &status[i]))
                continue;
            if (j)
                json_socket(j, &status[i]);
            else
                table_row(stdout, &status[i], &o->style, o->processes ? &s->greeting : NULL);
        }
    if (j)
        json_close(j, ']');
    return n < 0 ? broke_off(s) : 0;
}

static int show_summary(const struct options *o, const struct stack *s, struct json *j)
{
    struct rill_status status[CHUNK];
    struct summary sum = {0};
    int n;
    while ((n = take(s->fd, status, sizeof *status, CHUNK)) > 0)
        for (int i = 0; i < n; i++)
            if (filter_passes(&o->filter, &status[i]))
                summary_add(&sum, &status[i]);
    if (j)
        summary_json(j, &sum);
    else
        summary_print(stdout, &sum, &s->greeting);
    return n < 0 ? broke_off(s) : 0;
}

static int show_counters(const struct options *o, const struct stack *s, struct json *j)
{
    static struct rill_counters c;
    if (take(s->fd, &c, sizeof c, 1) != 1)
        return broke_off(s);
    if (j)
        counters_json(j, &c);
    else
        counters_print(stdout, &c, o->zeros);
    return 0;
}

static int show(const struct options *o, const struct stack *s, struct json *j)
{
    switch (o->what) {
    case SHOW_SUMMARY:
        return show_summary(o, s, j);
    case SHOW_COUNTERS:
        return show_counters(o, s, j);
    case SHOW_STACKS:
        return 0; /* a message was printed */
    default:
        return show_sockets(o, s, j);
    }
}

/* ------------------------------------------------------------------ following */

static void on_interrupt(int number)
{
    (void)number; /* makes recv return */
}

static rill_time date_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return RILL_SECONDS(t.tv_sec) + t.tv_nsec;
}

static int follow(const struct stack *s)
{
    struct sigaction interrupt = {.sa_handler = on_interrupt};
    struct rill_trace_record r;
    rill_time shift = date_now() - s->greeting.now;
    int n;
    sigaction(SIGINT, &interrupt, NULL);
    sigaction(SIGTERM, &interrupt, NULL);
    if (!s->greeting.trace_on)
        return print_error("that stack keeps no trace: start it without --trace 0");
    while ((n = take(s->fd, &r, sizeof r, 1)) > 0) {
        follow_print(stdout, &r, r.when + shift);
        if (fflush(stdout) != 0)
            return 1;
    }
    if (n == 0)
        fprintf(stderr, "rill-ss: the stack has ended\n");
    return n < 0 && errno != EINTR ? broke_off(s) : 0;
}

/* ------------------------------------------------------------------- asking */

static struct rill_control_request request_for(const struct options *o)
{
    switch (o->what) {
    case SHOW_COUNTERS:
        return (struct rill_control_request){.what = RILL_CONTROL_COUNTERS};
    case FOLLOW:
        return (struct rill_control_request){
            .what = RILL_CONTROL_TRACE, .events = 1u << RILL_EVENT_STATE, .port = o->port};
    default:
        return (struct rill_control_request){.what = RILL_CONTROL_SOCKETS};
    }
}

/* Shows each stack in turn, with a title line if there are several. */
static int show_each(const struct options *o, char path[][RILL_CONTROL_PATH], unsigned count,
                     struct json *j)
{
    int status = 0;
    for (unsigned i = 0; i < count; i++) {
        struct rill_diagnostic diagnostic;
        struct stack s = {.path = path[i]};
        s.fd = rill_control_ask(path[i], request_for(o), &s.greeting, &diagnostic);
        if (s.fd < 0) {
            status = print_error(diagnostic.text);
            continue;
        }
        if (j) {
            json_open(j, NULL, '{');
            json_stack(j, path[i], &s.greeting);
        } else if (count > 1 || o->what == SHOW_STACKS) {
            print_stack(&s);
        }
        status |= o->what == FOLLOW ? follow(&s) : show(o, &s, j);
        if (j)
            json_close(j, '}');
        close(s.fd);
    }
    return status;
}

static int run(const struct options *o)
{
    static char path[STACKS_MAX][RILL_CONTROL_PATH];
    unsigned count = 1;
    if (!o->socket)
        count = rill_control_find(path, STACKS_MAX);
    else if (strlen(o->socket) >= sizeof path[0])
        return print_error("--socket: that is too long for a socket's name");
    else
        strcpy(path[0], o->socket);
    if (!count)
        return print_error("no stack runs that you may ask: they listen in $XDG_RUNTIME_DIR/rill, "
                           "/run/rill or /tmp/rill-UID, unless --control says otherwise; those of "
                           "others only root may ask");
    if (o->what == FOLLOW && count > 1)
        return print_error("several stacks run: name one with --socket, --list shows them");
    if (!o->json)
        return show_each(o, path, count, NULL);
    struct json j = {.out = stdout};
    json_open(&j, NULL, '{');
    json_open(&j, "stacks", '[');
    int status = show_each(o, path, count, &j);
    json_close(&j, ']');
    json_close(&j, '}');
    putchar('\n');
    return status;
}

int main(int argc, char **argv)
{
    struct options o;
    int status = options_parse(&o, argc, argv);
    if (status < 0)
        status = run(&o);
    return finish_output(status, 1);
}
