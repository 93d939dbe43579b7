/* When the routers are told; igmp_report.c says what.
 *
 * Invariants: a group that wants nothing has something left to tell; `deadline` is the first of all
 * timers. */
#include "ip/igmp.h"

#include "base/bytes.h"
#include "ip/igmp_report.h"

#include <errno.h>

static const struct source_filter nothing;
static const struct source_filter everything = {.exclude = true};

static void groups_schedule(struct groups *gs)
{
    gs->deadline = RILL_NEVER;
    for (unsigned i = 0; i < RILL_PORTS_MAX; i++)
        gs->deadline = min_of(gs->deadline, gs->port[i].answer_at);
    for (const struct group *g = groups_next(gs, NULL); g; g = groups_next(gs, g))
        gs->deadline = min_of(gs->deadline, min_of(g->change_at, g->answer_at));
}

/* ------------------------------------------------------------- our changes */

/* RFC 3376 5.1: a source that is wanted now and was not, or the other way round. False: there are
 * more than can be recorded. */
static bool change_note(struct group *g, uint32_t source, uint8_t times)
{
    unsigned i = 0;
    while (i < g->changes && g->change[i].source != source)
        i++;
    if (i == SOURCES_MAX)
        return false;
    g->change[i] = (struct source_change){source, times};
    g->changes = (uint8_t)max_of(g->changes, i + 1);
    return true;
}

/* The sources that only one of two lists has. */
static bool changes_note(struct group *g, const struct source_filter *before, uint8_t times)
{
    bool good = true;
    for (unsigned i = 0; i < g->filter.count; i++)
        if (!source_listed(before, g->filter.source[i]))
            good = change_note(g, g->filter.source[i], times) && good;
    for (unsigned i = 0; i < before->count; i++)
        if (!source_listed(&g->filter, before->source[i]))
            good = change_note(g, before->source[i], times) && good;
    return good;
}

/* A change of the filter mode is told with the whole list, and so are changes of too many
 * sources. Version 2 knows only membership. */
static void group_changed(struct groups *gs, struct group *g, const struct source_filter *before,
                          rill_time now)
{
    uint8_t times = gs->port[g->port].robustness;
    bool mode = before->exclude != g->filter.exclude;
    if (igmp_version(gs, g->port, now) < 3)
        mode = filter_wants_nothing(before) != filter_wants_nothing(&g->filter);
    else if (!mode)
        mode = !changes_note(g, before, times);
    if (mode) {
        g->left = times;
        g->changes = 0;
    }
    if (g->left || g->changes)
        g->change_at = now;
    if (filter_wants_nothing(&g->filter))
        g->answer_at = RILL_NEVER;
}

int igmp_set(struct groups *gs, int port, uint32_t address, const struct source_filter *filter,
             rill_time now)
{
    struct group *g = group_find(gs, port, address);
    if (!g && filter_wants_nothing(filter))
        return 0;
    if (!g && !(g = group_new(gs, port, address)))
        return -ENOBUFS;
    struct source_filter before = g->filter;
    g->filter = *filter;
    if (!igmp_silent(port, address))
        group_changed(gs, g, &before, now);
    else if (filter_wants_nothing(filter))
        group_free(gs, g);
    groups_schedule(gs);
    return 0;
}

/* ----------------------------------------------------------------- queries */

/* RFC 3376 7.2.1: pending reports are cancelled when the version changes. */
static void older_querier(struct groups *gs, int port, const struct igmp *q, rill_time now)
{
    struct group_port *p = &gs->port[port];
    unsigned before = igmp_version(gs, port, now);
    rill_time until =
        now + RILL_SECONDS((rill_time)p->robustness * p->interval) + IGMP_OLDER_RESPONSE;
    if (q->version == 1)
        p->v1_until = until;
    else
        p->v2_until = until;
    if (igmp_version(gs, port, now) == before)
        return;
    p->answer_at = RILL_NEVER;
    struct group *next;
    for (struct group *g = groups_next(gs, NULL); g; g = next) {
        next = groups_next(gs, g);
        if (g->port != port)
            continue;
        g->answer_at = RILL_NEVER;
        g->changes = g->left = 0;
        group_told(gs, g, now);
    }
}

/* RFC 3376 5.2: rules 3 to 5. A list that is too long asks for everything. */
static void group_asked(struct group *g, const struct igmp *q, rill_time at)
{
    bool fresh = g->answer_at == RILL_NEVER;
    size_t sources = q->sources.length / sizeof(uint32_t);
    g->answer_at = min_of(g->answer_at, at);
    if (sources == 0 || (!fresh && g->asked.exclude)) {
        g->asked = everything;
        return;
    }
    if (fresh)
        g->asked = nothing;
    for (size_t i = 0; i < sources; i++) {
        uint32_t source = wire_get32(q->sources.at + i * sizeof source);
        if (!source_add(&g->asked, source) && !source_listed(&g->asked, source)) {
            g->asked = everything;
            return;
        }
    }
}

static void query_receive(struct groups *gs, int port, const struct igmp *q, rill_time now)
{
    struct group_port *p = &gs->port[port];
    rill_time most = max_of(q->response * RILL_MILLISECONDS(100), IGMP_RESPONSE_MINIMUM);
    if (q->robustness)
        p->robustness = q->robustness;
    if (q->interval)
        p->interval = q->interval;
    if (q->version < 3)
        older_querier(gs, port, q, now);
    if (q->group == 0 && igmp_version(gs, port, now) == 3) {
        if (gs->count)
            p->answer_at = min_of(p->answer_at, now + igmp_delay(gs, most));
        return;
    }
    for (struct group *g = groups_next(gs, NULL); g; g = groups_next(gs, g)) {
        bool meant = g->port == port && (q->group == 0 || q->group == g->address);
        if (meant && !igmp_silent(port, g->address) && !filter_wants_nothing(&g->filter))
            group_asked(g, q, now + igmp_delay(gs, most));
    }
}

/* RFC 2236 3: another host has reported, so we need not. */
static void report_receive(struct groups *gs, int port, const struct igmp *m, rill_time now)
{
    struct group *g = group_find(gs, port, m->group);
    if (!g || igmp_version(gs, port, now) == 3 || filter_wants_nothing(&g->filter))
        return;
    g->answer_at = g->change_at = RILL_NEVER;
    g->left = 0;
    g->reporter = false;
}

void igmp_receive(struct groups *gs, int port, const struct igmp *m, rill_time now)
{
    if (m->type == IGMP_QUERY)
        query_receive(gs, port, m, now);
    else if (m->type == IGMP_V1_REPORT || m->type == IGMP_V2_REPORT)
        report_receive(gs, port, m, now);
    groups_schedule(gs);
}

size_t igmp_next(struct groups *gs, int port, size_t room, rill_time now, uint8_t *to,
                 uint32_t *destination)
{
    assert(room >= IGMP_ROOM_MINIMUM);
    struct igmp_due due = {.port = port, .now = now, .room = room, .to = to};
    size_t length = igmp_report(gs, &due);
    *destination = due.destination;
    groups_schedule(gs);
    return length;
}
