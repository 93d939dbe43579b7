#include "host/control.h"

#include "descriptor.h"
#include "diagnostic.h"
#include "explain.h"
#include "host/clock.h"
#include "host/control_place.h"
#include "pcapng.h"
#include "segment.h"

#include <assert.h>
#include <errno.h>
#include <rill/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 32 };          /* entries or records that one call requests */
enum { FILL_TO = 64 * 1024 }; /* queued bytes at which a list or trace pauses */
enum { FRAME_MAX = 14 + 65535 };
enum { CUT_ABOVE = 2048, CUT_TO = 256 }; /* superframes: only their headers are recorded */
#define GLANCE_INTERVAL RILL_MILLISECONDS(10)

struct client {
    int fd;         /* -1: free */
    uint64_t heard; /* the turn of its last request or read */
    struct rill_control_request request;
    size_t got;     /* bytes of the request */
    uint64_t place; /* in the list, or in the trace */
    bool complete;  /* the whole answer is in `out` */
    bool follows;   /* it gets a stream, and is counted in followers or watchers */
    bool awaits_room;
    uint8_t *out;
    size_t length, sent, room;
};

struct host_control {
    struct rill *stack;
    struct rill_control_greeting greeting;
    rill_time opened;
    char name[RILL_CONTROL_PATH];
    int listener, epoll;
    uint64_t turn;
    rill_time glanced;
    unsigned followers, watchers; /* clients that follow the trace; the frames */
    uint32_t numbered;            /* frames with a number */
    struct explain explain;       /* while there are watchers */
    struct pcapng blocks;
    struct client client[CONTROL_CLIENTS];
    uint8_t frame[FRAME_MAX];
};

/* ----------------------------------------------------------------- clients */

static bool has_asked(const struct client *c)
{
    return c->got == sizeof c->request;
}

static bool follows(const struct client *c, enum rill_control_what what)
{
    return c->follows && c->request.what == what;
}

/* Ends the answer: the client gets the queued bytes, then the end of the stream. */
static void finish(struct host_control *k, struct client *c)
{
    k->followers -= follows(c, RILL_CONTROL_TRACE);
    k->watchers -= follows(c, RILL_CONTROL_FRAMES);
    c->follows = false;
    c->complete = true;
    if (k->watchers == 0)
        explain_end(&k->explain);
}

static void drop(struct host_control *k, struct client *c)
{
    finish(k, c);
    close(c->fd); /* this also removes it from the epoll set */
    free(c->out);
    *c = (struct client){.fd = -1};
}

/* False: no memory, or too much is queued; the client was dropped. */
static bool put(struct host_control *k, struct client *c, const void *bytes, size_t length)
{
    if (c->length + length > c->room) {
        size_t room = 2 * (c->length + length);
        uint8_t *out = c->length + length > CONTROL_BACKLOG ? NULL : realloc(c->out, room);
        if (!out) {
            drop(k, c);
            return false;
        }
        c->out = out;
        c->room = room;
    }
    memcpy(c->out + c->length, bytes, length);
    c->length += length;
    return true;
}

/* Requests an event when the client has read, or cancels the request. */
static void await_room(struct host_control *k, struct client *c, bool await)
{
    if (c->awaits_room == await)
        return;
    struct epoll_event e = {.events = EPOLLIN | (await ? (uint32_t)EPOLLOUT : 0), .data.ptr = c};
    c->awaits_room = epoll_ctl(k->epoll, EPOLL_CTL_MOD, c->fd, &e) == 0 ? await : c->awaits_room;
}

/* Sends as much as the socket takes. False: the client was dropped. */
static bool flush(struct host_control *k, struct client *c)
{
    ssize_t n = 0;
    if (c->sent < c->length)
        n = send(c->fd, c->out + c->sent, c->length - c->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN) {
        drop(k, c);
        return false;
    }
    if (n > 0) {
        c->sent += (size_t)n;
        c->heard = k->turn;
    }
    if (c->sent) {
        memmove(c->out, c->out + c->sent, c->length - c->sent);
        c->length -= c->sent;
        c->sent = 0;
    }
    await_room(k, c, c->length > 0);
    return true;
}

/* ----------------------------------------------------------------- answers */

static void fill_sockets(struct host_control *k, struct client *c)
{
    struct rill_status s[CHUNK];
    while (!c->complete && c->length < FILL_TO) {
        unsigned n = rill_status_next(k->stack, &c->place, s, CHUNK);
        c->complete = n < CHUNK;
        if (n && !put(k, c, s, n * sizeof *s))
            return;
    }
}

static bool is_wanted(const struct client *c, const struct rill_trace_record *r)
{
    uint16_t port = c->request.port;
    return (c->request.events >> r->event & 1) != 0 &&
           (!port || r->local_port == port || r->remote_port == port);
}

