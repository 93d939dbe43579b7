#include "player.h"

#include "../sim/dissect.h"
#include "../sim/forge.h"
#include "tcp/seq.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>

#define MTU 1500
#define BATCH 16
#define SETTLE RILL_SECONDS(5) /* for the last retransmissions; below every time-out of a state */
#define TRACE 4096

struct player {
    const struct conversation *c;
    const struct conversation_host *own, *peer;
    enum conversation_side side;
    struct player_report *report;

    struct rill *rill;
    int port;
    rill_time now, lag; /* recorded time t is played at start + lag + t */
    rill_time start, blocked;

    unsigned fed, called; /* recorded segments that are through: the peer's, our application's */
    bool *received;       /* of the peer's stream: has arrived */
    position arrived;     /* gap-free, with the FIN: what the stack may acknowledge */
    position sent, acked; /* the stack's: highest sent; highest the peer has acknowledged */
    position edge;        /* the right edge of the peer's window */
    bool known, finned;   /* our ISN is known; our FIN has been sent */
    bool peer_finned;     /* the peer's FIN has arrived, in order or not */
    uint32_t isn, ts_first, ts_last; /* the stack's */
    uint32_t window_shift;

    int listener, fd;
    size_t longest; /* text of a recorded segment of ours */
    size_t written; /* by the application, may run ahead of what the socket took */
    bool shut;
};

static void complain(struct player *p, const char *what, position at)
{
    if (p->report->complaint[0] == 0)
        snprintf(p->report->complaint, sizeof p->report->complaint, "%s at position %lld, %.6f s",
                 what, (long long)at, (double)(p->now - p->start) / 1e9);
}

/* ----------------------------------------------------------- what the stack sends */

static void judge_text(struct player *p, position at, struct rill_span text)
{
    for (size_t i = 0; i < text.length; i++) {
        size_t k = (size_t)(at - 1) + i;
        if (at < 1 || k >= p->own->length || text.at[i] != p->own->stream[k]) {
            complain(p, "a wrong byte was sent", at + (position)i);
            return;
        }
    }
}

/* RFC 9293 3.8.6.1: a probe of a closed window may go one byte beyond the edge. */
static void judge_window(struct player *p, position from, position to)
{
    if (to > p->edge && !(to - from == 1 && from == p->edge))
        complain(p, "sent beyond the peer's window", to);
}

static void judge_ack(struct player *p, const struct tcp_header *h)
{
    if (!(h->flags & TCP_ACK))
        return;
    position ack = seq_unwrap(h->ack, (seq32){p->peer->isn}, p->arrived);
    if (ack > p->arrived)
        complain(p, "acknowledged what has not arrived", ack);
}

static void judge(struct player *p, const struct dissected *d)
{
    const struct tcp_header *h = &d->tcp;
    if (h->source != p->own->port || h->destination != p->peer->port)
        complain(p, "a segment of another flow", 0);
    if (!p->known && h->flags & TCP_SYN) {
        p->known = true;
        p->isn = h->seq.n;
        p->ts_first = h->options.timestamp_value;
    }
    judge_ack(p, h);
    if (h->options.has_timestamps)
        p->ts_last = h->options.timestamp_value;
    if (!p->known || h->flags & TCP_RST)
        return;
    position from = seq_unwrap(h->seq, (seq32){p->isn}, p->sent);
    position text = from + !!(h->flags & TCP_SYN), to = text + (position)d->payload.length;
    judge_text(p, text, d->payload);
    if (d->payload.length)
        judge_window(p, from, to);
    if (h->flags & TCP_FIN && (!p->own->fin || to != p->own->fin))
        complain(p, "a FIN where the recorded host sent none", to);
    p->finned = p->finned || h->flags & TCP_FIN;
    to += !!(h->flags & TCP_FIN);
    p->sent = to > p->sent ? to : p->sent;
}

static void pull(struct player *p)
{
    static uint8_t buffer[BATCH][MTU + ETH_HEADER];
    struct rill_frame frame[BATCH];
    unsigned n = BATCH;
    while (n == BATCH) {
        for (unsigned i = 0; i < BATCH; i++)
            frame[i] = (struct rill_frame){.buffer = buffer[i], .room = sizeof buffer[i]};
        n = rill_transmit(p->rill, p->port, frame, BATCH, p->now);
        for (unsigned i = 0; i < n; i++) {
            struct dissected d;
            const char *wrong = dissect(&d, span_of(buffer[i] + frame[i].start, frame[i].length));
            if (wrong)
                complain(p, wrong, p->sent);
            else if (d.kind == DISSECTED_TCP)
                judge(p, &d);
        }
        p->report->frames += n;
    }
}

