#include "tcp/progress.h"

#include "tcp/buffer.h"

#include <errno.h>

struct progress_mark {
    struct list_node node;
    position end;                    /* one past the write's last byte */
    uint8_t pending;                 /* of PROGRESS_STAMPS */
    struct error_report *completion; /* NULL: not a MSG_ZEROCOPY call */
};

struct tcp_progress {
    uint8_t wishes;              /* enum progress_wish */
    position number_zero;        /* PROGRESS_NUMBERS count from here */
    uint32_t calls;              /* MSG_ZEROCOPY calls so far */
    uint32_t marks;              /* existing marks, the spare one included */
    struct progress_mark *spare; /* NULL: none */
    struct list unsent, sent;    /* struct progress_mark */
    struct error_queue reports;
};

static struct tcp_progress *progress_of(const struct tcp_conn *c)
{
    return c->extras ? c->extras->progress : NULL;
}

/* ------------------------------------------------------------------- wishes */

static struct tcp_progress *progress_new(struct tcp *t, struct tcp_extras *x)
{
    struct tcp_progress *p = memory_get(t->memory, sizeof *p);
    if (!p)
        return NULL;
    list_init(&p->unsent);
    list_init(&p->sent);
    errors_init(&p->reports);
    x->progress = p;
    return p;
}

int progress_want(struct tcp *t, struct tcp_conn *c, uint8_t wishes)
{
    struct tcp_progress *p = progress_of(c);
    if (!p && !wishes)
        return 0;
    if (!p && (!c->extras || !(p = progress_new(t, c->extras))))
        return -ENOBUFS;
    if (wishes & ~p->wishes & PROGRESS_NUMBERS) /* as of this moment */
        p->number_zero = wishes & PROGRESS_NUMBERS_END ? c->snd.end : c->snd.una;
    p->wishes = wishes;
    return 0;
}

/* -------------------------------------------------------------------- marks */

static void mark_free(struct tcp *t, struct tcp_progress *p, struct progress_mark *m)
{
    errors_free(m->completion, t->memory);
    list_remove(&m->node);
    memory_put(t->memory, m, sizeof *m);
    p->marks--;
}

static bool spare_reserve(struct tcp *t, struct tcp_progress *p)
{
    if (p->spare)
        return true;
    if (p->marks >= PROGRESS_MARKS_MAX)
        return false;
    p->spare = memory_get(t->memory, sizeof *p->spare);
    p->marks += p->spare != NULL;
    return p->spare;
}

bool progress_reserve(struct tcp *t, struct tcp_conn *c, bool zerocopy)
{
    struct tcp_progress *p = progress_of(c);
    bool stamps = p && p->wishes & PROGRESS_STAMPS;
    if (!p || !(zerocopy || stamps) || !spare_reserve(t, p))
        return false;
    if (zerocopy && !p->spare->completion)
        p->spare->completion = errors_new(t->memory, 0);
    return p->spare->completion || !zerocopy;
}

void progress_mark(struct tcp *t, struct tcp_conn *c, bool zerocopy)
{
    struct tcp_progress *p = progress_of(c);
    struct progress_mark *m = p ? p->spare : NULL;
    if (!m || !(zerocopy || p->wishes & PROGRESS_STAMPS))
        return;
    if (!zerocopy) {
        errors_free(m->completion, t->memory);
        m->completion = NULL;
    }
    p->spare = NULL;
    p->calls += zerocopy;
    if (zerocopy)
        m->completion->info = m->completion->data = p->calls - 1;
    m->end = c->snd.end;
    m->pending = p->wishes & PROGRESS_STAMPS;
    list_append(&p->unsent, &m->node);
}

/* The first mark of the list, if the position has passed it. */
static struct progress_mark *mark_passed(const struct list *l, position at)
{
    struct list_node *n = list_first(l);
    struct progress_mark *m = n ? container_of(n, struct progress_mark, node) : NULL;
    return m && m->end <= at ? m : NULL;
}

/* ------------------------------------------------------------------ reports */

/* If there is no room or no memory, the report is lost, as in Linux. */
static void report_stamp(struct tcp *t, const struct tcp_conn *c, const struct progress_mark *m,
                         enum progress_moment moment)
{
    struct tcp_progress *p = progress_of(c);
    bool numbers = p->wishes & PROGRESS_NUMBERS;
    struct error_report report = {
        .when = t->now,
        .error = ENOMSG,
        .origin = ERROR_TIMESTAMPING,
        .info = moment,
        .data = numbers ? (uint32_t)(m->end - 1 - p->number_zero) : 0,
    };
    errors_add(&p->reports, t->memory, &report, span_of(NULL, 0), tcp_receive_buffer(t, c));
}

/* One report covers calls that complete one after the other: skb_zerocopy_notify_extend. */
static void report_completion(struct tcp *t, struct tcp_progress *p, struct progress_mark *m)
{
    struct error_report *newest = errors_last(&p->reports), *e = m->completion;
    if (newest && newest->origin == ERROR_ZEROCOPY && newest->data + 1 == e->info) {
        newest->data = e->data;
        return;
    }
    m->completion = NULL;
    e->when = t->now;
    e->origin = ERROR_ZEROCOPY;
    e->code = ERROR_ZEROCOPY_COPIED;
    errors_append(&p->reports, e);
}

bool progress_sent(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_progress *p = progress_of(c);
    struct progress_mark *m;
    bool reported = false;
    while (p && (m = mark_passed(&p->unsent, c->snd.nxt)) != NULL) {
        if (m->pending & PROGRESS_SCHED)
            report_stamp(t, c, m, MOMENT_SCHED);
        if (m->pending & PROGRESS_SENT)
            report_stamp(t, c, m, MOMENT_SENT);
        reported = reported || m->pending & (PROGRESS_SCHED | PROGRESS_SENT);
        list_remove(&m->node);
        list_append(&p->sent, &m->node);
        if (!m->completion && !(m->pending & PROGRESS_ACKED))
            mark_free(t, p, m);
    }
    return reported;
}

bool progress_acked(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_progress *p = progress_of(c);
    struct progress_mark *m;
    bool reported = false;
    while (p && (m = mark_passed(&p->sent, c->snd.una)) != NULL) {
        if (m->pending & PROGRESS_ACKED)
            report_stamp(t, c, m, MOMENT_ACKED);
        if (m->completion)
            report_completion(t, p, m);
        mark_free(t, p, m);
        reported = true;
    }
    return reported;
}

/* --------------------------------------------------------------------- ends */

static void marks_end(struct tcp *t, struct tcp_progress *p, struct list *l)
{
    struct progress_mark *m;
    while ((m = mark_passed(l, INT64_MAX)) != NULL) {
        if (m->completion)
            report_completion(t, p, m);
        mark_free(t, p, m);
    }
}

void progress_over(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_progress *p = progress_of(c);
    if (!p)
        return;
    marks_end(t, p, &p->sent);
    marks_end(t, p, &p->unsent);
}

void progress_free(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_progress *p = progress_of(c);
    if (!p)
        return;
    progress_over(t, c);
    if (p->spare)
        mark_free(t, p, p->spare);
    assert(p->marks == 0);
    errors_clear(&p->reports, t->memory);
    memory_put(t->memory, p, sizeof *p);
    c->extras->progress = NULL;
}

const struct error_report *progress_report(const struct tcp_conn *c)
{
    const struct tcp_progress *p = progress_of(c);
    return p ? errors_first(&p->reports) : NULL;
}

void progress_drop_report(struct tcp *t, struct tcp_conn *c)
{
    errors_drop_first(&progress_of(c)->reports, t->memory);
}
