#include "replay/service.h"

#include "wire/ip4.h"
#include "wire/tcp_header.h"
#include "wire/udp_header.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <rill/rill.h>

#define BACKLOG 16
#define WEB 80
#define ECHO 7

static int bound(int type, uint16_t port)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = rill_socket(AF_INET, type | SOCK_NONBLOCK, 0);
    assert(fd >= 0);
    if (rill_bind(fd, (struct sockaddr *)&any, sizeof any) == 0)
        return fd;
    rill_close(fd);
    return -1;
}

static bool has(const uint16_t *ports, unsigned count, uint16_t port)
{
    for (unsigned i = 0; i < count; i++)
        if (ports[i] == port)
            return true;
    return false;
}

static void listen_on(struct service *s, uint16_t port)
{
    if (!port || s->listeners == SERVICE_PORTS || has(s->listens, s->listeners, port))
        return;
    int fd = bound(SOCK_STREAM, port);
    if (fd < 0 || rill_listen(fd, BACKLOG))
        return;
    s->listens[s->listeners] = port;
    s->listener[s->listeners++] = fd;
}

static void receive_on(struct service *s, uint16_t port)
{
    if (!port || s->udps == SERVICE_PORTS || has(s->receives, s->udps, port))
        return;
    int fd = bound(SOCK_DGRAM, port);
    if (fd < 0)
        return;
    s->receives[s->udps] = port;
    s->udp[s->udps++] = fd;
}

/* A port that sent a SYN-ACK was open, and a port that sent a datagram gets answers. */
static void open_as(struct service *s, const struct recorded *p)
{
    struct ip4 ip;
    struct tcp_header tcp;
    struct udp_header udp;
    struct rill_span payload, rest;
    if (p->type != ETH_TYPE_IP4 || ip4_parse(&ip, p->body, &payload) || ip.fragment_offset)
        return;
    if (ip.protocol == IP_PROTOCOL_TCP && !tcp_header_parse(&tcp, payload, &rest) &&
        (tcp.flags & (TCP_SYN | TCP_ACK | TCP_RST)) == (TCP_SYN | TCP_ACK))
        listen_on(s, tcp.source);
    else if (ip.protocol == IP_PROTOCOL_UDP && !udp_header_parse(&udp, payload, &rest))
        receive_on(s, udp.source);
}

void service_open(struct service *s, const struct recording *r)
{
    *s = (struct service){0};
    listen_on(s, WEB);
    receive_on(s, ECHO);
    for (unsigned i = 0; i < r->count; i++)
        open_as(s, &r->packet[i]);
}

static void accept_clients(struct service *s)
{
    for (unsigned i = 0; i < s->listeners; i++)
        while (s->clients < SERVICE_CLIENTS) {
            int fd = rill_accept4(s->listener[i], NULL, NULL, SOCK_NONBLOCK);
            if (fd < 0)
                break;
            s->client[s->clients++] = fd;
        }
}

/* False: the client has gone. */
static bool serve(int fd)
{
    uint8_t bytes[4096];
    ssize_t n;
    while ((n = rill_recv(fd, bytes, sizeof bytes, 0)) > 0)
        rill_send(fd, bytes, (size_t)n, MSG_NOSIGNAL);
    return n < 0 && errno == EAGAIN;
}

static void send_back(int udp)
{
    static uint8_t data[65536];
    struct sockaddr_in from;
    for (;;) {
        socklen_t length = sizeof from;
        ssize_t n = rill_recvfrom(udp, data, sizeof data, 0, (struct sockaddr *)&from, &length);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n >= 0)
            rill_sendto(udp, data, (size_t)n, 0, (struct sockaddr *)&from, length);
    }
}

void service_turn(struct service *s)
{
    accept_clients(s);
    for (unsigned i = 0; i < s->clients;) {
        if (serve(s->client[i])) {
            i++;
            continue;
        }
        rill_close(s->client[i]);
        s->client[i] = s->client[--s->clients];
    }
    for (unsigned i = 0; i < s->udps; i++)
        send_back(s->udp[i]);
}

void service_clear(struct service *s)
{
    service_turn(s);
    while (s->clients)
        rill_close(s->client[--s->clients]);
}

void service_close(struct service *s)
{
    service_clear(s);
    for (unsigned i = 0; i < s->listeners; i++)
        rill_close(s->listener[i]);
    for (unsigned i = 0; i < s->udps; i++)
        rill_close(s->udp[i]);
}
