/* The sorted array of ranges, and the order in which they changed.
 *
 * Invariants: from < to; a range ends before the next begins (touching ones are one range); count
 * <= room <= RANGES_MAX; the array exists exactly while count > 0. `recent` names a range by its
 * last byte: forgetting from below takes that byte last, and growing leaves it inside. */
#include "base/ranges.h"

#include "base/bytes.h"

#define RANGES_FIRST_ROOM 4
#define RANGES_NONE (-1) /* an empty place in `recent` */

void ranges_init(struct ranges *s)
{
    *s = (struct ranges){0};
    for (unsigned i = 0; i < RANGES_RECENT; i++)
        s->recent[i] = RANGES_NONE;
}

void ranges_clear(struct ranges *s, struct memory *m)
{
    memory_put(m, s->range, s->room * sizeof *s->range);
    ranges_init(s);
}

/* The first range that ends beyond p, count where none does: binary search. */
static uint32_t ranges_find(const struct ranges *s, position p)
{
    uint32_t low = 0;
    uint32_t high = s->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (s->range[middle].to > p)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* ------------------------------------------------------------ asking */

position ranges_reach(const struct ranges *s, position p)
{
    uint32_t i = ranges_find(s, p);
    return i < s->count && s->range[i].from <= p ? s->range[i].to : p;
}

bool ranges_contains(const struct ranges *s, struct range r)
{
    return ranges_reach(s, r.from) >= r.to;
}

struct range ranges_shared(const struct ranges *s, struct range within)
{
    uint32_t at = ranges_find(s, within.from);
    position from = at < s->count ? max_of(s->range[at].from, within.from) : within.to;
    if (from >= within.to)
        return (struct range){within.to, within.to};
    return (struct range){from, min_of(s->range[at].to, within.to)};
}

struct range ranges_gap(const struct ranges *s, struct range within)
{
    position from = ranges_reach(s, within.from);
    if (from >= within.to)
        return (struct range){within.to, within.to};
    uint32_t next = ranges_find(s, from);
    position to = next < s->count ? s->range[next].from : within.to;
    return (struct range){from, min_of(to, within.to)};
}

static bool ranges_listed(const struct range *list, unsigned count, position from)
{
    for (unsigned i = 0; i < count; i++)
        if (list[i].from == from)
            return true;
    return false;
}

/* RFC 2018 4: the block that changed last comes first, then as many distinct blocks as there is
 * room for. If fewer are remembered than asked for, the lowest of the others fill the room. */
unsigned ranges_recent(const struct ranges *s, struct range *out, unsigned max)
{
    unsigned n = 0;
    for (unsigned i = 0; i < RANGES_RECENT && n < max && s->recent[i] != RANGES_NONE; i++)
        out[n++] = s->range[ranges_find(s, s->recent[i])];
    for (uint32_t i = 0; i < s->count && n < max; i++)
        if (!ranges_listed(out, n, s->range[i].from))
            out[n++] = s->range[i];
    return n;
}

/* ---------------------------------------------------------- changing */

/* Drops from `recent` what lies inside the range; the others move up in order. */
static void ranges_unremember(struct ranges *s, struct range r)
{
    unsigned n = 0;
    for (unsigned i = 0; i < RANGES_RECENT; i++)
        if (s->recent[i] < r.from || s->recent[i] >= r.to)
            s->recent[n++] = s->recent[i];
    while (n < RANGES_RECENT)
        s->recent[n++] = RANGES_NONE;
}

/* Makes the range that just changed the newest, in place of the ranges that it absorbed. */
static void ranges_remember(struct ranges *s, struct range changed)
{
    ranges_unremember(s, changed);
    memmove(s->recent + 1, s->recent, (RANGES_RECENT - 1) * sizeof *s->recent);
    s->recent[0] = changed.to - 1;
}

static void ranges_remove(struct ranges *s, uint32_t first, uint32_t n)
{
    struct range *at = s->range + first;
    memmove(at, at + n, (s->count - first - n) * sizeof *at);
    s->count -= n;
}

/* Makes room for one more range. */
static bool ranges_widen(struct ranges *s, struct memory *m)
{
    if (s->count < s->room)
        return true;
    if (s->count == RANGES_MAX)
        return false;
    uint32_t room = s->room ? 2 * s->room : RANGES_FIRST_ROOM;
    void *wider = memory_grow(m, s->range, s->room * sizeof *s->range, room * sizeof *s->range);
    if (!wider)
        return false;
    s->range = wider;
    s->room = room;
    return true;
}

static bool ranges_insert(struct ranges *s, struct memory *m, uint32_t at, struct range r)
{
    if (!ranges_widen(s, m))
        return false;
    memmove(s->range + at + 1, s->range + at, (s->count - at) * sizeof r);
    s->range[at] = r;
    s->count++;
    return true;
}

bool ranges_add(struct ranges *s, struct memory *m, struct range r)
{
    assert(r.from >= 0);
    if (r.from >= r.to)
        return true;
    /* The ranges first .. end - 1 are joined: those that end at r.from or later and begin at r.to
     * or earlier. Each one that the loop passes is absorbed. */
    uint32_t first = ranges_find(s, r.from - 1);
    uint32_t end = first;
    while (end < s->count && s->range[end].from <= r.to)
        end++;
    if (first < end) {
        r.from = min_of(r.from, s->range[first].from);
        r.to = max_of(r.to, s->range[end - 1].to);
        s->range[first] = r;
        ranges_remove(s, first + 1, end - first - 1);
    } else if (!ranges_insert(s, m, first, r)) {
        return false;
    }
    ranges_remember(s, r);
    return true;
}

void ranges_forget_below(struct ranges *s, struct memory *m, position p)
{
    if (!s->count || s->range[0].from >= p)
        return;
    ranges_remove(s, 0, ranges_find(s, p));
    if (!s->count) {
        ranges_clear(s, m);
        return;
    }
    s->range[0].from = max_of(s->range[0].from, p);
    ranges_unremember(s, (struct range){0, p});
}

/* ---------------------------------------------------------- checking */

/* Recent positions come before the empty places, and each lies in a different range. */
static void ranges_check_recent(const struct ranges *s)
{
    for (unsigned i = 0; i < RANGES_RECENT; i++) {
        if (s->recent[i] == RANGES_NONE) {
            assert(i + 1 == RANGES_RECENT || s->recent[i + 1] == RANGES_NONE);
            continue;
        }
        uint32_t own = ranges_find(s, s->recent[i]);
        assert(own < s->count);
        assert(s->range[own].from <= s->recent[i]);
        for (unsigned j = 0; j < i; j++)
            assert(ranges_find(s, s->recent[j]) != own);
    }
}

void ranges_check(const struct ranges *s)
{
    assert(s->count <= s->room);
    assert(s->room <= RANGES_MAX);
    assert((s->count > 0) == (s->range != NULL));
    assert((s->room > 0) == (s->range != NULL));
    for (uint32_t i = 0; i < s->count; i++) {
        assert(s->range[i].from >= 0);
        assert(s->range[i].from < s->range[i].to);
        assert(i == 0 || s->range[i - 1].to < s->range[i].from);
    }
    ranges_check_recent(s);
}
