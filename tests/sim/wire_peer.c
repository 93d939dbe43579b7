#include "wire_peer.h"

#include "socket/rill.h"
#include "tcp/call.h"
#include "tcp/listen.h"

#include "wire/eth.h"
#include "wire/ip4.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

#define FRAME 16384

static const struct mac rill_mac = {{2, 0, 0, 0, 0, 1}}, peer_mac = {{2, 0, 0, 0, 0, 2}};

const struct tcp_options peer_plain = {.has_mss = true, .mss = PEER_MSS};
const struct tcp_options peer_full = {
    .has_mss = true,
    .mss = PEER_MSS,
    .has_sack_permitted = true,
    .has_window_scale = true,
    .window_scale = 7,
    .has_timestamps = true,
};

static void fail(const char *file, unsigned line, const char *text)
{
    CU_assertImplementation(CU_FALSE, line, text, file, "", CU_TRUE);
}

static uint8_t text_at(int64_t at)
{
    return (uint8_t)(((uint32_t)at * 2654435761u) >> 13);
}

/* ---------------------------------------------------------------- begin, end */

void peer_configure(struct peer *w)
{
    *w = (struct peer){
        .now = RILL_SECONDS(1000),
        .address = 0x0a000002,
        .rill_address = 0x0a000001,
        .peer_port = 40000,
        .rill_port = 80,
        .iss = 0xfffffff0u, /* so that every test crosses the wrap */
        .window = 65535,
        .ts_value = 1000,
        .listener = -1,
        .fd = -1,
        .written = 1,
        .read = 1,
    };
    rill_config_init(&w->config);
    w->config.check = true;
    w->config.seed = 42;
    w->config.tcp.send_buffer = 256 << 10; /* tests write all that they have at once */
}

void peer_start(struct peer *w)
{
    struct rill_port_config port = {
        .name = "wire", .mtu = 1500, .gso_max = w->superframes ? PEER_SUPERFRAME : 0};
    memcpy(port.mac, rill_mac.byte, 6);
    record_prepare(&w->config, record_capture());
    w->rill = rill_new(&w->config, w->now);
    CU_ASSERT_PTR_NOT_NULL_FATAL(w->rill);
    record_begin(&w->recorder, w->rill);
    w->port = rill_port_add(w->rill, &port);
    int failed = rill_address_add(w->rill, w->port, rill_address_ip4(w->rill_address), 24, false) ||
                 rill_neighbour_add(w->rill, w->port, rill_address_ip4(w->address), peer_mac.byte);
    CU_ASSERT_FALSE_FATAL(failed);
    rill_use(w->rill);
    struct peer_segment none;
    while (peer_takes(w, &none)) /* the announcement of the address is not TCP */
        CU_FAIL_FATAL("rill speaks before anybody asked");
}

void peer_open(struct peer *w)
{
    peer_configure(w);
    peer_start(w);
}

void peer_close(struct peer *w)
{
    rill_use(NULL);
    rill_free(w->rill);
    recorder_end(&w->recorder);
    w->rill = NULL;
}

/* ---------------------------------------------------------------- the peer's segments */

static size_t write_tcp(struct peer *w, uint8_t *at, const struct peer_segment *s)
{
    struct tcp_header h = {
        .source = w->peer_port,
        .destination = w->rill_port,
        .seq = {w->iss + (uint32_t)s->seq},
        .ack = {s->flags & TCP_ACK ? w->irs + (uint32_t)s->ack : 0},
        .flags = s->flags,
        .window = s->window ? s->window : w->window,
        .urgent = s->urgent,
        .options = s->options,
    };
    if (w->timestamps && !s->raw.length) {
        h.options.has_timestamps = true;
        h.options.timestamp_value = w->ts_value;
        h.options.timestamp_echo = s->flags & TCP_ACK ? w->ts_echo : 0;
    }
    size_t header = tcp_header_write(at, &h);
    if (s->raw.length) {
        memcpy(at + TCP_HEADER, s->raw.at, s->raw.length);
        header = TCP_HEADER + s->raw.length;
        at[12] = (uint8_t)(header / 4 << 4);
    }
    for (uint32_t i = 0; i < s->length; i++)
        at[header + i] = text_at(s->seq + ((s->flags & TCP_SYN) != 0) + i);
    size_t length = header + s->length;
    uint64_t sum = checksum_pseudo(rill_address_ip4(w->address), rill_address_ip4(w->rill_address),
                                   IP_PROTOCOL_TCP, (uint32_t)length);
    uint16_t value = checksum_finish(checksum_add(sum, span_of(at, length)));
    tcp_checksum_put(at, s->corrupt ? (uint16_t)(value ^ 0x0100) : value);
    return length;
}