/* A slow client is told how many records it has missed, after it has read the queued ones. */
static void fill_trace(struct host_control *k, struct client *c)
{
    struct rill_trace_record r;
    uint64_t lost;
    while (c->length < FILL_TO && rill_trace_read(k->stack, &c->place, &r, 1, &lost)) {
        struct rill_trace_record gap = {.event = RILL_EVENT_COUNT, .seq = (int64_t)lost};
        if (lost && !put(k, c, &gap, sizeof gap))
            return;
        if (is_wanted(c, &r) && !put(k, c, &r, sizeof r))
            return;
    }
}

/* Queues what is available now; false: the client was dropped. */
static bool fill(struct host_control *k, struct client *c)
{
    if (c->request.what == RILL_CONTROL_SOCKETS)
        fill_sockets(k, c);
    if (follows(c, RILL_CONTROL_TRACE))
        fill_trace(k, c);
    return c->fd >= 0;
}

/* Skips the records before now. */
static void begin_trace(struct host_control *k, struct client *c)
{
    struct rill_trace_record r[CHUNK];
    while (rill_trace_read(k->stack, &c->place, r, CHUNK, NULL))
        ;
    c->follows = true;
    k->followers++;
}

static void begin_frames(struct host_control *k, struct client *c)
{
    c->follows = true;
    if (k->watchers++ == 0 && !explain_begin(&k->explain, k->stack)) {
        drop(k, c);
        return;
    }
    k->blocks.length = 0;
    pcapng_begin(&k->blocks, "rill " RILL_VERSION);
    put(k, c, k->blocks.at, k->blocks.failed ? 0 : k->blocks.length);
}

static bool is_request(const struct rill_control_request *r)
{
    return r->magic == RILL_CONTROL_MAGIC && r->what < RILL_CONTROL_WHAT_COUNT;
}

/* A client of another version gets only the greeting. */
static void answer(struct host_control *k, struct client *c)
{
    struct rill_control_greeting *g = &k->greeting;
    g->now = rill_now(k->stack);
    g->age = g->now - k->opened;
    g->memory_used = rill_memory_used(k->stack);
    g->memory_peak = rill_memory_peak(k->stack);
    if (!put(k, c, g, sizeof *g))
        return;
    bool known = c->request.version == RILL_CONTROL_VERSION;
    c->complete = !known || c->request.what == RILL_CONTROL_COUNTERS;
    if (known && c->request.what == RILL_CONTROL_COUNTERS)
        put(k, c, rill_counters(k->stack), sizeof(struct rill_counters));
    if (known && c->request.what == RILL_CONTROL_TRACE)
        begin_trace(k, c);
    if (known && c->request.what == RILL_CONTROL_FRAMES)
        begin_frames(k, c);
}

/* A client sends one request only: more bytes end the connection, as its end does. */
static void listen_to(struct host_control *k, struct client *c)
{
    uint8_t *into = (uint8_t *)&c->request + c->got, surplus;
    bool asked = has_asked(c);
    ssize_t n = asked ? recv(c->fd, &surplus, 1, MSG_DONTWAIT)
                      : recv(c->fd, into, sizeof c->request - c->got, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0 || asked) {
        drop(k, c);
        return;
    }
    c->got += (size_t)n;
    c->heard = k->turn;
    if (!has_asked(c))
        return;
    if (is_request(&c->request))
        answer(k, c);
    else
        drop(k, c);
}

/* ------------------------------------------------------------------- turns */

/* A free place, or that of the client which has been silent for longest. */
static struct client *place_for_one(struct host_control *k)
{
    struct client *oldest = &k->client[0];
    for (struct client *c = k->client; c < k->client + CONTROL_CLIENTS; c++) {
        if (c->fd < 0)
            return c;
        if (c->heard < oldest->heard)
            oldest = c;
    }
    drop(k, oldest);
    return oldest;
}

