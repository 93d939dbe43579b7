/* The timeline: recorded segments, the application's calls and the stack's timers in their order.
 */
#include "join.h"
#include "recording/grow.h"
#include "replay/cookie.h"
#include "replay/playing.h"
#include "replay/rewrite.h"
#include "replay/window.h"
#include "tcp/seq.h"

#define JOINING RILL_MILLISECONDS(1) /* how long a card waits for more of a superframe */
#define LATE_SEGMENTS 16             /* by how many an ACK may be recorded too early */
#define SETTLE RILL_SECONDS(5) /* for the last retransmissions; below every time-out of a state */

static void pull(struct player *p)
{
    for (unsigned n; (n = stage_pull(&p->stage)) > 0;)
        for (unsigned i = 0; i < n; i++)
            judge_frame(p, p->stage.sent[i]);
    ending_follow(p);
}

/* ----------------------------------------------------------- the recorded peer */

/* The recorded echo, mapped to the stack's clock, and never later than its last timestamp. */
static uint32_t map_echo(const struct player *p, uint32_t echo)
{
    uint32_t mapped = p->ts_first + (echo - p->own->options.timestamp_value);
    return seq_after(mapped, p->ts_last) ? p->ts_last : mapped;
}

static struct notation notation_of(const struct conversation_segment *s)
{
    struct spoken spoken = {
        .seq = s->seq, .ack = s->ack, .header = s->header, .length = s->text.length};
    return notation_segment(&spoken);
}

static void tell(const struct player *p, const struct conversation_segment *s)
{
    if (p->options->verbose)
        fprintf(p->options->verbose, "  %.6f < %s (#%u)\n", (double)(p->stage.now - p->start) / 1e9,
                s->icmp ? "ICMP error" : notation_of(s).text, s->number);
}

/* The recorded peer saw an open window, so the recorded application had read: reads as much. */
static void make_room(struct player *p, const struct conversation_segment *s)
{
    if (!p->known || s->text.length == 0 || conversation_end(s) <= p->offer)
        return;
    size_t pace = p->readable;
    application_drain(p);
    p->readable = max_of(pace, p->report->delivered);
    pull(p);
    window_offer(p, conversation_end(s));
}

static size_t prepare(struct player *p, const struct conversation_segment *s,
                      uint8_t frame[REWRITE_MAX])
{
    struct rewrite map = {.shift = p->isn - p->own->isn,
                          .most = p->isn + (uint32_t)p->sent,
                          .bounded = p->known && !player_is_forged(p, s),
                          .echo = map_echo(p, s->header.options.timestamp_echo),
                          .cookie = cookie_map(p, s)};
    make_room(p, s);
    return rewrite_segment(frame, s, &map);
}

static void record(struct player *p, const struct conversation_segment *s)
{
    tell(p, s);
    if (!s->icmp)
        judge_note_arrival(p, s);
}

/* Does the peer's next segment directly follow segment `first`, and would a card join it to the
 * same superframe? Then our host has sent nothing in between, and it need not wait for the
 * stack. */
static bool join_next(struct player *p, unsigned first, struct rill_frame *f)
{
    static uint8_t frame[REWRITE_MAX];
    const struct conversation_segment *s = &p->c->segment[p->fed];
    if (!p->stage.offload || p->fed == p->c->count || s->from == p->side || s->icmp ||
        s->when - p->c->segment[first].when > JOINING || player_knows_of(p, s) > p->sent)
        return false;
    size_t length = prepare(p, s, frame);
    if (!join(f, span_of(frame, length)))
        return false;
    p->number = s->number;
    p->fed++;
    p->report->joined++;
    record(p, s);
    return true;
}

/* Segment i, and with --offload those that are joined to it. */
static void feed(struct player *p, unsigned i)
{
    static uint8_t frame[REWRITE_MAX];
    const struct conversation_segment *s = &p->c->segment[i];
    struct rill_frame f = {.buffer = frame, .room = sizeof frame};
    f.length = (uint32_t)prepare(p, s, frame);
    record(p, s);
    while (join_next(p, i, &f))
        ;
    stage_feed_joined(&p->stage, &f);
    application_turn(p);
    pull(p);
}

/* ----------------------------------------------------------- the timeline */

/* Skips the other side's segments, each once, so that a long silence costs nothing. */
static unsigned next_of(const struct player *p, unsigned *through, enum conversation_side side)
{
    while (*through < p->c->count && p->c->segment[*through].from != side)
        (*through)++;
    return *through;
}

static rill_time due(const struct player *p, unsigned i)
{
    return i < p->c->count ? p->start + p->lag + p->c->segment[i].when : RILL_NEVER;
}

static void advance(struct player *p, rill_time to)
{
    p->stage.now = max_of(to, p->stage.now);
    application_turn(p);
    pull(p);
}

