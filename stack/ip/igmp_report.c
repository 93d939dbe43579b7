#include "ip/igmp_report.h"

#include "base/bytes.h"

/* A report of version 3 under construction. */
struct report {
    uint8_t *to;
    size_t length, room;
    unsigned records;
};

static size_t record_length(const struct source_filter *f)
{
    return IGMP_RECORD + f->count * sizeof *f->source;
}

/* False: records of so many bytes must wait for another report. */
static bool report_has_room(const struct report *r, size_t bytes)
{
    return !r->records || r->length + bytes <= r->room;
}

/* What alone is too long, on a port with an MTU of less than 300, is cut: RFC 3376 4.2.16. */
static void report_add(struct report *r, enum igmp_record type, uint32_t group,
                       const struct source_filter *f)
{
    size_t room = r->room - r->length;
    if (room < IGMP_RECORD)
        return;
    unsigned most = (unsigned)((room - IGMP_RECORD) / sizeof *f->source);
    unsigned sources = min_of(f->count, most);
    r->length += igmp_record_write(r->to + r->length, type, group, f->source, sources);
    r->records++;
}

/* ----------------------------------------------------------------- answers */

/* RFC 3376 5.2, the table of Current-State records: of the sources that were asked for, those that
 * are wanted. */
static struct source_filter wanted_of(const struct source_filter *asked,
                                      const struct source_filter *filter)
{
    struct source_filter wanted = {.exclude = false};
    for (unsigned i = 0; i < asked->count; i++)
        if (source_wanted(filter, asked->source[i]))
            source_add(&wanted, asked->source[i]);
    return wanted;
}

/* False: there is no room. */
static bool add_answer(struct report *r, const struct group *g)
{
    struct source_filter wanted = g->asked.exclude ? g->filter : wanted_of(&g->asked, &g->filter);
    enum igmp_record type = wanted.exclude ? IGMP_IS_EXCLUDE : IGMP_IS_INCLUDE;
    if (filter_wants_nothing(&wanted))
        return true;
    if (!report_has_room(r, record_length(&wanted)))
        return false;
    report_add(r, type, g->address, &wanted);
    return true;
}

static void add_answers(struct groups *gs, const struct igmp_due *due, struct report *r)
{
    for (struct group *g = groups_next(gs, NULL); g; g = groups_next(gs, g)) {
        if (g->port != due->port || g->answer_at > due->now)
            continue;
        if (!add_answer(r, g))
            return;
        g->answer_at = RILL_NEVER;
    }
}

/* ----------------------------------------------------------------- changes */

/* Of the sources whose change has to be told yet, those that are wanted now, or those that are
 * not. */
static struct source_filter changed(const struct group *g, bool wanted)
{
    struct source_filter f = {.exclude = false};
    for (unsigned i = 0; i < g->changes; i++)
        if (source_wanted(&g->filter, g->change[i].source) == wanted)
            source_add(&f, g->change[i].source);
    return f;
}

static bool add_change(struct report *r, const struct group *g)
{
    struct source_filter allow = changed(g, true), block = changed(g, false);
    size_t bytes =
        g->left ? record_length(&g->filter) : record_length(&allow) + record_length(&block);
    if (!report_has_room(r, bytes))
        return false;
    if (g->left)
        report_add(r, g->filter.exclude ? IGMP_TO_EXCLUDE : IGMP_TO_INCLUDE, g->address,
                   &g->filter);
    if (!g->left && allow.count)
        report_add(r, IGMP_ALLOW, g->address, &allow);
    if (!g->left && block.count)
        report_add(r, IGMP_BLOCK, g->address, &block);
    return true;
}

/* Each of the changes was told once. */
static void count_down(struct group *g)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < g->changes; i++)
        if (--g->change[i].left)
            g->change[kept++] = g->change[i];
    g->changes = (uint8_t)kept;
    if (g->left)
        g->left--;
}

static void add_changes(struct groups *gs, const struct igmp_due *due, struct report *r)
{
    struct group *next;
    for (struct group *g = groups_next(gs, NULL); g; g = next) {
        next = groups_next(gs, g);
        if (g->port != due->port || g->change_at > due->now)
            continue;
        if (!add_change(r, g))
            return;
        count_down(g);
        group_told(gs, g, due->now);
    }
}

static size_t report_v3(struct groups *gs, struct igmp_due *due)
{
    struct report r = {.to = due->to, .length = IGMP_HEADER, .room = due->room};
    due->destination = IGMP_V3_ROUTERS;
    add_answers(gs, due, &r);
    if (!r.records)
        add_changes(gs, due, &r);
    if (!r.records)
        return 0;
    igmp_report_finish(r.to, r.length, r.records);
    return r.length;
}

/* ----------------------------------------------------------- older queriers */

/* RFC 2236 3: a host that was not the last to report may be silent when it leaves; version 1 has
 * no message for that. */
static size_t leave(struct groups *gs, struct group *g, struct igmp_due *due)
{
    struct igmp m = {.type = IGMP_LEAVE, .group = g->address};
    bool silent = !g->reporter || igmp_version(gs, due->port, due->now) == 1;
    due->destination = IGMP_ALL_ROUTERS;
    g->left = g->changes = 0;
    group_told(gs, g, due->now);
    return silent ? 0 : igmp_write(due->to, &m);
}

static size_t report_membership(struct groups *gs, struct group *g, struct igmp_due *due)
{
    unsigned version = igmp_version(gs, due->port, due->now);
    struct igmp m = {.type = version == 1 ? IGMP_V1_REPORT : IGMP_V2_REPORT, .group = g->address};
    due->destination = g->address;
    g->reporter = true;
    if (g->answer_at <= due->now)
        g->answer_at = RILL_NEVER;
    if (g->change_at <= due->now) {
        count_down(g);
        group_told(gs, g, due->now);
    }
    return igmp_write(due->to, &m);
}

static size_t report_older(struct groups *gs, struct igmp_due *due)
{
    struct group *next;
    size_t length = 0;
    for (struct group *g = groups_next(gs, NULL); g && !length; g = next) {
        next = groups_next(gs, g);
        if (g->port != due->port || min_of(g->answer_at, g->change_at) > due->now)
            continue;
        length =
            filter_wants_nothing(&g->filter) ? leave(gs, g, due) : report_membership(gs, g, due);
    }
    return length;
}

/* The answer to a general query is one about each group. */
static void answer_all(struct groups *gs, const struct igmp_due *due)
{
    gs->port[due->port].answer_at = RILL_NEVER;
    for (struct group *g = groups_next(gs, NULL); g; g = groups_next(gs, g)) {
        if (g->port != due->port || igmp_silent(g->port, g->address) ||
            filter_wants_nothing(&g->filter))
            continue;
        g->answer_at = due->now;
        g->asked = (struct source_filter){.exclude = true};
    }
}

size_t igmp_report(struct groups *gs, struct igmp_due *due)
{
    if (gs->port[due->port].answer_at <= due->now)
        answer_all(gs, due);
    return igmp_version(gs, due->port, due->now) == 3 ? report_v3(gs, due) : report_older(gs, due);
}
