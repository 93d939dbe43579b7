#include "http/target.h"

#include <http_parser.h>
#include <string.h>

bool target_is_folder(const struct target *t)
{
    size_t n = strlen(t->path);
    return n == 0 || t->path[n - 1] == '/';
}

/* Decodes one character written as %XX. */
static int decode(struct slice s, char *c)
{
    int high = s.length > 2 ? text_hex_value(s.at[1]) : -1;
    int low = s.length > 2 ? text_hex_value(s.at[2]) : -1;
    if (high < 0 || low < 0 || high * 16 + low == 0)
        return 400;
    *c = (char)(high * 16 + low);
    return *c == '/' ? 404 : 0;
}

/* Decodes the path: "//a//b%20c/" becomes "a/b c/". */
static int decode_path(struct target *t, struct slice path)
{
    size_t n = 0;
    while (path.length > 0) {
        char c = path.at[0];
        size_t used = c == '%' ? 3 : 1;
        int status = c == '%' ? decode(path, &c) : 0;
        if (status)
            return status;
        path = (struct slice){path.at + used, path.length - used};
        bool at_start = n == 0 || t->path[n - 1] == '/';
        if (c == '/' && at_start)
            continue;
        if ((c == '.' && at_start) || c == '\\' || n + 1 == sizeof t->path)
            return 404;
        t->path[n++] = c;
    }
    t->path[n] = 0;
    return 0;
}

/* RFC 9112 3.2.2: a server must accept the absolute form. Its authority is ignored, because there
 * is only one site. */
static int skip_authority(struct slice *s)
{
    struct http_parser_url url;
    http_parser_url_init(&url);
    if (http_parser_parse_url(s->at, s->length, 0, &url) != 0)
        return 400;
    struct slice scheme = {s->at + url.field_data[UF_SCHEMA].off, url.field_data[UF_SCHEMA].len};
    if (!slice_equal_ignoring_case(scheme, "http"))
        return 400;
    size_t past = s->length; /* http://host: an empty path */
    if (url.field_set & 1 << UF_PATH)
        past = url.field_data[UF_PATH].off;
    else if (url.field_set & 1 << UF_QUERY)
        past = url.field_data[UF_QUERY].off - 1u;
    *s = (struct slice){s->at + past, s->length - past};
    return 0;
}

int target_parse(struct target *t, struct slice s)
{
    *t = (struct target){0};
    if (s.length == 0)
        return 400;
    int status = s.at[0] == '/' ? 0 : skip_authority(&s);
    if (status)
        return status;
    const char *mark = s.length ? memchr(s.at, '?', s.length) : NULL;
    size_t length = mark ? (size_t)(mark - s.at) : s.length;
    t->query = (struct slice){s.at + length, s.length - length};
    return decode_path(t, (struct slice){s.at, length});
}
