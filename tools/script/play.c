/* Plays the events in order and at their times (language page, sections 4, 17,
 * 19, 23.5, 23.11, 23.16). */
#include "script/play.h"

#include "script/calls.h"
#include "script/inbound.h"
#include "script/invocation.h"
#include "script/outbound.h"
#include "script/python.h"
#include "script/shell.h"
#include "script/strict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_REMOTE_PORT 49152
#define TIME_MAX (60ll * 366 * 86400 * 1000000) /* microseconds; MACHINE_END is later */
#define CALL_TIMEOUT 1000000 /* microseconds that a call waits for the one in progress */

/* --non_fatal: the failure is reported as a warning. */
static void forgive(struct run *r)
{
    struct outcome *o = r->outcome;
    bool packet = r->event->action == ACTION_INBOUND || r->event->action == ACTION_OUTBOUND;
    bool call = r->event->action == ACTION_CALL;
    char *text;
    if (o->verdict != VERDICT_FAIL ||
        !((packet && r->options->non_fatal_packet) || (call && r->options->non_fatal_call)))
        return;
    int length =
        asprintf(&text, "%sline %d: %s\n", o->warnings ? o->warnings : "", o->line, o->text);
    if (length < 0)
        abort();
    o->warnings = arena_copy(r->arena, text, (size_t)length);
    o->verdict = VERDICT_PASS;
    o->text = NULL;
    free(text);
}

/* ---------------------------------------------------------------------- time */

/* Relative to the start of the event's handling; between two inbound packets relative to the
 * schedule, so that they do not drift (not in FreeBSD's tool). */
static int64_t expected_time(const struct run *r, const struct event *before)
{
    const struct event *e = r->event;
    bool both_inbound = before && before->action == ACTION_INBOUND && e->action == ACTION_INBOUND;
    switch (e->time.kind) {
    case TIME_ABSOLUTE:
        return e->time.at;
    case TIME_RELATIVE:
        return e->time.at + (both_inbound && !r->options->freebsd ? r->expected : r->began);
    default:
        return r->began;
    }
}

static void check_order(struct run *r, const struct event *before)
{
    const struct event_time *t = &r->event->time;
    if (!before && (t->kind == TIME_ANY || t->at != 0))
        run_fail(r, "the first event must be at time 0");
    if (before && before->time.kind == TIME_ABSOLUTE && t->kind == TIME_ABSOLUTE &&
        t->at < before->time.at)
        run_fail(r, "time goes backwards");
    if (r->expected > TIME_MAX)
        run_fail(r, "an event after more than 60 years");
}

/* Everything except an outbound packet happens at its time, or late. */
static void await(struct run *r, bool first)
{
    int64_t until = r->expected;
    machine_pass(&r->machine, MACHINE_EPOCH + RILL_MICROSECONDS(until));
    if (machine_exhausted(&r->machine))
        run_fail(r, "the stack does not come to rest");
    int64_t now = machine_clock(&r->machine);
    if (!first && run_good(r) && !run_in_time(r, now, until, until, until - r->before))
        run_fail(r, "the event is late: it is %.6f s, and it was to be at %.6f s",
                 (double)now / 1e6, (double)until / 1e6);
}

/* -------------------------------------------------------------------- events */

static void act(struct run *r)
{
    const struct event *e = r->event;
    switch (e->action) {
    case ACTION_INBOUND:
        inbound_handle(r, e->packet);
        break;
    case ACTION_OUTBOUND:
        outbound_handle(r, e->packet);
        break;
    case ACTION_CALL:
        call_handle(r, e->call);
        break;
    case ACTION_SHELL:
        shell_handle(r, e->text);
        break;
    case ACTION_PYTHON:
        python_handle(r, e->text);
        break;
    }
}

static void remember(struct run *r)
{
    struct outcome_step *step = arena_get(r->arena, sizeof *step);
    *step = (struct outcome_step){
        .line = r->event->line, .when = machine_clock(&r->machine), .source = r->event->source};
    *r->outcome->last = step;
    r->outcome->last = &step->next;
    r->outcome->steps++;
}

static void handle(struct run *r, const struct event *before)
{
    r->began = machine_clock(&r->machine);
    r->before = r->expected;
    r->expected = expected_time(r, before);
    check_order(r, before);
    if (run_good(r) && r->event->action == ACTION_CALL)
        call_wait(r, CALL_TIMEOUT);
    if (run_good(r) && r->event->action != ACTION_OUTBOUND)
        await(r, !before);
    if (run_good(r))
        act(r);
    call_notice(r);
    if (!run_good(r))
        forgive(r);
    if (run_good(r))
        remember(r);
}

static void handle_all(struct run *r, const struct script *s)
{
    const struct event *before = NULL;
    for (const struct event *e = s->first; e && run_good(r); e = e->next) {
        r->event = e;
        if (r->options->verbose)
            printf("%9.6f %s\n", (double)machine_clock(&r->machine) / 1e6, e->source);
        handle(r, before);
        before = e;
    }
    if (run_good(r) && !call_wait(r, CALL_TIMEOUT))
        run_fail(r, "%s() of line %d is still in progress at the end of the script",
                 r->pending->line->name, r->pending->event->line);
    if (run_good(r) && r->options->strict)
        strict_end(r);
}

static void close_machine(struct run *r)
{
    r->outcome->lasted = machine_clock(&r->machine);
    memcpy(r->outcome->transition, rill_counters(r->machine.rill)->transition,
           sizeof r->outcome->transition);
    call_abandon(r);
    machine_close(&r->machine);
    r->open = false;
}

static void do_command(struct run *r, const struct event *command)
{
    r->event = command;
    shell_handle(r, command->text);
    if (run_good(r))
        r->event = NULL;
}

/* Commands before the clock starts (sections 1, 16): programs named by an option, the script's own
 * command. */
static void prepare(struct run *r, const struct script *s)
{
    char *rest = arena_copy(r->arena, r->options->init_scripts, strlen(r->options->init_scripts));
    for (char *name; run_good(r) && (name = strtok_r(rest, ",", &rest)) != NULL;)
        shell_handle(r, name);
    if (s->init && run_good(r))
        do_command(r, s->init);
}

void script_play(struct run *r, const struct script *s)
{
    options_config(r->options, &r->config);
    r->next_port = FIRST_REMOTE_PORT;
    r->last_snippet = &r->snippets;
    prepare(r, s);
    if (!run_good(r))
        return;
    r->open = machine_open(&r->machine, r->options, &r->config);
    if (!r->open) {
        run_fail(r, "the stack refuses this configuration");
        return;
    }
    if (r->mtu && !run_mtu(r, r->mtu))
        run_fail(r, "the port refuses an MTU of %u", r->mtu);
    handle_all(r, s);
    /* Section 23.16; after a failure its effects would not be checked */
    if (s->init && s->cleanup && run_good(r))
        do_command(r, s->cleanup);
    close_machine(r);
    if (run_good(r))
        python_run(r);
}
