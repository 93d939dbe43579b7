#include "tcp/recovery.h"

#include "tcp/life.h"
#include "tcp/mtu.h"
#include "tcp/note.h"

#define DUPLICATE_THRESHOLD 3 /* RFC 5681 3.2 */
#define LOOK_BACK 64          /* records that one ACK looks at for the edge of what is lost */

/* Records that lie wholly inside [left, right). */
static void sack_block(struct tcp_conn *c, position left, position right, struct ack_news *news)
{
    struct recovery *r = &c->busy->recovery;
    for (uint32_t i = flight_find(&c->flight, left); i < flight_count(&c->flight); i++) {
        struct flight_record *f = flight_at(&c->flight, i);
        position end = f->from + f->length;
        if (end > right)
            break;
        if (f->from < left || f->sacked)
            continue;
        flight_set_sacked(&c->flight, i);
        news->sacked += f->length;
        news->segments++;
        r->highest_sacked = max_of(r->highest_sacked, end);
    }
}

void recovery_take_sack(struct tcp_conn *c, const struct segment *s, struct ack_news *news)
{
    const struct tcp_options *o = &s->header->options;
    if (!c->sack || !c->busy)
        return;
    for (unsigned i = 0; i < o->sack_count; i++) {
        position left = seq_unwrap(o->sack[i].left, c->iss, c->snd.una);
        position right = seq_unwrap(o->sack[i].right, c->iss, c->snd.una);
        /* D-SACK (RFC 2883) and nonsense lie outside of what is in flight */
        if (left >= c->snd.una && left < right && right <= c->snd.nxt)
            sack_block(c, left, right, news);
    }
}

/* RFC 6675 4, IsLost: all below the position above which three segments, or more bytes than two
 * full ones have, are SACKed. */
static position lost_edge(struct tcp_conn *c)
{
    const struct recovery *r = &c->busy->recovery;
    uint32_t count = flight_count(&c->flight), above = 0, segments = 0;
    uint32_t i = flight_find(&c->flight, r->highest_sacked - 1);
    if (r->highest_sacked <= c->snd.una || i == count)
        return c->snd.una;
    for (uint32_t steps = 0; steps < LOOK_BACK; steps++) {
        const struct flight_record *f = flight_at(&c->flight, i);
        above += f->sacked ? f->length : 0;
        segments += f->sacked;
        if (segments >= DUPLICATE_THRESHOLD || above > (DUPLICATE_THRESHOLD - 1) * (uint32_t)c->mss)
            return f->from;
        if (i-- == 0)
            return c->snd.una;
    }
    return c->snd.una; /* too far: the next ACK tells more */
}

/* What SACK proves lost; each record is judged once, a lost retransmission is left to the timer. */
static void mark_lost_by_sack(struct tcp_conn *c, struct ack_news *news)
{
    struct recovery *r = &c->busy->recovery;
    position edge = lost_edge(c), from = max_of(r->marked, c->snd.una);
    for (uint32_t i = flight_find(&c->flight, from); i < flight_count(&c->flight); i++) {
        const struct flight_record *f = flight_at(&c->flight, i);
        if (f->from + f->length > edge)
            break;
        r->marked = f->from + f->length;
        if (f->sacked || f->lost || f->retransmitted)
            continue;
        flight_set_lost(&c->flight, i);
        news->lost += f->length;
    }
}

/* Without SACK the oldest record is all that can be judged (RFC 6582 3.2 steps 2 and 3). */
static void mark_first_lost(struct tcp_conn *c, struct ack_news *news)
{
    if (flight_count(&c->flight) == 0 || flight_at(&c->flight, 0)->lost)
        return;
    flight_set_lost(&c->flight, 0);
    news->lost += flight_at(&c->flight, 0)->length;
}

/* cwnd comes down to the ssthresh that the plug-in sets. */
static void reduce(struct tcp_conn *c, const struct ack_news *news)
{
    conn_cc(c)->congested(&c->window, &c->busy->cc, news, c->mss);
    c->window.cwnd = c->window.ssthresh;
}

