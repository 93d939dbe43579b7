#include "remote.h"

#include <CUnit/CUnit.h>
#include <errno.h>

#define EXCHANGE 700 /* bytes each way: two segments of the default MSS */

size_t remote_frame(const struct remote *r, uint8_t *at, uint16_t flags, struct rill_span text)
{
    struct tcp_header h = {.source = r->port,
                           .destination = r->to,
                           .seq = {r->seq},
                           .ack = {flags & TCP_ACK ? r->ack : 0},
                           .flags = flags,
                           .window = REMOTE_WINDOW};
    return forge_tcp(at, &r->way, &h, text);
}

void remote_send(struct remote *r, uint16_t flags, struct rill_span text)
{
    uint8_t frame[LONE_MTU + ETH_HEADER];
    size_t length = remote_frame(r, frame, flags, text);
    r->seq += (uint32_t)text.length + !!(flags & TCP_SYN) + !!(flags & TCP_FIN);
    lone_hear(r->lone, frame, length);
}

uint16_t remote_take(struct remote *r, unsigned from)
{
    uint16_t flags = 0;
    for (unsigned i = from; i < r->lone->sent && i < LONE_SENT_MAX; i++) {
        struct dissected d = lone_sent(r->lone, i);
        if (d.kind != DISSECTED_TCP || d.tcp.destination != r->port || d.tcp.source != r->to)
            continue;
        flags |= d.tcp.flags;
        if (d.tcp.flags & TCP_SYN)
            r->ack = d.tcp.seq.n + 1;
        if (d.tcp.seq.n != r->ack)
            continue;
        r->ack += (uint32_t)d.payload.length + !!(d.tcp.flags & TCP_FIN);
    }
    return flags;
}

static struct remote remote_new(struct lone *l, uint16_t to, uint16_t port)
{
    return (struct remote){
        .lone = l, .way = forge_honest(), .port = port, .to = to, .seq = 1000, .fd = -1};
}

/* The connection whose SYN has just been handed in. */
static struct remote complete(struct remote r, int listener, unsigned from)
{
    CU_ASSERT_EQUAL_FATAL(remote_take(&r, from), TCP_SYN | TCP_ACK);
    remote_send(&r, TCP_ACK, span_of(NULL, 0));
    r.fd = rill_accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    CU_ASSERT_FATAL(r.fd >= 0);
    return r;
}

struct remote remote_connect(struct lone *l, int listener, uint16_t to, uint16_t port)
{
    struct remote r = remote_new(l, to, port);
    unsigned from = l->sent;
    remote_send(&r, TCP_SYN, span_of(NULL, 0));
    return complete(r, listener, from);
}

struct remote remote_connect_mss(struct lone *l, int listener, uint16_t to, uint16_t port,
                                 uint16_t mss)
{
    uint8_t frame[128];
    struct remote r = remote_new(l, to, port);
    unsigned from = l->sent;
    struct tcp_header syn = {.source = port,
                             .destination = to,
                             .seq = {r.seq++},
                             .flags = TCP_SYN,
                             .window = REMOTE_WINDOW,
                             .options = {.has_mss = true, .mss = mss}};
    lone_hear(l, frame, forge_tcp(frame, &r.way, &syn, span_of(NULL, 0)));
    return complete(r, listener, from);
}

struct remote remote_accept(struct lone *l, uint16_t port)
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
    struct remote r = remote_new(l, syn.tcp.source, port);
    r.fd = fd;
    r.ack = syn.tcp.seq.n + 1;
    remote_send(&r, TCP_SYN | TCP_ACK, span_of(NULL, 0));
    return r;
}

static void remote_speaks(struct remote *r, const uint8_t *text)
{
    uint8_t got[EXCHANGE];
    remote_send(r, TCP_ACK | TCP_PSH, span_of(text, EXCHANGE / 2));
    remote_send(r, TCP_ACK | TCP_PSH, span_of(text + EXCHANGE / 2, EXCHANGE / 2));
    CU_ASSERT_EQUAL(rill_recv(r->fd, got, sizeof got, 0), EXCHANGE);
    CU_ASSERT_EQUAL(memcmp(got, text, EXCHANGE), 0);
    lone_pass(r->lone, RILL_MILLISECONDS(300)); /* its ACK, however long delayed */
}

/* The text comes, in whatever pieces, and is acknowledged. */
static void remote_listens(struct remote *r, const uint8_t *text)
{
    unsigned from = r->lone->sent;
    uint32_t before = r->ack;
    CU_ASSERT_EQUAL(rill_send(r->fd, text, EXCHANGE, 0), EXCHANGE);
    for (int i = 0; i < 8 && r->ack - before < EXCHANGE; i++) {
        lone_pull(r->lone);
        remote_take(r, from);
        remote_send(r, TCP_ACK, span_of(NULL, 0));
    }
    CU_ASSERT_EQUAL(r->ack - before, EXCHANGE);
    for (unsigned i = from; i < r->lone->sent; i++) {
        struct dissected d = lone_sent(r->lone, i);
        uint32_t at = d.tcp.seq.n - before;
        if (d.kind == DISSECTED_TCP && d.tcp.destination == r->port && d.payload.length)
            CU_ASSERT(at + d.payload.length <= EXCHANGE &&
                      memcmp(text + at, d.payload.at, d.payload.length) == 0);
    }
}

void remote_exchange(struct remote *r)
{
    uint8_t text[EXCHANGE];
    for (unsigned i = 0; i < EXCHANGE; i++)
        text[i] = (uint8_t)(i * 7 + r->seq);
    lone_forget(r->lone);
    remote_speaks(r, text);
    remote_listens(r, text);
    lone_forget(r->lone);
}

void remote_finish(struct remote *r)
{
    unsigned from = r->lone->sent;
    CU_ASSERT_EQUAL(rill_close(r->fd), 0);
    lone_pull(r->lone);
    CU_ASSERT_TRUE(remote_take(r, from) & TCP_FIN);
    remote_send(r, TCP_ACK | TCP_FIN, span_of(NULL, 0));
    r->fd = -1;
}
