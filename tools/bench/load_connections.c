#include "bench/load.h"

#include "bench/service.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <time.h>

static struct sockaddr_in server, source;
static int set;
char load_chunk[LOAD_CHUNK];

double load_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct sockaddr_in address(const char *text)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    if (inet_pton(AF_INET, text, &a.sin_addr) != 1)
        errx(2, "%s is no IPv4 address", text);
    return a;
}

void load_to(const char *to, const char *from)
{
    server = address(to);
    if (from)
        source = address(from);
    set = epoll_create1(0);
    if (set < 0)
        err(1, "epoll_create1");
}

int load_begin(uint16_t port, uint32_t events)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0)
        err(1, "socket");
    server.sin_port = htons(port);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, CONGESTION, sizeof CONGESTION - 1) != 0)
        err(1, "the kernel has no " CONGESTION);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
    if (source.sin_family && bind(fd, (struct sockaddr *)&source, sizeof source) != 0)
        err(1, "bind");
    if (connect(fd, (struct sockaddr *)&server, sizeof server) != 0 && errno != EINPROGRESS)
        err(1, "connect");
    struct epoll_event e = {.events = events, .data.fd = fd};
    if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &e) != 0)
        err(1, "epoll_ctl");
    return fd;
}

void load_watch(int fd, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.fd = fd};
    epoll_ctl(set, EPOLL_CTL_MOD, fd, &e);
}

int load_wait(struct epoll_event *events, int timeout)
{
    int n = epoll_wait(set, events, LOAD_EVENTS, timeout);
    if (n < 0)
        err(1, "epoll_wait");
    if (n == 0 && timeout == LOAD_TIMEOUT)
        errx(1, "nothing has happened for %d s", LOAD_TIMEOUT / 1000);
    return n;
}
