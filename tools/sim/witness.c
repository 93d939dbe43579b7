#include "sim/witness.h"

#include "socket/rill.h"
#include "tcp/seq.h"
#include "wire/eth.h"
#include "wire/ip4.h"
#include "wire/tcp_header.h"

#include <assert.h>
#include <stdlib.h>

#define BUCKETS 1024
#define UNHEEDED_MAX 4 /* windows: one for the echo, one for CWR, and tolerance */
#define TIME_WAIT_STEP RILL_MILLISECONDS(1) /* the resolution of the records */
#define TOLD_TWICE_MIN 64                   /* so many D-SACKs cannot all be lost */

/* One direction of a connection: its sender's state. */
struct voice {
    struct voice *next; /* in its bucket */
    uint32_t source, destination;
    uint16_t source_port, destination_port;
    bool begun; /* `iss` is known */
    uint32_t iss;
    bool has_scale;
    uint8_t scale;
    bool acked;         /* `ack` is known */
    bool has_edge;      /* `edge` is known */
    bool ended;         /* `fin` is known */
    uint32_t ack, edge; /* the furthest */
    uint32_t window;    /* the largest, bytes */
    uint32_t fin;       /* the number that acknowledges its FIN */
    bool ended_first;   /* it sent its FIN without waiting for the peer's: TIME_WAIT is its own */
    bool over;          /* both FINs have been acknowledged, since `over_at` */
    bool broken;        /* an RST was seen: from now on the rules do not apply */
    rill_time over_at;
    bool echoes; /* sends ECE, since when text beyond `echo_edge` was not allowed */
    uint32_t echo_edge;
    unsigned unheeded; /* windows of text since then without CWR */
};

struct witness {
    struct trial *trial;
    unsigned told_twice[TRIAL_HOSTS]; /* D-SACKs for this host */
    struct voice *bucket[BUCKETS];
};

/* The facts of a segment. */
struct statement {
    struct ip4 ip;
    struct tcp_header tcp;
    uint32_t text;
};

/* A frame may hold only its headers: the text lies in gather spans. */
static bool read_statement(const struct rill_frame *f, struct statement *s)
{
    struct eth eth;
    struct rill_span packet, segment, text;
    if (!eth_parse(&eth, span_of(f->buffer + f->start, f->length), &packet) ||
        eth.type != ETH_TYPE_IP4 || !ip4_parse_quoted(&s->ip, packet, &segment) ||
        s->ip.protocol != IP_PROTOCOL_TCP || s->ip.more_fragments || s->ip.fragment_offset ||
        tcp_header_parse(&s->tcp, segment, &text) != RILL_DROP_NONE)
        return false;
    s->text = (uint32_t)(s->ip.total_length - (text.at - packet.at));
    return true;
}

static struct voice *find(struct witness *w, const struct statement *s, bool peer)
{
    struct voice key = {.source = peer ? s->ip.destination : s->ip.source,
                        .destination = peer ? s->ip.source : s->ip.destination,
                        .source_port = peer ? s->tcp.destination : s->tcp.source,
                        .destination_port = peer ? s->tcp.source : s->tcp.destination};
    uint32_t mixed = key.source_port * 31u + key.destination_port + key.source * 7u;
    struct voice **at = &w->bucket[mixed % BUCKETS];
    for (; *at; at = &(*at)->next)
        if ((*at)->source == key.source && (*at)->destination == key.destination &&
            (*at)->source_port == key.source_port &&
            (*at)->destination_port == key.destination_port)
            return *at;
    *at = malloc(sizeof key);
    assert(*at);
    **at = key;
    return *at;
}

/* `hosts`: no host has the address. */
static unsigned host_of(const struct trial *t, uint32_t address)
{
    unsigned i = 0;
    while (i < t->hosts && rill_sim_address(t->host[i]) != address)
        i++;
    return i;
}

static uint64_t counted(const struct trial *t, unsigned host, enum rill_counter c)
{
    return rill_counters(rill_sim_stack(t->host[host]))->value[c];
}