/* ----------------------------------------------------------- the application */

static struct sockaddr_in address_of(uint32_t ip4, uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip4)};
}

static void app_open(struct player *p)
{
    struct sockaddr_in own = address_of(FORGE_VICTIM, p->own->port),
                       peer = address_of(FORGE_PEER, p->peer->port);
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    rill_setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
    rill_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* it was sent then: no Nagle */
    int failed = rill_bind(fd, (struct sockaddr *)&own, sizeof own);
    p->fd = p->listener = -1;
    if (p->side == CONVERSATION_SERVER) {
        p->listener = fd;
        failed = failed || rill_listen(fd, 4);
    } else {
        p->fd = fd;
        failed = failed ||
                 (rill_connect(fd, (struct sockaddr *)&peer, sizeof peer) && errno != EINPROGRESS);
    }
    if (failed)
        complain(p, "the application cannot open its socket", 0);
}

static void app_read(struct player *p)
{
    uint8_t bytes[4096];
    ssize_t n;
    if (p->fd < 0 && p->listener >= 0)
        p->fd = rill_accept4(p->listener, NULL, NULL, SOCK_NONBLOCK);
    while (p->fd >= 0 && (n = rill_recv(p->fd, bytes, sizeof bytes, 0)) > 0) {
        size_t at = p->report->delivered;
        if (at + (size_t)n > p->peer->length || memcmp(bytes, p->peer->stream + at, (size_t)n) != 0)
            complain(p, "wrong bytes were delivered", (position)at + 1);
        p->report->delivered = at + (size_t)n;
    }
}

static void app_write(struct player *p)
{
    while (p->fd >= 0 && p->report->sent < p->written) {
        ssize_t n =
            rill_send(p->fd, p->own->stream + p->report->sent, p->written - p->report->sent, 0);
        if (n <= 0)
            return;
        p->report->sent += (size_t)n;
    }
    if (p->fd >= 0 && p->shut && p->report->sent == p->written)
        rill_shutdown(p->fd, SHUT_WR);
}

static void app_abort(struct player *p)
{
    struct linger now = {.l_onoff = 1};
    rill_setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    rill_close(p->fd);
    p->fd = -1;
}

/* The application's write that a new segment was cut from ends with the first one that is shorter
 * than the longest: the others waited in the host for its windows to open. */
static size_t end_of_write(const struct player *p, unsigned from)
{
    size_t end = p->written;
    for (unsigned i = from; i < p->c->count; i++) {
        const struct conversation_segment *s = &p->c->segment[i];
        size_t to = (size_t)(s->seq + !!(s->header.flags & TCP_SYN) - 1) + s->text.length;
        if (s->from != p->side || s->text.length == 0 || to > p->own->length || to <= end)
            continue;
        end = to;
        if (s->text.length < p->longest)
            break;
    }
    return end;
}

/* What the recorded host's segment tells of its application. */
static void app_call(struct player *p, unsigned i)
{
    const struct conversation_segment *s = &p->c->segment[i];
    size_t to = (size_t)(conversation_end(s) - 1 - !!(s->header.flags & TCP_FIN));
    if (s->text.length && to > p->written)
        p->written = end_of_write(p, i);
    p->shut = p->shut || s->header.flags & TCP_FIN;
    app_read(p);
    app_write(p);
    if ((s->header.flags & (TCP_RST | TCP_ACK)) == (TCP_RST | TCP_ACK) && p->fd >= 0)
        app_abort(p);
}

/* ----------------------------------------------------------- the recorded peer */

static void note_arrival(struct player *p, const struct conversation_segment *s)
{
    position text = s->seq + !!(s->header.flags & TCP_SYN);
    uint16_t flags = s->header.flags;
    if (flags & TCP_RST)
        return;
    if (flags & TCP_SYN)
        p->window_shift =
            s->header.options.has_window_scale ? min_of(s->header.options.window_scale, 14u) : 0;
    for (size_t i = 0; i < s->text.length; i++)
        if (text >= 1 && (size_t)text - 1 + i < p->peer->length)
            p->received[(size_t)text - 1 + i] = true;
    if (p->arrived < 1 && flags & TCP_SYN)
        p->arrived = 1;
    while (p->arrived >= 1 && (size_t)p->arrived <= p->peer->length && p->received[p->arrived - 1])
        p->arrived++;
    p->peer_finned = p->peer_finned || flags & TCP_FIN;
    if (p->peer_finned && p->arrived == p->peer->fin)
        p->arrived++;
    if (!(flags & TCP_ACK))
        return;
    bool scaled = !(flags & TCP_SYN) && p->own->options.has_window_scale;
    position edge = s->ack + ((position)s->header.window << (scaled ? p->window_shift : 0));
    p->edge = edge > p->edge ? edge : p->edge;
    p->acked = s->ack > p->acked && s->ack <= p->sent ? s->ack : p->acked;
}

