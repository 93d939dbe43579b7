#include "http/request.h"

#include "http/head.h"
#include <ctype.h>
#include <string.h>

bool request_next(const struct request *r, const char *name, unsigned *from, struct slice *value)
{
    while (*from < r->field_count) {
        const struct field *f = &r->field[(*from)++];
        if (slice_equal_ignoring_case(f->name, name)) {
            *value = f->value;
            return true;
        }
    }
    return false;
}

bool request_only(const struct request *r, const char *name, struct slice *value)
{
    unsigned from = 0;
    struct slice other;
    return request_next(r, name, &from, value) && !request_next(r, name, &from, &other);
}

static unsigned count_fields(const struct request *r, const char *name)
{
    unsigned from = 0, count = 0;
    struct slice value;
    while (request_next(r, name, &from, &value))
        count++;
    return count;
}

/* The callbacks of libhttp_parser. A head is parsed in one piece, so each slice is whole. */

static int on_url(http_parser *p, const char *at, size_t length)
{
    struct request *r = p->data;
    r->target = (struct slice){at, length};
    return 0;
}

static int on_field(http_parser *p, const char *at, size_t length)
{
    struct request *r = p->data;
    if (r->field_count == REQUEST_FIELDS_MAX)
        return 1;
    r->field[r->field_count++] = (struct field){.name = {at, length}};
    return 0;
}

static int on_value(http_parser *p, const char *at, size_t length)
{
    struct request *r = p->data;
    r->field[r->field_count - 1].value = slice_trim((struct slice){at, length});
    return 0;
}

/* Returns 1: the parser must not parse the body. */
static int on_headers_complete(http_parser *p)
{
    struct request *r = p->data;
    r->method = p->method;
    r->http_1_0 = p->http_minor == 0;
    r->keep_alive = http_should_keep_alive(p);
    r->length = p->flags & F_CONTENTLENGTH ? p->content_length : 0;
    return 1;
}

static int status_of(enum http_errno error)
{
    switch (error) {
    case HPE_OK:
        return 0;
    case HPE_INVALID_METHOD: /* head_scan has checked that it is a token: an unknown method */
        return 501;
    case HPE_CB_header_field:
    case HPE_HEADER_OVERFLOW:
        return 431;
    default:
        return 400;
    }
}

static int parse(struct request *r, const char *head, size_t length)
{
    static const http_parser_settings callbacks = {
        .on_url = on_url,
        .on_header_field = on_field,
        .on_header_value = on_value,
        .on_headers_complete = on_headers_complete,
    };
    http_parser parser;
    http_parser_init(&parser, HTTP_REQUEST);
    parser.data = r;
    http_parser_execute(&parser, &callbacks, head, length);
    return status_of(HTTP_PARSER_ERRNO(&parser));
}

/* RFC 3986 3.2.2 and 3.2.3: the characters of a host and a port. */
static bool host_is_good(struct slice host)
{
    size_t n = 0;
    if (host.length > 0 && host.at[0] == '[') {
        n = 1;
        while (n < host.length && (isxdigit((unsigned char)host.at[n]) || strchr(":.", host.at[n])))
            n++;
        if (n == host.length || host.at[n++] != ']')
            return false;
    }
    while (n < host.length &&
           (isalnum((unsigned char)host.at[n]) || strchr("-._~%!$&'()*+,;=", host.at[n])))
        n++;
    if (n < host.length && host.at[n] == ':')
        n++;
    else
        return n == host.length;
    while (n < host.length && isdigit((unsigned char)host.at[n]))
        n++;
    return n == host.length;
}

/* RFC 9112 3.2: exactly one Host, which HTTP/1.0 may omit. */
static int check_host(const struct request *r)
{
    unsigned hosts = count_fields(r, "Host");
    struct slice host;
    if (hosts == 0)
        return r->http_1_0 ? 0 : 400;
    return request_only(r, "Host", &host) && host_is_good(host) ? 0 : 400;
}

/* RFC 9112 6.1 and 6.3: a request must not give the body's length in two ways, and chunked must be
 * the last coding. It is the only supported one. */
static int check_transfer_encoding(struct request *r)
{
    struct slice value, coding, last = {0};
    unsigned codings = 0;
    for (unsigned from = 0; request_next(r, "Transfer-Encoding", &from, &value);) {
        for (; slice_next(&value, &coding); codings++)
            last = coding;
    }
    if (count_fields(r, "Transfer-Encoding") == 0)
        return 0;
    if (r->http_1_0 || count_fields(r, "Content-Length") > 0 || codings == 0)
        return 400;
    if (!slice_equal_ignoring_case(last, "chunked"))
        return 400;
    r->chunked = true;
    return codings == 1 ? 0 : 501;
}

static int check_expect(struct request *r)
{
    struct slice value;
    if (count_fields(r, "Expect") == 0 || r->http_1_0)
        return 0;
    if (!request_only(r, "Expect", &value) || !slice_equal_ignoring_case(value, "100-continue"))
        return 417;
    r->expects_continue = r->chunked || r->length > 0;
    return 0;
}

int request_parse(struct request *r, const char *head, size_t length)
{
    const char *end = memchr(head, '\r', length);
    *r = (struct request){.line = {head, end ? (size_t)(end - head) : length}};
    int status = parse(r, head, length);
    if (status == 0)
        status = check_host(r);
    if (status == 0)
        status = check_transfer_encoding(r);
    if (status == 0)
        status = check_expect(r);
    return status;
}
