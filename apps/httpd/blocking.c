#include "httpd/blocking.h"

#include <errno.h>
#include <poll.h>
#include <rill/socket.h>
#include <sys/time.h>
#include <time.h>

#define PIECE 8192 /* of a request or an answer, on the stack */

const struct calls host_calls = {recv, send, setsockopt, shutdown};
const struct calls rill_calls = {rill_recv, rill_send, rill_setsockopt, rill_shutdown};

rill_time monotonic_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return RILL_SECONDS(t.tv_sec) + t.tv_nsec;
}

/* The unit of time-outs, so that a call does not set again what has hardly changed. */
#define TIMEOUT_STEP RILL_MILLISECONDS(100)

/* Limits calls to the connection's deadline; `timeout` is the socket's current time-out. */
static void set_timeout(const struct connection *c, int fd, const struct calls *calls,
                        rill_time *timeout)
{
    rill_time left = connection_deadline(c) - monotonic_now();
    rill_time steps = left > 0 ? (left - 1) / TIMEOUT_STEP + 1 : 1; /* zero would mean no limit */
    if (*timeout == steps * TIMEOUT_STEP)
        return;
    *timeout = steps * TIMEOUT_STEP;
    struct timeval t = {*timeout / RILL_SECONDS(1), *timeout % RILL_SECONDS(1) / 1000};
    calls->setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
    calls->setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
}

/* False: the connection is lost. A time-out sends nothing; the deadline decides then. */
static bool send_piece(struct connection *c, int fd, const struct calls *calls)
{
    char bytes[PIECE];
    ssize_t n = connection_peek(c, bytes, sizeof bytes);
    if (n < 0)
        return false;
    ssize_t sent = calls->send(fd, bytes, (size_t)n, MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EAGAIN;
    connection_sent(c, (size_t)sent, monotonic_now());
    return true;
}

static bool receive_piece(struct connection *c, int fd, const struct calls *calls)
{
    char bytes[PIECE];
    size_t room = connection_room(c);
    ssize_t n = calls->recv(fd, bytes, room < sizeof bytes ? room : sizeof bytes, 0);
    if (n < 0)
        return errno == EAGAIN;
    connection_received(c, bytes, (size_t)n, monotonic_now());
    return true;
}

void serve_blocking(struct connection *c, int fd, const struct calls *calls)
{
    bool alive = true, shut = false;
    rill_time timeout = 0;
    while (alive && connection_wants(c) != 0) {
        set_timeout(c, fd, calls, &timeout);
        if (connection_wants(c) & POLLOUT)
            alive = send_piece(c, fd, calls);
        else
            alive = receive_piece(c, fd, calls);
        rill_time now = monotonic_now();
        if (alive && connection_deadline(c) <= now)
            connection_expire(c, now);
        if (alive && connection_is_closing(c) && !shut) {
            shut = true; /* RFC 9112 9.6, as in client_serve */
            calls->shutdown(fd, SHUT_WR);
        }
    }
}
