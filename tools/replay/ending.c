/* How a connection ends: rill's state, and the state that the capture implies for the recorded
 * host. */
#include "replay/playing.h"

#define TRACE_BATCH 64

void ending_follow(struct player *p)
{
    struct rill_trace_record record[TRACE_BATCH];
    unsigned n;
    while ((n = rill_trace_read(p->stage.rill, &p->trace_place, record, TRACE_BATCH, NULL)) > 0)
        for (unsigned i = 0; i < n; i++)
            if (record[i].event == RILL_EVENT_STATE && record[i].local_port == p->own->port &&
                record[i].remote_port == p->peer->port)
                p->report->state = record[i].after;
}

/* How far into the other host's stream the segment acknowledges it: its FIN is no part. */
static position acknowledged_text(const struct conversation *c,
                                  const struct conversation_segment *s)
{
    return min_of(s->ack, (position)c->host[!s->from].length + 1);
}

/* After the FIN, a RST without ACK answers arriving data: the application had closed its socket. If
 * the host has taken text after its FIN, or aborts with an ACK, it had shut it down only. */
bool ending_was_close(const struct conversation *c, enum conversation_side side)
{
    position taken = -1; /* when the FIN was sent */
    for (unsigned i = 0; i < c->count; i++) {
        const struct conversation_segment *s = &c->segment[i];
        uint16_t flags = s->from == side && !s->icmp ? s->header.flags : 0;
        if (taken >= 0 && flags & TCP_RST)
            return !(flags & TCP_ACK);
        if (taken >= 0 && flags & TCP_ACK && acknowledged_text(c, s) > taken)
            return false;
        if (taken < 0 && flags & TCP_FIN)
            taken = acknowledged_text(c, s);
    }
    return false;
}

/* If a host sends something new after it, the RST was forged; what says nothing new was sent before
 * it, and the path has changed their order. RFC 9293 3.10.5 sends it at SND.NXT, most TCPs with an
 * ACK. One without ACK, at a number that was sent before, answers a segment: its host had aborted,
 * or closed before (ending_was_close), and the capture does not show how. */
unsigned ending_abort(const struct conversation *c, enum conversation_side side)
{
    unsigned abort = c->count;
    position next = 0, taken = 0;
    bool closed = ending_was_close(c, side), finned[2] = {false, false};
    for (unsigned i = 0; i < c->count; i++) {
        const struct conversation_segment *s = &c->segment[i];
        uint16_t flags = s->header.flags;
        finned[s->from] = finned[s->from] || flags & TCP_FIN;
        if (s->from != side || s->icmp)
            continue;
        bool over = closed || (finned[0] && finned[1]);
        if (!(flags & TCP_RST) && (conversation_end(s) > next || s->ack > taken))
            abort = c->count;
        else if (flags & TCP_RST && abort == c->count &&
                 (flags & TCP_ACK || (s->seq > 0 && s->seq <= next && !over)))
            abort = i;
        if (flags & TCP_ACK || !(flags & TCP_RST)) {
            next = max_of(next, conversation_end(s));
            taken = max_of(taken, s->ack);
        }
    }
    return abort;
}

unsigned ending_alive(const struct conversation *c, enum conversation_side side)
{
    for (unsigned i = 0; i < c->count; i++) {
        const struct conversation_segment *s = &c->segment[i];
        if (s->from != side && !s->icmp && conversation_carries(s) &&
            conversation_end(s) >= c->host[side].heard)
            return i;
    }
    return 0;
}

enum rill_tcp_state ending_implied(const struct player *p)
{
    const struct conversation_host *own = p->own, *peer = p->peer;
    bool peer_closed = peer->fin && p->arrived > peer->fin;
    bool both_closed = own->fin && peer_closed; /* acked: a RST has no effect, RFC 1337 */
    bool fin_acked = own->fin && p->acked > own->fin;
    bool gone = p->report->state == RILL_TCP_CLOSED; /* if the capture leaves it open */
    bool reset = p->reset || (gone && p->questioned);
    if (p->abort < p->c->count || p->c->refused || (gone && p->closes) ||
        (reset && !(both_closed && fin_acked)))
        return RILL_TCP_CLOSED;
    if (!own->fin && p->acked < 1)
        return p->arrived < 1 ? RILL_TCP_SYN_SENT : RILL_TCP_SYN_RECEIVED;
    if (both_closed && p->closed_second)
        return fin_acked ? RILL_TCP_CLOSED : RILL_TCP_LAST_ACK;
    if (both_closed)
        return fin_acked ? RILL_TCP_TIME_WAIT : RILL_TCP_CLOSING;
    if (own->fin)
        return fin_acked ? RILL_TCP_FIN_WAIT_2 : RILL_TCP_FIN_WAIT_1;
    return peer_closed ? RILL_TCP_CLOSE_WAIT : RILL_TCP_ESTABLISHED;
}
