/* rill inside a loop that is not rill's: a program that sleeps in the host's own epoll_wait, serves
 * an echo on rill's sockets, and looks at standard input, which rill has adopted.
 *
 *     cc -D_GNU_SOURCE epoll_loop.c $(pkg-config --cflags --libs rill-host)
 *
 * Two sets: the host's has one member, rill_host_fd; rill's has the sockets and what was adopted.
 */
#include <arpa/inet.h>
#include <err.h>
#include <rill/host.h>
#include <unistd.h>

static int set; /* rill's */
static int listener, input;

static void watch(int fd)
{
    struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
    if (rill_epoll_ctl(set, EPOLL_CTL_ADD, fd, &e) != 0)
        err(1, "rill_epoll_ctl");
}

static int listen_at(uint16_t port)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (rill_bind(fd, (struct sockaddr *)&here, sizeof here) != 0 || rill_listen(fd, 16) != 0)
        err(1, "cannot listen");
    return fd;
}

/* False: the peer has ended, or is gone. What does not fit its window is dropped: it is an example.
 */
static bool echo(int fd)
{
    char text[4096];
    ssize_t n = rill_recv(fd, text, sizeof text, MSG_DONTWAIT);
    return n > 0 && rill_send(fd, text, (size_t)n, MSG_DONTWAIT) == n;
}

/* False: somebody has said on standard input that it is enough. */
static bool serve(int fd)
{
    char line[256];
    if (fd == input)
        return read(rill_adopted(input), line, sizeof line) > 0 && line[0] != 'q';
    if (fd == listener)
        watch(rill_accept4(listener, NULL, NULL, SOCK_NONBLOCK));
    else if (!echo(fd))
        rill_close(fd);
    return true;
}

/* What rill has to do, and then what the program has to do with it; neither sleeps. */
static bool take_turn(struct rill_host *host)
{
    struct epoll_event e[16];
    bool goes_on = rill_host_turn(host, 0) == 0;
    for (int n; goes_on && (n = rill_epoll_wait(set, e, 16, 0)) > 0;) {
        for (int i = 0; goes_on && i < n; i++)
            goes_on = serve(e[i].data.fd);
        goes_on = goes_on && rill_host_turn(host, 0) == 0;
    }
    return goes_on;
}

int main(int argc, char **argv)
{
    struct rill_host_options options;
    struct rill_diagnostic diagnostic;
    rill_host_options_parse(
        &options, &argc, argv, "epoll_loop - rill in the host's epoll",
        "epoll_loop [OPTIONS]\n  --port N [7]; `q` on standard input ends it\n");
    struct rill_host *host = rill_host_open(&options, &diagnostic);
    if (!host)
        errx(1, "%s", diagnostic.text);
    set = rill_epoll_create1(0);
    listener = listen_at(options.port ? options.port : 7);
    input = rill_adopt(STDIN_FILENO);
    watch(listener);
    watch(input);

    int loop = epoll_create1(EPOLL_CLOEXEC); /* the host's */
    struct epoll_event e = {.events = EPOLLIN, .data.fd = rill_host_fd(host)};
    if (loop < 0 || epoll_ctl(loop, EPOLL_CTL_ADD, e.data.fd, &e) != 0)
        err(1, "epoll");
    while (take_turn(host))
        epoll_wait(loop, &e, 1, -1);
    rill_host_close(host);
    return 0;
}