static void admit(struct host_control *k)
{
    int fd = descriptor_raise(accept4(k->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (fd < 0)
        return;
    struct client *c = place_for_one(k);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    *c = (struct client){.fd = fd, .heard = k->turn};
    if (epoll_ctl(k->epoll, EPOLL_CTL_ADD, fd, &e) != 0)
        drop(k, c);
}

static void serve_client(struct host_control *k, struct client *c)
{
    if (c->fd < 0 || !has_asked(c) || !fill(k, c) || !flush(k, c))
        return;
    if (c->complete && c->length == 0)
        drop(k, c);
}

void host_control_serve(struct host_control *k)
{
    struct epoll_event event[CONTROL_CLIENTS + 1];
    int n = epoll_wait(k->epoll, event, CONTROL_CLIENTS + 1, 0);
    bool knocks = false;
    k->turn++;
    for (int i = 0; i < n; i++) {
        struct client *c = event[i].data.ptr;
        if (!c)
            knocks = true;
        else if (c->fd >= 0 && event[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
            listen_to(k, c);
    }
    if (knocks) /* last: no remaining event can belong to an earlier client of the same place */
        admit(k);
    for (struct client *c = k->client; c < k->client + CONTROL_CLIENTS; c++)
        serve_client(k, c);
}

void host_control_glance(struct host_control *k, rill_time now)
{
    bool followed = k->followers || k->watchers;
    if (!followed && now - k->glanced < GLANCE_INTERVAL)
        return;
    k->glanced = now;
    host_control_serve(k);
}

/* ------------------------------------------------------------------ frames */

void host_control_number(struct host_control *k, struct rill_frame *frame, unsigned n)
{
    for (unsigned i = 0; k->watchers && i < n; i++)
        if (!frame[i].number)
            frame[i].number = ++k->numbered;
}

void host_control_frames(struct host_control *k, const struct rill_frame *frame, unsigned n,
                         enum rill_capture_direction direction)
{
    if (!k->watchers || !n)
        return;
    rill_time when = host_clock_date();
    explain_pull(&k->explain);
    k->blocks.length = 0;
    for (unsigned i = 0; i < n; i++) {
        assert(rill_frame_length(&frame[i]) <= sizeof k->frame);
        struct rill_span whole = {k->frame, segment_copy_whole(&frame[i], k->frame)};
        k->blocks.snap = whole.length > CUT_ABOVE ? CUT_TO : 0;
        pcapng_packet(&k->blocks, whole, when, direction,
                      explain_frame(&k->explain, direction, frame[i].number));
    }
    for (struct client *c = k->client; c < k->client + CONTROL_CLIENTS; c++)
        if (follows(c, RILL_CONTROL_FRAMES)) {
            if (k->blocks.failed || c->length + k->blocks.length > CONTROL_BACKLOG)
                finish(k, c); /* a stream with a gap is useless */
            else
                put(k, c, k->blocks.at, k->blocks.length);
        }
    k->blocks.failed = false;
}

/* ------------------------------------------------------- opening and closing */

static void greet(struct host_control *k, const struct host_control_facts *f)
{
    k->greeting = (struct rill_control_greeting){
        .magic = RILL_CONTROL_MAGIC,
        .version = RILL_CONTROL_VERSION,
        .status_size = sizeof(struct rill_status),
        .record_size = sizeof(struct rill_trace_record),
        .counters_size = sizeof(struct rill_counters),
        .pid = getpid(),
        .trace_on = f->trace,
        .memory = f->memory,
        .address = f->address,
    };
    struct rill_control_greeting *g = &k->greeting;
    snprintf(g->program, sizeof g->program, "%s", program_invocation_short_name);
    snprintf(g->device, sizeof g->device, "%s", f->device);
    snprintf(g->release, sizeof g->release, "%s", RILL_VERSION);
}

static int open_listener(struct host_control *k, const char *path,
                         struct rill_diagnostic *diagnostic)
{
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
    k->epoll = descriptor_raise(epoll_create1(EPOLL_CLOEXEC));
    if (k->epoll < 0) {
        diagnostic_set(diagnostic, errno, "cannot watch a control socket: %m");
        return -1;
    }
    k->listener = descriptor_raise(control_listen(path, k->name, diagnostic));
    if (k->listener < 0)
        return -1;
    if (epoll_ctl(k->epoll, EPOLL_CTL_ADD, k->listener, &e) == 0)
        return 0;
    diagnostic_set(diagnostic, errno, "cannot watch a control socket: %m");
    return -1;
}

struct host_control *host_control_open(struct rill *stack, const char *path,
                                       const struct host_control_facts *facts,
                                       struct rill_diagnostic *diagnostic)
{
    struct host_control *k = calloc(1, sizeof *k);
    if (!k) {
        diagnostic_set(diagnostic, ENOMEM, "no memory for a control socket");
        return NULL;
    }
    k->stack = stack;
    k->opened = rill_now(stack);
    k->epoll = k->listener = -1;
    for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
        k->client[i].fd = -1;
    greet(k, facts);
    if (open_listener(k, path, diagnostic) == 0)
        return k;
    host_control_close(k);
    return NULL;
}

void host_control_close(struct host_control *k)
{
    if (!k)
        return;
    int error = errno;
    for (struct client *c = k->client; c < k->client + CONTROL_CLIENTS; c++)
        if (c->fd >= 0)
            drop(k, c);
    if (k->listener >= 0) {
        unlink(k->name);
        close(k->listener);
    }
    if (k->epoll >= 0)
        close(k->epoll);
    free(k->blocks.at);
    free(k);
    errno = error;
}

int host_control_descriptor(const struct host_control *k)
{
    return k->epoll;
}
