#include "sim/witness.h"

#include "tcp/seq.h"
#include "wire/eth.h"
#include "wire/ip4.h"
#include "wire/tcp_header.h"

#include <assert.h>
#include <stdlib.h>

#define BUCKETS 1024

/* One direction of a connection: what its sender has said. */
struct voice {
    struct voice *next; /* in its bucket */
    uint32_t source, destination;
    uint16_t source_port, destination_port;
    bool has_scale;
    uint8_t scale;
    bool acked;         /* `ack` is known */
    bool has_edge;      /* `edge` is known */
    bool ended;         /* `fin` is known */
    uint32_t ack, edge; /* the furthest */
    uint32_t fin;       /* what acknowledges its FIN */
};

struct witness {
    struct trial *trial;
    struct voice *bucket[BUCKETS];
};

/* What a segment says. */
struct statement {
    struct ip4 ip;
    struct tcp_header tcp;
    uint32_t text;
};

/* A frame may hold its headers only: text lies elsewhere. */
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

static bool uses_cookies(const struct trial *t, uint32_t address)
{
    for (unsigned i = 0; i < t->hosts; i++)
        if (rill_sim_address(t->host[i]) == address)
            return rill_counters(rill_sim_stack(t->host[i]))->value[RILL_TcpExtSyncookiesSent] > 0;
    return false;
}

static void break_promise(struct witness *w, const struct statement *s, const char *what)
{
    if (uses_cookies(w->trial, s->ip.source) || uses_cookies(w->trial, s->ip.destination))
        return;
    trial_fail(w->trial, "%u -> %u: %s (seq %u, ack %u)", s->tcp.source, s->tcp.destination, what,
               s->tcp.seq.n, s->tcp.ack.n);
}

/* A connection begins: what was said on one before is forgotten. */
static void hear_syn(struct voice *v, const struct statement *s)
{
    v->acked = v->has_edge = v->ended = false;
    v->has_scale = s->tcp.options.has_window_scale;
    v->scale = (uint8_t)min_of(s->tcp.options.window_scale, 14);
    if (!(s->tcp.flags & TCP_ACK))
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
    bool all_heard = peer->ended && ack == peer->fin; /* the window says nothing any more */
    if (v->acked && seq_after(v->ack, ack))
        break_promise(w, s, "an acknowledgement went back");
    if (v->has_edge && !all_heard && seq_after(v->edge, edge + (1u << scale)))
        break_promise(w, s, "the window's edge moved to the left");
    v->ack = ack;
    v->edge = v->has_edge && seq_after(v->edge, edge) ? v->edge : edge;
    v->acked = v->has_edge = true;
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
    if (!read_statement(f, &s) || s.tcp.flags & TCP_RST)
        return;
    struct voice *v = find(w, &s, false), *peer = find(w, &s, true);
    if (s.tcp.flags & TCP_SYN) {
        hear_syn(v, &s);
        return;
    }
    if (s.tcp.flags & TCP_ACK)
        hear_ack(w, v, peer, &s);
    hear_text(w, peer, &s);
    if (s.tcp.flags & TCP_FIN) {
        v->ended = true;
        v->fin = s.tcp.seq.n + s.text + 1;
    }
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
    rill_sim_watch(w->trial->sim, NULL, NULL);
    for (unsigned i = 0; i < BUCKETS; i++)
        for (struct voice *v = w->bucket[i], *next; v; v = next) {
            next = v->next;
            free(v);
        }
    free(w);
}
