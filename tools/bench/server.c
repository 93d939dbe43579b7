/* The bench's server on rill, or with tests/interop/kernel_host.c in rill's place on the kernel.
 *
 *     server [shared options]
 *
 * One epoll set for each core, in a thread of its own. What it serves stands in service.h. SIGTERM
 * ends it. */
#include "bench/service.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <rill/cores.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define EVENTS 512
#define CHUNK (256 << 10)

static _Thread_local int set;
static char chunk[CHUNK];

#define LISTENER (UINT64_C(1) << 63)

/* An event tells the descriptor, the port that it belongs to, and whether it listens. */
static void watch(int fd, uint64_t port, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.u64 = port << 32 | (uint32_t)fd};
    if (rill_epoll_ctl(set, EPOLL_CTL_ADD, fd, &e) != 0)
        err(1, "epoll_ctl");
}

/* What comes is answered at once, and the answer acknowledges it: no ACK goes before. HAProxy does
 * the same (tcp-smart-accept). */
static void expect_requests(int listener)
{
    int off = 0;
    if (rill_setsockopt(listener, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof off) != 0)
        err(1, "TCP_QUICKACK");
}

/* Only where it is another: what differs from the default is remembered of each connection. */
static int choose_congestion(int fd)
{
    char name[16] = "";
    socklen_t length = sizeof name;
    if (rill_getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &length) != 0)
        return -1;
    if (strcmp(name, CONGESTION) == 0)
        return 0;
    return rill_setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, CONGESTION, sizeof CONGESTION - 1);
}

static void serve_port(uint16_t port)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0 || rill_bind(fd, (struct sockaddr *)&any, sizeof any) != 0 ||
        choose_congestion(fd) != 0 || rill_listen(fd, 4096) != 0)
        err(1, "port %u", port);
    if (port == PORT_HTTP)
        expect_requests(fd);
    watch(fd, LISTENER >> 32 | port, EPOLLIN);
}

static void accept_all(int listener, uint16_t port)
{
    for (int fd; (fd = rill_accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;)
        if (port != PORT_IDLE)
            watch(fd, port, port == PORT_SOURCE ? EPOLLOUT : EPOLLIN);
}

static void answer(int fd)
{
    char request[2048];
    ssize_t n = rill_recv(fd, request, sizeof request, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    bool last = n <= 0 || memmem(request, (size_t)n, CLOSE_LINE, sizeof CLOSE_LINE - 1);
    if (n > 0)
        rill_send(fd, RESPONSE, sizeof RESPONSE - 1, MSG_NOSIGNAL);
    if (last)
        rill_close(fd);
}

static void drain(int fd)
{
    ssize_t n = rill_recv(fd, chunk, sizeof chunk, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN))
        rill_close(fd);
}

static void fill(int fd)
{
    if (rill_send(fd, chunk, sizeof chunk, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
        rill_close(fd);
}

static void serve(const struct epoll_event *e)
{
    int fd = (int)(uint32_t)e->data.u64;
    uint16_t port = (uint16_t)(e->data.u64 >> 32);
    if (e->data.u64 & LISTENER)
        accept_all(fd, port);
    else if (port == PORT_HTTP)
        answer(fd);
    else if (port == PORT_SINK)
        drain(fd);
    else
        fill(fd);
}

static void serve_core(struct rill_host *host, unsigned core, void *context)
{
    struct epoll_event events[EVENTS];
    (void)host, (void)core, (void)context;
    set = rill_epoll_create1(0);
    if (set < 0)
        err(1, "epoll_create1");
    serve_port(PORT_IDLE);
    serve_port(PORT_SINK);
    serve_port(PORT_SOURCE);
    serve_port(PORT_HTTP);
    for (int n; (n = rill_epoll_wait(set, events, EVENTS, -1)) >= 0;)
        for (int i = 0; i < n; i++)
            serve(&events[i]);
    /* Clients may still be there: nothing is drained for them. */
    _Exit(errno == EINTR ? 0 : 1);
}

int main(int argc, char **argv)
{
    struct rill_host_options options;
    struct rill_diagnostic diagnostic;
    rill_host_options_parse(&options, &argc, argv, "server - what the bench measures", "server");
    options.trace = 0;
    options.no_control = true;
    memset(chunk, 'x', sizeof chunk);
    if (rill_cores_run(&options, serve_core, NULL, &diagnostic) != 0)
        errx(1, "%s", diagnostic.text);
    return 0;
}
