#include "http/condition.h"

#include "http/date.h"
#include <string.h>

static bool is_weak(struct slice tag)
{
    return tag.length >= 2 && memcmp(tag.at, "W/", 2) == 0;
}

/* RFC 9110 8.8.3.2: the weak comparison ignores W/, the strong one never matches a tag with it. Our
 * tags are strong. */
static bool etag_matches(struct slice tag, const char *etag, bool weakly)
{
    if (is_weak(tag)) {
        if (!weakly)
            return false;
        tag = (struct slice){tag.at + 2, tag.length - 2};
    }
    return slice_equal(tag, etag);
}

/* Is there such a field, and does any element of its lists match? */
static bool any_etag(const struct request *r, const char *name, const struct validators *v,
                     bool weakly, bool *matches)
{
    struct slice value, tag;
    bool any = false;
    *matches = false;
    for (unsigned from = 0; request_next(r, name, &from, &value); any = true) {
        while (slice_next(&value, &tag))
            *matches |= slice_equal(tag, "*") || etag_matches(tag, v->etag, weakly);
    }
    return any;
}

/* A field that occurs once with a valid date; any other is ignored (13.1.3, 13.1.4). */
static bool date_field(const struct request *r, const char *name, time_t now, time_t *date)
{
    struct slice value;
    return request_only(r, name, &value) && date_parse(value, now, date);
}

int condition_check(const struct request *r, const struct validators *v, time_t now)
{
    bool matches;
    time_t date;
    if (any_etag(r, "If-Match", v, false, &matches)) {
        if (!matches)
            return 412;
    } else if (date_field(r, "If-Unmodified-Since", now, &date) && v->modified > date) {
        return 412;
    }
    if (any_etag(r, "If-None-Match", v, true, &matches))
        return matches ? 304 : 0;
    if (date_field(r, "If-Modified-Since", now, &date) && v->modified <= date)
        return 304;
    return 0;
}

bool condition_allows_range(const struct request *r, const struct validators *v, time_t now)
{
    unsigned from = 0;
    struct slice value;
    time_t date;
    if (!request_next(r, "If-Range", &from, &value))
        return true;
    if (!request_only(r, "If-Range", &value))
        return false;
    if (value.length > 0 && (value.at[0] == '"' || is_weak(value)))
        return etag_matches(value, v->etag, false);
    /* A date is a strong validator only once a second change within it is impossible (8.8.2.2). */
    return date_parse(value, now, &date) && date == v->modified && now - v->modified >= 1;
}
