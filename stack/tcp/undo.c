#include "tcp/undo.h"

#include "tcp/option.h"

void undo_start(struct tcp_conn *c, const struct ack_news *news)
{
    uint32_t ssthresh = c->window.ssthresh;
    c->busy->undo = (struct undo){
        .possible = true,
        .window = c->window,
        .pipe_before = max_of(news->flight, ssthresh), /* RFC 4015 step 0 */
        .rtt = c->rtt,
    };
}

void undo_sent_again(struct tcp *t, struct tcp_conn *c)
{
    struct undo *u = c->busy ? &c->busy->undo : NULL;
    if (!u || !u->possible)
        return;
    if (!u->first_again_at)
        u->first_again_at = t->now;
    u->sent_again++;
}

void undo_take_ack(struct tcp_conn *c, const struct ack_news *news)
{
    c->busy->undo.arrived_twice += news->duplicates_told;
}

bool undo_was_late(const struct tcp_conn *c, const struct ack_news *news)
{
    const struct undo *u = &c->busy->undo;
    return u->possible && u->first_again_at && option_echo_precedes(news, u->first_again_at);
}

bool undo_is_due(const struct tcp_conn *c, const struct ack_news *news)
{
    const struct undo *u = &c->busy->undo;
    bool all_twice = u->possible && u->sent_again && u->arrived_twice >= u->sent_again;
    return all_twice || undo_was_late(c, news);
}

/* RFC 4015 step 9: no burst of all that cwnd allowed before, but slow start up to it. */
static void reverse_time_out(struct tcp *t, struct tcp_conn *c, const struct ack_news *news)
{
    struct undo *u = &c->busy->undo;
    uint32_t flight = (uint32_t)(c->snd.nxt - c->snd.una);
    uint32_t burst = min_of(news->acked, cc_initial_window(t->config->initial_window, c->mss));
    c->window.cwnd = max_of(c->window.cwnd, flight + burst);
    c->window.ssthresh = max_of(c->window.ssthresh, u->pipe_before);
    u->rtt_from = c->snd.nxt;
}

void undo(struct tcp *t, struct tcp_conn *c, const struct ack_news *news, bool timed_out)
{
    struct undo *u = &c->busy->undo;
    u->possible = false;
    flight_forget_lost(&c->flight);
    if (news->echoed) /* RFC 4015 3.4: late, and congested all the same */
        return;
    if (timed_out) {
        reverse_time_out(t, c, news);
    } else {
        c->window.cwnd = max_of(c->window.cwnd, u->window.cwnd);
        c->window.ssthresh = max_of(c->window.ssthresh, u->window.ssthresh);
    }
    const struct cc_ops *cc = conn_cc(c);
    if (cc->undone)
        cc->undone(&c->window, &c->busy->cc, news, c->mss);
}

bool undo_takes_rtt(struct tcp_conn *c, position from, rill_time rtt)
{
    struct undo *u = c->busy ? &c->busy->undo : NULL;
    if (!u || !u->rtt_from || from < u->rtt_from)
        return false;
    u->rtt_from = 0;
    rtt_widen(&c->rtt, &u->rtt, rtt);
    return true;
}
