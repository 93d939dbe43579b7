#include "http/head.h"

#include <ctype.h>
#include <string.h>

bool head_is_token(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* RFC 9112 2.3: "HTTP/" DIGIT "." DIGIT, at the end of the request line. */
static int check_version(const char *v, size_t n)
{
    if (n != 8 || memcmp(v, "HTTP/", 5) != 0)
        return 400;
    if (!isdigit((unsigned char)v[5]) || v[6] != '.' || !isdigit((unsigned char)v[7]))
        return 400;
    return v[5] == '1' ? 0 : 505;
}

/* Bytes above 0x7f should be encoded (RFC 3986 2.1); they are taken as they are, as by nginx. */
static bool is_target(char c)
{
    return (unsigned char)c > ' ' && c != 0x7f && c != '#';
}

/* RFC 9112 3: method SP request-target SP HTTP-version. */
static int check_request_line(const char *line, size_t n)
{
    size_t method = 0;
    while (method < n && head_is_token(line[method]))
        method++;
    size_t target = method + 1;
    size_t end = target;
    while (end < n && is_target(line[end]))
        end++;
    if (method == 0 || end == target || end >= n || line[method] != ' ' || line[end] != ' ')
        return 400;
    return check_version(line + end + 1, n - end - 1);
}

/* RFC 9112 5: field-name ":" value, no blank before the colon, no folded line (5.2). */
static int check_field_line(const char *line, size_t n)
{
    size_t name = 0;
    while (name < n && head_is_token(line[name]))
        name++;
    return name > 0 && name < n && line[name] == ':' ? 0 : 400;
}

/* A line has ended with CR LF at s->at. */
static int end_line(struct head_scan *s, const char *in)
{
    const char *line = in + s->line;
    size_t n = s->at - 1 - s->line;
    size_t next = s->at + 1;
    s->line = next;
    if (s->fields > 0) {
        if (n == 0)
            s->length = next;
        return n == 0 ? 0 : check_field_line(line, n);
    }
    if (n == 0) {
        s->start = next;
        return 0;
    }
    s->fields = next;
    return check_request_line(line, n);
}

/* RFC 9112 2.2: a bare CR is as invalid as a bare LF. Other control characters are invalid too (RFC
 * 9110 5.5). */
static bool is_misplaced(const struct head_scan *s, const char *in)
{
    unsigned char c = (unsigned char)in[s->at];
    bool after_cr = s->at > s->line && in[s->at - 1] == '\r';
    if (c == '\n' || after_cr)
        return !(c == '\n' && after_cr);
    return (c < ' ' && c != '\t' && c != '\r') || c == 0x7f;
}

static int check_size(const struct head_scan *s)
{
    if (s->fields == 0)
        return s->at > REQUEST_LINE_MAX ? 414 : 0;
    return s->at - s->fields > FIELDS_MAX ? 431 : 0;
}

int head_scan(struct head_scan *s, const char *in, size_t have)
{
    for (; s->at < have && s->length == 0; s->at++) {
        if (is_misplaced(s, in))
            return 400;
        int status = in[s->at] == '\n' ? end_line(s, in) : check_size(s);
        if (status)
            return status;
    }
    return 0;
}