static void deliver(struct peer *w, uint8_t *buffer, size_t length, uint16_t joined)
{
    struct eth eth = {.destination = rill_mac, .source = peer_mac, .type = ETH_TYPE_IP4};
    eth_write(buffer, &eth);
    struct rill_frame f = {.buffer = buffer, .room = FRAME, .length = (uint32_t)length};
    f.gso_size = joined;
    recorder_arrive(&w->recorder, &f, 1, w->now);
    rill_receive(w->rill, w->port, &f, 1, w->now);
    recorder_received(&w->recorder, &f, 1, w->now);
}

void peer_put(struct peer *w, struct peer_segment s)
{
    uint8_t buffer[FRAME];
    CU_ASSERT_TRUE_FATAL(s.length <= (w->superframes ? PEER_SUPERFRAME - 100 : PEER_MSS));
    size_t length = write_tcp(w, buffer + ETH_HEADER + IP4_HEADER, &s);
    struct ip4 ip = {
        .tos = s.tos,
        .total_length = (uint16_t)(IP4_HEADER + length),
        .dont_fragment = true,
        .ttl = 64,
        .protocol = IP_PROTOCOL_TCP,
        .source = w->address,
        .destination = w->rill_address,
    };
    ip4_write(buffer + ETH_HEADER, &ip);
    deliver(w, buffer, ETH_HEADER + IP4_HEADER + length, s.joined);
}

void peer_puts_ip4(struct peer *w, struct rill_span datagram)
{
    uint8_t buffer[FRAME];
    memcpy(buffer + ETH_HEADER, datagram.at, datagram.length);
    deliver(w, buffer, ETH_HEADER + datagram.length, 0);
}

/* ---------------------------------------------------------------- rill's segments */

static void check_text(struct peer *w, const struct peer_segment *s, struct rill_span text)
{
    int64_t from = s->seq + ((s->flags & TCP_SYN) != 0);
    if (text.length)
        CU_ASSERT_TRUE_FATAL(from + (int64_t)text.length <= w->written);
    for (size_t i = 0; i < text.length; i++)
        if (text.at[i] != text_at(from + (int64_t)i))
            CU_FAIL_FATAL("rill sent a wrong byte");
}

/* Takes a frame of rill apart; false: it is no TCP (ARP). */
static bool read_frame(struct peer *w, struct rill_span frame, struct peer_segment *out)
{
    struct eth eth;
    struct ip4 ip;
    struct tcp_header h;
    struct rill_span packet, segment, text;
    CU_ASSERT_TRUE_FATAL(eth_parse(&eth, frame, &packet));
    if (eth.type == ETH_TYPE_ARP)
        return false;
    CU_ASSERT_EQUAL_FATAL(ip4_parse(&ip, packet, &segment), RILL_DROP_NONE);
    if (ip.protocol != IP_PROTOCOL_TCP)
        return false;
    CU_ASSERT_TRUE_FATAL(mac_equal(eth.destination, peer_mac));
    CU_ASSERT_EQUAL_FATAL(ip.source, w->rill_address);
    CU_ASSERT_EQUAL_FATAL(ip.destination, w->address);
    CU_ASSERT_TRUE_FATAL(tcp_checksum_good(rill_address_ip4(ip.source),
                                           rill_address_ip4(ip.destination), segment)); /* MUST-2 */
    CU_ASSERT_EQUAL_FATAL(tcp_header_parse(&h, segment, &text), RILL_DROP_NONE);
    CU_ASSERT_EQUAL_FATAL(h.source, w->rill_port);
    CU_ASSERT_EQUAL_FATAL(segment.at[12] & 0x0f, 0);                  /* reserved bits and AE */
    CU_ASSERT_FALSE_FATAL(h.options.has_mss && !(h.flags & TCP_SYN)); /* MUST-65 */
    if (h.flags & TCP_SYN && !(h.flags & TCP_RST))
        w->irs = h.seq.n;
    if (h.options.has_timestamps)
        w->ts_echo = h.options.timestamp_value;
    *out = (struct peer_segment){
        .flags = h.flags,
        .seq = (int32_t)(h.seq.n - w->irs),
        .ack = h.flags & TCP_ACK ? (int32_t)(h.ack.n - w->iss) : 0,
        .length = (uint32_t)text.length,
        .options = h.options,
        .window = h.window,
        .urgent = h.urgent,
        .when = w->now,
        .tos = ip.tos,
        .ttl = ip.ttl,
        .ip_id = ip.id,
        .to_port = h.destination,
    };
    check_text(w, out, text);
    return true;
}

