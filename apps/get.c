/* rill-get - fetches a URL by HTTP, or sends something there
 *
 *     rill-get [-fiILOsv] [-X METHOD] [-H FIELD]... [-d TEXT | --data-file FILE | -T FILE]
 *              [-o FILE] [--max-time S] [shared options] URL
 *
 * A small curl: the same letters, the same exit statuses (see --help). The host of the URL is an
 * IPv4 address in numbers: rill has no resolver. One request, one connection; redirections (-L)
 * open the next.
 *
 * http/reply.h, which knows no sockets, interprets the response; this file moves the bytes. Request
 * and response overlap: a server may answer before it has taken all of an upload. */
#include "http/get_options.h"
#include "http/outgoing.h"
#include "http/reply.h"
#include "http/url.h"
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <rill/host.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REDIRECTS_MAX 10
#define CHUNK 65536

/* curl's numbers. */
enum exit_status {
    EXIT_URL = 3,
    EXIT_NAME = 6,
    EXIT_CONNECT = 7,
    EXIT_NOT_HTTP = 8,
    EXIT_PARTIAL = 18,
    EXIT_STATUS = 22,
    EXIT_WRITE = 23,
    EXIT_READ = 26,
    EXIT_TIME = 28,
    EXIT_REDIRECTS = 47,
    EXIT_EMPTY = 52,
    EXIT_LOST = 56,
    EXIT_INTERRUPTED = 130 /* as a shell counts SIGINT */
};

/* One fetch, including its redirections. */
struct fetch {
    const struct get_options *settings;
    struct rill_host *host;
    struct url url;
    const char *method;
    bool with_body;
    bool away; /* redirected to another server: fields of -H, which may be secret, are not sent */
    rill_time begin;
    rill_time shown; /* when the progress was last shown */
    FILE *out;
    const char *out_name;
    struct outgoing request;
    struct reply reply;
};

static void finish(const struct fetch *f, int status, const char *why)
{
    if (!f->settings->silent)
        warnx("%s: %s", f->url.host, why);
    exit(status);
}

/* A waiting call has failed: EINTR means that the user has pressed Ctrl-C. */
static void fail(const struct fetch *f, int status)
{
    if (errno == EINTR)
        exit(EXIT_INTERRUPTED);
    finish(f, status, strerror(errno));
}

static void fail_output(const struct fetch *f)
{
    if (!f->settings->silent)
        warn("cannot write %s", f->out_name);
    exit(EXIT_WRITE);
}

/* With -v a head goes to standard error, each line after a sign. */
static void show(const struct fetch *f, char sign, const struct text *lines)
{
    for (size_t at = 0; f->settings->verbose && at < lines->length;) {
        size_t n = strcspn(lines->at + at, "\r");
        fprintf(stderr, "%c %.*s\n", sign, (int)n, lines->at + at);
        at += n + 2;
    }
}

static void attach_body(struct fetch *f)
{
    const struct get_options *s = f->settings;
    struct stat facts;
    if (s->data) {
        text_add_bytes(&f->request.body, s->data, strlen(s->data));
    } else {
        f->request.file = open(s->file, O_RDONLY | O_CLOEXEC);
        if (f->request.file < 0 || fstat(f->request.file, &facts) != 0)
            err(EXIT_READ, "cannot read %s", s->file);
        if (!S_ISREG(facts.st_mode))
            errx(EXIT_READ, "%s: not a plain file, so its length is unknown", s->file);
        f->request.file_end = facts.st_size;
    }
    uint64_t length = f->request.body.length + (uint64_t)f->request.file_end;
    text_add(&f->request.head, "Content-Length: %ju\r\n", (uintmax_t)length);
    if (!s->upload && !get_options_has_field(s, "Content-Type"))
        text_add(&f->request.head, "Content-Type: application/x-www-form-urlencoded\r\n");
}

static void write_request(struct fetch *f)
{
    static const struct text none = {0};
    const struct text *fields = f->away ? &none : &f->settings->fields;
    struct text *head = &f->request.head;
    outgoing_clear(&f->request);
    text_add(head, "%s %s HTTP/1.1\r\n", f->method, f->url.target);
    if (f->away || !get_options_has_field(f->settings, "Host"))
        text_add(head, f->url.port == 80 ? "Host: %s\r\n" : "Host: %s:%u\r\n", f->url.host,
                 f->url.port);
    text_add(head, "User-Agent: rill-get\r\nAccept: */*\r\nConnection: close\r\n");
    text_add_bytes(head, fields->at ? fields->at : "", fields->length);
    if (f->with_body)
        attach_body(f);
    text_add(head, "\r\n");
    show(f, '>', head);
}

