#include "graph/flow.h"

#include "graph/comment.h"
#include "tcp/seq.h"

#define REORDERING RILL_MILLISECONDS(3) /* while the round trip is unknown, as in Wireshark */

const char *flow_series_name(enum flow_series s)
{
    static const char *const name[] = {
#define FLOW_SERIES_NAME(name, text, shape) #text,
        FLOW_SERIES_LIST(FLOW_SERIES_NAME)
#undef FLOW_SERIES_NAME
    };
    return name[s];
}

void flow_begin(struct flow *f, rill_time begin, const struct series_view *view)
{
    static const enum series_shape shape[] = {
#define FLOW_SERIES_SHAPE(name, text, shape) SERIES_##shape,
        FLOW_SERIES_LIST(FLOW_SERIES_SHAPE)
#undef FLOW_SERIES_SHAPE
    };
    *f = (struct flow){.begin = begin, .view = *view};
    for (unsigned i = 0; i < FLOW_SERIES; i++)
        f->series[i].shape = shape[i];
    rate_begin(&f->rate, view->to - view->from);
}

void flow_free(struct flow *f)
{
    for (unsigned i = 0; i < FLOW_SERIES; i++)
        series_free(&f->series[i]);
}

bool flow_window_known(const struct flow *f)
{
    return f->syn[0] && f->syn[1];
}

static void draw(struct flow *f, enum flow_series which, const struct segment *s, int64_t low,
                 int64_t high)
{
    struct point p = {.when = s->when - f->begin, .low = low, .high = high};
    series_add(&f->series[which], &f->view, p);
}

/* Draws what the sender's rill reports at a segment of either direction. */
static void draw_comment(struct flow *f, const struct segment *s)
{
    struct comment c = comment_parse(s->note.comment);
    if (!c.known)
        return;
    f->commented = true;
    if (c.cwnd) /* there is no cwnd before the handshake */
        draw(f, FLOW_CWND, s, c.cwnd, c.cwnd);
    if (c.cwnd && c.ssthresh != UINT32_MAX)
        draw(f, FLOW_SSTHRESH, s, c.ssthresh, c.ssthresh);
    draw(f, FLOW_FLIGHT, s, c.in_flight, c.in_flight);
    draw(f, FLOW_RTO, s, c.rto, c.rto);
    if (c.srtt)
        draw(f, FLOW_SRTT, s, c.srtt, c.srtt);
}

static void draw_outstanding(struct flow *f, const struct segment *s)
{
    if (f->una && f->seen.max >= f->una)
        draw(f, FLOW_OUTSTANDING, s, f->seen.max - f->una, f->seen.max - f->una);
}

/* ---- What the sender sends ---- */

static void number(struct flow *f, uint32_t initial)
{
    if (f->numbered)
        return;
    f->numbered = true;
    f->initial.n = initial;
}

/* RFC 9293 3.8.4: the byte before the next one, or no byte, at that number. */
static bool is_keep_alive(const struct flow *f, position from, uint32_t length)
{
    return length <= 1 && f->una && from == f->una - 1 && from == f->seen.max - 1;
}

/* A segment that fills a hole so soon after a later one cannot be a retransmission caused by the
 * later one's ACK. */
static bool is_reordered(const struct flow *f, const struct segment *s)
{
    rill_time least = f->round_trip.smoothed ? f->round_trip.smoothed / 2 : REORDERING;
    return s->when - f->advanced < least;
}

static enum flow_series kind_of(struct flow *f, const struct segment *s, position from, position to)
{
    enum seen_kind seen = seen_take(&f->seen, from, to);
    if (s->note.direction == RILL_CAPTURE_OUT && comment_parse(s->note.comment).retransmits)
        return FLOW_RETRANSMITTED;
    if (seen == SEEN_NEW)
        return FLOW_DATA;
    return seen == SEEN_FILLS && is_reordered(f, s) ? FLOW_REORDERED : FLOW_RETRANSMITTED;
}

static void mark_flags(struct flow *f, const struct segment *s, position from, position to)
{
    uint16_t flags = s->tcp.flags;
    if (flags & TCP_SYN)
        draw(f, FLOW_SYN, s, from, from);
    if (flags & TCP_FIN)
        draw(f, FLOW_FIN, s, to, to);
    else if (flags & TCP_PSH && s->length)
        draw(f, FLOW_PSH, s, to, to);
    if (flags & TCP_RST)
        draw(f, FLOW_RST, s, from, from);
}

/* Draws whatever occupies sequence numbers. */
static void send_range(struct flow *f, const struct segment *s, position from, position to)
{
    position before = f->seen.max;
    enum flow_series kind = kind_of(f, s, from, to);
    bool again = kind == FLOW_RETRANSMITTED;
    if (f->seen.max > before)
        f->advanced = s->when;
    draw(f, kind, s, from, to);
    round_trip_send(&f->round_trip, s, from, to, again);
    f->bytes_again += again ? s->length : 0;
    f->segments_again += again;
}