/* The recorded echo, moved to the stack's clock, and never one that it has not sent. */
static uint32_t map_echo(const struct player *p, uint32_t echo)
{
    uint32_t mapped = p->ts_first + (echo - p->own->options.timestamp_value);
    return seq_after(mapped, p->ts_last) ? p->ts_last : mapped;
}

static void feed(struct player *p, const struct conversation_segment *s)
{
    uint8_t frame[MTU + ETH_HEADER];
    struct forge way = forge_honest();
    struct tcp_header h = s->header;
    if (h.flags & TCP_ACK)
        h.ack.n = p->isn + (uint32_t)s->ack;
    if (h.options.has_timestamps && h.flags & TCP_ACK)
        h.options.timestamp_echo = map_echo(p, h.options.timestamp_echo);
    for (unsigned i = 0; i < h.options.sack_count; i++) {
        h.options.sack[i].left.n += p->isn - p->own->isn;
        h.options.sack[i].right.n += p->isn - p->own->isn;
    }
    size_t length = forge_tcp(frame, &way, &h, s->text);
    struct rill_frame f = {.buffer = frame, .room = sizeof frame, .length = (uint32_t)length};
    note_arrival(p, s);
    rill_receive(p->rill, p->port, &f, 1, p->now);
    app_read(p);
    app_write(p);
    pull(p);
}

/* The highest position that the segment knows of, SACK included. */
static position knows_of(const struct player *p, const struct conversation_segment *s)
{
    position highest = s->ack;
    for (unsigned i = 0; i < s->header.options.sack_count; i++) {
        position right = seq_unwrap(s->header.options.sack[i].right, (seq32){p->own->isn}, s->ack);
        highest = right > highest ? right : highest;
    }
    return highest;
}

/* ----------------------------------------------------------- the timeline */

static unsigned next_of(const struct player *p, unsigned from, enum conversation_side side)
{
    while (from < p->c->count && p->c->segment[from].from != side)
        from++;
    return from;
}

static rill_time due(const struct player *p, unsigned i)
{
    return i < p->c->count ? p->start + p->lag + p->c->segment[i].when : RILL_NEVER;
}

static void advance(struct player *p, rill_time to)
{
    p->now = to > p->now ? to : p->now;
    app_read(p);
    app_write(p);
    pull(p);
}

/* Lets the stack go on until it has sent what the segment knows of. False: it never does. */
static bool wait_for(struct player *p, const struct conversation_segment *s)
{
    rill_time begin = p->now;
    while (knows_of(p, s) > p->sent || (s->header.flags & TCP_ACK && !p->known)) {
        rill_time next = min_of(rill_deadline(p->rill), begin + PLAYER_PATIENCE);
        if (p->now >= begin + PLAYER_PATIENCE)
            return false;
        advance(p, next);
    }
    p->lag += p->now - begin;
    return true;
}

/* One recorded segment of either side, or one timer of the stack. False: the end. */
static bool step(struct player *p)
{
    unsigned feeding = next_of(p, p->fed, (enum conversation_side) !p->side);
    unsigned calling = next_of(p, p->called, p->side);
    rill_time feed_at = due(p, feeding), call_at = due(p, calling);
    rill_time next = min_of(feed_at, call_at), deadline = rill_deadline(p->rill);
    if (next == RILL_NEVER || p->report->complaint[0])
        return false;
    if (deadline < next) {
        advance(p, deadline);
        return true;
    }
    advance(p, next);
    if (calling < feeding) {
        p->called = calling + 1;
        app_call(p, calling);
        pull(p);
        return true;
    }
    p->fed = feeding + 1;
    if (wait_for(p, &p->c->segment[feeding]))
        feed(p, &p->c->segment[feeding]);
    else
        complain(p, "the peer acknowledges what was never sent",
                 knows_of(p, &p->c->segment[feeding]));
    return true;
}

/* ----------------------------------------------------------- the end */

static enum rill_tcp_state state_now(struct player *p)
{
    static struct rill_trace_record record[TRACE];
    enum rill_tcp_state state = p->report->state;
    unsigned n;
    while ((n = rill_trace_read(p->rill, record, TRACE, NULL)) > 0)
        for (unsigned i = 0; i < n; i++)
            if (record[i].event == RILL_EVENT_STATE && record[i].remote_port == p->peer->port)
                state = record[i].after;
    return state;
}

