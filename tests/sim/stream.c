#include "stream.h"

#include <errno.h>

/* One direction of a stream: byte i is a function of i, so that nothing has to be remembered. */
struct stream {
    struct pair *pair;
    int end[2]; /* which stack sends, which receives */
    int fd[2];
    size_t total, sent, received;
    bool closed, ended, wrong;
};

static uint8_t byte_at(size_t i)
{
    return (uint8_t)((i * 2654435761u) >> 13);
}

static void stream_send(struct stream *s)
{
    uint8_t chunk[4096];
    rill_use(s->pair->end[s->end[0]]);
    while (s->sent < s->total) {
        size_t n = s->total - s->sent < sizeof chunk ? s->total - s->sent : sizeof chunk;
        for (size_t i = 0; i < n; i++)
            chunk[i] = byte_at(s->sent + i);
        ssize_t done = rill_send(s->fd[0], chunk, n, MSG_DONTWAIT);
        if (done < 0)
            break;
        s->sent += (size_t)done;
    }
    if (s->sent == s->total && !s->closed) {
        rill_shutdown(s->fd[0], SHUT_WR);
        s->closed = true;
    }
}

static void stream_receive(struct stream *s)
{
    uint8_t chunk[4096];
    ssize_t n;
    rill_use(s->pair->end[s->end[1]]);
    while (!s->ended && (n = rill_recv(s->fd[1], chunk, sizeof chunk, MSG_DONTWAIT)) >= 0) {
        for (ssize_t i = 0; i < n; i++)
            s->wrong = s->wrong || chunk[i] != byte_at(s->received + (size_t)i);
        s->received += (size_t)n;
        s->ended = n == 0;
    }
}

static bool step(void *context)
{
    struct stream *s = context;
    bool over = true;
    for (int i = 0; i < 2; i++) {
        stream_send(&s[i]);
        stream_receive(&s[i]);
        over = over && s[i].ended;
    }
    return over;
}

bool streams_run(struct pair *p, const int fd[2], const size_t total[2], rill_time until)
{
    struct stream s[2] = {{.pair = p, .end = {0, 1}, .fd = {fd[0], fd[1]}, .total = total[0]},
                          {.pair = p, .end = {1, 0}, .fd = {fd[1], fd[0]}, .total = total[1]}};
    pair_run(p, until, step, s);
    bool good = true;
    for (int i = 0; i < 2; i++)
        good = good && s[i].ended && !s[i].wrong && s[i].received == total[i];
    return good;
}
