#include "http/connection.h"

#include "http/answer.h"
#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DRAIN_TIME RILL_SECONDS(2)
#define DRAIN_MAX (1u << 20)
#define SLOWEST 500 /* bytes of an answer: a client takes more in each second of the time-out */

static void enter(struct connection *c, enum connection_state state, rill_time now)
{
    rill_time timeout = RILL_SECONDS(c->site->timeout);
    c->state = state;
    c->taken = 0;
    c->deadline = now + (state == CONNECTION_DRAIN ? DRAIN_TIME : timeout);
}

void connection_open(struct connection *c, const struct site *site, const char *client,
                     rill_time now)
{
    *c = (struct connection){0};
    c->site = site;
    snprintf(c->client, sizeof c->client, "%s", client);
    outgoing_init(&c->response.out);
    enter(c, CONNECTION_HEAD, now);
}

static void refuse(struct connection *c, int status, rill_time now)
{
    answer_refusal(&c->response, status);
    enter(c, CONNECTION_ANSWER, now);
}

void connection_refuse(struct connection *c, int status, rill_time now)
{
    assert(!c->arrival);
    refuse(c, status, now);
}

static size_t have(const struct connection *c)
{
    return c->arrival ? c->arrival->have : 0;
}

static void forget_arrival(struct connection *c)
{
    free(c->arrival);
    c->arrival = NULL;
}

/* The request line as received, without characters that would break the log's line. */
static void log_line(FILE *log, struct slice line)
{
    for (size_t i = 0; i < line.length; i++) {
        unsigned char byte = (unsigned char)line.at[i];
        fprintf(log, isprint(byte) && byte != '"' && byte != '\\' ? "%c" : "\\x%02x", byte);
    }
}

/* Common Log Format: client, two unknowns, time, request, status, bytes of the body. */
static void write_log(const struct connection *c)
{
    FILE *log = c->site->log;
    char when[40];
    struct tm tm;
    time_t now = time(NULL);
    if (!log || c->response.status == 0)
        return;
    gmtime_r(&now, &tm);
    strftime(when, sizeof when, "%d/%b/%Y:%H:%M:%S +0000", &tm);
    flockfile(log); /* keeps lines of several threads whole */
    fprintf(log, "%s - - [%s] \"", c->client, when);
    if (c->arrival)
        log_line(log, c->arrival->request.line);
    fprintf(log, "\" %d %" PRIu64 "\n", c->response.status, c->response.out.bytes);
    fflush(log);
    funlockfile(log);
}

void connection_close(struct connection *c)
{
    if (c->state == CONNECTION_ANSWER) {
        c->cut = true;
        write_log(c);
    }
    outgoing_free(&c->response.out);
    forget_arrival(c);
    c->state = CONNECTION_OVER;
}

bool connection_was_cut(const struct connection *c)
{
    return c->cut;
}

/* Where the body begins in `in`; the head before it stays until the request is answered. */
static char *body_at(struct connection *c)
{
    return c->arrival->in + c->scan.length;
}

/* Drops the n bytes at `from`, which lie in `in`. */
static void drop(struct connection *c, char *from, size_t n)
{
    struct arrival *a = c->arrival;
    a->have -= n;
    memmove(from, from + n, a->have - (size_t)(from - a->in));
}

/* Is a head complete? Returns whether anything has changed. */
static bool step_head(struct connection *c, rill_time now)
{
    struct arrival *a = c->arrival;
    int status = a ? head_scan(&c->scan, a->in, a->have) : 0;
    if (status == 0 && c->scan.length == 0)
        return false;
    if (status == 0)
        status = request_parse(&a->request, a->in + c->scan.start, c->scan.length - c->scan.start);
    if (status == 0)
        status = body_start(&c->body, a->request.chunked, a->request.length);
    bool too_long = status == 413;
    if (status && !(too_long && !answer_takes_method(a->request.method))) {
        refuse(c, status, now);
        return true;
    }
    enter(c, CONNECTION_BODY, now);
    if (!a->request.expects_continue && !too_long)
        return true;
    if (!answer_takes_method(a->request.method)) {
        /* After this answer the client may send the body or not, so nothing more can be read. */
        answer_request(&c->response, c->site, &a->request, true);
        enter(c, CONNECTION_ANSWER, now);
    } else if (a->have == c->scan.length) {
        response_continue(&c->response);
    }
    return true;
}

