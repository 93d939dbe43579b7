#include "explain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32, ECE = 64, CWR = 128 };

static void say(struct explanation *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void say(struct explanation *e, const char *format, ...)
{
    size_t length = strlen(e->text);
    va_list list;
    va_start(list, format);
    vsnprintf(e->text + length, sizeof e->text - length, format, list);
    va_end(list);
}

/* Separates two facts. */
static void next_fact(struct explanation *e)
{
    if (*e->text)
        say(e, "; ");
}

/* ---- Text for one record ---- */

static void say_flags(struct explanation *e, const struct rill_trace_record *r)
{
    static const struct {
        uint8_t bit;
        char letter;
    } flags[] = {{SYN, 'S'}, {FIN, 'F'}, {RST, 'R'}, {PSH, 'P'},
                 {URG, 'U'}, {ECE, 'E'}, {CWR, 'W'}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (r->flags & flags[i].bit)
            say(e, "%c", flags[i].letter);
    say(e, "%s%s", r->ae ? "A" : "", r->flags & ACK ? "." : "");
}

/* In the notation of packet scripts. */
static void say_segment(struct explanation *e, const struct rill_trace_record *r)
{
    say_flags(e, r);
    say(e, " %lld:%lld(%u)", (long long)r->seq, (long long)r->seq + r->length, r->length);
    if (r->flags & ACK)
        say(e, " ack %lld", (long long)r->ack);
    say(e, " win %u", r->window);
}

static void say_states(struct explanation *e, const struct rill_trace_record *r)
{
    const char *before = rill_tcp_state_name(r->before), *after = rill_tcp_state_name(r->after);
    if (r->before == r->after)
        say(e, "%s: ", after);
    else
        say(e, "%s -> %s: ", before, after);
}

static void say_bytes(struct explanation *e, const char *name, uint32_t bytes, bool known)
{
    if (known)
        say(e, "%s %u", name, bytes);
    else
        say(e, "%s none", name);
}

/* Nothing, if no connection has received or sent the segment. */
static void say_connection(struct explanation *e, const struct rill_trace_record *r)
{
    if (!r->rto)
        return;
    next_fact(e);
    say_bytes(e, "cwnd", r->cwnd, r->cwnd > 0);
    say_bytes(e, ", ssthresh", r->ssthresh, r->ssthresh < INT32_MAX);
    say(e, ", in flight %u, ", r->in_flight);
    if (r->srtt)
        say(e, "srtt %.3f ms, ", r->srtt / 1e3);
    say(e, "RTO %lld ms", (long long)(r->rto / RILL_MILLISECONDS(1)));
    if (r->pacing_rate)
        say(e, ", paced at %llu bytes/s", (unsigned long long)r->pacing_rate);
}

static void say_state_change(struct explanation *e, const struct rill_trace_record *r)
{
    const char *why = rill_reason_text(r->reason);
    next_fact(e);
    say(e, "%s -> %s", rill_tcp_state_name(r->before), rill_tcp_state_name(r->after));
    if (*why)
        say(e, " because of %s", why);
    say(e, ", RFC 9293 %s", rill_tcp_transition_text(r->before, r->after, r->reason));
}

static void say_record(struct explanation *e, const struct rill_trace_record *r)
{
    switch (r->event) {
    case RILL_EVENT_SEGMENT_IN:
    case RILL_EVENT_SEGMENT_OUT:
        next_fact(e);
        say_states(e, r);
        say_segment(e, r);
        if (*rill_reason_text(r->reason))
            say(e, "; sent for: %s", rill_reason_text(r->reason));
        say_connection(e, r);
        break;
    case RILL_EVENT_STATE:
        say_state_change(e, r);
        break;
    case RILL_EVENT_DROP:
        next_fact(e);
        say(e, "dropped: %s", rill_drop_text(r->drop));
        break;
    case RILL_EVENT_LOSS:
        next_fact(e);
        say(e, "lost: %u bytes, found by %s", r->length, rill_reason_text(r->reason));
        break;
    default:
        break;
    }
}

/* ---- Frames ---- */

/* The explanation of the record's frame; NULL: no room for another one. */
static struct explanation *explanation_for(struct explain *x, const struct rill_trace_record *r)
{
    enum rill_capture_direction direction = r->outbound ? RILL_CAPTURE_OUT : RILL_CAPTURE_IN;
    struct explanation *last = x->count ? &x->of[x->count - 1] : NULL;
    if (last && last->direction == direction && last->frame == r->frame)
        return last;
    if (x->count == EXPLAIN_FRAMES)
        return NULL;
    struct explanation *e = &x->of[x->count++];
    *e = (struct explanation){.direction = direction, .frame = r->frame};
    return e;
}

bool explain_begin(struct explain *x, const struct rill *stack)
{
    struct rill_trace_record r;
    *x = (struct explain){.stack = stack};
    x->of = calloc(EXPLAIN_FRAMES, sizeof *x->of);
    while (x->of && rill_trace_read(stack, &x->place, &r, 1, NULL))
        ;
    return x->of != NULL;
}

void explain_end(struct explain *x)
{
    free(x->of);
    *x = (struct explain){0};
}

void explain_pull(struct explain *x)
{
    struct rill_trace_record r;
    x->count = 0;
    while (rill_trace_read(x->stack, &x->place, &r, 1, NULL)) {
        struct explanation *e = r.frame ? explanation_for(x, &r) : NULL;
        if (e)
            say_record(e, &r);
    }
}

const char *explain_frame(const struct explain *x, enum rill_capture_direction direction,
                          uint32_t number)
{
    for (unsigned i = 0; i < x->count; i++)
        if (x->of[i].direction == direction && x->of[i].frame == number && *x->of[i].text)
            return x->of[i].text;
    return direction == RILL_CAPTURE_IN ? "taken" : "sent";
}