static bool uses_cookies(const struct trial *t, uint32_t address)
{
    unsigned i = host_of(t, address);
    return i < t->hosts && counted(t, i, RILL_TcpExtSyncookiesSent) > 0;
}

static void break_promise(struct witness *w, const struct statement *s, const char *what)
{
    if (uses_cookies(w->trial, s->ip.source) || uses_cookies(w->trial, s->ip.destination))
        return;
    trial_fail(w->trial, "%u -> %u: %s (seq %u, ack %u)", s->tcp.source, s->tcp.destination, what,
               s->tcp.seq.n, s->tcp.ack.n);
}

/* A connection begins: earlier facts are dropped. A retransmitted SYN, maybe after text and FIN of
 * a Fast Open connection, begins nothing. */
static void hear_syn(struct voice *v, const struct statement *s)
{
    bool answers = s->tcp.flags & TCP_ACK;
    if (v->begun && v->iss == s->tcp.seq.n && (v->acked || !answers))
        return;
    v->begun = true;
    v->iss = s->tcp.seq.n;
    v->acked = v->has_edge = v->ended = v->over = v->broken = v->echoes = false;
    v->window = 0;
    v->has_scale = s->tcp.options.has_window_scale;
    v->scale = (uint8_t)min_of(s->tcp.options.window_scale, 14);
    if (!answers)
        return;
    v->acked = v->has_edge = true;
    v->ack = s->tcp.ack.n;
    v->edge = v->ack + s->tcp.window; /* never scaled */
}

static void hear_ack(struct witness *w, struct voice *v, const struct voice *peer,
                     const struct statement *s)
{
    unsigned scale = v->has_scale && peer->has_scale ? v->scale : 0;
    uint32_t window = (uint32_t)s->tcp.window << scale;
    uint32_t ack = s->tcp.ack.n, edge = ack + window;
    bool all_heard = peer->ended && ack == peer->fin; /* the window does not matter any more */
    if (v->acked && seq_after(v->ack, ack))
        break_promise(w, s, "an acknowledgement went back");
    if (v->has_edge && !all_heard && seq_after(v->edge, edge + (1u << scale)))
        break_promise(w, s, "the window's edge moved to the left");
    v->window = max_of(v->window, window);
    v->ack = ack;
    v->edge = v->has_edge && seq_after(v->edge, edge) ? v->edge : edge;
    v->acked = v->has_edge = true;
}

/* RFC 3168 6.1.3. Text beyond an edge shows that its sender has received a later one; text a window
 * further shows that it has received the reaction to that text, too. */
static void hear_echo(struct voice *v, const struct statement *s)
{
    bool echoes = s->tcp.flags & TCP_ECE;
    if (echoes && !v->echoes) {
        v->echo_edge = v->edge + v->window;
        v->unheeded = 0;
    }
    v->echoes = echoes;
}

/* RFC 3168 6.1.2: text carries CWR, if ECE requested it. */
static void answer_echo(struct witness *w, struct voice *peer, const struct statement *s)
{
    if (s->tcp.flags & TCP_CWR)
        peer->echoes = false;
    if (!peer->echoes || !seq_after(s->tcp.seq.n + s->text, peer->echo_edge))
        return;
    peer->echo_edge = peer->edge + peer->window;
    if (++peer->unheeded > UNHEEDED_MAX)
        break_promise(w, s, "ECE is not answered with CWR");
}

/* RFC 2883 4: the first block lies below the acknowledgement. */
static void count_duplicate(struct witness *w, const struct statement *s)
{
    const struct tcp_options *o = &s->tcp.options;
    unsigned to = host_of(w->trial, s->ip.destination);
    if (to < w->trial->hosts && o->sack_count && !seq_after(o->sack[0].right.n, s->tcp.ack.n))
        w->told_twice[to]++;
}

static void hear_fin(struct voice *v, const struct voice *peer, const struct statement *s)
{
    if (!v->ended)
        v->ended_first = !(peer->ended && v->acked && v->ack == peer->fin);
    v->ended = true;
    v->fin = s->tcp.seq.n + s->text + 1;
}

