/* The application on the stack's side: it calls as the recorded one must have. */
#include "../sim/forge.h"
#include "playing.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

static struct sockaddr_in address_of(uint32_t ip4, uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip4)};
}

void application_open(struct player *p)
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
        player_complain(p, "the application cannot open its socket", 0);
}

static void application_read(struct player *p)
{
    uint8_t bytes[4096];
    ssize_t n;
    if (p->fd < 0 && p->listener >= 0)
        p->fd = rill_accept4(p->listener, NULL, NULL, SOCK_NONBLOCK);
    while (p->fd >= 0 && (n = rill_recv(p->fd, bytes, sizeof bytes, 0)) > 0) {
        size_t at = p->report->delivered;
        if (at + (size_t)n > p->peer->length || memcmp(bytes, p->peer->stream + at, (size_t)n) != 0)
            player_complain(p, "wrong bytes were delivered", (position)at + 1);
        p->report->delivered = at + (size_t)n;
    }
}

static void application_write(struct player *p)
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
void application_call(struct player *p, unsigned i)
{
    const struct conversation_segment *s = &p->c->segment[i];
    size_t to = (size_t)(conversation_end(s) - 1 - !!(s->header.flags & TCP_FIN));
    if (s->text.length && to > p->written)
        p->written = end_of_write(p, i);
    p->shut = p->shut || s->header.flags & TCP_FIN;
    application_turn(p);
    if ((s->header.flags & (TCP_RST | TCP_ACK)) == (TCP_RST | TCP_ACK) && p->fd >= 0)
        application_abort(p);
}
