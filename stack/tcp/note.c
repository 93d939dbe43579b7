#include "tcp/note.h"

static struct rill_trace_record note_of(const struct tcp *t, const struct head *h,
                                        enum rill_event event)
{
    return (struct rill_trace_record){
        .when = t->now,
        .remote_ip4 = rill_address_to_ip4(h->flow.remote),
        .local_port = h->flow.local_port,
        .remote_port = h->flow.remote_port,
        .event = (uint8_t)event,
        .before = (uint8_t)h->state,
        .after = (uint8_t)h->state,
        .port = h->port,
    };
}

static void note_conn(struct rill_trace_record *r, const struct tcp_conn *c)
{
    r->seq = c->snd.una;
    r->ack = c->rcv.nxt;
    r->window = c->snd.wnd;
    r->cwnd = c->window.cwnd;
}

void note_state(struct tcp *t, const struct head *h, enum rill_tcp_state to, enum rill_reason why)
{
    if (!trace_on(t->trace))
        return;
    struct rill_trace_record r = note_of(t, h, RILL_EVENT_STATE);
    r.after = (uint8_t)to;
    r.reason = (uint8_t)why;
    trace_write(t->trace, &r);
}

static void note_about(struct tcp *t, const struct tcp_conn *c, enum rill_event event,
                       enum rill_reason why)
{
    if (!trace_on(t->trace))
        return;
    struct rill_trace_record r = note_of(t, &c->sender.head, event);
    note_conn(&r, c);
    r.length = flight_lost(&c->flight);
    r.reason = (uint8_t)why;
    trace_write(t->trace, &r);
}

void note_loss(struct tcp *t, const struct tcp_conn *c, enum rill_reason why)
{
    note_about(t, c, RILL_EVENT_LOSS, why);
}

void note_timer(struct tcp *t, const struct tcp_conn *c, enum rill_reason why)
{
    note_about(t, c, RILL_EVENT_TIMER, why);
}

void note_in(struct tcp *t, const struct head *h, const struct tcp_arrival *in)
{
    if (!trace_on(t->trace))
        return;
    struct rill_trace_record r = note_of(t, h, RILL_EVENT_SEGMENT_IN);
    if (h->kind == HEAD_CONNECTION) {
        const struct tcp_conn *c = (const struct tcp_conn *)h;
        note_conn(&r, c);
        r.seq = seq_unwrap(in->header->seq, c->irs, c->rcv.nxt);
        r.ack = seq_unwrap(in->header->ack, c->iss, c->snd.una);
    }
    r.length = (uint32_t)in->text.length;
    r.flags = (uint8_t)in->header->flags;
    trace_write(t->trace, &r);
}

void note_out(struct tcp *t, const struct head *h, const struct tcp_emission *out,
              enum rill_reason why)
{
    if (!trace_on(t->trace))
        return;
    struct rill_trace_record r = note_of(t, h, RILL_EVENT_SEGMENT_OUT);
    if (h->kind == HEAD_CONNECTION) {
        const struct tcp_conn *c = (const struct tcp_conn *)h;
        note_conn(&r, c);
        r.seq = seq_unwrap(out->header.seq, c->iss, c->snd.una);
        r.window = (uint32_t)out->header.window << (out->header.flags & TCP_SYN ? 0 : c->rcv_scale);
    }
    r.length = out->length;
    r.flags = (uint8_t)out->header.flags;
    r.reason = (uint8_t)why;
    trace_write(t->trace, &r);
}
