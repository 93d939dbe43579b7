#include "tcp/tracepoint.h"

#include "tcp/pace.h"
#include "tcp/seq.h"

static struct rill_trace_record note_of(const struct tcp *t, const struct flow *f,
                                        enum rill_tcp_state state, enum rill_event event)
{
    return (struct rill_trace_record){
        .when = t->now,
        .local_ip4 = rill_address_to_ip4(f->local),
        .remote_ip4 = rill_address_to_ip4(f->remote),
        .local_port = f->local_port,
        .remote_port = f->remote_port,
        .event = (uint8_t)event,
        .before = (uint8_t)state,
        .after = (uint8_t)state,
    };
}

/* The fields of a connection that every event records. */
static void note_conn(const struct tcp *t, struct rill_trace_record *r, const struct tcp_conn *c)
{
    r->rto = conn_rto(t, c, c->backoff);
    r->cwnd = c->window.cwnd;
    if (!r->cwnd && c->rcv.nxt > 0) /* the value at the first pull, unless the path is narrower */
        r->cwnd = cc_initial_window(t->config->initial_window, c->mss);
    r->ssthresh = c->window.ssthresh;
    r->in_flight = conn_in_flight(c);
    r->srtt = c->rtt.srtt;
    uint64_t rate = pace_is_on(t, c) ? pace_rate(c) : UINT64_MAX;
    r->pacing_rate = rate == UINT64_MAX ? 0 : rate;
}

/* Sequence numbers, relative to the initial ones if the entry knows them. */
static void note_numbers(struct rill_trace_record *r, const struct head *h,
                         const struct tcp_header *header, bool ours)
{
    r->seq = header->flags & TCP_SYN ? 0 : header->seq.n;
    r->ack = header->flags & TCP_ACK ? header->ack.n : 0;
    r->flags = (uint8_t)header->flags;
    r->ae = header->flags & TCP_AE;
    r->window = header->window;
    if (!h || (h->kind != HEAD_CONNECTION && h->kind != HEAD_SYN))
        return;
    const struct tcp_conn *c = (const struct tcp_conn *)h;
    const struct tcp_syn *s = (const struct tcp_syn *)h;
    bool open = h->kind == HEAD_CONNECTION;
    seq32 iss = open ? c->iss : s->iss, irs = open ? c->irs : s->irs;
    position una = open ? c->snd.una : 0, nxt = open ? c->rcv.nxt : 1;
    bool peer_known = nxt > 0;
    if (ours || peer_known)
        r->seq = ours ? seq_unwrap(header->seq, iss, una) : seq_unwrap(header->seq, irs, nxt);
    if (header->flags & TCP_ACK && (!ours || peer_known))
        r->ack = ours ? seq_unwrap(header->ack, irs, nxt) : seq_unwrap(header->ack, iss, una);
    if (open && !(header->flags & TCP_SYN))
        r->window <<= ours ? c->rcv_scale : c->snd_scale;
}

void tracepoint_state(struct tcp *t, const struct head *h, enum rill_tcp_state to,
                      enum rill_reason why)
{
    if (!trace_on(t->trace))
        return;
    struct rill_trace_record r = note_of(t, &h->flow, h->state, RILL_EVENT_STATE);
    r.after = (uint8_t)to;
    r.reason = (uint8_t)why;
    r.port = h->port;
    trace_write(t->trace, &r);
}

static void note_about(struct tcp *t, const struct tcp_conn *c, enum rill_event event,
                       enum rill_reason why)
{
    if (!trace_on(t->trace))
        return;
    const struct head *h = &c->sender.head;
    struct rill_trace_record r = note_of(t, &h->flow, h->state, event);
    note_conn(t, &r, c);
    r.seq = c->snd.una;
    r.ack = c->rcv.nxt;
    r.window = c->snd.wnd;
    r.length = flight_lost(&c->flight);
    r.reason = (uint8_t)why;
    r.port = h->port;
    trace_write(t->trace, &r);
}

void tracepoint_loss(struct tcp *t, const struct tcp_conn *c, enum rill_reason why)
{
    note_about(t, c, RILL_EVENT_LOSS, why);
}

void tracepoint_timer(struct tcp *t, const struct tcp_conn *c, enum rill_reason why)
{
    note_about(t, c, RILL_EVENT_TIMER, why);
}

/* NULL: the flow has no entry (a listener may match). */
static const struct head *note_head(const struct tcp *t, const struct flow *f)
{
    head_ref ref = table_find(&t->table, f);
    return ref ? table_at(&t->table, ref) : NULL;
}

struct rill_trace_record *tracepoint_segment_in(struct tcp *t, const struct flow *f,
                                                enum rill_tcp_state state,
                                                const struct tcp_arrival *in)
{
    struct rill_trace_record r = note_of(t, f, state, RILL_EVENT_SEGMENT_IN);
    note_numbers(&r, note_head(t, f), in->header, false);
    r.length = (uint32_t)in->text.length;
    r.port = in->port;
    return trace_write(t->trace, &r);
}

void tracepoint_segment_taken(const struct tcp *t, struct rill_trace_record *r,
                              const struct flow *f, enum rill_tcp_state state, enum rill_drop drop)
{
    const struct head *h = note_head(t, f);
    r->after = (uint8_t)state;
    r->drop = (uint8_t)drop;
    if (h && h->kind == HEAD_CONNECTION)
        note_conn(t, r, (const struct tcp_conn *)h);
}

/* Writes one record for each frame that the port cuts it into. */
static void note_pieces(struct tcp *t, struct rill_trace_record r, uint32_t size)
{
    uint32_t first = t->trace->frame, left = r.length;
    uint8_t flags = r.flags;
    for (; left; t->trace->frame++) {
        bool last = left <= size;
        r.length = last ? left : size;
        r.flags = last ? flags : flags & (uint8_t) ~(TCP_FIN | TCP_PSH);
        trace_write(t->trace, &r);
        r.seq += r.length;
        left -= r.length;
        flags &= (uint8_t)~TCP_CWR;
    }
    t->trace->frame = first;
}

void tracepoint_segment_out(struct tcp *t, const struct head *h, const struct tcp_emission *out,
                            enum rill_reason why, bool cut)
{
    if (!trace_on(t->trace))
        return;
    struct rill_trace_record r = note_of(t, &h->flow, h->state, RILL_EVENT_SEGMENT_OUT);
    note_numbers(&r, h, &out->header, true);
    if (h->kind == HEAD_CONNECTION)
        note_conn(t, &r, (const struct tcp_conn *)h);
    r.length = out->length;
    r.reason = (uint8_t)why;
    r.port = h->port;
    if (cut && out->gso_size)
        note_pieces(t, r, out->gso_size);
    else
        trace_write(t->trace, &r);
}