static void enter_fast_recovery(struct tcp *t, struct tcp_conn *c, const struct ack_news *news)
{
    struct recovery *r = &c->busy->recovery;
    if (r->state == RECOVERY_NONE) /* once for each window of data */
        reduce(c, news);
    r->state = RECOVERY_FAST;
    r->point = c->snd.nxt;
    t->counters->value[RILL_TcpExtTCPFastRetrans]++;
    note_loss(t, c, RILL_REASON_RETRANSMIT_FAST);
}

static void count_duplicates(struct tcp_conn *c, struct ack_news *news)
{
    struct recovery *r = &c->busy->recovery;
    if (news->una_advanced) {
        if (!c->sack) /* each duplicate ACK has told of a segment already */
            news->delivered -= min_of(news->delivered, r->duplicates * c->mss);
        /* a partial ACK says that one more has left: RFC 6582 3.2 step 3 */
        uint32_t left = news->acked / max_of(c->mss, 1u);
        r->duplicates =
            r->state == RECOVERY_FAST && r->duplicates > left ? r->duplicates - left : 0;
    } else if (news->duplicate) {
        r->duplicates++;
    }
}

static void find_losses(struct tcp_conn *c, struct ack_news *news)
{
    struct recovery *r = &c->busy->recovery;
    if (c->sack)
        mark_lost_by_sack(c, news);
    else if (r->state == RECOVERY_FAST && news->una_advanced)
        mark_first_lost(c, news);
    else if (r->state <= RECOVERY_REDUCED && r->duplicates == DUPLICATE_THRESHOLD &&
             c->snd.una > r->point)
        mark_first_lost(c, news); /* RFC 6582 3.2 step 1: not for what our own repair causes */
}

/* SHLD-8, RFC 3168 6.1.2: as for a loss, but nothing is sent again; once for each window. */
static void reduce_for_echo(struct tcp_conn *c, const struct ack_news *news)
{
    struct recovery *r = &c->busy->recovery;
    r->state = RECOVERY_REDUCED;
    r->point = c->snd.nxt;
    c->cwr_owed = true;
    reduce(c, news);
}

void recovery_take_ack(struct tcp *t, struct tcp_conn *c, struct ack_news *news)
{
    if (!c->busy)
        return;
    struct recovery *r = &c->busy->recovery;
    count_duplicates(c, news);
    if (r->state != RECOVERY_NONE && c->snd.una >= r->point) {
        r->state = RECOVERY_NONE; /* all that was out when the loss was found has arrived */
        r->duplicates = 0;
        r->point = c->snd.una - 1;
    }
    find_losses(c, news);
    if (news->lost && r->state <= RECOVERY_REDUCED && !mtu_take_loss(t, c))
        enter_fast_recovery(t, c, news);
    else if (news->echoed && r->state == RECOVERY_NONE)
        reduce_for_echo(c, news);
    news->in_recovery = r->state == RECOVERY_FAST || r->state == RECOVERY_REDUCED;
    if (news->una_advanced)
        conn_cc(c)->acked(&c->window, &c->busy->cc, news, c->mss);
}

/* How often in a row nothing at all has come through. */
static uint32_t count_stops(const struct tcp_conn *c, const struct recovery *r)
{
    bool again = r->stops && r->stopped_at == c->snd.una;
    return again ? min_of(r->stops, UINT32_MAX - 1) + 1 : 1;
}

void recovery_time_out(struct tcp *t, struct tcp_conn *c)
{
    struct ack_news news = {
        .now = t->now, .flight = (uint32_t)(c->snd.nxt - c->snd.una), .again = c->unanswered > 0};
    struct tcp_busy *b = conn_busy(t, c);
    flight_forget_sacked(&c->flight); /* the receiver may have reneged: RFC 2018 8 */
    flight_set_all_lost(&c->flight);
    t->counters->value[RILL_TcpExtTCPTimeouts]++;
    note_loss(t, c, RILL_REASON_RETRANSMIT_TIMEOUT);
    if (!b) { /* no memory: one segment at a time */
        c->window.cwnd = c->mss;
        return;
    }
    conn_cc(c)->timed_out(&c->window, &b->cc, &news, c->mss);
    b->recovery = (struct recovery){.state = RECOVERY_TIMEOUT,
                                    .point = c->snd.nxt,
                                    .stopped_at = c->snd.una,
                                    .stops = count_stops(c, &b->recovery)};
}