/* The rest of --max-time, for rill_poll. */
static int milliseconds_left(const struct fetch *f)
{
    if (!f->settings->max_time)
        return -1;
    rill_time left = f->begin + f->settings->max_time - rill_host_now(f->host);
    if (left <= 0)
        finish(f, EXIT_TIME, "the time is up");
    return (int)(left / RILL_MILLISECONDS(1)) + 1;
}

/* Waits for some of `events` and returns the ready ones. */
static short wait_for(const struct fetch *f, int fd, short events)
{
    struct pollfd set = {fd, events, 0};
    int ready = rill_poll(&set, 1, milliseconds_left(f));
    if (ready < 0)
        fail(f, EXIT_LOST);
    if (ready == 0)
        finish(f, EXIT_TIME, "the time is up");
    return set.revents;
}

static int open_connection(const struct fetch *f)
{
    struct sockaddr_in to;
    int error = 0;
    socklen_t length = sizeof error;
    if (!url_address(&f->url, &to))
        finish(f, EXIT_NAME, "not an IPv4 address in numbers (rill has no resolver)");
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0)
        fail(f, EXIT_CONNECT);
    if (rill_connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    if (errno != EINPROGRESS)
        fail(f, EXIT_CONNECT);
    wait_for(f, fd, POLLOUT);
    rill_getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    errno = error;
    if (error)
        fail(f, EXIT_CONNECT);
    return fd;
}

/* A server may refuse the rest of the request and still answer. Its response decides, so an error
 * in sending is not fatal yet. */