/* Both FINs have been acknowledged: the end in TIME_WAIT starts its time now, although it may send
 * nothing for long. */
static void note_end(struct witness *w, struct voice *v, struct voice *peer)
{
    if (v->over || !v->ended || !peer->ended || v->ack != peer->fin || peer->ack != v->fin)
        return;
    v->over = peer->over = true;
    v->over_at = peer->over_at = rill_sim_now(w->trial->sim);
}

/* RFC 9293 3.6.1: the end that closed first stays for a while, to acknowledge the other's FIN. A
 * host may have room for fewer records than that, or had no memory for one; and who has given up
 * (TCP_USER_TIMEOUT), because the last ACK was lost on its way, is not in TIME_WAIT. */
static void hear_reset(struct witness *w, struct voice *v, struct voice *peer,
                       const struct statement *s)
{
    unsigned host = host_of(w->trial, s->ip.source);
    assert(host < w->trial->hosts);
    const struct net *net = &rill_sim_stack(w->trial->host[host])->net;
    const struct rill_tcp_config *c = net->tcp.config;
    bool by_nobody = !(s->tcp.flags & TCP_ACK); /* else its application has aborted it */
    bool waits = by_nobody && v->over && v->ended_first && !v->broken && !w->trial->harmed[host] &&
                 !net->memory.refused && !counted(w->trial, host, RILL_TcpExtTCPAbortOnTimeout) &&
                 counted(w->trial, host, RILL_TcpExtTW) <= c->time_waits_max &&
                 rill_sim_now(w->trial->sim) < v->over_at + c->time_wait - TIME_WAIT_STEP;
    if (waits)
        break_promise(w, s, "an RST where TIME_WAIT should be");
    v->broken = peer->broken = true;
}

static void hear_text(struct witness *w, const struct voice *peer, const struct statement *s)
{
    uint32_t end = s->tcp.seq.n + s->text;
    if (s->text && peer->has_edge && seq_after(end, peer->edge + 1))
        break_promise(w, s, "text beyond the window");
}

static void hear(void *context, struct rill_sim_node *from, const struct rill_frame *f)
{
    struct witness *w = context;
    struct statement s;
    (void)from;
    if (!read_statement(f, &s))
        return;
    struct voice *v = find(w, &s, false), *peer = find(w, &s, true);
    if (s.tcp.flags & TCP_RST) {
        hear_reset(w, v, peer, &s);
        return;
    }
    if (s.tcp.flags & TCP_SYN) {
        hear_syn(v, &s);
        return;
    }
    if (s.tcp.flags & TCP_ACK) {
        hear_ack(w, v, peer, &s);
        hear_echo(v, &s);
        count_duplicate(w, &s);
    }
    hear_text(w, peer, &s);
    if (s.text)
        answer_echo(w, peer, &s);
    if (s.tcp.flags & TCP_FIN)
        hear_fin(v, peer, &s);
    note_end(w, v, peer);
}

/* D-SACKs must be counted by their receiver (RFC 2883), except those of an attacker. */
static void judge_duplicates(const struct witness *w)
{
    struct trial *t = w->trial;
    for (unsigned i = 0; i < t->hosts && !t->attacked; i++)
        if (w->told_twice[i] >= TOLD_TWICE_MIN && !t->harmed[i] &&
            !counted(t, i, RILL_TcpExtTCPDSACKRecv))
            trial_fail(t, "%s has heard none of %u D-SACKs", rill_sim_name(t->host[i]),
                       w->told_twice[i]);
}

struct witness *witness_begin(struct trial *t)
{
    struct witness *w = calloc(1, sizeof *w);
    assert(w);
    w->trial = t;
    rill_sim_watch(t->sim, hear, w);
    return w;
}

void witness_end(struct witness *w)
{
    judge_duplicates(w);
    rill_sim_watch(w->trial->sim, NULL, NULL);
    for (unsigned i = 0; i < BUCKETS; i++)
        for (struct voice *v = w->bucket[i], *next; v; v = next) {
            next = v->next;
            free(v);
        }
    free(w);
}