static bool pull(struct peer *w, struct peer_segment *out)
{
    uint8_t buffer[FRAME];
    for (;;) {
        struct rill_frame f = {.buffer = buffer, .room = FRAME};
        if (rill_transmit(w->rill, w->port, &f, 1, w->now) == 0)
            return false;
        recorder_sent(&w->recorder, &f, 1, w->now);
        CU_ASSERT_EQUAL_FATAL(f.gather_count, 0);
        if (read_frame(w, span_of(f.buffer + f.start, f.length), out))
            return true;
    }
}

static void keep(struct peer *w)
{
    struct peer_segment s;
    while (pull(w, &s)) {
        CU_ASSERT_TRUE_FATAL(w->count < PEER_QUEUE);
        w->queue[(w->first + w->count++) % PEER_QUEUE] = s;
    }
}

bool peer_takes(struct peer *w, struct peer_segment *out)
{
    if (w->count == 0)
        return pull(w, out);
    *out = w->queue[w->first];
    w->first = (w->first + 1) % PEER_QUEUE;
    w->count--;
    return true;
}

unsigned peer_takes_all(struct peer *w)
{
    unsigned n = 0;
    while (peer_takes(w, &w->got))
        n++;
    return n;
}

static const char *describe(char *out, size_t room, const struct peer_segment *s)
{
    static const char names[] = "FSRPAUEC";
    char flags[9] = "", *at = flags;
    for (int i = 0; i < 8; i++)
        if (s->flags & 1 << i)
            *at++ = names[i];
    *at = 0;
    snprintf(out, room, "<%s> seq %lld ack %lld length %u", flags, (long long)s->seq,
             (long long)s->ack, s->length);
    return out;
}

void peer_match(struct peer *w, struct peer_segment want, const char *file, unsigned line)
{
    char wanted[80], got[80], text[200];
    describe(wanted, sizeof wanted, &want);
    if (!peer_takes(w, &w->got)) {
        snprintf(text, sizeof text, "expected %s, rill said nothing", wanted);
        fail(file, line, text);
    }
    if ((w->got.flags & ~TCP_PSH) == (want.flags & ~TCP_PSH) && w->got.seq == want.seq &&
        w->got.ack == want.ack && w->got.length == want.length && w->got.to_port == w->peer_port)
        return;
    snprintf(text, sizeof text, "expected %s, rill sent %s", wanted,
             describe(got, sizeof got, &w->got));
    fail(file, line, text);
}

void peer_match_nothing(struct peer *w, const char *file, unsigned line)
{
    char got[80], text[120];
    if (!peer_takes(w, &w->got))
        return;
    snprintf(text, sizeof text, "expected nothing, rill sent %s",
             describe(got, sizeof got, &w->got));
    fail(file, line, text);
}

/* ---------------------------------------------------------------- time */

rill_time peer_waits(struct peer *w, rill_time at_most)
{
    rill_time start = w->now, until = w->now + at_most;
    for (keep(w); w->count == 0 && w->now < until; keep(w)) {
        rill_time next = rill_deadline(w->rill);
        w->now = next < until ? max_of(next, w->now) : until;
    }
    return w->now - start;
}

void peer_after(struct peer *w, rill_time length)
{
    rill_time until = w->now + length;
    for (keep(w); w->now < until; keep(w)) {
        rill_time next = rill_deadline(w->rill);
        w->now = next < until ? max_of(next, w->now) : until;
    }
}

/* ---------------------------------------------------------------- the application */

static struct sockaddr_in name_of(uint32_t address, uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(address)};
}

static int bound_socket(struct peer *w)
{
    struct sockaddr_in here = name_of(w->rill_address, w->rill_port);
    int one = 1, fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CU_ASSERT_TRUE_FATAL(fd >= 0);
    int failed = rill_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) ||
                 rill_bind(fd, (struct sockaddr *)&here, sizeof here);
    CU_ASSERT_FALSE_FATAL(failed);
    return fd;
}

void app_listens(struct peer *w)
{
    w->listener = bound_socket(w);
    CU_ASSERT_EQUAL_FATAL(rill_listen(w->listener, 16), 0);
}