void flow_send(struct flow *f, const struct segment *s)
{
    uint16_t flags = s->tcp.flags;
    if (flags & TCP_SYN) {
        f->syn[0] = true;
        f->scaled[0] = s->tcp.options.has_window_scale;
    }
    if (!(flags & TCP_RST) || s->tcp.seq.n)
        number(f, s->tcp.seq.n - !(flags & TCP_SYN));
    position from = seq_unwrap(s->tcp.seq, f->initial, f->seen.max);
    position to = from + s->length + !!(flags & TCP_SYN) + !!(flags & TCP_FIN);
    if (is_keep_alive(f, from, (uint32_t)(to - from)))
        draw(f, FLOW_PROBE, s, from, from + 1);
    else if (to > from && !(flags & TCP_RST))
        send_range(f, s, from, to);
    mark_flags(f, s, from, to);
    f->bytes += s->length;
    rate_sent(&f->rate, s->when - f->begin - f->view.from, s->length);
    draw_outstanding(f, s);
    if (s->note.direction == RILL_CAPTURE_OUT)
        draw_comment(f, s);
}

/* ---- What the other end acknowledges ---- */

/* RFC 2883 4: the first block is already acknowledged, or lies inside the second. */
static bool is_dsack(const struct flow *f, const struct tcp_options *o, position ack)
{
    position left = seq_unwrap(o->sack[0].left, f->initial, ack);
    position right = seq_unwrap(o->sack[0].right, f->initial, ack);
    if (left < ack)
        return true;
    return o->sack_count > 1 && left >= seq_unwrap(o->sack[1].left, f->initial, ack) &&
           right <= seq_unwrap(o->sack[1].right, f->initial, ack);
}

static void draw_sack(struct flow *f, const struct segment *s, position ack)
{
    const struct tcp_options *o = &s->tcp.options;
    for (unsigned i = 0; i < o->sack_count; i++) {
        position left = seq_unwrap(o->sack[i].left, f->initial, ack);
        position right = seq_unwrap(o->sack[i].right, f->initial, ack);
        bool twice = i == 0 && is_dsack(f, o, ack);
        if (left < right)
            draw(f, twice ? FLOW_DSACK : FLOW_SACK, s, left, right);
    }
}

/* RFC 7323 2.2: the window of a SYN is not scaled, and both must have offered it. */
static uint32_t window_of(const struct flow *f, const struct segment *s)
{
    bool scales = f->scaled[0] && f->scaled[1] && !(s->tcp.flags & TCP_SYN);
    return (uint32_t)s->tcp.window << (scales ? f->scale : 0);
}

/* RFC 5681 2, as far as it can be observed at one place. */
static bool is_duplicate(const struct flow *f, const struct segment *s, position ack,
                         uint32_t window)
{
    return f->acked && ack == f->una && window == f->window && !s->length && f->seen.max > f->una &&
           !(s->tcp.flags & (TCP_SYN | TCP_FIN));
}

static void take_ack(struct flow *f, const struct segment *s, position ack)
{
    struct round_trip_sample sample = round_trip_take(&f->round_trip, s, ack);
    if (sample.length) {
        draw(f, sample.by_timestamp ? FLOW_RTT_TIMESTAMP : FLOW_RTT, s, sample.length,
             sample.length);
        if (!f->commented)
            draw(f, FLOW_SRTT, s, f->round_trip.smoothed, f->round_trip.smoothed);
    }
    if (f->una)
        rate_acknowledged(&f->rate, s->when - f->begin - f->view.from, (uint64_t)(ack - f->una));
    f->una = ack;
}

static void answer_ack(struct flow *f, const struct segment *s)
{
    number(f, s->tcp.ack.n - 1); /* the sender was not seen yet */
    position ack = seq_unwrap(s->tcp.ack, f->initial, max_of(f->una, f->seen.max));
    uint32_t window = window_of(f, s);
    if (is_duplicate(f, s, ack, window))
        draw(f, FLOW_DUPLICATE_ACK, s, ack, ack);
    if (ack > f->una)
        take_ack(f, s, ack);
    f->acked = true;
    f->window = window;
    draw(f, FLOW_ACK, s, f->una, f->una);
    draw(f, FLOW_WINDOW, s, ack + window, ack + window);
    draw(f, FLOW_OFFERED, s, window, window);
    draw_sack(f, s, ack);
}

void flow_answer(struct flow *f, const struct segment *s)
{
    uint16_t flags = s->tcp.flags;
    if (flags & TCP_SYN) {
        f->syn[1] = true;
        f->scaled[1] = s->tcp.options.has_window_scale;
        f->scale = (uint8_t)min_of(s->tcp.options.window_scale, 14); /* RFC 7323 2.3 */
    }
    if (flags & TCP_ACK && !(flags & TCP_RST))
        answer_ack(f, s);
    draw_outstanding(f, s);
    if (s->note.direction == RILL_CAPTURE_IN)
        draw_comment(f, s);
}

/* ---- The end ---- */

static void draw_rate(struct flow *f, enum flow_series which, const uint64_t *bytes)
{
    struct series_view all = {.from = 0, .to = RILL_NEVER};
    for (unsigned i = 0; i <= f->rate.bins; i++) { /* the last bin ends at its own point */
        double of = i < f->rate.bins ? (double)bytes[i] : 0;
        double bits = of * 8 * (double)RILL_SECONDS(1) / (double)f->rate.bin;
        struct point p = {.when = f->view.from + i * f->rate.bin};
        p.low = p.high = (int64_t)bits;
        series_add(&f->series[which], &all, p);
    }
}

void flow_end(struct flow *f)
{
    draw_rate(f, FLOW_SENT_RATE, f->rate.sent);
    draw_rate(f, FLOW_ACKNOWLEDGED_RATE, f->rate.acknowledged);
    for (unsigned i = 0; i < FLOW_SERIES; i++)
        series_close(&f->series[i]);
}