static bool send_some(struct fetch *f, int fd)
{
    char bytes[CHUNK];
    ssize_t n = outgoing_peek(&f->request, bytes, sizeof bytes);
    if (n < 0)
        finish(f, EXIT_READ, "the file to send has become shorter");
    ssize_t sent = rill_send(fd, bytes, (size_t)n, MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EAGAIN;
    outgoing_sent(&f->request, (size_t)sent);
    return true;
}

static void receive_some(struct fetch *f, int fd)
{
    char bytes[CHUNK];
    ssize_t n = rill_recv(fd, bytes, sizeof bytes, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n < 0)
        fail(f, EXIT_LOST);
    if (n == 0)
        reply_end(&f->reply);
    else
        reply_take(&f->reply, bytes, (size_t)n);
    if (f->reply.state == REPLY_UNWRITTEN)
        fail_output(f);
}

/* On a terminal, five times a second, unless the body goes to the same terminal. */
static void show_progress(struct fetch *f, bool at_end)
{
    rill_time now = rill_host_now(f->host);
    if (f->settings->silent || f->reply.muted || !isatty(STDERR_FILENO) || isatty(fileno(f->out)))
        return;
    if (!at_end && now - f->shown < RILL_MILLISECONDS(200))
        return;
    f->shown = now;
    double megabytes = (double)f->reply.bytes / 1e6, seconds = (double)(now - f->begin) / 1e9;
    fprintf(stderr, "\r%.1f MB", megabytes);
    if (f->reply.length != UINT64_MAX)
        fprintf(stderr, " of %.1f MB", (double)f->reply.length / 1e6);
    fprintf(stderr, ", %.1f MB/s%s", seconds > 0 ? megabytes / seconds : 0, at_end ? "\n" : " ");
}

/* One request and its response. */
static void exchange(struct fetch *f)
{
    struct reply *r = &f->reply;
    write_request(f);
    reply_free(r);
    reply_start(r);
    r->out = f->out;
    r->show_head = f->settings->include;
    r->to_head = strcmp(f->method, "HEAD") == 0;
    r->no_errors = f->settings->fail;
    r->follows = f->settings->follow;

    int fd = open_connection(f);
    bool sending = true;
    while (r->state == REPLY_HEAD || r->state == REPLY_BODY) {
        short ready = wait_for(f, fd, sending ? POLLIN | POLLOUT : POLLIN);
        if (sending && ready & POLLOUT)
            sending = send_some(f, fd) && !outgoing_is_gone(&f->request);
        if (ready & ~POLLOUT)
            receive_some(f, fd);
        show_progress(f, false);
    }
    rill_close(fd);
    if (f->settings->verbose)
        fprintf(stderr, "< %d %.*s\n", r->status, (int)r->reason.length,
                r->reason.length ? r->reason.at : "");
    show(f, '<', &r->fields);
}

/* Ends the program if the response is not acceptable. */
static void judge(struct fetch *f)
{
    char why[64];
    switch (f->reply.state) {
    case REPLY_BAD:
        finish(f, EXIT_NOT_HTTP, "what came is not HTTP");
        break;
    case REPLY_PARTIAL:
        if (f->reply.status == 0)
            finish(f, EXIT_EMPTY, "the server closed the connection without an answer");
        finish(f, EXIT_PARTIAL, "the connection ended in the middle of the answer");
        break;
    default:
        break;
    }
    if (f->settings->fail && f->reply.status >= 400) {
        snprintf(why, sizeof why, "the answer is %d", f->reply.status);
        finish(f, EXIT_STATUS, why);
    }
}

/* RFC 9110 15.4: after 303, and by convention after 301 and 302, POST becomes GET. */
static void choose_method(struct fetch *f)
{
    int status = f->reply.status;
    bool post = strcmp(f->method, "POST") == 0;
    if ((status == 303 && strcmp(f->method, "HEAD") != 0) ||
        ((status == 301 || status == 302) && post)) {
        f->method = "GET";
        f->with_body = false;
    }
}

static void go_on_to(struct fetch *f, struct slice location)
{
    struct url before = f->url;
    if (!url_follow(&f->url, location))
        finish(f, EXIT_URL, "redirected to something that is no http URL");
    if (strcmp(f->url.host, before.host) != 0 || f->url.port != before.port)
        f->away = true;
    choose_method(f);
}

static void run(struct fetch *f)
{
    struct slice location;
    for (unsigned redirects = 0;; redirects++) {
        exchange(f);
        judge(f);
        if (!f->settings->follow || !reply_redirects(&f->reply, &location))
            break;
        if (redirects == REDIRECTS_MAX)
            finish(f, EXIT_REDIRECTS, "too many redirections");
        go_on_to(f, location);
    }
    show_progress(f, true);
    if (fflush(f->out) != 0)
        fail_output(f);
}

static const char *first_method(const struct get_options *s)
{
    if (s->method)
        return s->method;
    if (s->upload)
        return "PUT";
    if (s->head)
        return "HEAD";
    return s->data || s->file ? "POST" : "GET";
}

static void open_output(struct fetch *f)
{
    static char name[256];
    const char *file = f->settings->output;
    if (f->settings->named_by_url) {
        if (!url_file_name(&f->url, name, sizeof name))
            errx(EXIT_WRITE, "-O: no file name at the end of %s: use -o FILE", f->url.target);
        file = name;
    }
    bool named = file && strcmp(file, "-") != 0;
    f->out = named ? fopen(file, "w") : stdout;
    f->out_name = named ? file : "standard output";
    if (!f->out)
        err(EXIT_WRITE, "cannot write %s", file);
}

int main(int argc, char **argv)
{
    struct rill_host_options options;
    struct rill_diagnostic diagnostic;
    struct get_options settings = {0};
    rill_host_options_parse(&options, &argc, argv,
                            "rill-get - fetches a URL by HTTP, or sends something there",
                            GET_USAGE);
    const char *text = get_options_parse(&settings, argc, argv);
    static struct fetch fetch;
    fetch.settings = &settings;
    if (!url_parse(&fetch.url, slice_of(text)))
        errx(EXIT_URL, "%s: not an http URL", text);
    fetch.method = first_method(&settings);
    fetch.with_body = settings.data || settings.file;
    open_output(&fetch);
    outgoing_init(&fetch.request);

    fetch.host = rill_host_open(&options, &diagnostic);
    if (!fetch.host)
        errx(1, "%s", diagnostic.text);
    fetch.begin = rill_host_now(fetch.host);
    run(&fetch);
    outgoing_free(&fetch.request);
    reply_free(&fetch.reply);
    text_free(&settings.fields);
    rill_host_close(fetch.host);
    return 0;
}