void app_connects(struct peer *w)
{
    struct sockaddr_in there = name_of(w->address, w->peer_port);
    if (w->fd < 0)
        w->fd = bound_socket(w);
    int r = rill_connect(w->fd, (struct sockaddr *)&there, sizeof there);
    CU_ASSERT_TRUE_FATAL(r == -1 && errno == EINPROGRESS);
}

bool app_accepts_nobody(struct peer *w)
{
    return rill_accept4(w->listener, NULL, NULL, SOCK_NONBLOCK) == -1 && errno == EAGAIN;
}

void app_accepts(struct peer *w)
{
    w->fd = rill_accept4(w->listener, NULL, NULL, SOCK_NONBLOCK);
    CU_ASSERT_TRUE_FATAL(w->fd >= 0);
}

/* What the app writes next, at most so much. */
static size_t compose(struct peer *w, uint8_t *chunk, size_t n)
{
    for (size_t i = 0; i < n; i++)
        chunk[i] = text_at(w->written + (int64_t)i);
    w->written += (int64_t)n;
    return n;
}

void app_sends_with(struct peer *w, size_t n, int flags)
{
    uint8_t chunk[4096];
    for (size_t some; n; n -= some) {
        some = compose(w, chunk, min_of(n, sizeof chunk));
        CU_ASSERT_EQUAL_FATAL(rill_send(w->fd, chunk, some, flags), (ssize_t)some);
    }
}

void app_sends(struct peer *w, size_t n)
{
    app_sends_with(w, n, 0);
}

void app_sends_early(struct peer *w, size_t n)
{
    uint8_t chunk[4096];
    size_t some = compose(w, chunk, min_of(n, sizeof chunk));
    int64_t taken = tcp_send(&w->rill->net.tcp, peer_conn(w), span_of(chunk, some), false);
    CU_ASSERT_EQUAL_FATAL(taken, (int64_t)n);
}

void app_reads(struct peer *w, size_t n)
{
    uint8_t chunk[4096];
    while (n) {
        ssize_t got = rill_recv(w->fd, chunk, min_of(n, sizeof chunk), 0);
        CU_ASSERT_TRUE_FATAL(got > 0);
        for (ssize_t i = 0; i < got; i++)
            if (chunk[i] != text_at(w->read + i))
                CU_FAIL_FATAL("the app read a wrong byte");
        w->read += got;
        n -= (size_t)got;
    }
}

bool app_reads_end(struct peer *w)
{
    uint8_t byte;
    return rill_recv(w->fd, &byte, 1, 0) == 0;
}

bool app_fails(struct peer *w, int error)
{
    uint8_t byte;
    return rill_recv(w->fd, &byte, 1, 0) == -1 && errno == error;
}

int app_error(struct peer *w)
{
    int error = -1;
    socklen_t length = sizeof error;
    CU_ASSERT_EQUAL_FATAL(rill_getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &error, &length), 0);
    return error;
}

void app_shuts(struct peer *w)
{
    CU_ASSERT_EQUAL_FATAL(rill_shutdown(w->fd, SHUT_WR), 0);
}

void app_closes(struct peer *w)
{
    CU_ASSERT_EQUAL_FATAL(rill_close(w->fd), 0);
    w->fd = -1;
}

