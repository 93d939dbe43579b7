/* rill inside libevent: the loop sleeps for rill_host_fd beside its own events, and echoes
 * datagrams, until Ctrl-C or for ten seconds.
 *
 *     cc -D_GNU_SOURCE libevent_loop.c $(pkg-config --cflags --libs rill-host libevent_core) */
#include <arpa/inet.h>
#include <err.h>
#include <event2/event.h>
#include <rill/host.h>

struct program {
    struct rill_host *host;
    struct event_base *base;
    int fd; /* rill's */
};

/* What rill has to do, what the program has to do with it, and what it has given rill to send. */
static void on_rill(evutil_socket_t unused, short what, void *context)
{
    struct program *p = context;
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    char text[2048];
    ssize_t n;
    (void)unused, (void)what;
    bool good = rill_host_turn(p->host, 0) == 0;
    while ((n = rill_recvfrom(p->fd, text, sizeof text, MSG_DONTWAIT, (struct sockaddr *)&from,
                              &length)) >= 0)
        rill_sendto(p->fd, text, (size_t)n, MSG_DONTWAIT, (struct sockaddr *)&from, length);
    if (!good || rill_host_turn(p->host, 0) != 0) /* Ctrl-C */
        event_base_loopbreak(p->base);
}

int main(int argc, char **argv)
{
    struct rill_host_options options;
    struct rill_diagnostic diagnostic;
    rill_host_options_parse(&options, &argc, argv, "libevent_loop - rill in libevent's loop",
                            "libevent_loop [OPTIONS]\n  --port N [7]\n");
    struct program p = {.host = rill_host_open(&options, &diagnostic)};
    if (!p.host)
        errx(1, "%s", diagnostic.text);
    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_port = htons(options.port ? options.port : 7)};
    p.fd = rill_socket(AF_INET, SOCK_DGRAM, 0);
    if (rill_bind(p.fd, (struct sockaddr *)&here, sizeof here) != 0)
        err(1, "bind");

    p.base = event_base_new();
    struct event *rill = event_new(p.base, rill_host_fd(p.host), EV_READ | EV_PERSIST, on_rill, &p);
    if (!rill || event_add(rill, NULL) != 0)
        errx(1, "libevent does not take rill's descriptor");
    event_base_loopexit(p.base, &(struct timeval){.tv_sec = 10});
    event_base_dispatch(p.base);
    event_free(rill);
    event_base_free(p.base);
    rill_host_close(p.host);
    return 0;
}
