#include "script/subject.h"

#include "wire/tcp_header.h"
#include "wire/wire.h"

#include <arpa/inet.h>
#include <string.h>

bool subject_owns(const struct subject *s, const struct live *l)
{
    return l->packet.protocol == s->protocol && l->ip.source == s->local &&
           l->ip.destination == s->remote && l->packet.source == s->local_port &&
           l->packet.destination == s->remote_port;
}

void subject_connect(struct subject *s, const struct sockaddr_in *to)
{
    if (s->phase != SUBJECT_NEW && s->protocol == SCRIPT_TCP)
        return;
    s->phase = SUBJECT_CONNECTING;
    s->synack_seen = s->remote_isn_known = false; /* a socket may connect again */
    s->remote = ntohl(to->sin_addr.s_addr);
    s->remote_port = ntohs(to->sin_port);
}

/* ------------------------------------------------------------------ outbound */

static void translate_sack(const struct subject *s, struct script_option *o)
{
    for (int at = 0; at + 6 <= o->size; at += 4)
        wire_put32(o->data + at, wire_get32(o->data + at) - s->remote_isn);
}

/* Maps it by its distance from the first one (section 10). */
static uint32_t translate_timestamp(const struct subject *s, uint32_t live)
{
    return s->timestamps_known ? live - s->timestamp_live + s->timestamp_script : live;
}

void subject_translate(const struct subject *s, const struct live *l, struct script_packet *out)
{
    *out = l->packet;
    bool syn = out->flags & TCP_SYN;
    out->seq += (syn ? s->local_isn_script : 0) - s->local_isn_live;
    if (out->flags & TCP_ACK && !syn)
        out->ack -= s->remote_isn;
    for (unsigned i = 0; i < out->options; i++) {
        struct script_option *o = &out->option[i];
        if (o->kind == OPTION_SACK && !syn)
            translate_sack(s, o);
        if (o->kind == OPTION_TIMESTAMP)
            wire_put32(o->data, translate_timestamp(s, wire_get32(o->data)));
    }
}

/* The SYN shows the local end of an active open. */
static void adopt_syn(struct subject *s, const struct live *l)
{
    s->local = l->ip.source;
    s->local_port = l->packet.source;
    s->local_isn_live = l->packet.seq;
}

/* The very first timestamp sets the base. */
static void learn_base(struct subject *s, const struct script_packet *script, const struct live *l)
{
    const struct script_option *wanted = packet_option(script, OPTION_TIMESTAMP);
    const struct script_option *sent = packet_option(&l->packet, OPTION_TIMESTAMP);
    if (!wanted || !sent || wanted->value_any || s->timestamps_known)
        return;
    s->timestamps_known = true;
    s->timestamp_script = wire_get32(wanted->data);
    s->timestamp_live = wire_get32(sent->data);
}

void subject_learn(struct subject *s, const struct script_packet *script, const struct live *l)
{
    uint16_t syn_ack = TCP_SYN | TCP_ACK;
    bool syn = (l->packet.flags & syn_ack) == TCP_SYN;
    learn_base(s, script, l);
    if (s->phase == SUBJECT_SYN_SENT && syn && !s->synack_seen)
        adopt_syn(s, l);
    if (s->phase != SUBJECT_PASSIVE || (script->flags & syn_ack) != syn_ack)
        return;
    s->answered = true;
    if (s->local_isn_known)
        return;
    s->local_isn_known = true;
    s->local_isn_script = script->seq_any ? 0 : script->seq;
    s->local_isn_live = l->packet.seq;
}

void subject_learn_timestamp(struct subject *s, struct arena *a, const struct script_packet *script,
                             const struct live *l)
{
    const struct script_option *wanted = packet_option(script, OPTION_TIMESTAMP);
    const struct script_option *sent = packet_option(&l->packet, OPTION_TIMESTAMP);
    if (!wanted || !sent || wanted->value_any)
        return;
    struct timestamp_pair *pair = arena_get(a, sizeof *pair);
    pair->script = wire_get32(wanted->data);
    pair->live = wire_get32(sent->data);
    pair->next = s->timestamps;
    s->timestamps = pair;
}

/* ------------------------------------------------------------------- inbound */

uint32_t subject_inbound_seq(const struct subject *s, const struct script_packet *p)
{
    return p->seq + (p->flags & TCP_SYN || p->seq_absolute ? 0 : s->remote_isn);
}

uint32_t subject_inbound_ack(const struct subject *s, const struct script_packet *p, uint32_t ack)
{
    uint32_t live = ack + s->local_isn_live;
    return p->flags & TCP_SYN ? live - s->local_isn_script : live;
}

bool subject_find_timestamp(const struct subject *s, uint32_t script, bool scaled, uint32_t *live)
{
    for (const struct timestamp_pair *t = s->timestamps; t; t = t->next)
        if (t->script == script) {
            *live = t->live;
            return true;
        }
    *live = script - s->timestamp_script + s->timestamp_live;
    return scaled && s->timestamps_known;
}
