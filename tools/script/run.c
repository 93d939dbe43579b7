#include "script/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---------------------------------------------------------------- verdicts */

static void end_with(struct run *r, enum verdict verdict, const char *format, va_list list)
{
    char *text;
    if (!run_good(r))
        return;
    int length = vasprintf(&text, format, list);
    if (length < 0)
        abort();
    r->outcome->verdict = verdict;
    r->outcome->text = arena_copy_printable(r->arena, text, (size_t)length);
    r->outcome->line = r->event ? r->event->line : 0;
    free(text);
}

void run_fail(struct run *r, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    end_with(r, VERDICT_FAIL, format, list);
    va_end(list);
}

void run_unsupported(struct run *r, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    end_with(r, VERDICT_UNSUPPORTED, format, list);
    va_end(list);
}

/* --------------------------------------------------- subjects and descriptors */

struct subject *run_subject_new(struct run *r, enum script_protocol protocol)
{
    struct subject *s = arena_get(r->arena, sizeof *s);
    s->protocol = protocol;
    s->script_fd = s->live_fd = -1;
    s->local = r->options->local;
    s->remote = r->options->remote;
    s->local_port = r->options->bind_port;
    s->remote_port = r->options->connect_port;
    s->older = r->subjects;
    r->subjects = r->subject = s;
    return s;
}

struct descriptor_name *run_descriptor(const struct run *r, int script)
{
    for (struct descriptor_name *d = r->descriptors; d; d = d->next)
        if (d->script == script)
            return d;
    return NULL;
}

struct descriptor_name *run_descriptor_add(struct run *r, int script, int live, struct subject *s)
{
    struct descriptor_name *d = arena_get(r->arena, sizeof *d);
    *d = (struct descriptor_name){
        .next = r->descriptors, .script = script, .live = live, .subject = s};
    r->descriptors = d;
    return d;
}

void run_descriptor_remove(struct run *r, int script)
{
    struct descriptor_name **link = &r->descriptors;
    while (*link && (*link)->script != script)
        link = &(*link)->next;
    if (*link)
        *link = (*link)->next;
}

/* ---------------------------------------------------------------------- time */

bool run_mtu(struct run *r, uint16_t mtu)
{
    r->mtu = mtu;
    return !r->open || rill_port_mtu(r->machine.rill, r->machine.port, mtu) == 0;
}

bool run_in_time(const struct run *r, int64_t actual, int64_t from, int64_t to, int64_t distance)
{
    int64_t part = (int64_t)((double)distance * r->options->tolerance_percent / 100);
    int64_t tolerance = max_of(r->options->tolerance_usecs, part);
    return actual >= from - tolerance && actual <= to + tolerance;
}
