#include "graph/seen.h"

#include "base/bytes.h"

static void remove_hole(struct seen *s, unsigned i)
{
    s->holes--;
    memmove(&s->hole[i], &s->hole[i + 1], (s->holes - i) * sizeof *s->hole);
}

/* At index i, in order. */
static void insert_hole(struct seen *s, unsigned i, position from, position to)
{
    if (s->holes == SEEN_HOLES) {
        remove_hole(s, 0);
        i -= i > 0;
    }
    memmove(&s->hole[i + 1], &s->hole[i], (s->holes - i) * sizeof *s->hole);
    s->hole[i].from = from;
    s->hole[i].to = to;
    s->holes++;
}

/* Removes [from, to) from hole i. */
static void cut_hole(struct seen *s, unsigned i, position from, position to)
{
    position end = s->hole[i].to;
    if (from <= s->hole[i].from) {
        s->hole[i].from = min_of(to, end);
    } else {
        s->hole[i].to = from;
        if (to < end)
            insert_hole(s, i + 1, to, end);
    }
}

static bool fill(struct seen *s, position from, position to)
{
    bool filled = false;
    for (unsigned i = s->holes; i-- > 0;) {
        if (from >= s->hole[i].to || to <= s->hole[i].from)
            continue;
        filled = true;
        cut_hole(s, i, from, to);
        if (i < s->holes && s->hole[i].from >= s->hole[i].to)
            remove_hole(s, i);
    }
    return filled;
}

enum seen_kind seen_take(struct seen *s, position from, position to)
{
    if (!s->max)
        s->max = from;
    if (to <= s->max)
        return fill(s, from, to) ? SEEN_FILLS : SEEN_AGAIN;
    if (from > s->max)
        insert_hole(s, s->holes, s->max, from);
    fill(s, from, to);
    s->max = to;
    return SEEN_NEW;
}
