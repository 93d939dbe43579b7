#include "c10k/clients.h"

#include <err.h>
#include <errno.h>
#include <http_parser.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TALK_MAX 30.0 /* seconds that a talking phase lasts at most */
#define EVENTS 256

enum state { UNUSED, CONNECTING, IDLE, ASKED, CLOSING, GONE };

struct client {
    int fd;
    enum state state;
    bool was_answered, whole, right;
    double since; /* of connecting, or asking */
    size_t body_at;
    http_parser parser;
};

struct clients {
    const struct clients_config *config;
    struct results *results;
    int set;
    unsigned begun;      /* of the connections */
    unsigned connecting; /* now */
    unsigned next;       /* who asks next */
    unsigned turns;      /* in this phase */
    unsigned asked;      /* now */
    unsigned closing;    /* now */
    double checked;      /* when time-outs were last checked */
    struct client *client;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- What a client hears ---- */

struct hearing {
    struct client *client;
    const struct clients_config *config;
};

static int on_body(http_parser *p, const char *at, size_t n)
{
    const struct hearing *h = p->data;
    struct client *c = h->client;
    size_t left = h->config->body_length - c->body_at;
    if (n > left || memcmp(h->config->body + c->body_at, at, n) != 0)
        c->right = false;
    c->body_at += n < left ? n : left;
    return 0;
}

static int on_complete(http_parser *p)
{
    const struct hearing *h = p->data;
    h->client->whole = true;
    if (p->status_code != 200 || h->client->body_at != h->config->body_length)
        h->client->right = false;
    return 0;
}

static const struct http_parser_settings settings = {.on_body = on_body,
                                                     .on_message_complete = on_complete};

/* ---- One client ---- */

static void leave(struct clients *w, struct client *c, unsigned *why)
{
    if (c->state == CONNECTING)
        w->connecting--;
    else
        w->results->counts.held--;
    if (c->state == ASKED)
        w->asked--;
    if (c->state == CLOSING)
        w->closing--;
    c->state = GONE;
    close(c->fd);
    ++*why;
}

static void begin_hearing(struct client *c)
{
    c->body_at = 0;
    c->whole = false;
    c->right = true;
    http_parser_init(&c->parser, HTTP_RESPONSE);
}

static void ask(struct clients *w, struct client *c)
{
    size_t n = strlen(w->config->request);
    begin_hearing(c);
    c->since = now();
    c->state = ASKED;
    w->asked++;
    w->turns++;
    if (send(c->fd, w->config->request, n, MSG_NOSIGNAL) != (ssize_t)n)
        leave(w, c, &w->results->counts.lost);
}

static void record_answer(struct clients *w, struct client *c)
{
    struct results *t = w->results;
    t->latency[t->requests++] = (uint32_t)((now() - c->since) * 1e6);
    if (!c->was_answered)
        t->counts.answered++;
    c->was_answered = true;
    c->state = IDLE;
    w->asked--;
}

static void receive(struct clients *w, struct client *c)
{
    char bytes[16384];
    struct hearing hearing = {c, w->config};
    ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        leave(w, c, &w->results->counts.lost);
        return;
    }
    c->parser.data = &hearing;
    size_t parsed = http_parser_execute(&c->parser, &settings, bytes, (size_t)n);
    if (c->parser.status_code == 503)
        leave(w, c, &w->results->counts.busy);
    else if (parsed != (size_t)n || !c->right || c->state != ASKED)
        leave(w, c, &w->results->counts.wrong);
    else if (c->whole)
        record_answer(w, c);
}

/* The server has ended, too. */
static void receive_end(struct clients *w, struct client *c)
{
    char byte;
    unsigned good = 0;
    ssize_t n = recv(c->fd, &byte, 1, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    leave(w, c, n == 0 ? &good : &w->results->counts.lost);
    atomic_fetch_add(&w->results->closed, good);
}

/* connect(2) has come to an end, one or the other. */
static void connected(struct clients *w, struct client *c)
{
    int error = 0;
    socklen_t length = sizeof error;
    struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = c};
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error) {
        leave(w, c,
              error == ETIMEDOUT ? &w->results->counts.timed_out : &w->results->counts.refused);
        return;
    }
    epoll_ctl(w->set, EPOLL_CTL_MOD, c->fd, &e);
    w->connecting--;
    w->results->counts.held++;
    c->state = IDLE;
    begin_hearing(c);
}

