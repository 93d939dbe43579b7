/* The application on the stack's side: it makes the calls that the recorded one must have made. */
#include "replay/cookie.h"
#include "replay/playing.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

static struct sockaddr_in address_of(uint32_t ip4, uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip4)};
}

static int bound(struct player *p)
{
    struct sockaddr_in own = address_of(STAGE_OWN, p->own->port);
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    rill_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    rill_setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
    rill_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* it was sent then: no Nagle */
    if (rill_bind(fd, (struct sockaddr *)&own, sizeof own))
        player_report_failure(p, "the application cannot bind its socket", 0);
    return fd;
}

/* A SYN without ACK: the server sends one too in a simultaneous open. */
static bool opens_actively(const struct player *p)
{
    for (unsigned i = 0; i < p->c->count; i++) {
        const struct conversation_segment *s = &p->c->segment[i];
        if (s->from == p->side && (s->header.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
            return true;
    }
    return false;
}

/* The recorded client's SYN carried text, or asked for a cookie (RFC 7413). */
static int connect_as_recorded(struct player *p, const struct sockaddr_in *peer)
{
    const struct conversation_segment *syn = cookie_syn(p->c);
    const struct sockaddr *to = (const struct sockaddr *)peer;
    size_t length = p->side == CONVERSATION_CLIENT && syn ? syn->text.length : 0;
    int fast = syn && syn->header.options.has_fast_open;
    bool cookie = fast && syn->header.options.fast_open.length; /* connect() would wait for text */
    if (!length && !(cookie && p->side == CONVERSATION_CLIENT)) {
        rill_setsockopt(p->fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &fast, sizeof fast);
        return rill_connect(p->fd, to, sizeof *peer);
    }
    ssize_t n = rill_sendto(p->fd, p->own->stream, length, MSG_FASTOPEN, to, sizeof *peer);
    p->written = length;
    p->report->sent = n > 0 ? (size_t)n : 0;
    return n < 0 ? -1 : 0;
}

static void application_connect(struct player *p)
{
    struct sockaddr_in peer = address_of(STAGE_PEER, p->peer->port);
    p->fd = bound(p);
    if (connect_as_recorded(p, &peer) && errno != EINPROGRESS)
        player_report_failure(p, "the application cannot connect", 0);
}

static void application_listen(struct player *p)
{
    p->listener = bound(p);
    if (rill_listen(p->listener, 4))
        player_report_failure(p, "the application cannot listen", 0);
}

void application_open(struct player *p)
{
    p->fd = p->listener = -1;
    if (opens_actively(p))
        application_connect(p);
    else if (!p->c->refused)
        application_listen(p);
}

/* How many of the bytes equal those that the peer sent from `at` on. */
static size_t right(const struct player *p, size_t at, const uint8_t *bytes, size_t n)
{
    size_t i = 0;
    while (i < n && at + i < p->peer->length && bytes[i] == p->peer->stream[at + i])
        i++;
    return i;
}

static void application_read(struct player *p)
{
    uint8_t bytes[4096];
    size_t at = p->report->delivered;
    ssize_t n;
    if (p->fd < 0 && p->listener >= 0)
        p->fd = rill_accept4(p->listener, NULL, NULL, SOCK_NONBLOCK);
    while (p->fd >= 0 && at < p->readable &&
           (n = rill_recv(p->fd, bytes, min_of(sizeof bytes, p->readable - at), 0)) > 0) {
        size_t good = right(p, at, bytes, (size_t)n);
        if (good < (size_t)n)
            player_report_failure(p, "wrong bytes are delivered", (position)(at + good) + 1);
        p->report->delivered = at += (size_t)n;
    }
}

void application_drain(struct player *p)
{
    p->readable = SIZE_MAX;
    application_read(p);
}

static void application_end(struct player *p)
{
    p->ended = true;
    p->closed_second = p->peer->fin && p->arrived > p->peer->fin;
    if (!p->closes) {
        rill_shutdown(p->fd, SHUT_WR);
        return;
    }
    application_drain(p); /* unread data would make it a reset */
    rill_close(p->fd);
    p->fd = -1;
}

static void application_write(struct player *p)
{
    size_t *sent = &p->report->sent;
    while (p->fd >= 0 && *sent < p->written) {
        bool urgent = *sent < p->urgent;
        size_t to = urgent ? min_of(p->urgent, p->written) : p->written;
        ssize_t n = rill_send(p->fd, p->own->stream + *sent, to - *sent, urgent ? MSG_OOB : 0);
        if (n <= 0)
            return;
        *sent += (size_t)n;
    }
    if (p->fd >= 0 && p->shut && !p->ended && *sent == p->written)
        application_end(p);
}

void application_finish(struct player *p)
{
    p->written = p->own->length;
    application_write(p);
}

void application_turn(struct player *p)
{
    application_read(p);
    application_write(p);
}

static void application_abort(struct player *p)
{
    struct linger now = {.l_onoff = 1};
    rill_setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    rill_close(p->fd);
    p->fd = -1;
}

/* The application's write from which a new segment was cut ends with the first segment shorter than
 * the longest: the earlier ones waited for its windows to open. */
static size_t end_of_write(const struct player *p, unsigned from)
{
    size_t end = p->written;
    for (unsigned i = from; i < p->c->count; i++) {
        const struct conversation_segment *s = &p->c->segment[i];
        size_t to = (size_t)(conversation_text(s) - 1) + s->text.length;
        if (s->from != p->side || s->text.length == 0 || to > p->own->length || to <= end)
            continue;
        end = to;
        if (s->text.length < p->longest)
            break;
    }
    return end;
}

/* If no offered window was larger than W, then W - window bytes before the ACK are unread:
 *
 *      read            ack                      ack + window
 *     --|---- unread ----|--------- window --------|--
 *       |<------------------- W ------------------>|
 */
static void note_pace(struct player *p, const struct conversation_segment *s)
{
    uint32_t window = conversation_window(p->c, s);
    p->largest = max_of(p->largest, window);
    p->granted = max_of(p->granted, s->ack + (position)window);
    position read = s->ack - 1 - (position)(p->largest - window);
    if (read > 0 && (size_t)read > p->readable)
        p->readable = (size_t)read;
}

static void note_write(struct player *p, unsigned i)
{
    const struct conversation_segment *s = &p->c->segment[i];
    size_t from = (size_t)(conversation_text(s) - 1), to = from + s->text.length;
    if (!conversation_carries(s))
        return;
    if (s->header.flags & TCP_URG && s->text.length && from + s->header.urgent > p->urgent)
        p->urgent = min_of(from + s->header.urgent, to);
    if (s->header.flags & TCP_FIN) /* everything before the FIN had been written by then */
        p->written = max_of(p->written, min_of(to, p->own->length));
    else if (s->text.length && to > p->written)
        p->written = end_of_write(p, i);
}

void application_call(struct player *p, unsigned i)
{
    const struct conversation_segment *s = &p->c->segment[i];
    if (s->icmp)
        return;
    note_write(p, i);
    if (s->header.flags & TCP_ACK)
        note_pace(p, s);
    p->shut = p->shut || (s->header.flags & TCP_FIN && conversation_carries(s));
    application_turn(p);
    if (i == p->abort && p->fd >= 0)
        application_abort(p);
}
