/* `>`: checks the oldest packet of the connection under test and its time against the event
 * (language page, sections 4, 8, 11, 23.3, 23.11, 23.12). */
#include "script/outbound.h"

#include "script/match.h"
#include "script/pattern.h"
#include "script/print.h"
#include "script/strict.h"
#include "wire/tcp_header.h"

#include <stdlib.h>
#include <string.h>

#define ACK_SLACK 500000 /* microseconds that --ignore_extra_acks grants a pure ACK */

/* The packet of an event, or several consecutive ones joined. */
struct taken {
    struct script_packet packet; /* in the script's numbers */
    struct live *last;
    uint8_t *payload;
    int64_t when;     /* script time of the last one */
    const char *torn; /* why the parts cannot be joined; NULL: they can */
};

/* --------------------------------------------------------------- one packet */

/* The first `> S` of an active open (23.3); one after AF_UNSPEC learns the numbers again. */
static void prepare(struct subject *s, const struct script_packet *wanted)
{
    if (!s || s->phase != SUBJECT_CONNECTING || wanted->protocol != SCRIPT_TCP ||
        (wanted->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN)
        return;
    s->phase = SUBJECT_SYN_SENT;
    s->synack_seen = s->remote_isn_known = false;
    s->local_isn_script = wanted->seq;
}

static bool is_new_syn(const struct subject *s, const struct live *l)
{
    return s->phase == SUBJECT_SYN_SENT && !s->synack_seen && l->packet.protocol == SCRIPT_TCP &&
           (l->packet.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN && l->ip.destination == s->remote &&
           l->packet.destination == s->remote_port;
}

/* The stack may have chosen a datagram socket's port. */
static bool is_new_datagram(struct subject *s, const struct live *l)
{
    bool ours = s->protocol == SCRIPT_UDP && l->packet.protocol == SCRIPT_UDP &&
                l->ip.destination == s->remote && l->packet.destination == s->remote_port;
    if (ours)
        s->local_port = l->packet.source;
    return ours;
}

static bool concerns(const struct run *r, const struct script_packet *wanted, const struct live *l)
{
    struct subject *s = r->subject;
    if (wanted->protocol == SCRIPT_ICMP) /* 23.14: never seen beside a TCP socket */
        return l->packet.protocol == SCRIPT_ICMP && !(s && s->protocol == SCRIPT_TCP);
    return s && (subject_owns(s, l) || is_new_syn(s, l) || is_new_datagram(s, l));
}

/* The next packet that concerns the script; NULL: none comes until `limit`. */
static struct live *next_packet(struct run *r, const struct script_packet *wanted, rill_time limit)
{
    for (;;) {
        for (struct live *l; (l = machine_take(&r->machine)) != NULL;) {
            if (concerns(r, wanted, l))
                return l;
            free(l);
        }
        if (!machine_step(&r->machine, limit))
            return NULL;
    }
}

/* Whole seconds of (expected time - the event's before + 2 s), computed again for each packet
 * (23.11). */
static rill_time time_limit(const struct run *r)
{
    const struct event_time *t = &r->event->time;
    int64_t latest = r->expected + (t->range ? t->second - t->at : 0);
    int64_t seconds = (latest - r->before + 2000000) / 1000000;
    if (t->kind == TIME_ANY)
        return RILL_NEVER - 1;
    if (r->options->freebsd)
        seconds = 10 > seconds ? 10 : seconds;
    return r->machine.now + RILL_SECONDS(seconds > 0 ? seconds : 0);
}

static void translate(const struct run *r, const struct script_packet *wanted, const struct live *l,
                      struct script_packet *out)
{
    *out = l->packet;
    if (r->subject && l->packet.protocol == SCRIPT_TCP)
        subject_translate(r->subject, l, out);
    if (wanted->seq_absolute)
        out->seq = l->packet.seq;
    out->ace = wanted->ace;
}

/* ------------------------------------------------------------------- joining */

/* The parts must be equal except for length, FIN, PSH and CWR (23.12). */
static const char *part_difference(const struct live *a, const struct live *b)
{
    const uint16_t same = TCP_SYN | TCP_RST | TCP_ACK | TCP_URG | TCP_ECE | TCP_AE;
    if (b->packet.seq != a->packet.seq + a->packet.length)
        return "does not follow the one before";
    if ((a->packet.flags & same) != (b->packet.flags & same))
        return "has other flags than the one before";
    if (a->packet.ack != b->packet.ack || a->packet.window != b->packet.window ||
        a->packet.urgent != b->packet.urgent)
        return "has another ack, window or urgent pointer than the one before";
    if (a->header_length != b->header_length || (a->ip.ttl != b->ip.ttl && a->ip.ttl != 255))
        return "has another header than the one before";
    return NULL;
}

static void append_payload(struct taken *t, const struct live *l)
{
    size_t before = t->packet.length - l->packet.length;
    uint8_t *joined = realloc(t->payload, t->packet.length + 1u);
    if (!joined)
        abort();
    if (l->packet.length)
        memcpy(joined + before, l->payload, l->packet.length);
    t->payload = joined;
}

static void take_first(struct run *r, const struct script_packet *wanted, struct taken *t,
                       struct live *l)
{
    free(t->last);
    t->last = l;
    t->when = (l->when - MACHINE_EPOCH) / 1000;
    translate(r, wanted, l, &t->packet);
    free(t->payload);
    t->payload = NULL;
    append_payload(t, l);
}

/* Headers, options and time come from the last part; seq and CWR from the first. */
static void take_part(struct run *r, const struct script_packet *wanted, struct taken *t,
                      struct live *l)
{
    struct script_packet before = t->packet;
    t->torn = part_difference(t->last, l);
    if (!t->torn && l->packet.length != t->last->packet.length &&
        before.length + l->packet.length < wanted->length)
        t->torn = "is of another length than the one before";
    translate(r, wanted, l, &t->packet);
    t->packet.seq = before.seq;
    t->packet.length += before.length;
    t->packet.flags = (uint16_t)((t->packet.flags & ~TCP_CWR) | (before.flags & TCP_CWR));
    append_payload(t, l);
    free(t->last);
    t->last = l;
    t->when = (l->when - MACHINE_EPOCH) / 1000;
}

/* A pure ACK that is not expected may be skipped (--ignore_extra_acks). */
static bool is_extra(const struct run *r, const struct script_packet *wanted, const struct taken *t)
{
    return r->options->relax.extra_acks && packet_is_pure_ack(&t->packet) &&
           packet_difference(wanted, &t->packet, r->options, 0);
}

/* False: too few packets in time; the run has failed. */
static bool collect(struct run *r, const struct script_packet *wanted, struct taken *t)
{
    do {
        struct live *l = next_packet(r, wanted, time_limit(r));
        if (!l) {
            run_fail(r, machine_exhausted(&r->machine) ? "the stack does not come to rest"
                                                       : "no packet came in time");
            return false;
        }
        if (r->subject)
            subject_learn(r->subject, wanted, l);
        strict_outbound(r, l);
        take_first(r, wanted, t, l);
    } while (is_extra(r, wanted, t));
    while (wanted->protocol == SCRIPT_TCP && !r->options->strict_segments && !t->torn &&
           t->last->packet.length && t->packet.length < wanted->length) {
        struct live *l = next_packet(r, wanted, time_limit(r));
        if (!l)
            return true; /* the sum is too short, which the comparison reports */
        strict_outbound(r, l);
        take_part(r, wanted, t, l);
    }
    return true;
}

/* ----------------------------------------------------------------- comparing */

/* The expected packet above the received one, for display. */
static char *side_by_side(struct run *r, const struct script_packet *wanted, const struct taken *t)
{
    char *text;
    size_t length;
    struct script_packet shown = t->packet;
    FILE *out = open_memstream(&text, &length);
    if (!out)
        abort();
    shown.has_window = wanted->has_window;
    shown.ip.tos_bits = wanted->ip.tos_bits;
    shown.ip.has_ttl = wanted->ip.has_ttl;
    shown.ip.ecn = wanted->ip.ecn == ECN_UNSAID ? ECN_UNSAID : (enum script_ecn)(shown.ip.tos & 3);
    fputs("  expected: ", out);
    packet_print(out, wanted, false);
    fputs("\n  got:      ", out);
    packet_print(out, &shown, false);
    fprintf(out, "   (at %.6f s)", (double)t->when / 1e6);
    fclose(out);
    char *copy = arena_copy(r->arena, text, length);
    free(text);
    return copy;
}

static const char *payload_difference(const struct run *r, const struct taken *t)
{
    uint32_t first = t->packet.seq + (t->packet.flags & TCP_SYN ? 1 : 0);
    for (uint32_t i = 0; t->packet.protocol != SCRIPT_ICMP && i < t->packet.length; i++)
        if (t->payload[i] != (t->packet.protocol == SCRIPT_TCP ? pattern_byte(r, first + i) : 0))
            return "payload";
    return NULL;
}

static void compare(struct run *r, const struct script_packet *wanted, struct taken *t)
{
    int64_t since = (int64_t)((double)t->when * r->options->tolerance_percent / 100);
    int64_t tolerance = max_of(since, r->options->tolerance_usecs);
    t->packet.ip.has_label = false;
    const char *difference = t->last->malformed;
    if (!difference)
        difference = packet_difference(wanted, &t->packet, r->options, tolerance);
    if (!difference && t->torn)
        difference = t->torn;
    if (!difference)
        difference = payload_difference(r, t);
    if (difference && t->torn)
        run_fail(r, "one of the packets that make up this one %s\n%s", t->torn,
                 side_by_side(r, wanted, t));
    else if (difference)
        run_fail(r, "the packet differs: %s\n%s", difference, side_by_side(r, wanted, t));
}

static void check_time(struct run *r, const struct taken *t)
{
    const struct event_time *e = &r->event->time;
    int64_t upper = r->expected + (e->range ? e->second - e->at : 0);
    int64_t slack = r->options->relax.extra_acks && packet_is_pure_ack(&t->packet) ? ACK_SLACK : 0;
    if (e->kind == TIME_ANY ||
        run_in_time(r, t->when, r->expected - slack, upper + slack, r->expected - r->before))
        return;
    run_fail(r, "the packet came at %.6f s, not between %.6f and %.6f s", (double)t->when / 1e6,
             (double)r->expected / 1e6, (double)upper / 1e6);
}

void outbound_handle(struct run *r, const struct script_packet *wanted)
{
    struct taken t = {.when = 0};
    prepare(r->subject, wanted);
    if (!r->subject && wanted->protocol != SCRIPT_ICMP) {
        run_fail(r, "no socket is under test that could send");
        return;
    }
    if (collect(r, wanted, &t)) {
        if (r->options->verbose) {
            fputs("  ", stdout);
            packet_print(stdout, &t.packet, false);
            fputc('\n', stdout);
        }
        compare(r, wanted, &t);
        if (run_good(r))
            check_time(r, &t);
        if (r->subject)
            subject_learn_timestamp(r->subject, r->arena, wanted, t.last);
    }
    free(t.payload);
    free(t.last);
}
