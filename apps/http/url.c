#include "http/url.h"

#include <arpa/inet.h>
#include <http_parser.h>
#include <stdio.h>
#include <string.h>

static struct slice part(const char *text, const struct http_parser_url *u,
                         enum http_parser_url_fields field)
{
    return (struct slice){text + u->field_data[field].off, u->field_data[field].len};
}

/* Is there a scheme? RFC 3986 3.1; before a port's colon there is a digit or a dot. */
static bool has_scheme(const char *text)
{
    const char *colon = strstr(text, "://");
    return colon && colon == text + strcspn(text, ":/?#");
}

/* Has it no character that would break the request line? */
static bool is_clean(struct slice s)
{
    for (size_t i = 0; i < s.length; i++) {
        if (s.at[i] <= ' ' || s.at[i] >= 0x7f)
            return false;
    }
    return true;
}

/* RFC 9110 4.2.1: port 80 if there is none behind the colon. The parser wants it without. */
static void remove_empty_port(char *text)
{
    char *authority = strstr(text, "://") + 3;
    char *end = authority + strcspn(authority, "/?#");
    if (end[-1] == ':')
        memmove(end - 1, end, strlen(end) + 1);
}

bool url_parse(struct url *url, struct slice s)
{
    char text[URL_TARGET_MAX + 8];
    struct http_parser_url u;
    if (s.length == 0 || s.length >= URL_TARGET_MAX || !is_clean(s))
        return false;
    snprintf(text, sizeof text, "%.*s", (int)s.length, s.at);
    if (!has_scheme(text))
        snprintf(text, sizeof text, "http://%.*s", (int)s.length, s.at);

    remove_empty_port(text);
    http_parser_url_init(&u);
    if (http_parser_parse_url(text, strlen(text), 0, &u) != 0 || u.field_set & 1 << UF_USERINFO)
        return false;
    struct slice host = part(text, &u, UF_HOST), path = part(text, &u, UF_PATH),
                 query = part(text, &u, UF_QUERY);
    if (!slice_equal_ignoring_case(part(text, &u, UF_SCHEMA), "http") ||
        host.length >= sizeof url->host)
        return false;
    url->port = u.field_set & 1 << UF_PORT ? u.port : 80;
    snprintf(url->host, sizeof url->host, "%.*s", (int)host.length, host.at);
    snprintf(url->target, sizeof url->target, "%.*s%s%.*s", (int)path.length,
             path.length ? path.at : "", query.length ? "?" : "", (int)query.length,
             query.length ? query.at : "");
    if (url->target[0] != '/') {
        memmove(url->target + 1, url->target, strlen(url->target) + 1);
        url->target[0] = '/';
    }
    return url->port != 0;
}

/* RFC 3986 5.2.4: "/a/b/../c/./d" becomes "/a/c/d". In place, on the path before any query. */
static void remove_dot_segments(char *path)
{
    size_t end = strcspn(path, "?"), in = 0, out = 0;
    while (in < end) { /* path[in] is a slash */
        size_t n = 1 + strcspn(path + in + 1, "/?");
        const char *segment = path + in + 1;
        bool dot = n == 2 && segment[0] == '.';
        bool dots = n == 3 && segment[0] == '.' && segment[1] == '.';
        bool at_end = in + n == end;
        while (dots && out > 0 && path[--out] != '/')
            ;
        if (!dot && !dots) {
            memmove(path + out, path + in, n);
            out += n;
        } else if (at_end) {
            path[out++] = '/';
        }
        in += n;
    }
    memmove(path + out, path + end, strlen(path + end) + 1);
}

/* RFC 3986 5.2.2, without the cases that a Location does not need. */
bool url_follow(struct url *url, struct slice s)
{
    char base[URL_TARGET_MAX], text[2 * URL_TARGET_MAX];
    if (s.length == 0 || s.length >= URL_TARGET_MAX / 2 || !is_clean(s))
        return false;
    snprintf(text, sizeof text, "%.*s", (int)s.length, s.at);
    text[strcspn(text, "#")] = 0;
    if (has_scheme(text))
        return url_parse(url, slice_of(text));
    if (strncmp(text, "//", 2) == 0)
        return url_parse(url, slice_of(text + 2));

    memcpy(base, url->target, sizeof base);
    base[strcspn(base, "?")] = 0;
    if (text[0] == '/')
        base[0] = 0;
    else if (text[0] != '?')
        strrchr(base, '/')[1] = 0;
    int n = snprintf(url->target, sizeof url->target, "%s%s", base, text);
    if (n < 0 || (size_t)n >= sizeof url->target)
        return false;
    remove_dot_segments(url->target);
    return true;
}

bool url_address(const struct url *url, struct sockaddr_in *to)
{
    *to = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(url->port)};
    return inet_pton(AF_INET, url->host, &to->sin_addr) == 1;
}

bool url_file_name(const struct url *url, char *out, size_t room)
{
    size_t end = strcspn(url->target, "?"), start = end;
    while (start > 0 && url->target[start - 1] != '/')
        start--;
    snprintf(out, room, "%.*s", (int)(end - start), url->target + start);
    return end > start && end - start < room && strcmp(out, ".") != 0 && strcmp(out, "..") != 0;
}