static bool reset_by_peer(const struct conversation *c, enum conversation_side peer)
{
    for (unsigned i = 0; i < c->count; i++)
        if (c->segment[i].from == peer && c->segment[i].header.flags & TCP_RST)
            return true;
    return false;
}

/* Whose FIN the capture shows first: wherever it was taken, this is the order that is played. */
static bool closed_second(const struct conversation *c, enum conversation_side side)
{
    for (unsigned i = 0; i < c->count; i++)
        if (c->segment[i].header.flags & TCP_FIN)
            return c->segment[i].from != side;
    return false;
}

static enum rill_tcp_state implied_state(const struct player *p)
{
    const struct conversation_host *own = p->own, *peer = p->peer;
    bool both_closed = own->fin && peer->fin; /* a RST that comes later assassinates nobody: 1337 */
    if (own->aborted || (!both_closed && reset_by_peer(p->c, (enum conversation_side) !p->side)))
        return RILL_TCP_CLOSED;
    bool fin_acked = own->fin && p->acked > own->fin;
    if (both_closed && closed_second(p->c, p->side))
        return fin_acked ? RILL_TCP_CLOSED : RILL_TCP_LAST_ACK;
    if (both_closed)
        return fin_acked ? RILL_TCP_TIME_WAIT : RILL_TCP_CLOSING;
    if (own->fin)
        return fin_acked ? RILL_TCP_FIN_WAIT_2 : RILL_TCP_FIN_WAIT_1;
    return peer->fin ? RILL_TCP_CLOSE_WAIT : RILL_TCP_ESTABLISHED;
}

static void judge_end(struct player *p)
{
    struct player_report *r = p->report;
    bool reset = r->implied == RILL_TCP_CLOSED && !(p->own->fin && p->peer->fin);
    if (r->state != r->implied)
        complain(p, "it ends in another state than recorded", p->sent);
    if (r->sent != p->own->length || p->sent < (position)p->own->length + 1)
        complain(p, "not all was sent", p->sent);
    if (r->delivered != p->peer->length && !reset)
        complain(p, "not all was delivered", (position)r->delivered + 1);
    if (p->own->fin && !p->finned)
        complain(p, "no FIN was sent", p->sent);
}

static void open_stack(struct player *p)
{
    struct rill_config config;
    struct rill_port_config port = {.name = "replay", .mac = {2, 0, 0, 0, 0, 1}, .mtu = MTU};
    const struct tcp_options *own = &p->own->options;
    struct mac mac = forge_mac(2);
    rill_config_init(&config);
    config.check = true;
    config.trace_records = TRACE;
    config.tcp.timestamps = own->has_timestamps;
    config.tcp.window_scaling = own->has_window_scale;
    config.tcp.sack = own->has_sack_permitted;
    p->now = RILL_SECONDS(1000);
    p->rill = rill_new(&config, p->now);
    assert(p->rill);
    p->port = rill_port_add(p->rill, &port);
    rill_address_add(p->rill, p->port, rill_address_ip4(FORGE_VICTIM), 24, false);
    rill_neighbour_add(p->rill, p->port, rill_address_ip4(FORGE_PEER), mac.byte);
    rill_use(p->rill);
    advance(p, p->now + RILL_SECONDS(5)); /* its announcements are over */
    p->start = p->now;
}

bool player_run(const struct conversation *c, enum conversation_side side,
                struct player_report *report)
{
    struct player p = {.c = c,
                       .own = &c->host[side],
                       .peer = &c->host[!side],
                       .side = side,
                       .report = report,
                       .fd = -1,
                       .listener = -1,
                       .received = calloc(c->host[!side].length + 1, sizeof(bool))};
    assert(p.received);
    for (unsigned i = 0; i < c->count; i++)
        if (c->segment[i].from == side)
            p.longest = max_of(p.longest, c->segment[i].text.length);
    *report = (struct player_report){.complaint = ""};
    open_stack(&p);
    app_open(&p);
    pull(&p);
    while (step(&p))
        ;
    for (rill_time end = p.now + SETTLE; p.now < end;)
        advance(&p, min_of(rill_deadline(p.rill), end));
    report->state = state_now(&p);
    report->implied = implied_state(&p);
    judge_end(&p);
    rill_use(NULL);
    rill_free(p.rill);
    free(p.received);
    return report->complaint[0] == 0;
}
