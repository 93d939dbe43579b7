/* rill inside libuv: the loop sleeps for rill_host_fd, which knows rill's own deadlines, beside a
 * timer of libuv's, at which everybody who is connected is told a number; until Ctrl-C.
 *
 *     cc -D_GNU_SOURCE libuv_loop.c $(pkg-config --cflags --libs rill-host libuv) */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <rill/host.h>
#include <stdio.h>
#include <uv.h>

#define CLIENTS 16 /* more wait in the backlog */
#define TICK 200   /* ms */

struct program {
    struct rill_host *host;
    int listener, client[CLIENTS]; /* rill's; -1: nobody */
    unsigned number;
};

/* Does not sleep. */
static void turn(struct program *p, uv_loop_t *loop)
{
    if (rill_host_turn(p->host, 0) != 0) /* Ctrl-C */
        uv_stop(loop);
}

/* What a client says is thrown away, until he has ended. */
static void hear(int *fd)
{
    char text[256];
    ssize_t n;
    while ((n = rill_recv(*fd, text, sizeof text, 0)) > 0)
        ;
    if (n == 0 || errno != EAGAIN) {
        rill_close(*fd);
        *fd = -1;
    }
}

static void serve(int listener, int *client)
{
    if (*client >= 0)
        hear(client);
    if (*client < 0 && (*client = rill_accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
        hear(client);
}

/* What rill has to do, what the program has to do with it, and what it has given rill to send. */
static void on_rill(uv_poll_t *handle, int status, int events)
{
    struct program *p = handle->data;
    (void)status, (void)events;
    turn(p, handle->loop);
    for (int i = 0; i < CLIENTS; i++)
        serve(p->listener, &p->client[i]);
    turn(p, handle->loop);
}

/* Another occasion for calls of rill: what they gave it to send leaves with a turn, not with rill's
 * next news. */
static void on_tick(uv_timer_t *handle)
{
    struct program *p = handle->data;
    char line[16];
    int length = snprintf(line, sizeof line, "%u\n", p->number++);
    for (int i = 0; i < CLIENTS; i++)
        if (p->client[i] >= 0)
            rill_send(p->client[i], line, (size_t)length, 0); /* who has no room misses it */
    turn(p, handle->loop);
}

static void run(struct program *p)
{
    uv_loop_t loop;
    uv_poll_t rill = {.data = p};
    uv_timer_t tick = {.data = p};
    if (uv_loop_init(&loop) != 0 || uv_poll_init(&loop, &rill, rill_host_fd(p->host)) != 0 ||
        uv_poll_start(&rill, UV_READABLE, on_rill) != 0)
        errx(1, "libuv does not take rill's descriptor");
    uv_timer_init(&loop, &tick);
    uv_timer_start(&tick, on_tick, TICK, TICK);
    uv_run(&loop, UV_RUN_DEFAULT); /* until uv_stop */
    uv_close((uv_handle_t *)&rill, NULL);
    uv_close((uv_handle_t *)&tick, NULL);
    uv_run(&loop, UV_RUN_DEFAULT); /* until they are closed */
    uv_loop_close(&loop);
}

int main(int argc, char **argv)
{
    struct rill_host_options options;
    struct rill_diagnostic diagnostic;
    rill_host_options_parse(&options, &argc, argv, "libuv_loop - rill in libuv's loop",
                            "libuv_loop [OPTIONS]\n  --port N [7]\n");
    struct program p = {.host = rill_host_open(&options, &diagnostic)};
    if (!p.host)
        errx(1, "%s", diagnostic.text);
    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_port = htons(options.port ? options.port : 7)};
    p.listener = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (rill_bind(p.listener, (struct sockaddr *)&here, sizeof here) != 0 ||
        rill_listen(p.listener, CLIENTS) != 0)
        err(1, "cannot listen");
    for (int i = 0; i < CLIENTS; i++)
        p.client[i] = -1;
    run(&p);
    rill_host_close(p.host);
    return 0;
}
