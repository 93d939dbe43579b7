#include "graph/series.h"

#include "base/bytes.h"
#include "recording/grow.h"

static void keep(struct series *s, struct point p)
{
    if (s->count == SERIES_MAX) {
        s->left_out++;
        return;
    }
    s->at = grow_one(s->at, s->count, &s->room, sizeof *s->at);
    s->at[s->count++] = p;
}

static bool same(struct point a, struct point b)
{
    return a.when == b.when && a.low == b.low && a.high == b.high;
}

static void keep_another(struct series *s, struct point p)
{
    if (!s->count || !same(s->at[s->count - 1], p))
        keep(s, p);
}

void series_close(struct series *s)
{
    if (!s->open)
        return;
    bool down = s->lowest.when > s->highest.when;
    keep_another(s, s->first);
    keep_another(s, down ? s->highest : s->lowest);
    keep_another(s, down ? s->lowest : s->highest);
    keep_another(s, s->last);
    s->open = false;
}

static bool same_slot(const struct series_view *v, rill_time a, rill_time b)
{
    return v->slot && a / v->slot == b / v->slot;
}

static void add_to_line(struct series *s, const struct series_view *v, struct point p)
{
    if (s->open && !same_slot(v, s->last.when, p.when))
        series_close(s);
    if (!s->open)
        s->first = s->lowest = s->highest = p;
    if (p.low < s->lowest.low)
        s->lowest = p;
    if (p.high > s->highest.high)
        s->highest = p;
    s->last = p;
    s->open = true;
}

/* For bars, and marks, which are bars without height. */
static void add_to_bars(struct series *s, const struct series_view *v, struct point p)
{
    struct point *last = s->count ? &s->at[s->count - 1] : NULL;
    if (!last || !same_slot(v, last->when, p.when) || p.low > last->high + v->grain ||
        p.high < last->low - v->grain) {
        keep(s, p);
    } else if (s->shape == SERIES_BAR) {
        last->low = min_of(last->low, p.low);
        last->high = max_of(last->high, p.high);
    }
}

void series_add(struct series *s, const struct series_view *v, struct point p)
{
    if (p.when < v->from || p.when > v->to)
        return;
    if (s->shape == SERIES_LINE)
        add_to_line(s, v, p);
    else
        add_to_bars(s, v, p);
}

void series_free(struct series *s)
{
    free(s->at);
    *s = (struct series){.shape = s->shape};
}
