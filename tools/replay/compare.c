/* Compares rill's segments with those of the recorded host. Two are partners if they occupy the
 * same numbers (pure ACKs: if they acknowledge the same). A segment without a partner is a
 * difference, and so are different contents of partners.
 *
 * Allowed, because RFC 9293 leaves it to the sender: how text is cut into segments and when it is
 * repeated (3.7, 3.8.1), when to acknowledge (3.8.6.3), the window (3.8.6.2), which options in
 * which layout (3.2), PSH (3.9.1) and the flags of ECN (RFC 3168). Not: a SYN, FIN or RST more or
 * less. */
#include "recording/grow.h"
#include "replay/playing.h"

#include <stdarg.h>

#define REACH 1024
#define MARKS (TCP_SYN | TCP_FIN | TCP_RST)
#define CHOICE (TCP_ACK | TCP_PSH | TCP_URG | TCP_ECE | TCP_CWR | TCP_AE)

struct side {
    struct spoken *at;
    unsigned count;
    bool recorded;
    bool opened[2], finned; /* has sent a SYN without and with ACK; a FIN */
    position *reset;        /* its RSTs with a partner, in order */
    unsigned resets;
};

/* If the host had sent more than the capture shows, its RST is placed at the end of the capture. */
static position place_of(const struct player *p, unsigned i)
{
    const struct conversation_segment *s = &p->c->segment[i];
    position end = (position)p->own->length + 1 + !!p->own->fin;
    bool aborts = i >= p->abort && s->header.flags & TCP_RST;
    return aborts && s->seq > end && s->seq <= p->edge ? end : s->seq;
}

static struct side recorded_side(const struct player *p)
{
    struct side own = {.at = grow(NULL, (p->c->count + 1) * sizeof(struct spoken)),
                       .recorded = true};
    bool finned[2] = {false, false}, opened = p->side == CONVERSATION_CLIENT;
    bool over = p->abort < p->c->count || p->closes;
    for (unsigned i = 0; i < p->c->count; i++) {
        const struct conversation_segment *s = &p->c->segment[i];
        finned[s->from] = finned[s->from] || s->header.flags & TCP_FIN;
        opened = opened || (s->from != p->side && s->seq == 1);
        if (s->from != p->side || s->icmp)
            continue;
        own.at[own.count++] =
            (struct spoken){.number = s->number,
                            .seq = place_of(p, i),
                            .ack = s->ack,
                            .header = s->header,
                            .length = s->text.length,
                            .closed = (finned[0] && finned[1]) || (over && i > p->alive),
                            .listens = !opened,
                            .abort = i == p->abort};
    }
    return own;
}

/* `b` was recorded. */
static bool same(const struct spoken *a, const struct spoken *b)
{
    uint16_t marks = a->header.flags & MARKS;
    uint16_t apart = a->header.flags ^ b->header.flags;
    if (marks != (b->header.flags & MARKS) || (apart & TCP_ACK && !b->abort))
        return false;
    if (marks & TCP_RST) /* whatever it acknowledges, its number counts: RFC 5961 3 */
        return a->seq == b->seq || (b->abort && b->seq < a->seq);
    bool empty = a->length == 0 && b->length == 0 && marks == 0;
    return a->seq == b->seq && spoken_end(a) == spoken_end(b) && (!empty || a->ack == b->ack);
}

/* Partners occur in about the same order: the next one is near the last. */
static struct spoken *partner(const struct side *rill, const struct spoken *s, unsigned last)
{
    unsigned from = last > REACH ? last - REACH : 0, to = min_of(rill->count, last + REACH);
    for (unsigned i = from; i < to; i++)
        if (!rill->at[i].matched && same(&rill->at[i], s))
            return &rill->at[i];
    return NULL;
}

/* ----------------------------------------------------------- partners */

struct words {
    char kinds[48], rill[NOTATION_MAX * 2];
};

__attribute__((format(printf, 3, 4))) static void add_words(struct words *w, const char *kind,
                                                            const char *format, ...)
{
    size_t length = strlen(w->rill);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(w->rill + length, sizeof w->rill - length, format, arguments);
    va_end(arguments);
    strcat(strcat(w->kinds, w->kinds[0] ? ", " : ""), kind);
}

/* Reports each kind of difference between partners: rill's value and the recorded one. */
static void compare_partners(struct differences *d, const struct spoken *theirs,
                             const struct spoken *ours)
{
    struct words w = {.kinds = ""};
    const struct tcp_header *t = &theirs->header, *o = &ours->header;
    struct notation options = notation_options(&t->options), rill = notation_options(&o->options);
    bool other = strcmp(options.text, rill.text) != 0;
    if ((t->flags ^ o->flags) & CHOICE)
        add_words(&w, "flags", " [%s]", notation_flags(o->flags).text);
    if (spoken_end(theirs) != theirs->seq && theirs->ack != ours->ack)
        add_words(&w, "ACK timing", " ack %lld", (long long)ours->ack);
    if (t->window != o->window)
        add_words(&w, "window", " win %u", o->window);
    if (other)
        add_words(&w, "options", " <%s>", rill.text);
    if (w.kinds[0])
        difference_add(d, theirs->number, true, "%s: %s%s%s%s; rill%s", w.kinds,
                       notation_segment(theirs).text, other ? " <" : "", other ? options.text : "",
                       other ? ">" : "", w.rill);
}

