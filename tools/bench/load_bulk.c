#include "bench/load.h"
#include "bench/service.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define STREAMS_MAX 4096

/* Their descriptors, between which there may be others that this process has inherited; and what
 * has gone through each, by descriptor. */
static int stream[STREAMS_MAX];
static uint64_t moved[STREAMS_MAX];

static void begin_streams(bool sending, unsigned streams, uint32_t events)
{
    for (unsigned i = 0; i < streams; i++) {
        int fd = load_begin(sending ? PORT_SINK : PORT_SOURCE, events);
        if (fd >= STREAMS_MAX)
            errx(2, "%u streams are too many", streams);
        stream[i] = fd;
    }
}

/* At most so many bytes, now. */
static size_t move(const struct epoll_event *e, bool sending, size_t most)
{
    int fd = e->data.fd;
    if (e->events & (EPOLLERR | EPOLLHUP))
        errx(1, "a connection has failed");
    most = most < LOAD_CHUNK ? most : LOAD_CHUNK;
    ssize_t n = sending ? send(fd, load_chunk, most, MSG_NOSIGNAL) : recv(fd, load_chunk, most, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN))
        err(1, "a stream has ended");
    return n > 0 ? (size_t)n : 0;
}

/* Jain, Chiu and Hawe 1984: 1 where all have the same, 1/n where one has all. */
static void print_fairness(unsigned streams)
{
    double sum = 0, squares = 0, least = 1e300, most = 0;
    for (unsigned i = 0; i < streams; i++) {
        double x = (double)moved[stream[i]];
        sum += x;
        squares += x * x;
        least = x < least ? x : least;
        most = x > most ? x : most;
    }
    printf(" %.4f %.4f\n", sum * sum / (streams * squares), least / most);
}

/* Counts for `seconds`, after a third of that, from the first byte on, in which windows grow. */
void load_bulk(bool sending, unsigned streams, double seconds)
{
    struct epoll_event events[LOAD_EVENTS];
    double first = 0, now = load_now();
    uint64_t all = 0, before = 0;
    begin_streams(sending, streams, sending ? EPOLLOUT : EPOLLIN);
    while (!all || now < first + seconds) {
        int n = load_wait(events, LOAD_TIMEOUT);
        bool counts = first > 0 && now >= first;
        for (int i = 0; i < n; i++) {
            size_t some = move(&events[i], sending, LOAD_CHUNK);
            all += some;
            moved[events[i].data.fd] += counts ? some : 0;
        }
        now = load_now();
        if (first == 0 && all)
            first = now + seconds / 3;
        if (now < first)
            before = all;
    }
    printf("%" PRIu64 " %.6f %" PRIu64, all - before, now - first, all);
    print_fairness(streams);
}

/* A stream that has got all its bytes through. Sent ones have arrived when the peer, who reads to
 * the end, ends too. */
static bool has_ended(const struct epoll_event *e, bool sending, uint64_t bytes)
{
    char extra;
    int fd = e->data.fd;
    if (moved[fd] < bytes) {
        moved[fd] += move(e, sending, bytes - moved[fd]);
        if (moved[fd] < bytes)
            return false;
        if (sending) {
            shutdown(fd, SHUT_WR);
            load_watch(fd, EPOLLIN);
            return false;
        }
    } else if (recv(fd, &extra, 1, 0) != 0) {
        err(1, "a stream has not ended as it should");
    }
    close(fd);
    return true;
}

static void await_connections(unsigned streams)
{
    struct epoll_event events[LOAD_EVENTS];
    for (unsigned open = 0; open < streams;) {
        int n = load_wait(events, LOAD_TIMEOUT);
        for (int i = 0; i < n; i++, open++)
            if (events[i].events & (EPOLLERR | EPOLLHUP))
                errx(1, "a connection has failed");
    }
}

void load_finish(bool sending, unsigned streams, uint64_t bytes)
{
    struct epoll_event events[LOAD_EVENTS];
    begin_streams(sending, streams, EPOLLOUT | EPOLLONESHOT);
    await_connections(streams);
    double begun = load_now(), first = 0, last = 0;
    for (unsigned i = 0; i < streams; i++)
        load_watch(stream[i], sending ? EPOLLOUT : EPOLLIN);
    for (unsigned ended = 0; ended < streams;) {
        int n = load_wait(events, LOAD_TIMEOUT);
        for (int i = 0; i < n; i++) {
            if (!has_ended(&events[i], sending, bytes))
                continue;
            last = load_now() - begun;
            first = ended++ ? first : last;
        }
    }
    printf("%.6f %.6f\n", first, last);
}
