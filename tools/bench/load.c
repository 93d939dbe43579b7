/* The bench's clients, on the host kernel's sockets. Each run is bounded, and prints one line.
 *
 *     load send|receive ADDRESS STREAMS SECONDS      bytes, seconds; bytes with the warming up
 *     load connect ADDRESS COUNT AT_ONCE [SOURCE]    count, seconds: connect, ask, read to the end
 *     load hold ADDRESS COUNT SOURCE                 count, seconds; held until stdin ends
 *
 * Exit status 1: something failed, or stood still for ten seconds. */
#include "bench/service.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 512
#define PATIENCE 10000 /* milliseconds */
#define CHUNK (256 << 10)

static struct sockaddr_in server, source;
static int set;
static char chunk[CHUNK];

static double seconds_now(void)
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

/* A connection that is about to be, watched for `events`. Its end forgets at once what it held:
 * a bench would run out of ports otherwise. */
static int begin(uint16_t port, uint32_t events)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0)
        err(1, "socket");
    server.sin_port = htons(port);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
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

static int wait_for(struct epoll_event *events, int patience)
{
    int n = epoll_wait(set, events, EVENTS, patience);
    if (n < 0)
        err(1, "epoll_wait");
    if (n == 0 && patience == PATIENCE)
        errx(1, "nothing has happened for %d s", PATIENCE / 1000);
    return n;
}

/* Bytes moved, now. */
static size_t move(const struct epoll_event *e, bool sending)
{
    if (e->events & (EPOLLERR | EPOLLHUP))
        errx(1, "a connection has failed");
    ssize_t n =
        sending ? send(e->data.fd, chunk, CHUNK, MSG_NOSIGNAL) : recv(e->data.fd, chunk, CHUNK, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN))
        err(1, "a stream has ended");
    return n > 0 ? (size_t)n : 0;
}

/* Counts for `seconds`, after a third of that, from the first byte on, in which windows grow. */
static void bulk(bool sending, unsigned streams, double seconds)
{
    struct epoll_event events[EVENTS];
    for (unsigned i = 0; i < streams; i++)
        begin(sending ? PORT_SINK : PORT_SOURCE, sending ? EPOLLOUT : EPOLLIN);
    double first = 0, now = seconds_now();
    uint64_t all = 0, before = 0;
    while (!all || now < first + seconds) {
        int n = wait_for(events, PATIENCE);
        for (int i = 0; i < n; i++)
            all += move(&events[i], sending);
        now = seconds_now();
        if (first == 0 && all)
            first = now + seconds / 3;
        if (now < first)
            before = all;
    }
    printf("%llu %.6f %llu\n", (unsigned long long)(all - before), now - first,
           (unsigned long long)all);
}

/* The next step of one connection; true: it has ended as it should. */
static bool step(const struct epoll_event *e)
{
    int fd = e->data.fd;
    if (e->events & EPOLLERR)
        errx(1, "a connection has failed");
    if (e->events & EPOLLOUT) {
        struct epoll_event next = {.events = EPOLLIN, .data.fd = fd};
        if (send(fd, CLOSE_REQUEST, sizeof CLOSE_REQUEST - 1, MSG_NOSIGNAL) < 0)
            err(1, "send");
        epoll_ctl(set, EPOLL_CTL_MOD, fd, &next);
        return false;
    }
    ssize_t n = recv(fd, chunk, CHUNK, 0);
    if (n > 0 || (n < 0 && errno == EAGAIN))
        return false;
    if (n < 0)
        err(1, "recv");
    close(fd);
    return true;
}

static void connect_many(unsigned count, unsigned at_once)
{
    struct epoll_event events[EVENTS];
    double first = seconds_now();
    unsigned begun = 0, ended = 0;
    for (; begun < at_once && begun < count; begun++)
        begin(PORT_HTTP, EPOLLOUT);
    while (ended < count) {
        int n = wait_for(events, PATIENCE);
        for (int i = 0; i < n; i++) {
            if (!step(&events[i]))
                continue;
            ended++;
            if (begun < count) {
                begin(PORT_HTTP, EPOLLOUT);
                begun++;
            }
        }
    }
    printf("%u %.6f\n", count, seconds_now() - first);
}

static void hold(unsigned count)
{
    enum { AT_ONCE = 256 };
    struct epoll_event events[EVENTS];
    unsigned begun = 0, open = 0;
    double first = seconds_now();
    while (open < count) {
        for (; begun < count && begun - open < AT_ONCE; begun++)
            begin(PORT_IDLE, EPOLLOUT | EPOLLONESHOT);
        int n = wait_for(events, PATIENCE);
        for (int i = 0; i < n; i++, open++)
            if (events[i].events & (EPOLLERR | EPOLLHUP))
                errx(1, "a connection has failed");
    }
    printf("%u %.6f\n", count, seconds_now() - first);
    fflush(stdout);
    while (read(STDIN_FILENO, chunk, CHUNK) > 0)
        continue;
}

int main(int argc, char **argv)
{
    const char *mode = argc >= 5 ? argv[1] : "";
    if (argc < 5 || argc > 6) {
        fprintf(stderr, "usage: load send|receive ADDRESS STREAMS SECONDS\n"
                        "       load connect ADDRESS COUNT AT_ONCE [SOURCE]\n"
                        "       load hold ADDRESS COUNT SOURCE\n");
        return 2;
    }
    server = address(argv[2]);
    set = epoll_create1(0);
    unsigned count = (unsigned)strtoul(argv[3], NULL, 10);
    if (strcmp(mode, "hold") == 0 || argc == 6)
        source = address(argv[argc - 1]);
    if (strcmp(mode, "send") == 0 || strcmp(mode, "receive") == 0)
        bulk(*mode == 's', count, strtod(argv[4], NULL));
    else if (strcmp(mode, "connect") == 0)
        connect_many(count, (unsigned)strtoul(argv[4], NULL, 10));
    else if (strcmp(mode, "hold") == 0)
        hold(count);
    else
        errx(2, "%s: send, receive, connect or hold", mode);
    return 0;
}