/* Lets the stack run until it has sent what the segment acknowledges. False: it never does. */
static bool wait_for(struct player *p, const struct conversation_segment *s)
{
    rill_time begin = p->stage.now;
    if (player_is_forged(p, s))
        return true;
    while (player_knows_of(p, s) > p->sent || (s->header.flags & TCP_ACK && !p->known)) {
        rill_time next = min_of(rill_deadline(p->stage.rill), begin + PLAYER_TIMEOUT);
        if (window_is_cut(p))
            break;
        if (p->stage.now >= begin + PLAYER_TIMEOUT)
            return false;
        if (rill_deadline(p->stage.rill) <= p->stage.now || !window_open(p))
            advance(p, next);
        else
            pull(p);
    }
    p->lag += p->stage.now - begin;
    return true;
}

/* Lets the stack send what waits for its congestion window: the recorded host has sent it. */
static void flush(struct player *p)
{
    pull(p);
    for (size_t i = 0; i <= p->own->length && !p->stuck && window_open(p); i++)
        pull(p);
}

static void play_own(struct player *p, unsigned i)
{
    p->called = i + 1;
    p->number = p->c->segment[i].number;
    if (i == p->abort) {
        application_finish(p);
        flush(p);
    }
    application_call(p, i);
    pull(p);
}

/* Where each direction has its own queue, an ACK may be recorded before the data that it
 * acknowledges. Then the application has written that data already. */
static void call_early(struct player *p, unsigned i)
{
    position known = player_knows_of(p, &p->c->segment[i]);
    for (unsigned k; known > 1 + (position)p->written + p->shut; play_own(p, k)) {
        k = next_of(p, &p->called, p->side);
        if (k >= min_of(p->c->count, i + LATE_SEGMENTS))
            return;
    }
}

/* It would have ended an established connection, but the recorded host went on: the path has lost
 * it, or has delivered it too late. */
static bool is_lost_reset(const struct player *p, unsigned i)
{
    const struct conversation_segment *s = &p->c->segment[i];
    return s->header.flags & TCP_RST && i < p->alive && p->acked >= 1 && s->seq == p->arrived;
}

/* Will the segment end the connection? A RST does, and text for an application that has closed. */
static bool ends(const struct player *p, const struct conversation_segment *s)
{
    return s->header.flags & TCP_RST || (p->closes && p->ended && s->text.length);
}

static void play_peer(struct player *p, unsigned i)
{
    const struct conversation_segment *s = &p->c->segment[i];
    p->fed = i + 1;
    if (is_lost_reset(p, i)) {
        difference_add(&p->report->differences, s->number, true, "lost RST: the peer's %s",
                       notation_of(s).text);
        return;
    }
    if (!player_is_forged(p, s))
        call_early(p, i);
    p->number = s->number;
    if (ends(p, s))
        flush(p); /* the recorded host had sent more */
    if (wait_for(p, s) || s->icmp) {
        feed(p, i);
        return;
    }
    player_report_failure(p, "rill never sends what the peer acknowledges", player_knows_of(p, s));
    p->stuck = true;
}

/* Plays one recorded segment of either side, or one timer of the stack. False: the end. */
static bool step(struct player *p)
{
    unsigned feeding = next_of(p, &p->fed, (enum conversation_side) !p->side);
    unsigned calling = next_of(p, &p->called, p->side);
    rill_time next = min_of(due(p, feeding), due(p, calling));
    rill_time deadline = rill_deadline(p->stage.rill);
    if (next == RILL_NEVER || p->stuck)
        return false;
    advance(p, min_of(deadline, next));
    if (deadline < next)
        return true;
    if (calling < feeding)
        play_own(p, calling);
    else
        play_peer(p, feeding);
    return true;
}

/* ----------------------------------------------------------- the whole conversation */

static void play(struct player *p)
{
    application_open(p);
    pull(p);
    while (step(p))
        ;
    flush(p); /* the capture lacks the ACKs of it */
    application_drain(p);
    for (rill_time end = p->stage.now + SETTLE; p->stage.now < end;)
        advance(p, min_of(rill_deadline(p->stage.rill), end));
    p->report->implied = ending_implied(p);
    judge_end(p);
    compare(p);
}

bool player_run(const struct conversation *c, enum conversation_side side,
                const struct player_options *options, struct player_report *report)
{
    struct player p = {.c = c,
                       .own = &c->host[side],
                       .peer = &c->host[!side],
                       .side = side,
                       .options = options,
                       .report = report,
                       .number = c->segment[0].number,
                       .closes = ending_was_close(c, side),
                       .abort = ending_abort(c, side),
                       .alive = ending_alive(c, side)};
    p.received = grow(NULL, c->host[!side].length + 1);
    memset(p.received, 0, c->host[!side].length + 1);
    for (unsigned i = 0; i < c->count; i++)
        if (c->segment[i].from == side)
            p.longest = max_of(p.longest, c->segment[i].text.length);
    *report = (struct player_report){0};
    setting_open(&p);
    play(&p);
    stage_close(&p.stage);
    free(p.received);
    free(p.said);
    return report->differences.forbidden == 0;
}
