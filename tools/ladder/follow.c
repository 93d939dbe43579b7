/* The states of both ends of a TCP conversation after each segment. */
#include "ladder/ladder.h"

enum rill_tcp_state end_state(const struct end *e)
{
    if (e->gone)
        return RILL_TCP_CLOSED;
    if (!e->syn_sent && !e->syn_received)
        return e->listens ? RILL_TCP_LISTEN : RILL_TCP_CLOSED;
    if (!e->syn_received)
        return RILL_TCP_SYN_SENT;
    if (!e->syn_acked && !e->fin_sent)
        return RILL_TCP_SYN_RECEIVED;
    if (!e->fin_sent)
        return e->fin_received ? RILL_TCP_CLOSE_WAIT : RILL_TCP_ESTABLISHED;
    if (!e->fin_received)
        return e->fin_acked ? RILL_TCP_FIN_WAIT_2 : RILL_TCP_FIN_WAIT_1;
    if (e->fin_second)
        return e->fin_acked ? RILL_TCP_CLOSED : RILL_TCP_LAST_ACK;
    return e->fin_acked ? RILL_TCP_TIME_WAIT : RILL_TCP_CLOSING;
}

/* a at or beyond b, modulo 2^32. */
static bool reaches(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) >= 0;
}

/* The sequence number after the segment. */
static uint32_t step_end(const struct step *s)
{
    uint16_t flags = s->packet->tcp.flags;
    return s->seq + s->packet->length + !!(flags & TCP_SYN) + !!(flags & TCP_FIN);
}

static void end_number(struct end *e, uint32_t isn)
{
    if (e->numbered)
        return;
    e->numbered = true;
    e->isn = isn;
}

/* A capture that begins inside a conversation starts with two established ends; the first number
 * seen becomes 1. */
static void end_assume_established(struct end *e)
{
    e->syn_sent = e->syn_received = e->syn_acked = true;
}

void step_number(struct conversation *c, struct step *s)
{
    const struct tcp_header *tcp = &s->packet->tcp;
    struct end *sender = &c->end[s->from], *peer = &c->end[!s->from];
    if (!c->from_start) {
        end_assume_established(sender);
        end_assume_established(peer);
        end_number(sender, tcp->seq.n - 1);
    }
    if (tcp->flags & TCP_SYN)
        end_number(sender, tcp->seq.n);
    if (tcp->flags & TCP_ACK)
        end_number(peer, tcp->ack.n - 1);
    s->seq = tcp->seq.n - sender->isn;
    s->ack = tcp->ack.n - peer->isn;
    s->again = step_end(s) != s->seq && sender->sent && reaches(sender->sent, step_end(s));
}

static void end_take_fin(struct end *e)
{
    if (e->fin_received)
        return;
    e->fin_received = true;
    e->fin_second = !e->fin_sent;
}

/* What a segment reveals about its sender: the ACK shows what had reached it. */
static void end_send(struct end *e, const struct end *peer, const struct step *s)
{
    uint16_t flags = s->packet->tcp.flags;
    if (flags & TCP_ACK && !(flags & TCP_RST)) {
        e->acked = s->ack;
        e->syn_received |= peer->syn_sent;
        if (peer->fin_sent && reaches(s->ack, peer->fin + 1))
            end_take_fin(e);
    }
    if (flags & TCP_SYN)
        e->syn_sent = true;
    if (flags & TCP_FIN && !e->fin_sent) {
        e->fin_sent = true;
        e->fin = step_end(s) - 1;
    }
    e->gone = flags & TCP_RST; /* it goes on, so it was not reset: the RST was forged */
    if (!e->gone && reaches(step_end(s), e->sent))
        e->sent = step_end(s);
}

/* A SYN or FIN has reached the other end if that end's next segment acknowledges it. After its last
 * segment all are assumed to have arrived. */
static bool step_received(const struct step *s, const struct end *receiver)
{
    uint16_t flags = s->packet->tcp.flags;
    if (!(flags & (TCP_SYN | TCP_FIN)))
        return true;
    if (!s->reply)
        return !(flags & TCP_SYN);
    const struct tcp_header *reply = &s->reply->packet->tcp;
    if (reply->flags & TCP_RST)
        return receiver->syn_sent; /* a closed port stays closed */
    uint32_t acked = reply->ack.n - (s->packet->tcp.seq.n - s->seq);
    return reply->flags & TCP_ACK && reaches(acked, step_end(s));
}

/* RFC 9293 3.10.7.3: in SYN_SENT the ACK decides. Later the number must be one that a correct stack
 * uses (RFC 5961 3): the next expected one, as known to either end. */
static bool reset_counts(const struct end *e, const struct end *sender, const struct step *s)
{
    if (end_state(e) == RILL_TCP_SYN_SENT)
        return s->packet->tcp.flags & TCP_ACK && s->ack == e->sent;
    return s->seq == e->acked || s->seq == sender->sent;
}

/* An end that repeats its SYN has not got the ACK of the first one. */
static bool says_syn(const struct step *reply)
{
    return reply && reply->packet->tcp.flags & TCP_SYN;
}

static void end_receive(struct end *e, const struct end *sender, const struct step *s)
{
    uint16_t flags = s->packet->tcp.flags;
    if (flags & TCP_RST) {
        e->gone |= reset_counts(e, sender, s);
        return;
    }
    if (flags & TCP_ACK && e->sent && !reaches(e->sent, s->ack))
        return; /* acknowledges data that was never sent */
    e->syn_received |= flags & TCP_SYN;
    if (sender->fin_sent && reaches(step_end(s), sender->fin + 1) &&
        (!s->reply || flags & TCP_FIN ||
         reaches(s->reply->packet->tcp.ack.n - sender->isn, sender->fin + 1)))
        end_take_fin(e);
    if (flags & TCP_ACK && reaches(s->ack, 1) && !says_syn(s->reply))
        e->syn_acked = true;
    if (flags & TCP_ACK && e->fin_sent && reaches(s->ack, e->fin + 1))
        e->fin_acked = true;
}

/* In live mode a FIN is assumed to have arrived: its receiver's next segment may show that it had
 * not. */
static void end_correct(struct end *e, const struct end *peer, const struct step *s)
{
    if (!e->fin_received || !(s->packet->tcp.flags & TCP_ACK) || reaches(s->ack, peer->fin + 1))
        return;
    e->fin_received = e->fin_second = false;
}

void step_follow(struct conversation *c, struct step *s)
{
    struct end *sender = &c->end[s->from], *receiver = &c->end[!s->from];
    for (unsigned i = 0; i < 2; i++)
        s->before[i] = end_state(&c->end[i]);
    if (c->live)
        end_correct(sender, receiver, s);
    end_send(sender, receiver, s);
    s->received = c->live || step_received(s, receiver);
    if (s->received)
        end_receive(receiver, sender, s);
    for (unsigned i = 0; i < 2; i++)
        s->after[i] = end_state(&c->end[i]);
}
