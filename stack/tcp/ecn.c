#include "tcp/ecn.h"

#include "tcp/accecn.h"
#include "tcp/life.h"
#include "wire/ip4.h"

#define ECN_SETUP (TCP_ECE | TCP_CWR)

static bool requests(const struct tcp *t, const struct cc_ops *cc)
{
    enum rill_ecn e = t->config->ecn;
    return e == RILL_ECN_REQUEST || e >= RILL_ECN_ACCEPT_ACCURATE_REQUEST || cc->exact_ecn;
}

uint16_t ecn_syn_flags(const struct tcp *t, const struct tcp_conn *c)
{
    if (accecn_requests(t))
        return c->backoff < ACCECN_REQUESTS ? ECN_SETUP | TCP_AE : 0;
    return requests(t, conn_cc(c)) && !c->backoff ? ECN_SETUP : 0;
}

uint16_t ecn_syn_ack_flags(struct tcp_conn *c)
{
    if (!conn_accurate(c))
        return c->ecn ? TCP_ECE : 0;
    uint16_t flags = accecn_syn_ack_flags(conn_accurate(c)->handshake, c->backoff);
    if (!flags)
        conn_accurate(c)->failures |= ACCECN_ACE_FAILS_SENDING;
    return flags;
}

bool ecn_accepts(const struct tcp *t, const struct cc_ops *cc)
{
    return t->config->ecn != RILL_ECN_OFF || cc->exact_ecn;
}

/* RFC 3168 6.1.1: a SYN asks with ECE and CWR, a SYN-ACK agrees with ECE alone. */
bool ecn_agreed(const struct tcp *t, const struct cc_ops *cc, uint16_t flags)
{
    if (flags & TCP_ACK)
        return (flags & ECN_SETUP) == TCP_ECE && requests(t, cc);
    return (flags & ECN_SETUP) == ECN_SETUP && ecn_accepts(t, cc);
}

/* RFC 3168 6.1.1, 6.1.4, 6.1.5: only new text, not SYNs, empty segments or retransmissions. RFC
 * 8257 3.4: all segments, because a switch that would mark them drops packets that are not
 * ECN-capable. */
uint8_t ecn_codepoint(const struct tcp_conn *c, uint16_t flags, bool fresh)
{
    bool asks = (flags & (TCP_SYN | TCP_ACK | ECN_SETUP)) == (TCP_SYN | ECN_SETUP);
    if (conn_accurate(c) && !(flags & TCP_SYN))
        return flags & TCP_RST ? 0 : accecn_codepoint(c);
    bool all = conn_cc(c)->exact_ecn && (c->ecn || asks);
    return all || (c->ecn && fresh) ? ECN_ECT0 : 0;
}

/* The text taken next is acknowledged without delay. */
static void acknowledge_at_once(struct tcp_conn *c)
{
    c->quick_acks = max_of(c->quick_acks, 1);
    c->interactive = false;
}

/* RFC 3168 6.1.3: CE is echoed on every ACK, beginning at once, until the peer's CWR says that it
 * has reduced its window. */
static void latch(struct tcp_conn *c, const struct segment *s)
{
    if (segment_has(s, TCP_CWR))
        c->ecn_echo = false;
    if (s->ecn == ECN_CE && s->text.length) {
        c->ecn_echo = true;
        acknowledge_at_once(c);
    }
}

/* An empty range between two edges, or one for which there is no room, is merged with its
 * neighbours, which both have the other mark. */
static void note_edge(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_busy *b = conn_busy(t, c);
    if (!b || c->rcv.acked == c->rcv.nxt)
        return;
    bool empty = b->ce_edges && b->ce_edge[b->ce_edges - 1] == c->rcv.nxt;
    if (empty || b->ce_edges == CE_EDGES)
        b->ce_edges--;
    else
        b->ce_edge[b->ce_edges++] = c->rcv.nxt;
}

/* RFC 8257 3.2: two ACKs at once, one for the bytes before the change and one for the new ones. */
static void follow(struct tcp *t, struct tcp_conn *c, const struct segment *s)
{
    bool marked = s->ecn == ECN_CE;
    if (!s->text.length || marked == c->ecn_echo)
        return;
    note_edge(t, c);
    c->ecn_echo = marked;
    acknowledge_at_once(c);
}

void ecn_take(struct tcp *t, struct tcp_conn *c, const struct segment *s)
{
    if (!c->ecn)
        return;
    if (conn_accurate(c))
        accecn_take(t, c, s);
    else if (conn_cc(c)->exact_ecn)
        follow(t, c, s);
    else
        latch(c, s);
}

static unsigned edges(const struct tcp_conn *c)
{
    return c->busy ? c->busy->ce_edges : 0;
}

bool ecn_acks_apart(const struct tcp_conn *c)
{
    return edges(c) > 0;
}

position ecn_ack(const struct tcp_conn *c)
{
    return edges(c) ? c->busy->ce_edge[0] : c->rcv.nxt;
}

uint16_t ecn_flags(struct tcp_conn *c)
{
    if (conn_accurate(c))
        return accecn_flags(c);
    return c->ecn_echo ^ (edges(c) & 1) ? TCP_ECE : 0;
}

bool ecn_acked(struct tcp_conn *c)
{
    if (!edges(c))
        return false;
    struct tcp_busy *b = c->busy;
    b->ce_edges--;
    memmove(b->ce_edge, b->ce_edge + 1, b->ce_edges * sizeof *b->ce_edge);
    return true;
}
