/* Checks every segment of the stack, when it is sent, against the recorded streams and what has
 * arrived: rules that hold whatever the recorded host did. */
#include "recording/grow.h"
#include "replay/dissect.h"
#include "replay/playing.h"
#include "tcp/seq.h"

/* ----------------------------------------------------------- what has arrived */

static void note_text(struct player *p, const struct conversation_segment *s)
{
    position text = conversation_text(s);
    if (!conversation_carries(s))
        return;
    for (size_t i = 0; i < s->text.length; i++)
        if (text >= 1 && (size_t)text - 1 + i < p->peer->length)
            p->received[(size_t)text - 1 + i] = true;
    bool answers = !(s->header.flags & TCP_ACK) || s->ack >= 1;
    if (p->arrived < 1 && s->header.flags & TCP_SYN && answers)
        p->arrived = 1;
    while (p->arrived >= 1 && (size_t)p->arrived <= p->peer->length && p->received[p->arrived - 1])
        p->arrived++;
    p->peer_finned = p->peer_finned || s->header.flags & TCP_FIN;
    if (p->peer_finned && p->arrived == p->peer->fin)
        p->arrived++;
}

/* RFC 9293 3.10.7.4: the ACK of a segment that lies wholly before RCV.NXT is ignored. */
static void note_window(struct player *p, const struct conversation_segment *s, bool old)
{
    p->edge = max_of(p->edge, max_of(s->ack, 1) + (position)conversation_window(p->c, s));
    if (!old && s->ack <= p->sent)
        p->acked = max_of(s->ack, p->acked);
}

/* Is it valid? In SYN_SENT its ACK must be good, else its number must be RCV.NXT: RFC
 * 9293 3.10.7.3, 3.10.7.4. */
static void note_reset(struct player *p, const struct conversation_segment *s)
{
    bool exact = p->arrived < 1 ? s->header.flags & TCP_ACK && s->ack == p->sent && p->sent > 0
                                : s->seq == p->arrived;
    if (exact && !p->reset)
        p->reset = s->number;
    else if (p->arrived >= 1 && s->seq > p->arrived && s->seq < p->offer)
        p->questioned = true;
}

void judge_note_arrival(struct player *p, const struct conversation_segment *s)
{
    uint16_t flags = s->header.flags;
    if (flags & TCP_RST)
        note_reset(p, s);
    if (flags & TCP_RST || player_is_forged(p, s))
        return;
    position end = conversation_end(s);
    bool old = end < p->arrived || (end == p->arrived && end > s->seq);
    note_text(p, s);
    if (flags & (TCP_ACK | TCP_SYN)) /* a SYN's counts for Fast Open: RFC 7413 4.2.2 */
        note_window(p, s, old);
}

/* ----------------------------------------------------------- what is sent */

static void judge_text(struct player *p, position at, struct rill_span text)
{
    for (size_t i = 0; i < text.length; i++) {
        size_t k = (size_t)(at - 1) + i;
        if (at < 1 || k >= p->own->length || text.at[i] != p->own->stream[k]) {
            player_report_failure(p, "rill sends a wrong byte", at + (position)i);
            return;
        }
    }
}

/* RFC 9293 3.8.6.1: a probe of a closed window may go one byte beyond the edge. */
static void judge_window(struct player *p, position from, position to)
{
    if (to > p->edge && !(to - from == 1 && from == p->edge))
        player_report_failure(p, "rill sends beyond the peer's window", to);
}

static void judge_ack(struct player *p, const struct spoken *s)
{
    if (!(s->header.flags & TCP_ACK))
        return;
    if (s->ack > p->arrived)
        player_report_failure(p, "rill acknowledges what has not arrived", s->ack);
    bool scaled = !(s->header.flags & TCP_SYN) && p->peer->options.has_window_scale;
    const struct tcp_options *syn = &p->said[0].header.options;
    position window = (position)s->header.window << (scaled ? syn->window_scale : 0);
    p->offer = max_of(p->offer, s->ack + window);
}

