#include "http/answer.h"

#include "http/condition.h"
#include "http/date.h"
#include "http/listing.h"
#include "http/range.h"
#include "http/target.h"
#include <inttypes.h>
#include <unistd.h>

/* One request and its response in progress. */
struct answer {
    struct response *response;
    const struct site *site;
    const struct request *request;
    bool last; /* close afterwards */
};

static bool is_head(const struct answer *a)
{
    return a->request->method == HTTP_HEAD;
}

static void finish(const struct answer *a)
{
    response_finish(a->response, a->last, a->request->http_1_0);
}

static void explain(const struct answer *a, int status)
{
    response_start(a->response, status);
    if (status == 405)
        text_add(&a->response->out.head, "Allow: GET, HEAD\r\n"); /* RFC 9110 15.5.6 */
    if (status == 503)
        text_add(&a->response->out.head, "Retry-After: 1\r\n");
    response_explain(a->response, !is_head(a));
    finish(a);
}

void answer_refusal(struct response *r, int status)
{
    static const struct request unknown = {.http_1_0 = false, .method = HTTP_GET};
    explain(&(struct answer){r, NULL, &unknown, true}, status);
}

/* Strong (RFC 9110 8.8.1) as far as the file system shows it: another content has another time or
 * inode. */
static void format_etag(char *out, size_t room, const struct stat *facts)
{
    snprintf(out, room, "\"%jx-%jx-%jx.%lx\"", (uintmax_t)facts->st_ino, (uintmax_t)facts->st_size,
             (uintmax_t)facts->st_mtim.tv_sec, facts->st_mtim.tv_nsec);
}

/* Appends the bytes [first, end) of the file to the response. */
static void send_file(const struct answer *a, int file, uint64_t first, uint64_t end)
{
    if (is_head(a)) {
        close(file);
        return;
    }
    a->response->out.file = file;
    a->response->out.file_at = (off_t)first;
    a->response->out.file_end = (off_t)end;
}

/* 200, 206 or 416. RFC 9110 14.2: a Range counts for GET only. */
static void answer_content(const struct answer *a, int file, const struct stat *facts,
                           const char *fields, bool range_allowed)
{
    struct text *head = &a->response->out.head;
    uint64_t length = (uint64_t)facts->st_size, first = 0, last = 0;
    struct slice value;
    enum range range = RANGE_WHOLE;
    if (range_allowed && !is_head(a) && request_only(a->request, "Range", &value))
        range = range_parse(value, length, &first, &last);

    if (range == RANGE_UNSATISFIABLE) {
        close(file);
        response_start(a->response, 416);
        text_add(head, "Content-Range: bytes */%" PRIu64 "\r\n", length);
        response_explain(a->response, true);
        finish(a);
        return;
    }
    uint64_t end = range == RANGE_PART ? last + 1 : length;
    response_start(a->response, range == RANGE_PART ? 206 : 200);
    text_add(head, "%sAccept-Ranges: bytes\r\nContent-Length: %" PRIu64 "\r\n", fields,
             end - first);
    if (range == RANGE_PART)
        text_add(head, "Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64 "\r\n", first, last,
                 length);
    finish(a);
    send_file(a, file, first, end);
}

static void answer_file(const struct answer *a, int file, const struct stat *facts,
                        const char *path)
{
    char etag[80], date[DATE_TEXT], fields[256];
    time_t now = time(NULL);
    /* RFC 9110 8.8.2.1: not later than Date. */
    time_t modified = facts->st_mtime < now ? facts->st_mtime : now;
    format_etag(etag, sizeof etag, facts);
    date_format(date, modified);
    struct validators v = {etag, modified};
    int status = condition_check(a->request, &v, now);
    if (status == 304) { /* RFC 9110 15.4.5 */
        response_start(a->response, status);
        text_add(&a->response->out.head, "ETag: %s\r\n", etag);
        finish(a);
    } else if (status) {
        explain(a, status);
    }
    if (status) {
        close(file);
        return;
    }
    snprintf(fields, sizeof fields, "Content-Type: %s\r\nLast-Modified: %s\r\nETag: %s\r\n",
             site_content_type(path), date, etag);
    answer_content(a, file, facts, fields, condition_allows_range(a->request, &v, now));
}

/* A folder without its slash. The path is built from the decoded one, so that it begins with one
 * slash: two would name another host. */
static void answer_redirect(const struct answer *a, const struct target *t)
{
    struct text *head = &a->response->out.head;
    response_start(a->response, 301);
    text_add(head, "Location: /");
    text_add_url(head, t->path);
    text_add(head, "/%.*s\r\n", (int)t->query.length, t->query.at);
    response_explain(a->response, !is_head(a));
    finish(a);
}

static void answer_listing(const struct answer *a, int folder, const struct target *t)
{
    int status = listing_write(&a->response->out.body, folder, t->path);
    if (status) {
        explain(a, status);
        return;
    }
    response_start(a->response, 200);
    text_add(&a->response->out.head,
             "Content-Type: text/html; charset=utf-8\r\nContent-Length: %zu\r\n",
             a->response->out.body.length);
    if (is_head(a))
        text_clear(&a->response->out.body);
    finish(a);
}

/* A folder shows its index.html, or a list of its files. */
static void answer_folder(const struct answer *a, int folder, const struct target *t)
{
    char path[TARGET_PATH_MAX + sizeof "index.html"];
    struct stat facts;
    int status;
    snprintf(path, sizeof path, "%sindex.html", t->path);
    int index = site_open(a->site, path, &facts, &status);
    if (index >= 0 && S_ISREG(facts.st_mode)) {
        answer_file(a, index, &facts, path);
        return;
    }
    if (index >= 0)
        close(index);
    if (index >= 0 || status == 404)
        answer_listing(a, folder, t);
    else
        explain(a, status);
}

/* RFC 9110 9.1: 405 for a known method that is not supported, 501 for an unknown one. CONNECT asks
 * for a proxy, the others are not in RFC 9110 (or RFC 5789). */
static int refuse_method(enum http_method m)
{
    switch (m) {
    case HTTP_GET:
    case HTTP_HEAD:
        return 0;
    case HTTP_POST:
    case HTTP_PUT:
    case HTTP_DELETE:
    case HTTP_PATCH:
    case HTTP_OPTIONS:
    case HTTP_TRACE:
        return 405;
    default:
        return 501;
    }
}

bool answer_takes_method(enum http_method m)
{
    return refuse_method(m) == 0;
}

void answer_request(struct response *r, const struct site *s, const struct request *request,
                    bool last)
{
    struct answer a = {r, s, request, last || !request->keep_alive};
    struct target t;
    struct stat facts;
    int file = -1;
    int status = refuse_method(request->method);
    if (status == 0)
        status = target_parse(&t, request->target);
    if (status == 0)
        file = site_open(s, t.path, &facts, &status);
    if (file < 0) {
        explain(&a, status);
    } else if (S_ISREG(facts.st_mode)) {
        answer_file(&a, file, &facts, t.path);
    } else {
        if (target_is_folder(&t))
            answer_folder(&a, file, &t);
        else
            answer_redirect(&a, &t);
        close(file);
    }
}