/* False: this machine has no descriptor or no port for another one. */
static bool begin(struct clients *w, struct client *c)
{
    const struct clients_config *k = w->config;
    struct epoll_event e = {.events = EPOLLOUT, .data.ptr = c};
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0)
        return false;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
    bool bound = k->source.sin_addr.s_addr == 0 ||
                 bind(c->fd, (const struct sockaddr *)&k->source, sizeof k->source) == 0;
    if (!bound || (connect(c->fd, (const struct sockaddr *)&k->server, sizeof k->server) != 0 &&
                   errno != EINPROGRESS)) {
        close(c->fd);
        return false;
    }
    c->state = CONNECTING;
    c->since = now();
    w->connecting++;
    return epoll_ctl(w->set, EPOLL_CTL_ADD, c->fd, &e) == 0;
}

/* ---- All of them ---- */

static void begin_some(struct clients *w)
{
    while (w->begun < w->config->connections && w->connecting < w->config->connecting) {
        struct client *c = &w->client[w->begun++];
        if (!begin(w, c)) {
            c->state = GONE;
            w->results->counts.failed++;
        }
    }
}

static void ask_some(struct clients *w)
{
    unsigned talkers = w->config->talkers;
    for (unsigned seen = 0; w->asked < w->config->at_once && seen < talkers; seen++) {
        struct client *c = &w->client[w->next];
        w->next = (w->next + 1) % talkers;
        if (c->state == IDLE)
            ask(w, c);
    }
}

/* Once a second. */
static void check_timeout(struct clients *w)
{
    double t = now();
    if (t - w->checked < 1)
        return;
    w->checked = t;
    for (unsigned i = 0; i < w->begun; i++) {
        struct client *c = &w->client[i];
        bool waits = c->state == CONNECTING || c->state == ASKED || c->state == CLOSING;
        if (waits && t - c->since > w->config->timeout)
            leave(w, c, &w->results->counts.timed_out);
    }
}

static void take_events(struct clients *w)
{
    struct epoll_event event[EVENTS];
    int n = epoll_wait(w->set, event, EVENTS, 5);
    for (int i = 0; i < n; i++) {
        struct client *c = event[i].data.ptr;
        if (c->state == CONNECTING)
            connected(w, c);
        else if (c->state == CLOSING)
            receive_end(w, c);
        else if (c->state != GONE)
            receive(w, c);
    }
    check_timeout(w);
}

static void open_all(struct clients *w)
{
    while (w->begun < w->config->connections || w->connecting > 0) {
        begin_some(w);
        take_events(w);
    }
    for (double end = now() + 0.5; now() < end;) /* what is said to them unasked: 503 */
        take_events(w);
    atomic_store(&w->results->opened, 1);
}

static void talk(struct clients *w)
{
    double begun = now();
    w->turns = w->results->requests = 0;
    for (double t = begun; t < begun + TALK_MAX; t = now()) {
        bool time_is_up = t >= begun + w->config->seconds && w->turns >= w->config->talkers;
        bool full = w->results->requests + w->asked + w->config->at_once >= SAMPLES_MAX;
        if (!time_is_up && !full && w->results->counts.held > 0)
            ask_some(w);
        else if (w->asked == 0)
            break;
        take_events(w);
    }
    atomic_fetch_add(&w->results->done, 1);
}

static void close_some(struct clients *w, unsigned *next)
{
    for (; *next < w->begun && w->closing < w->config->connecting; ++*next) {
        struct client *c = &w->client[*next];
        if (c->state != IDLE)
            continue;
        shutdown(c->fd, SHUT_WR);
        c->since = now();
        c->state = CLOSING;
        w->closing++;
    }
}

static void close_all(struct clients *w)
{
    for (unsigned next = 0; next < w->begun || w->closing > 0;) {
        close_some(w, &next);
        take_events(w);
    }
}

void clients_run(const struct clients_config *config, const struct shared *shared,
                 struct results *results)
{
    struct clients w = {.config = config, .results = results, .set = epoll_create1(EPOLL_CLOEXEC)};
    w.client = calloc(config->connections, sizeof *w.client);
    if (w.set < 0 || !w.client)
        err(1, "cannot play %u clients", config->connections);
    results->counts.asked = config->connections;
    open_all(&w);
    while (!atomic_load(&shared->leave)) {
        if (atomic_load(&shared->ordered) > atomic_load(&results->done))
            talk(&w);
        take_events(&w);
    }
    if (config->closes)
        close_all(&w);
    free(w.client);
    close(w.set);
}