/* ----------------------------------------------------------- segments without one */

static int order(const void *a, const void *b)
{
    position x = *(const position *)a, y = *(const position *)b;
    return (x > y) - (x < y);
}

/* Facts of a side that decide about segments without a partner: computed once. */
static void survey(struct side *side)
{
    side->reset = grow(NULL, (side->count + 1) * sizeof *side->reset);
    for (unsigned i = 0; i < side->count; i++) {
        const struct spoken *s = &side->at[i];
        uint16_t flags = s->header.flags;
        if (flags & TCP_RST) {
            side->reset[side->resets] = s->seq;
            side->resets += s->matched;
            continue;
        }
        if (flags & TCP_SYN)
            side->opened[!!(flags & TCP_ACK)] = true;
        side->finned = side->finned || flags & TCP_FIN;
    }
    qsort(side->reset, side->resets, sizeof *side->reset, order);
}

/* A RST with the number that a segment has acknowledged: its sender has no connection. */
static bool is_answer(const struct spoken *s)
{
    return (s->header.flags & (TCP_RST | TCP_ACK)) == TCP_RST;
}

/* A RST that answers a segment after the end: RFC 9293 3.10.7.1 requires it from CLOSED, and it
 * can harm no connection. If it is missing, a filter or the recorded host has suppressed it; or
 * what it answers was still on its way to a host that had closed, and was recorded before. */
static bool is_epilogue(const struct spoken *s, const struct player *p)
{
    position end = (position)p->own->length + 1 + !!p->own->fin;
    bool ended = p->own->fin && p->peer->fin && s->seq == end;
    return (is_answer(s) && s->closed && s->seq <= end) || (ended && (is_answer(s) || s->abort));
}

/* Recorded after the peer's RST, which has ended the connection: they crossed on the recorded
 * path. */
static bool has_crossed(const struct player *p, const struct spoken *s, const struct side *other)
{
    return !other->recorded && p->reset && p->reset < s->number;
}

/* A RST may repeat another one: a filter's certainly; rill's, if the recorded host had not answered
 * the first SYN, or the path has lost its answers to what crossed the peer's RST. */
static const char *excuse_reset(const struct player *p, const struct spoken *s,
                                const struct side *other)
{
    if (is_epilogue(s, p))
        return "RST of CLOSED";
    if (is_answer(s) && s->listens && s->seq == 1)
        return "RST of LISTEN";
    bool took = p->reset > p->c->segment[p->alive].number; /* the peer's RST ended both */
    if (other->recorded && !p->c->refused && !took)
        return NULL;
    bool again = bsearch(&s->seq, other->reset, other->resets, sizeof *other->reset, order);
    return again ? "repetition" : NULL;
}

/* Why it is allowed without a partner; NULL: it is not. `highest`: what its sender had sent
 * before. */
static const char *excuse(const struct player *p, const struct spoken *s, const struct side *other,
                          position highest)
{
    uint16_t flags = s->header.flags;
    if (flags & (TCP_RST | TCP_FIN) && has_crossed(p, s, other))
        return "crossed RST";
    if (flags & TCP_RST)
        return excuse_reset(p, s, other);
    if ((flags & TCP_SYN && !other->opened[!!(flags & TCP_ACK)]) ||
        (flags & TCP_FIN && !other->finned))
        return NULL;
    if (flags & TCP_SYN)
        return "repetition";
    if (spoken_end(s) == s->seq)
        return "ACK timing";
    return spoken_end(s) > highest ? "segmentation" : "repetition";
}

static void compare_alone(struct player *p, const struct side *own, const struct side *other,
                          const char *who)
{
    position highest = 0;
    for (unsigned i = 0; i < own->count; i++) {
        const struct spoken *s = &own->at[i];
        uint16_t flags = s->header.flags;
        const char *mark = flags & TCP_RST ? "RST" : flags & TCP_SYN ? "SYN" : "FIN";
        const char *why = s->matched ? NULL : excuse(p, s, other, highest);
        highest = max_of(highest, spoken_end(s));
        if (!s->matched)
            difference_add(&p->report->differences, s->number, why != NULL, "%s: %s %s",
                           why ? why : mark, who, notation_segment(s).text);
    }
}

void compare(struct player *p)
{
    struct side theirs = recorded_side(p), ours = {.at = p->said, .count = p->said_count};
    struct differences *d = &p->report->differences;
    unsigned last = 0;
    for (unsigned i = 0; i < theirs.count; i++) {
        struct spoken *s = partner(&ours, &theirs.at[i], last);
        if (!s)
            continue;
        last = (unsigned)(s - ours.at);
        s->matched = theirs.at[i].matched = true;
        compare_partners(d, &theirs.at[i], s);
    }
    survey(&theirs);
    survey(&ours);
    compare_alone(p, &theirs, &ours, "only recorded");
    compare_alone(p, &ours, &theirs, "only rill sends");
    free(theirs.at);
    free(theirs.reset);
    free(ours.reset);
}
