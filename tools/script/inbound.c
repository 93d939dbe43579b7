/* `<`: builds a packet that the stack receives (language page, sections 5 to 7, 23.1, 23.2). */
#include "script/inbound.h"

#include "script/build.h"
#include "script/pattern.h"
#include "script/print.h"
#include "script/strict.h"
#include "wire/tcp_header.h"

#include <stdlib.h>

/* ------------------------------------------------------------------ children */

/* No other subject has this packet (23.2): it is for a listener, or for no socket, or in FreeBSD's
 * dialect for a socket without a remote end. */
static bool makes_child(const struct run *r, const struct script_packet *p)
{
    const struct subject *s = r->subject;
    if (p->protocol != SCRIPT_TCP)
        return false;
    return !s || s->phase == SUBJECT_LISTENING ||
           (r->options->freebsd && s->phase == SUBJECT_NEW && s->protocol == SCRIPT_TCP);
}

static void make_child(struct run *r, const struct script_packet *p)
{
    struct subject *child = run_subject_new(r, SCRIPT_TCP);
    child->phase = SUBJECT_PASSIVE;
    child->local = r->options->local;
    child->local_port = r->options->bind_port;
    child->remote = r->options->remote;
    child->remote_port = r->next_port++;
    child->remote_isn = p->seq;
    child->remote_isn_known = true;
}

/* An active open learns the peer's ISN from the first SYN-ACK (23.1). */
static void learn(struct subject *s, const struct script_packet *p)
{
    const uint16_t syn_ack = TCP_SYN | TCP_ACK;
    if (s->phase != SUBJECT_SYN_SENT || (p->flags & syn_ack) != syn_ack)
        return;
    s->synack_seen = true;
    if (s->remote_isn_known)
        return;
    s->remote_isn_known = true;
    s->remote_isn = p->seq;
}

/* ----------------------------------------------------------------- injecting */

static void fill_payload(const struct run *r, uint8_t *packet, size_t length,
                         const struct script_packet *p)
{
    uint32_t first = p->seq + (p->flags & TCP_SYN ? 1 - r->subject->remote_isn : 0);
    uint8_t *at = packet + length - p->length;
    for (uint32_t i = 0; i < p->length; i++)
        at[i] = pattern_byte(r, first + i);
}

static void inject(struct run *r, const struct script_packet *p, bool more)
{
    static uint8_t packet[PACKET_MAX];
    const char *wrong;
    size_t length = build_packet(packet, r->subject, p, r->options, &wrong);
    if (!length) {
        run_fail(r, "%s", wrong);
        return;
    }
    if (p->protocol == SCRIPT_TCP)
        fill_payload(r, packet, length, p);
    build_checksums(packet, length);
    strict_inbound(r, p);
    machine_inject(&r->machine, packet, length, more);
}

/* --mss: a train of segments, as if cut from a superframe (section 7): the stack gets them all
 * before it answers. Only the last has FIN and PSH. */
static void inject_train(struct run *r, const struct script_packet *p)
{
    uint32_t step = r->options->mss, sent = 0;
    while (run_good(r) && sent + step < p->length) {
        struct script_packet part = *p;
        part.length = step;
        part.seq = p->seq + sent;
        part.flags &= (uint16_t) ~(TCP_FIN | TCP_PSH);
        inject(r, &part, true);
        sent += step;
    }
    struct script_packet rest = *p;
    rest.seq += sent;
    rest.length -= sent;
    if (run_good(r))
        inject(r, &rest, false);
}

/* In FreeBSD's third case the packet's numbers are live ones (23.2); the child is created
 * afterwards. */
static void inbound_to_nobody(struct run *r, const struct script_packet *p)
{
    bool unmapped = r->subject && r->subject->phase == SUBJECT_NEW;
    make_child(r, p);
    struct script_packet packet = *p;
    packet.seq_absolute |= unmapped;
    inject(r, &packet, false);
}

void inbound_handle(struct run *r, const struct script_packet *p)
{
    if (r->options->verbose) {
        fputs("  ", stdout);
        packet_print(stdout, p, true);
        fputc('\n', stdout);
    }
    if (makes_child(r, p)) {
        inbound_to_nobody(r, p);
        return;
    }
    if (!r->subject)
        run_subject_new(r, p->protocol);
    learn(r->subject, p);
    if (p->protocol == SCRIPT_TCP && r->options->mss && p->length > r->options->mss)
        inject_train(r, p);
    else
        inject(r, p, false);
}
