/* The trace ring, and the names of everything in a record or a counter.
 *
 * Record number n (from 0, ever) lies at record[n & mask]. The writer never waits: a record that
 * was not read in time is overwritten, and the next read counts it as lost. */
#include "base/trace.h"

#include "base/bytes.h"

#include <rill/counters.h>
#include <rill/status.h>

bool trace_init(struct trace *t, struct memory *m, unsigned records)
{
    *t = (struct trace){0};
    if (records == 0)
        return true;
    size_t room = 1;
    while (room < records)
        room *= 2;
    t->record = memory_get(m, room * sizeof *t->record);
    t->mask = room - 1;
    return t->record != NULL;
}

void trace_end(struct trace *t, struct memory *m)
{
    memory_put(m, t->record, (size_t)(t->mask + 1) * sizeof *t->record);
    *t = (struct trace){0};
}

struct rill_trace_record *trace_write(struct trace *t, const struct rill_trace_record *r)
{
    assert(t->record);
    struct rill_trace_record *place = &t->record[t->written++ & t->mask];
    *place = *r;
    place->frame = t->frame;
    place->outbound = t->outbound;
    return place;
}

unsigned trace_read(const struct trace *t, uint64_t *place, struct rill_trace_record *out,
                    unsigned max, uint64_t *lost)
{
    assert(*place <= t->written);
    uint64_t unread = t->written - *place;
    uint64_t overwritten = unread > t->mask + 1 ? unread - (t->mask + 1) : 0;
    if (lost)
        *lost = overwritten;
    *place += overwritten;
    unsigned n = 0;
    while (n < max && *place < t->written)
        out[n++] = t->record[(*place)++ & t->mask];
    return n;
}

/* ------------------------------------------------------------------ names */

#define FIRST_AS_TEXT(name, ...) #name,
#define SECOND(name, text) text,
#define LENGTH(table) (sizeof(table) / sizeof *(table))

static const char *const state_names[] = {RILL_TCP_STATE_LIST(FIRST_AS_TEXT)};
static const char *const drop_names[] = {RILL_DROP_LIST(FIRST_AS_TEXT)};
static const char *const drop_texts[] = {RILL_DROP_LIST(SECOND)};
static const char *const event_names[] = {RILL_EVENT_LIST(FIRST_AS_TEXT)};
static const char *const reason_texts[] = {RILL_REASON_LIST(SECOND)};
static const char *const counter_names[] = {RILL_COUNTER_LIST(FIRST_AS_TEXT)};
static const char *const limit_names[] = {RILL_LIMIT_LIST(SECOND)};
static const char *const timer_names[] = {RILL_TIMER_LIST(SECOND)};

_Static_assert(LENGTH(state_names) == RILL_TCP_STATE_COUNT, "one name for each state");
_Static_assert(LENGTH(drop_names) == RILL_DROP_COUNT, "one name for each drop");
_Static_assert(LENGTH(drop_texts) == RILL_DROP_COUNT, "one text for each drop");
_Static_assert(LENGTH(event_names) == RILL_EVENT_COUNT, "one name for each event");
_Static_assert(LENGTH(reason_texts) == RILL_REASON_COUNT, "one text for each reason");
_Static_assert(LENGTH(counter_names) == RILL_COUNTER_COUNT, "one name for each counter");
_Static_assert(LENGTH(limit_names) == RILL_LIMIT_COUNT, "one name for each limit");
_Static_assert(LENGTH(timer_names) == RILL_TIMER_COUNT, "one name for each timer");

/* Records hold plain bytes, and may come from a file: a number without a name must not lead outside
 * of the table. */
static const char *name_at(const char *const *table, size_t length, unsigned i)
{
    return i < length ? table[i] : "?";
}

const char *rill_tcp_state_name(enum rill_tcp_state s)
{
    return name_at(state_names, LENGTH(state_names), s);
}

const char *rill_drop_name(enum rill_drop d)
{
    return name_at(drop_names, LENGTH(drop_names), d);
}

const char *rill_drop_text(enum rill_drop d)
{
    return name_at(drop_texts, LENGTH(drop_texts), d);
}

const char *rill_event_name(enum rill_event e)
{
    return name_at(event_names, LENGTH(event_names), e);
}

const char *rill_reason_text(enum rill_reason r)
{
    return name_at(reason_texts, LENGTH(reason_texts), r);
}

const char *rill_counter_name(enum rill_counter c)
{
    return name_at(counter_names, LENGTH(counter_names), c);
}

const char *rill_limit_name(enum rill_limit l)
{
    return name_at(limit_names, LENGTH(limit_names), l);
}

const char *rill_timer_name(enum rill_timer w)
{
    return name_at(timer_names, LENGTH(timer_names), w);
}
