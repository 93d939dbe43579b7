#include "replay/cookie.h"

#include "replay/dissect.h"
#include "tcp/fastopen.h"

#include <arpa/inet.h>

#define PRIMING_PORT 9 /* of an earlier connection: discard, where no conversation starts */

static const uint8_t key[FAST_OPEN_KEY_BYTES] = "rill-replay";

const struct conversation_segment *cookie_syn(const struct conversation *c)
{
    for (unsigned i = 0; i < c->count; i++) {
        const struct conversation_segment *s = &c->segment[i];
        if (s->from == CONVERSATION_CLIENT && (s->header.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
            return s;
    }
    return NULL;
}

static bool asks(const struct conversation *c)
{
    const struct conversation_segment *syn = cookie_syn(c);
    return syn && syn->header.options.has_fast_open;
}

/* The server has acknowledged text of the SYN, or has sent a cookie. */
static bool server_takes_part(const struct conversation *c)
{
    for (unsigned i = 0; i < c->count; i++) {
        const struct conversation_segment *s = &c->segment[i];
        if (s->from == CONVERSATION_SERVER && s->header.flags & TCP_SYN)
            return s->ack > 1 || s->header.options.has_fast_open;
    }
    return false;
}

void cookie_configure(const struct player *p, struct rill_config *config)
{
    const struct conversation_segment *syn = cookie_syn(p->c);
    bool bare = !asks(p->c) && syn && syn->text.length; /* RFC 9293 3.4 lets a SYN carry text */
    if (!asks(p->c) && !bare)
        return;
    config->tcp.fast_open = RILL_FAST_OPEN_CLIENT | (bare ? RILL_FAST_OPEN_CLIENT_NO_COOKIE : 0);
    if (server_takes_part(p->c))
        config->tcp.fast_open |= RILL_FAST_OPEN_SERVER | RILL_FAST_OPEN_ALL_LISTENERS |
                                 (bare ? RILL_FAST_OPEN_SERVER_NO_COOKIE : 0);
    config->tcp.fast_open_keys = 1;
    memcpy(config->tcp.fast_open_key, key, sizeof key);
}

/* ----------------------------------------------------------- an earlier connection to the
 * server */

/* Takes rill's last segment for the port. False: there was none. */
static bool hear(struct player *p, struct tcp_header *h)
{
    struct dissected d;
    bool heard = false;
    for (unsigned n; (n = stage_pull(&p->stage)) > 0;)
        for (unsigned i = 0; i < n; i++)
            if (!dissect(&d, p->stage.sent[i]) && d.kind == DISSECTED_TCP &&
                d.tcp.source == PRIMING_PORT) {
                *h = d.tcp;
                heard = true;
            }
    return heard;
}

/* Sends the server's SYN-ACK with the cookie. */
static void give(struct player *p, const struct tcp_header *syn)
{
    uint8_t frame[ETH_MINIMUM + TCP_HEADER_MAX] = {0};
    struct tcp_header h = {.source = syn->destination,
                           .destination = syn->source,
                           .ack = {syn->seq.n + 1},
                           .flags = TCP_SYN | TCP_ACK,
                           .window = UINT16_MAX,
                           .options = p->peer->options};
    h.options.has_fast_open = true;
    h.options.fast_open = cookie_syn(p->c)->header.options.fast_open;
    h.options.timestamp_echo = syn->options.timestamp_value;
    uint8_t *ip = frame + ETH_HEADER, *tcp = ip + IP4_HEADER;
    size_t length = tcp_header_write(tcp, &h);
    struct ip4 packet = {.total_length = (uint16_t)(IP4_HEADER + length),
                         .ttl = 64,
                         .protocol = IP_PROTOCOL_TCP,
                         .source = STAGE_PEER,
                         .destination = STAGE_OWN};
    uint64_t sum = checksum_pseudo(rill_address_ip4(STAGE_PEER), rill_address_ip4(STAGE_OWN),
                                   IP_PROTOCOL_TCP, (uint32_t)length);
    tcp_checksum_put(tcp, checksum_finish(checksum_add(sum, span_of(tcp, length))));
    eth_write(frame, &stage_head);
    ip4_write(ip, &packet);
    stage_feed(&p->stage, frame, max_of(ETH_HEADER + IP4_HEADER + length, (size_t)ETH_MINIMUM));
}

void cookie_prime(struct player *p)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(PRIMING_PORT)},
                       to = {.sin_family = AF_INET,
                             .sin_port = htons(p->peer->port),
                             .sin_addr.s_addr = htonl(STAGE_PEER)};
    struct linger now = {.l_onoff = 1};
    struct tcp_header h;
    if (p->side != CONVERSATION_CLIENT || !asks(p->c) ||
        !cookie_syn(p->c)->header.options.fast_open.length)
        return;
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    rill_bind(fd, (struct sockaddr *)&own, sizeof own);
    rill_sendto(fd, "", 0, MSG_FASTOPEN, (struct sockaddr *)&to, sizeof to);
    if (hear(p, &h))
        give(p, &h);
    rill_setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    rill_close(fd);
    hear(p, &h);
}

/* ----------------------------------------------------------- rill as the server */

struct tcp_fast_open cookie_map(const struct player *p, const struct conversation_segment *s)
{
    const struct tcp_options *o = &s->header.options;
    struct tcp_fast_open none = {0};
    if (s->from != CONVERSATION_CLIENT || !o->has_fast_open || !o->fast_open.length ||
        !server_takes_part(p->c))
        return none;
    struct fast_open_keys keys = fast_open_keys_load(key, 1);
    struct tcp_fast_open good =
        fast_open_cookie(&keys.key[0], rill_address_ip4(STAGE_PEER), rill_address_ip4(STAGE_OWN));
    return good.length == o->fast_open.length ? good : none;
}
