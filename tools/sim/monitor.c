#include "sim/monitor.h"

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
#define DUPLICATES_MIN 64                   /* so many D-SACKs cannot all be lost */

/* One direction of a connection: its sender's state. */
struct direction {
    struct direction *next; /* in its bucket */
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
    bool accurate; /* requests or has accepted accurate ECN (RFC 9768): ECE and CWR are a number */
    bool echoes;   /* sends ECE, since when text beyond `echo_edge` was not allowed */
    uint32_t echo_edge;
    unsigned unheeded; /* windows of text since then without CWR */
};

struct monitor {
    struct trial *trial;
    unsigned duplicates[TRIAL_HOSTS]; /* D-SACKs for this host */
    struct direction *bucket[BUCKETS];
};

/* The facts of a segment. */
struct segment {
    struct ip4 ip;
    struct tcp_header tcp;
    uint32_t text;
};

/* A frame may hold only its headers: the text lies in gather spans. */
static bool parse_segment(const struct rill_frame *f, struct segment *s)
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

static struct direction *find(struct monitor *m, const struct segment *s, bool peer)
{
    struct direction key = {.source = peer ? s->ip.destination : s->ip.source,
                            .destination = peer ? s->ip.source : s->ip.destination,
                            .source_port = peer ? s->tcp.destination : s->tcp.source,
                            .destination_port = peer ? s->tcp.source : s->tcp.destination};
    uint32_t mixed = key.source_port * 31u + key.destination_port + key.source * 7u;
    struct direction **at = &m->bucket[mixed % BUCKETS];
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

static void report_violation(struct monitor *m, const struct segment *s, const char *what)
{
    if (uses_cookies(m->trial, s->ip.source) || uses_cookies(m->trial, s->ip.destination))
        return;
    trial_fail(m->trial, "%u -> %u: %s (seq %u, ack %u)", s->tcp.source, s->tcp.destination, what,
               s->tcp.seq.n, s->tcp.ack.n);
}

/* RFC 9768 3.1.2: a SYN with ECE and AE requests it; a SYN-ACK with ECE alone is RFC 3168's. */
static void note_accurate(struct direction *d, struct direction *peer, const struct segment *s)
{
    uint16_t ecn = s->tcp.flags & (TCP_AE | TCP_CWR | TCP_ECE);
    bool answers = s->tcp.flags & TCP_ACK;
    if (!answers && ecn)
        d->accurate = peer->accurate = ecn & TCP_AE;
    else if (ecn == TCP_ECE)
        d->accurate = peer->accurate = false;
}

/* A connection begins: earlier facts are dropped. A retransmitted SYN, maybe after text and FIN of
 * a Fast Open connection, begins nothing. */
static void check_syn(struct direction *d, const struct segment *s)
{
    bool answers = s->tcp.flags & TCP_ACK;
    if (d->begun && d->iss == s->tcp.seq.n && (d->acked || !answers))
        return;
    d->begun = true;
    d->iss = s->tcp.seq.n;
    d->acked = d->has_edge = d->ended = d->over = d->broken = d->echoes = false;
    d->window = 0;
    d->has_scale = s->tcp.options.has_window_scale;
    d->scale = (uint8_t)min_of(s->tcp.options.window_scale, 14);
    if (!answers)
        return;
    d->acked = d->has_edge = true;
    d->ack = s->tcp.ack.n;
    d->edge = d->ack + s->tcp.window; /* never scaled */
}

static void check_ack(struct monitor *m, struct direction *d, const struct direction *peer,
                      const struct segment *s)
{
    unsigned scale = d->has_scale && peer->has_scale ? d->scale : 0;
    uint32_t window = (uint32_t)s->tcp.window << scale;
    uint32_t ack = s->tcp.ack.n, edge = ack + window;
    bool all_heard = peer->ended && ack == peer->fin; /* the window does not matter any more */
    if (d->acked && seq_after(d->ack, ack))
        report_violation(m, s, "an acknowledgement went back");
    if (d->has_edge && !all_heard && seq_after(d->edge, edge + (1u << scale)))
        report_violation(m, s, "the window's edge moved to the left");
    d->window = max_of(d->window, window);
    d->ack = ack;
    d->edge = d->has_edge && seq_after(d->edge, edge) ? d->edge : edge;
    d->acked = d->has_edge = true;
}

/* RFC 3168 6.1.3. Text beyond an edge shows that its sender has received a later one; text a window
 * further shows that it has received the reaction to that text, too. */
static void check_echo(struct direction *d, const struct segment *s)
{
    bool echoes = s->tcp.flags & TCP_ECE && !d->accurate;
    if (echoes && !d->echoes) {
        d->echo_edge = d->edge + d->window;
        d->unheeded = 0;
    }
    d->echoes = echoes;
}

/* RFC 3168 6.1.2: text carries CWR, if ECE requested it. */
static void answer_echo(struct monitor *m, struct direction *peer, const struct segment *s)
{
    if (s->tcp.flags & TCP_CWR)
        peer->echoes = false;
    if (!peer->echoes || !seq_after(s->tcp.seq.n + s->text, peer->echo_edge))
        return;
    peer->echo_edge = peer->edge + peer->window;
    if (++peer->unheeded > UNHEEDED_MAX)
        report_violation(m, s, "ECE is not answered with CWR");
}

/* RFC 2883 4: the first block lies below the acknowledgement. */
static void count_duplicate(struct monitor *m, const struct segment *s)
{
    const struct tcp_options *o = &s->tcp.options;
    unsigned to = host_of(m->trial, s->ip.destination);
    if (to < m->trial->hosts && o->sack_count && !seq_after(o->sack[0].right.n, s->tcp.ack.n))
        m->duplicates[to]++;
}

static void check_fin(struct direction *d, const struct direction *peer, const struct segment *s)
{
    if (!d->ended)
        d->ended_first = !(peer->ended && d->acked && d->ack == peer->fin);
    d->ended = true;
    d->fin = s->tcp.seq.n + s->text + 1;
}

/* Both FINs have been acknowledged: the end in TIME_WAIT starts its time now, although it may send
 * nothing for long. */
static void note_end(struct monitor *m, struct direction *d, struct direction *peer)
{
    if (d->over || !d->ended || !peer->ended || d->ack != peer->fin || peer->ack != d->fin)
        return;
    d->over = peer->over = true;
    d->over_at = peer->over_at = rill_sim_now(m->trial->sim);
}

/* RFC 9293 3.6.1: the end that closed first stays for a while, to acknowledge the other's FIN. A
 * host may have room for fewer records than that, or had no memory for one; and who has given up
 * (TCP_USER_TIMEOUT), because the last ACK was lost on its way, is not in TIME_WAIT. */
static void check_reset(struct monitor *m, struct direction *d, struct direction *peer,
                        const struct segment *s)
{
    unsigned host = host_of(m->trial, s->ip.source);
    assert(host < m->trial->hosts);
    const struct net *net = &rill_sim_stack(m->trial->host[host])->net;
    const struct rill_tcp_config *c = net->tcp.config;
    bool by_nobody = !(s->tcp.flags & TCP_ACK); /* else its application has aborted it */
    bool waits = by_nobody && d->over && d->ended_first && !d->broken && !m->trial->harmed[host] &&
                 !net->memory.refused && !counted(m->trial, host, RILL_TcpExtTCPAbortOnTimeout) &&
                 counted(m->trial, host, RILL_TcpExtTW) <= c->time_waits_max &&
                 rill_sim_now(m->trial->sim) < d->over_at + c->time_wait - TIME_WAIT_STEP;
    if (waits)
        report_violation(m, s, "an RST where TIME_WAIT should be");
    d->broken = peer->broken = true;
}

static void check_text(struct monitor *m, const struct direction *peer, const struct segment *s)
{
    uint32_t end = s->tcp.seq.n + s->text;
    if (s->text && peer->has_edge && seq_after(end, peer->edge + 1))
        report_violation(m, s, "text beyond the window");
}

static void check(void *context, struct rill_sim_node *from, const struct rill_frame *f)
{
    struct monitor *m = context;
    struct segment s;
    (void)from;
    if (!parse_segment(f, &s))
        return;
    struct direction *d = find(m, &s, false), *peer = find(m, &s, true);
    if (s.tcp.flags & TCP_RST) {
        check_reset(m, d, peer, &s);
        return;
    }
    if (s.tcp.flags & TCP_SYN) {
        note_accurate(d, peer, &s);
        check_syn(d, &s);
        return;
    }
    if (s.tcp.flags & TCP_ACK) {
        check_ack(m, d, peer, &s);
        check_echo(d, &s);
        count_duplicate(m, &s);
    }
    check_text(m, peer, &s);
    if (s.text)
        answer_echo(m, peer, &s);
    if (s.tcp.flags & TCP_FIN)
        check_fin(d, peer, &s);
    note_end(m, d, peer);
}

/* D-SACKs must be counted by their receiver (RFC 2883), except those of an attacker. */
static void check_duplicates(const struct monitor *m)
{
    struct trial *t = m->trial;
    for (unsigned i = 0; i < t->hosts && !t->attacked; i++)
        if (m->duplicates[i] >= DUPLICATES_MIN && !t->harmed[i] &&
            !counted(t, i, RILL_TcpExtTCPDSACKRecv))
            trial_fail(t, "%s has counted none of %u D-SACKs", rill_sim_name(t->host[i]),
                       m->duplicates[i]);
}

struct monitor *monitor_begin(struct trial *t)
{
    struct monitor *m = calloc(1, sizeof *m);
    assert(m);
    m->trial = t;
    rill_sim_watch(t->sim, check, m);
    return m;
}

void monitor_end(struct monitor *m)
{
    check_duplicates(m);
    rill_sim_watch(m->trial->sim, NULL, NULL);
    for (unsigned i = 0; i < BUCKETS; i++)
        for (struct direction *d = m->bucket[i], *next; d; d = next) {
            next = d->next;
            free(d);
        }
    free(m);
}
