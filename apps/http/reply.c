#include "http/reply.h"

#include <string.h>

void reply_start(struct reply *r)
{
    *r = (struct reply){.length = UINT64_MAX};
    http_parser_init(&r->parser, HTTP_RESPONSE);
}

void reply_free(struct reply *r)
{
    text_free(&r->reason);
    text_free(&r->fields);
}

bool reply_field(const struct reply *r, const char *name, struct slice *value)
{
    if (r->fields.length == 0)
        return false;
    const char *at = r->fields.at, *end = at + r->fields.length;
    while (at < end) {
        const char *line_end = memmem(at, (size_t)(end - at), "\r\n", 2);
        const char *stop = line_end ? line_end : end;
        const char *colon = memchr(at, ':', (size_t)(stop - at));
        if (colon && slice_equal_ignoring_case((struct slice){at, (size_t)(colon - at)}, name)) {
            *value = slice_trim((struct slice){colon + 1, (size_t)(stop - colon - 1)});
            return true;
        }
        at = line_end ? line_end + 2 : end;
    }
    return false;
}

bool reply_redirects(const struct reply *r, struct slice *location)
{
    switch (r->status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return reply_field(r, "Location", location);
    default:
        return false;
    }
}

/* The callbacks of libhttp_parser; a field may arrive in several calls. A result other than 0 stops
 * the parser. Fields behind a chunked body are ignored: RFC 9110 6.5.1. */

static int add(struct text *t, const char *at, size_t length)
{
    text_add_bytes(t, at, length);
    return t->failed || t->length > REPLY_HEAD_MAX;
}

static int on_status(http_parser *p, const char *at, size_t length)
{
    struct reply *r = p->data;
    return add(&r->reason, at, length);
}

static int on_field(http_parser *p, const char *at, size_t length)
{
    struct reply *r = p->data;
    if (r->state == REPLY_BODY)
        return 0;
    if (r->in_value)
        text_add(&r->fields, "\r\n");
    r->in_value = false;
    return add(&r->fields, at, length);
}

static int on_value(http_parser *p, const char *at, size_t length)
{
    struct reply *r = p->data;
    if (r->state == REPLY_BODY)
        return 0;
    if (!r->in_value)
        text_add(&r->fields, ": ");
    r->in_value = true;
    return add(&r->fields, at, length);
}

static int write_out(struct reply *r, const void *bytes, size_t n)
{
    if (!r->out || r->muted || n == 0)
        return 0;
    if (fwrite(bytes, 1, n, r->out) == n)
        return 0;
    r->state = REPLY_UNWRITTEN;
    return 1;
}

static int write_head(struct reply *r)
{
    struct text line = {0};
    text_add(&line, "HTTP/%u.%u %d %.*s\r\n", r->parser.http_major, r->parser.http_minor, r->status,
             (int)r->reason.length, r->reason.length ? r->reason.at : "");
    text_add_bytes(&line, r->fields.at ? r->fields.at : "", r->fields.length);
    text_add(&line, "\r\n");
    int failed = line.failed || write_out(r, line.at, line.length);
    text_free(&line);
    return failed;
}

/* Returns 1 if no body follows whatever the fields say, -1 to stop. */
static int on_headers_complete(http_parser *p)
{
    struct reply *r = p->data;
    struct slice location;
    r->status = p->status_code;
    if (r->in_value)
        text_add(&r->fields, "\r\n");
    r->in_value = false;
    if (r->status < 200)
        return 0;
    r->state = REPLY_BODY;
    r->muted = (r->no_errors && r->status >= 400) || (r->follows && reply_redirects(r, &location));
    r->length = p->flags & F_CONTENTLENGTH ? p->content_length : UINT64_MAX;
    if (r->show_head && write_head(r))
        return -1;
    return r->to_head;
}

static int on_body(http_parser *p, const char *at, size_t length)
{
    struct reply *r = p->data;
    r->bytes += length;
    return write_out(r, at, length);
}

/* An interim response (RFC 9110 15.2) is followed by another one; a final one is the end. */
static int on_message_complete(http_parser *p)
{
    struct reply *r = p->data;
    if (r->state == REPLY_BODY) {
        r->state = REPLY_WHOLE;
        http_parser_pause(p, 1);
        return 0;
    }
    text_clear(&r->reason);
    text_clear(&r->fields);
    return 0;
}

static void feed(struct reply *r, const char *bytes, size_t n)
{
    static const http_parser_settings callbacks = {
        .on_status = on_status,
        .on_header_field = on_field,
        .on_header_value = on_value,
        .on_headers_complete = on_headers_complete,
        .on_body = on_body,
        .on_message_complete = on_message_complete,
    };
    if (r->state != REPLY_HEAD && r->state != REPLY_BODY)
        return;
    r->parser.data = r;
    size_t taken = http_parser_execute(&r->parser, &callbacks, bytes, n);
    bool failed = HTTP_PARSER_ERRNO(&r->parser) != HPE_OK || taken != n;
    if (failed && (r->state == REPLY_HEAD || r->state == REPLY_BODY))
        r->state = n > 0 ? REPLY_BAD : REPLY_PARTIAL;
}

void reply_take(struct reply *r, const char *bytes, size_t n)
{
    if (n > 0)
        feed(r, bytes, n);
}

void reply_end(struct reply *r)
{
    feed(r, NULL, 0);
    if (r->state == REPLY_HEAD || r->state == REPLY_BODY)
        r->state = REPLY_PARTIAL;
}