void app_aborts(struct peer *w)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    CU_ASSERT_EQUAL_FATAL(rill_setsockopt(w->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
    app_closes(w);
}

void app_sets(struct peer *w, int level, int name, int value)
{
    CU_ASSERT_EQUAL_FATAL(rill_setsockopt(w->fd, level, name, &value, sizeof value), 0);
}

/* ---------------------------------------------------------------- states */

static struct head *find(struct peer *w)
{
    const struct table *t = &w->rill->net.tcp.table;
    struct flow f;
    memset(&f, 0, sizeof f); /* it is hashed whole */
    f.local = rill_address_ip4(w->rill_address);
    f.remote = rill_address_ip4(w->address);
    f.local_port = w->rill_port;
    f.remote_port = w->peer_port;
    head_ref r = table_find(t, &f);
    return r ? table_at(t, r) : NULL;
}

enum rill_tcp_state peer_state(struct peer *w)
{
    const struct head *h = find(w);
    if (h)
        return h->state;
    return listen_find(&w->rill->net.tcp, rill_address_ip4(w->rill_address), w->rill_port)
               ? RILL_TCP_LISTEN
               : RILL_TCP_CLOSED;
}

struct tcp_conn *peer_conn(struct peer *w)
{
    struct head *h = find(w);
    return h && h->kind == HEAD_CONNECTION ? conn_of(h) : NULL;
}

void peer_state_is(struct peer *w, enum rill_tcp_state want, const char *file, unsigned line)
{
    char text[80];
    enum rill_tcp_state is = peer_state(w);
    if (is == want)
        return;
    snprintf(text, sizeof text, "expected %s, the state is %s", rill_tcp_state_name(want),
             rill_tcp_state_name(is));
    fail(file, line, text);
}

/* The peer's answer takes up of rill's offer what it likes. */
static void agree(struct peer *w, const struct tcp_options *o)
{
    w->timestamps = o->has_timestamps;
}

void peer_connects(struct peer *w, const struct tcp_options *o)
{
    app_connects(w);
    peer_expects(w, TCP_SYN, 0, 0, 0);
    agree(w, o);
    peer_sends(w, TCP_SYN | TCP_ACK, 0, 1, .options = *o);
    peer_expects(w, TCP_ACK, 1, 1, 0);
    state_is(w, ESTABLISHED);
}

void peer_simultaneous(struct peer *w)
{
    app_connects(w);
    peer_expects(w, TCP_SYN, 0, 0, 0);
    peer_sends(w, TCP_SYN, 0, .options = peer_plain);
    peer_expects(w, TCP_SYN | TCP_ACK, 0, 1, 0);
    state_is(w, SYN_RECEIVED);
}

static void reach_syn_received(struct peer *w, const struct tcp_options *o)
{
    app_listens(w);
    agree(w, o);
    peer_sends(w, TCP_SYN, 0, .options = *o);
    peer_expects(w, TCP_SYN | TCP_ACK, 0, 1, 0);
}

static void reach_established(struct peer *w, const struct tcp_options *o)
{
    reach_syn_received(w, o);
    peer_sends(w, TCP_ACK, 1, 1);
    app_accepts(w);
}

static void rill_sends_fin(struct peer *w, int64_t ack)
{
    app_shuts(w);
    peer_expects(w, TCP_FIN | TCP_ACK, 1, ack, 0);
}

/* seq is that of rill's ACK: 2 where its own FIN is behind it. */
static void peer_sends_fin(struct peer *w, int64_t ack, int64_t seq)
{
    peer_sends(w, TCP_FIN | TCP_ACK, 1, ack);
    peer_expects(w, TCP_ACK, seq, 2, 0);
}

void peer_reaches_with(struct peer *w, enum rill_tcp_state s, const struct tcp_options *o)
{
    switch (s) {
    case RILL_TCP_CLOSED:
    case RILL_TCP_STATE_COUNT:
        break;
    case RILL_TCP_LISTEN:
        app_listens(w);
        break;
    case RILL_TCP_SYN_SENT:
        app_connects(w);
        peer_expects(w, TCP_SYN, 0, 0, 0);
        break;
    case RILL_TCP_SYN_RECEIVED:
        reach_syn_received(w, o);
        break;
    case RILL_TCP_ESTABLISHED:
        reach_established(w, o);
        break;
    case RILL_TCP_FIN_WAIT_1:
        reach_established(w, o);
        rill_sends_fin(w, 1);
        break;
    case RILL_TCP_FIN_WAIT_2:
        peer_reaches_with(w, RILL_TCP_FIN_WAIT_1, o);
        peer_sends(w, TCP_ACK, 1, 2);
        break;
    case RILL_TCP_CLOSE_WAIT:
        reach_established(w, o);
        peer_sends_fin(w, 1, 1);
        break;
    case RILL_TCP_CLOSING:
        peer_reaches_with(w, RILL_TCP_FIN_WAIT_1, o);
        peer_sends_fin(w, 1, 2);
        break;
    case RILL_TCP_LAST_ACK:
        peer_reaches_with(w, RILL_TCP_CLOSE_WAIT, o);
        rill_sends_fin(w, 2);
        break;
    case RILL_TCP_TIME_WAIT:
        peer_reaches_with(w, RILL_TCP_FIN_WAIT_2, o);
        peer_sends_fin(w, 2, 2);
        break;
    }
    peer_state_is(w, s, __FILE__, __LINE__);
    peer_expects_nothing(w);
}

void peer_reaches(struct peer *w, enum rill_tcp_state s)
{
    peer_reaches_with(w, s, &peer_plain);
}
