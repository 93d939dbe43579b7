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

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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
        int n = load_wait(events, LOAD_TIMEOUT);
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
        int n = load_wait(events, LOAD_TIMEOUT);
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
    bool has_source = strcmp(mode, "hold") == 0 || argc == 6;
    load_to(argv[2], has_source ? argv[argc - 1] : NULL);
    unsigned count = (unsigned)strtoul(argv[3], NULL, 10);
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
