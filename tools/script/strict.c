/* --strict: checks that packetdrill does not make (language page, section 20), only for the
 * connection under test. */
#include "script/strict.h"

#include "wire/tcp_header.h"

/* Records the options that the peer has offered. A SYN-ACK may have no others. */
void strict_inbound(struct run *r, const struct script_packet *p)
{
    if (p->protocol == SCRIPT_TCP && p->flags & TCP_URG)
        r->subject->urgent = true;
    if (p->protocol != SCRIPT_TCP || !(p->flags & TCP_SYN))
        return;
    r->strict.peer_scales = packet_option(p, OPTION_WINDOW_SCALE);
    if (p->flags & TCP_ACK)
        return;
    r->strict.syn_seen = true;
    r->strict.syn_options = 0;
    for (unsigned i = 0; i < p->options; i++)
        if (p->option[i].kind < 32)
            r->strict.syn_options |= 1u << p->option[i].kind;
}

static void begin(struct run *r)
{
    bool syn_seen = r->strict.syn_seen;
    uint32_t options = r->strict.syn_options;
    if (r->strict.subject == r->subject)
        return;
    r->strict.subject = r->subject;
    r->strict.edge_known = r->strict.id_known = false;
    r->strict.opening = r->strict.scaled = false;
    r->strict.syn_seen = syn_seen;
    r->strict.syn_options = options;
}

static void check_offers(struct run *r, const struct script_packet *p)
{
    const uint32_t negotiated =
        1u << OPTION_WINDOW_SCALE | 1u << OPTION_SACK_PERMITTED | 1u << OPTION_TIMESTAMP;
    bool answer = (p->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);
    for (unsigned i = 0; answer && r->strict.syn_seen && i < p->options; i++) {
        uint8_t kind = p->option[i].kind;
        if (kind < 32 && negotiated & 1u << kind && !(r->strict.syn_options & 1u << kind))
            run_fail(r, "strict: the SYN-ACK holds option %u, which the SYN did not offer", kind);
    }
}

/* A SYN starts new numbers, and a connection scales only if both SYNs have the option (RFC
 * 7323 2.2): decided by the SYN-ACK, or by the first packet after an answered SYN. A stray SYN on
 * an open connection decides nothing. */
static void learn_scale(struct run *r, const struct script_packet *p)
{
    const struct script_option *scale = packet_option(p, OPTION_WINDOW_SCALE);
    if (p->flags & TCP_SYN) {
        r->strict.opening = true;
        r->strict.edge_known = false;
        r->strict.own_scales = scale;
        r->strict.scale = scale ? scale->data[0] & 15 : 0;
    }
    if (!r->strict.opening || !(p->flags & TCP_ACK) || p->flags & TCP_RST)
        return;
    r->strict.opening = false;
    r->strict.scaled = r->strict.own_scales && r->strict.peer_scales;
}

/* ack + window never moves left (RFC 9293 3.8.6, SHLD-14), except for rounding by the scale. */
static void check_edge(struct run *r, const struct script_packet *p)
{
    bool scaled = r->strict.scaled && !(p->flags & TCP_SYN);
    uint32_t unit = scaled ? 1u << r->strict.scale : 1;
    uint32_t edge = p->ack + p->window * unit;
    if (!(p->flags & TCP_ACK) || p->flags & TCP_RST)
        return;
    if (r->strict.edge_known && (int32_t)(edge - r->strict.edge) < 0 &&
        r->strict.edge - edge >= unit)
        run_fail(r, "strict: the window's right edge moves left by %u", r->strict.edge - edge);
    if (!r->strict.edge_known || (int32_t)(edge - r->strict.edge) > 0)
        r->strict.edge = edge;
    r->strict.edge_known = true;
}

/* RFC 6864: without DF, identifications must not all be the same. */
static void check_id(struct run *r, const struct live *l)
{
    if (l->ip.dont_fragment)
        return;
    if (r->strict.id_known && r->strict.last_id == l->ip.id)
        run_fail(r, "strict: two packets that may be fragmented have the same IP ID");
    r->strict.id_known = true;
    r->strict.last_id = l->ip.id;
}

void strict_outbound(struct run *r, const struct live *l)
{
    if (!r->options->strict || l->packet.protocol != SCRIPT_TCP)
        return;
    begin(r);
    if (!l->checksum_good)
        run_fail(r, "strict: the TCP checksum is wrong");
    check_offers(r, &l->packet);
    learn_scale(r, &l->packet);
    check_edge(r, &l->packet);
    check_id(r, l);
}

void strict_end(struct run *r)
{
    for (const struct live *l = r->machine.first; l; l = l->next)
        if (r->subject && subject_owns(r->subject, l))
            run_fail(r, "strict: a packet was sent at %.6f s that no event asks for",
                     (double)(l->when - MACHINE_EPOCH) / 1e9);
}