/* Keeps the segment for the comparison. The stack's ISN is that of its first segment with SYN. */
static struct spoken *keep(struct player *p, const struct dissected *d)
{
    const struct tcp_header *h = &d->tcp;
    if (!p->known && h->flags & TCP_SYN) {
        p->known = true;
        p->isn = h->seq.n;
        p->ts_first = h->options.timestamp_value;
    }
    if (h->options.has_timestamps)
        p->ts_last = h->options.timestamp_value;
    p->said = grow_one(p->said, p->said_count, &p->said_room, sizeof *p->said);
    struct spoken *s = &p->said[p->said_count++];
    *s = (struct spoken){.number = p->number, .header = *h, .length = d->payload.length};
    s->seq = seq_unwrap(h->seq, (seq32){p->known ? p->isn : p->own->isn}, p->sent);
    s->ack = h->flags & TCP_ACK ? seq_unwrap(h->ack, (seq32){p->peer->isn}, p->arrived) : 0;
    bool ended = (p->finned && (p->peer_finned || p->closes)) || p->called > p->abort;
    s->closed = ended && p->report->state == RILL_TCP_CLOSED;
    return s;
}

static void judge_segment(struct player *p, const struct dissected *d)
{
    if (d->tcp.source != p->own->port || d->tcp.destination != p->peer->port)
        player_report_failure(p, "rill sends a segment of another flow", 0);
    const struct spoken *s = keep(p, d);
    uint16_t flags = s->header.flags;
    if (p->options->verbose)
        fprintf(p->options->verbose, "  %.6f > %s\n", (double)(p->stage.now - p->start) / 1e9,
                notation_segment(s).text);
    judge_ack(p, s);
    if (!p->known || flags & TCP_RST)
        return;
    position text = s->seq + !!(flags & TCP_SYN), end = text + (position)s->length;
    judge_text(p, text, d->payload);
    if (s->length && !(flags & TCP_SYN)) /* no window is known yet: RFC 7413 4.2.2 */
        judge_window(p, s->seq, end);
    if (flags & TCP_FIN && (!p->own->fin || end != p->own->fin))
        player_report_failure(p, "rill sends a FIN where the recorded host sent none", end);
    p->finned = p->finned || flags & TCP_FIN;
    p->sent = max_of(p->sent, spoken_end(s));
}

void judge_frame(struct player *p, struct rill_span frame)
{
    struct dissected d;
    const char *wrong = dissect(&d, frame);
    if (wrong)
        player_report_failure(p, wrong, p->sent);
    else if (d.kind == DISSECTED_TCP)
        judge_segment(p, &d);
}

/* ----------------------------------------------------------- the end */

/* How far it must have sent: as far as the recorded host had before the peer's RST arrived. */
static position required(const struct player *p)
{
    position to = 0;
    for (unsigned i = 0; i < p->c->count; i++) {
        const struct conversation_segment *s = &p->c->segment[i];
        if (s->from == p->side && s->number < p->reset && s->text.length && conversation_carries(s))
            to = max_of(to, conversation_text(s) + (position)s->text.length);
    }
    return p->reset ? to : (position)p->own->length + !p->c->refused;
}

void judge_end(struct player *p)
{
    struct player_report *r = p->report;
    bool aborted = p->reset || p->closes || p->abort < p->c->count;
    bool reset = r->implied == RILL_TCP_CLOSED && (aborted || !(p->own->fin && p->peer->fin));
    size_t arrived = p->arrived < 1 ? 0 : min_of((size_t)p->arrived - 1, p->peer->length);
    if (r->state != r->implied)
        difference_add(&r->differences, p->number, false, "rill ends in %s, the capture implies %s",
                       rill_tcp_state_name(r->state), rill_tcp_state_name(r->implied));
    if ((r->sent != p->own->length && !p->reset) || p->sent < required(p))
        player_report_failure(p, "rill has not sent all", p->sent);
    if (r->delivered != arrived && !reset)
        player_report_failure(p, "rill has not delivered all", (position)r->delivered + 1);
}