/* Is the body complete? Returns whether anything has changed. */
static bool step_body(struct connection *c, rill_time now)
{
    size_t taken;
    int status = body_take(&c->body, body_at(c), have(c) - c->scan.length, &taken);
    drop(c, body_at(c), taken);
    if (status) {
        refuse(c, status, now);
        return true;
    }
    if (c->body.state != BODY_DONE)
        return false;
    answer_request(&c->response, c->site, &c->arrival->request, false);
    enter(c, CONNECTION_ANSWER, now);
    return true;
}

/* Is the answer sent? Returns whether anything has changed. */
static bool step_answer(struct connection *c, rill_time now)
{
    if (!outgoing_is_gone(&c->response.out))
        return false;
    bool last = c->response.last;
    write_log(c);
    outgoing_free(&c->response.out);
    c->response.status = 0;
    if (c->arrival) {
        drop(c, c->arrival->in, c->scan.length);
        c->arrival->request.line = (struct slice){0};
    }
    c->scan = (struct head_scan){0};
    if (last || have(c) == 0)
        forget_arrival(c);
    enter(c, last ? CONNECTION_DRAIN : CONNECTION_HEAD, now);
    return true;
}

static void advance(struct connection *c, rill_time now)
{
    bool moved = true;
    while (moved) {
        switch (c->state) {
        case CONNECTION_HEAD:
            moved = step_head(c, now);
            break;
        case CONNECTION_BODY:
            moved = step_body(c, now);
            break;
        case CONNECTION_ANSWER:
            moved = step_answer(c, now);
            break;
        case CONNECTION_DRAIN:
            if (c->peer_ended || c->drained > DRAIN_MAX)
                c->state = CONNECTION_OVER;
            return;
        case CONNECTION_OVER:
            return;
        }
    }
}

short connection_wants(const struct connection *c)
{
    switch (c->state) {
    case CONNECTION_HEAD:
    case CONNECTION_DRAIN:
        return POLLIN;
    case CONNECTION_BODY:
        return outgoing_is_gone(&c->response.out) ? POLLIN : POLLIN | POLLOUT;
    case CONNECTION_ANSWER:
        return POLLOUT;
    case CONNECTION_OVER:
        return 0;
    }
    return 0;
}

bool connection_is_closing(const struct connection *c)
{
    return c->state == CONNECTION_DRAIN;
}

size_t connection_room(const struct connection *c)
{
    return sizeof c->arrival->in - have(c);
}

/* The peer has shut down its sending side: between requests this is the end, within one the request
 * will never be complete. */
static void end_of_input(struct connection *c, rill_time now)
{
    c->peer_ended = true;
    if (c->state == CONNECTION_HEAD && have(c) == 0)
        c->state = CONNECTION_OVER;
    else if (c->state == CONNECTION_HEAD || c->state == CONNECTION_BODY)
        refuse(c, 400, now);
}

/* Stores the bytes. False: there is no memory for a request. */
static bool keep(struct connection *c, const void *bytes, size_t n)
{
    struct arrival *a = c->arrival;
    bool is_new = !a;
    if (is_new)
        a = c->arrival = malloc(sizeof *a);
    if (!a)
        return false;
    if (is_new) {
        a->have = 0;
        a->request.line = (struct slice){0};
    }
    memcpy(a->in + a->have, bytes, n);
    a->have += n;
    return true;
}

void connection_received(struct connection *c, const void *bytes, size_t n, rill_time now)
{
    assert(n <= connection_room(c));
    if (n == 0)
        end_of_input(c, now);
    if (c->state == CONNECTION_HEAD &&
        have(c) == 0) /* the time-out of a head starts at its first byte */
        enter(c, CONNECTION_HEAD, now);
    if (c->state == CONNECTION_DRAIN)
        c->drained += n;
    else if (n > 0 && !keep(c, bytes, n))
        refuse(c, 503, now);
    advance(c, now);
}

ssize_t connection_peek(const struct connection *c, void *out, size_t room)
{
    return outgoing_peek(&c->response.out, out, room);
}

void connection_sent(struct connection *c, size_t n, rill_time now)
{
    outgoing_sent(&c->response.out, n);
    c->taken += n;
    if (c->state == CONNECTION_ANSWER && c->taken >= (size_t)c->site->timeout * SLOWEST)
        enter(c, CONNECTION_ANSWER, now);
    advance(c, now);
}

rill_time connection_deadline(const struct connection *c)
{
    return c->deadline;
}

void connection_expire(struct connection *c, rill_time now)
{
    bool in_request = (c->state == CONNECTION_HEAD && have(c) > 0) || c->state == CONNECTION_BODY;
    if (in_request)
        refuse(c, 408, now);
    else
        connection_close(c);
}
