#include "peer.h"

#include <CUnit/CUnit.h>
#include <errno.h>

#define EXCHANGE 700 /* bytes each way: two segments of the default MSS */

size_t peer_frame(const struct peer *p, uint8_t *at, uint16_t flags, struct rill_span text)
{
    struct tcp_header h = {.source = p->port,
                           .destination = p->to,
                           .seq = {p->seq},
                           .ack = {flags & TCP_ACK ? p->ack : 0},
                           .flags = flags,
                           .window = PEER_WINDOW};
    return forge_tcp(at, &p->way, &h, text);
}

void peer_send(struct peer *p, uint16_t flags, struct rill_span text)
{
    uint8_t frame[LONE_MTU + ETH_HEADER];
    size_t length = peer_frame(p, frame, flags, text);
    p->seq += (uint32_t)text.length + !!(flags & TCP_SYN) + !!(flags & TCP_FIN);
    lone_hear(p->lone, frame, length);
}

uint16_t peer_take(struct peer *p, unsigned from)
{
    uint16_t flags = 0;
    for (unsigned i = from; i < p->lone->sent && i < LONE_SENT_MAX; i++) {
        struct dissected d = lone_sent(p->lone, i);
        if (d.kind != DISSECTED_TCP || d.tcp.destination != p->port || d.tcp.source != p->to)
            continue;
        flags |= d.tcp.flags;
        if (d.tcp.flags & TCP_SYN)
            p->ack = d.tcp.seq.n + 1;
        if (d.tcp.seq.n != p->ack)
            continue;
        p->ack += (uint32_t)d.payload.length + !!(d.tcp.flags & TCP_FIN);
    }
    return flags;
}

static struct peer peer_new(struct lone *l, uint16_t to, uint16_t port)
{
    return (struct peer){
        .lone = l, .way = forge_honest(), .port = port, .to = to, .seq = 1000, .fd = -1};
}

struct peer peer_connect(struct lone *l, int listener, uint16_t to, uint16_t port)
{
    struct peer p = peer_new(l, to, port);
    unsigned from = l->sent;
    peer_send(&p, TCP_SYN, span_of(NULL, 0));
    CU_ASSERT_EQUAL_FATAL(peer_take(&p, from), TCP_SYN | TCP_ACK);
    peer_send(&p, TCP_ACK, span_of(NULL, 0));
    p.fd = rill_accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    CU_ASSERT_FATAL(p.fd >= 0);
    return p;
}

struct peer peer_accept(struct lone *l, uint16_t port)
{
    struct sockaddr_in a = lone_address(FORGE_PEER, port);
    lone_meet(l, FORGE_PEER, forge_mac(2));
    unsigned from = l->sent;
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CU_ASSERT_FATAL(rill_connect(fd, (struct sockaddr *)&a, sizeof a) == -1 &&
                    errno == EINPROGRESS);
    lone_pull(l);
    struct dissected syn = lone_sent(l, from);
    CU_ASSERT_EQUAL_FATAL(syn.tcp.flags & ~(TCP_ECE | TCP_CWR), TCP_SYN);
    struct peer p = peer_new(l, syn.tcp.source, port);
    p.fd = fd;
    p.ack = syn.tcp.seq.n + 1;
    peer_send(&p, TCP_SYN | TCP_ACK, span_of(NULL, 0));
    return p;
}

static void peer_speaks(struct peer *p, const uint8_t *text)
{
    uint8_t got[EXCHANGE];
    peer_send(p, TCP_ACK | TCP_PSH, span_of(text, EXCHANGE / 2));
    peer_send(p, TCP_ACK | TCP_PSH, span_of(text + EXCHANGE / 2, EXCHANGE / 2));
    CU_ASSERT_EQUAL(rill_recv(p->fd, got, sizeof got, 0), EXCHANGE);
    CU_ASSERT_EQUAL(memcmp(got, text, EXCHANGE), 0);
    lone_pass(p->lone, RILL_MILLISECONDS(300)); /* its ACK, however long delayed */
}

/* The text comes, in whatever pieces, and is acknowledged. */
static void peer_listens(struct peer *p, const uint8_t *text)
{
    unsigned from = p->lone->sent;
    uint32_t before = p->ack;
    CU_ASSERT_EQUAL(rill_send(p->fd, text, EXCHANGE, 0), EXCHANGE);
    for (int i = 0; i < 8 && p->ack - before < EXCHANGE; i++) {
        lone_pull(p->lone);
        peer_take(p, from);
        peer_send(p, TCP_ACK, span_of(NULL, 0));
    }
    CU_ASSERT_EQUAL(p->ack - before, EXCHANGE);
    for (unsigned i = from; i < p->lone->sent; i++) {
        struct dissected d = lone_sent(p->lone, i);
        uint32_t at = d.tcp.seq.n - before;
        if (d.kind == DISSECTED_TCP && d.tcp.destination == p->port && d.payload.length)
            CU_ASSERT(at + d.payload.length <= EXCHANGE &&
                      memcmp(text + at, d.payload.at, d.payload.length) == 0);
    }
}

void peer_exchange(struct peer *p)
{
    uint8_t text[EXCHANGE];
    for (unsigned i = 0; i < EXCHANGE; i++)
        text[i] = (uint8_t)(i * 7 + p->seq);
    lone_forget(p->lone);
    peer_speaks(p, text);
    peer_listens(p, text);
    lone_forget(p->lone);
}

void peer_finish(struct peer *p)
{
    unsigned from = p->lone->sent;
    CU_ASSERT_EQUAL(rill_close(p->fd), 0);
    lone_pull(p->lone);
    CU_ASSERT_TRUE(peer_take(p, from) & TCP_FIN);
    peer_send(p, TCP_ACK | TCP_FIN, span_of(NULL, 0));
    p->fd = -1;
}
