#include "http/range.h"

#include <ctype.h>
#include <strings.h>

/* Takes digits off the front, capped where they would overflow; false if there is none. */
static bool take_number(struct slice *s, uint64_t *value)
{
    bool any = false;
    for (*value = 0; s->length > 0 && isdigit((unsigned char)s->at[0]); any = true) {
        unsigned digit = (unsigned)(s->at[0] - '0');
        *value = *value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : *value * 10 + digit;
        s->at++;
        s->length--;
    }
    return any;
}

static bool take_dash(struct slice *s)
{
    if (s->length == 0 || s->at[0] != '-')
        return false;
    s->at++;
    s->length--;
    return true;
}

enum range range_parse(struct slice s, uint64_t length, uint64_t *first, uint64_t *last)
{
    struct slice spec, another;
    if (s.length < 6 || strncasecmp(s.at, "bytes=", 6) != 0)
        return RANGE_WHOLE;
    struct slice list = {s.at + 6, s.length - 6};
    if (!slice_next(&list, &spec) || slice_next(&list, &another))
        return RANGE_WHOLE;

    uint64_t from, to;
    bool has_first = take_number(&spec, &from);
    if (!take_dash(&spec))
        return RANGE_WHOLE;
    bool has_last = take_number(&spec, &to);
    if (spec.length > 0 || (!has_first && !has_last) || (has_first && has_last && from > to))
        return RANGE_WHOLE;

    bool satisfiable = has_first ? from < length : to > 0;
    if (!satisfiable)
        return RANGE_UNSATISFIABLE;
    if (length == 0)
        return RANGE_WHOLE;
    if (!has_first) /* the last so many bytes */
        from = to < length ? length - to : 0;
    *first = from;
    *last = has_first && has_last && to < length ? to : length - 1;
    return RANGE_PART;
}
