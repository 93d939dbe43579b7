/* The bench's clients, on the host kernel's sockets. Each run is bounded, and prints one line.
 *
 *     load send|receive ADDRESS STREAMS SECONDS      bytes, seconds; bytes with the warming up;
 *                                                    Jain's index, least over most (load.h)
 *     load finish-send ADDRESS STREAMS BYTES         seconds: the first stream was through, the
 *     load finish-receive ADDRESS STREAMS BYTES      last one was
 *     load connect ADDRESS COUNT AT_ONCE [SOURCE]    count, seconds: connect, ask, read to the end
 *     load hold ADDRESS COUNT SOURCE                 count, seconds; held until stdin ends
 *
 * Exit status 1: something failed, or stood still for ten seconds. */
#include "bench/load.h"

#include "bench/service.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

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

int load_wait(struct epoll_event *events, int patience)
{
    int n = epoll_wait(set, events, LOAD_EVENTS, patience);
    if (n < 0)
        err(1, "epoll_wait");
    if (n == 0 && patience == LOAD_PATIENCE)
        errx(1, "nothing has happened for %d s", LOAD_PATIENCE / 1000);
    return n;
}

/* The next step of one connection; true: it has ended as it should. */
static bool step(const struct epoll_event *e)
{
    int fd = e->data.fd;
    if (e->events & EPOLLERR)
        errx(1, "a connection has failed");
    if (e->events & EPOLLOUT) {
        if (send(fd, CLOSE_REQUEST, sizeof CLOSE_REQUEST - 1, MSG_NOSIGNAL) < 0)
            err(1, "send");
        load_watch(fd, EPOLLIN);
        return false;
    }
    ssize_t n = recv(fd, load_chunk, LOAD_CHUNK, 0);
    if (n > 0 || (n < 0 && errno == EAGAIN))
        return false;
    if (n < 0)
        err(1, "recv");
    close(fd);
    return true;
}

static void connect_many(unsigned count, unsigned at_once)
{
    struct epoll_event events[LOAD_EVENTS];
    double first = load_now();
    unsigned begun = 0, ended = 0;
    for (; begun < at_once && begun < count; begun++)
        load_begin(PORT_HTTP, EPOLLOUT);
    while (ended < count) {
        int n = load_wait(events, LOAD_PATIENCE);
        for (int i = 0; i < n; i++) {
            if (!step(&events[i]))
                continue;
            ended++;
            if (begun < count) {
                load_begin(PORT_HTTP, EPOLLOUT);
                begun++;
            }
        }
    }
    printf("%u %.6f\n", count, load_now() - first);
}

static void hold(unsigned count)
{
    enum { AT_ONCE = 256 };
    struct epoll_event events[LOAD_EVENTS];
    unsigned begun = 0, open = 0;
    double first = load_now();
    while (open < count) {
        for (; begun < count && begun - open < AT_ONCE; begun++)
            load_begin(PORT_IDLE, EPOLLOUT | EPOLLONESHOT);
        int n = load_wait(events, LOAD_PATIENCE);
        for (int i = 0; i < n; i++, open++)
            if (events[i].events & (EPOLLERR | EPOLLHUP))
                errx(1, "a connection has failed");
    }
    printf("%u %.6f\n", count, load_now() - first);
    fflush(stdout);
    while (read(STDIN_FILENO, load_chunk, LOAD_CHUNK) > 0)
        continue;
}

int main(int argc, char **argv)
{
    const char *mode = argc >= 5 ? argv[1] : "";
    if (argc < 5 || argc > 6) {
        fprintf(stderr, "usage: load send|receive ADDRESS STREAMS SECONDS\n"
                        "       load finish-send|finish-receive ADDRESS STREAMS BYTES\n"
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
        load_bulk(*mode == 's', count, strtod(argv[4], NULL));
    else if (strcmp(mode, "finish-send") == 0 || strcmp(mode, "finish-receive") == 0)
        load_finish(mode[7] == 's', count, strtoull(argv[4], NULL, 10));
    else if (strcmp(mode, "connect") == 0)
        connect_many(count, (unsigned)strtoul(argv[4], NULL, 10));
    else if (strcmp(mode, "hold") == 0)
        hold(count);
    else
        errx(2, "%s: no such mode", mode);
    return 0;
}
