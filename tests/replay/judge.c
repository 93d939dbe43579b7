/* Every segment of the stack is checked against the recorded streams and what has arrived. */
#include "playing.h"
#include "tcp/seq.h"

#include <stdio.h>

void player_complain(struct player *p, const char *what, position at)
{
    if (p->report->complaint[0] == 0)
        snprintf(p->report->complaint, sizeof p->report->complaint, "%s at position %lld, %.6f s",
                 what, (long long)at, (double)(p->now - p->start) / 1e9);
}

/* ----------------------------------------------------------- what has arrived */

void judge_note_arrival(struct player *p, const struct conversation_segment *s)
{
    position text = s->seq + !!(s->header.flags & TCP_SYN);
    uint16_t flags = s->header.flags;
    if (flags & TCP_RST)
        return;
    if (flags & TCP_SYN)
        p->window_shift =
            s->header.options.has_window_scale ? min_of(s->header.options.window_scale, 14u) : 0;
    for (size_t i = 0; i < s->text.length; i++)
        if (text >= 1 && (size_t)text - 1 + i < p->peer->length)
            p->received[(size_t)text - 1 + i] = true;
    if (p->arrived < 1 && flags & TCP_SYN)
        p->arrived = 1;
    while (p->arrived >= 1 && (size_t)p->arrived <= p->peer->length && p->received[p->arrived - 1])
        p->arrived++;
    p->peer_finned = p->peer_finned || flags & TCP_FIN;
    if (p->peer_finned && p->arrived == p->peer->fin)
        p->arrived++;
    if (!(flags & TCP_ACK))
        return;
    bool scaled = !(flags & TCP_SYN) && p->own->options.has_window_scale;
    position edge = s->ack + ((position)s->header.window << (scaled ? p->window_shift : 0));
    p->edge = edge > p->edge ? edge : p->edge;
    p->acked = s->ack > p->acked && s->ack <= p->sent ? s->ack : p->acked;
}

/* ----------------------------------------------------------- what is sent */

static void judge_text(struct player *p, position at, struct rill_span text)
{
    for (size_t i = 0; i < text.length; i++) {
        size_t k = (size_t)(at - 1) + i;
        if (at < 1 || k >= p->own->length || text.at[i] != p->own->stream[k]) {
            player_complain(p, "a wrong byte was sent", at + (position)i);
            return;
        }
    }
}

/* RFC 9293 3.8.6.1: a probe of a closed window may go one byte beyond the edge. */
static void judge_window(struct player *p, position from, position to)
{
    if (to > p->edge && !(to - from == 1 && from == p->edge))
        player_complain(p, "sent beyond the peer's window", to);
}

static void judge_ack(struct player *p, const struct tcp_header *h)
{
    if (!(h->flags & TCP_ACK))
        return;
    position ack = seq_unwrap(h->ack, (seq32){p->peer->isn}, p->arrived);
    if (ack > p->arrived)
        player_complain(p, "acknowledged what has not arrived", ack);
}

static void judge_segment(struct player *p, const struct dissected *d)
{
    const struct tcp_header *h = &d->tcp;
    if (h->source != p->own->port || h->destination != p->peer->port)
        player_complain(p, "a segment of another flow", 0);
    if (!p->known && h->flags & TCP_SYN) {
        p->known = true;
        p->isn = h->seq.n;
        p->ts_first = h->options.timestamp_value;
    }
    judge_ack(p, h);
    if (h->options.has_timestamps)
        p->ts_last = h->options.timestamp_value;
    if (!p->known || h->flags & TCP_RST)
        return;
    position from = seq_unwrap(h->seq, (seq32){p->isn}, p->sent);
    position text = from + !!(h->flags & TCP_SYN), to = text + (position)d->payload.length;
    judge_text(p, text, d->payload);
    if (d->payload.length)
        judge_window(p, from, to);
    if (h->flags & TCP_FIN && (!p->own->fin || to != p->own->fin))
        player_complain(p, "a FIN where the recorded host sent none", to);
    p->finned = p->finned || h->flags & TCP_FIN;
    to += !!(h->flags & TCP_FIN);
    p->sent = to > p->sent ? to : p->sent;
}

void judge_frame(struct player *p, struct rill_span frame)
{
    struct dissected d;
    const char *wrong = dissect(&d, frame);
    if (wrong)
        player_complain(p, wrong, p->sent);
    else if (d.kind == DISSECTED_TCP)
        judge_segment(p, &d);
    p->report->frames++;
}
