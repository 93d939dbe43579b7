/* Readiness, as a program has it that knows what is installed and nothing else: an epoll set and a
 * poll, each of rill's sockets and of a pipe of the host's. It talks to itself, inside rill. */
#include <arpa/inet.h>
#include <assert.h>
#include <err.h>
#include <errno.h>
#include <rill/host.h>
#include <stdio.h>
#include <unistd.h>

#define SOON 1000 /* ms: until then at the latest what is to come has come */

static int set;
static int listener, ours, theirs; /* rill's */
static int ends[2], adopted;       /* a pipe, and rill's name of where it is read */

static void watch(int operation, int fd, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.fd = fd};
    assert(rill_epoll_ctl(set, operation, fd, &e) == 0);
}

/* The set tells this, and nothing beside it. */
static void expect(int fd, uint32_t events)
{
    struct epoll_event e[4];
    assert(rill_epoll_wait(set, e, 4, SOON) == 1);
    assert(e[0].data.fd == fd && e[0].events == events);
}

/* poll tells so of the three of them. */
static void expect_all(short of_ours, short of_theirs, short of_pipe)
{
    struct pollfd p[] = {{ours, POLLIN, 0}, {theirs, POLLIN | POLLRDHUP, 0}, {adopted, POLLIN, 0}};
    int ready = !!of_ours + !!of_theirs + !!of_pipe;
    assert(rill_poll(p, 3, ready ? SOON : 10) == ready);
    assert(p[0].revents == of_ours && p[1].revents == of_theirs && p[2].revents == of_pipe);
}

static void connect_them(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(7)};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    ours = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert(rill_bind(listener, (struct sockaddr *)&here, sizeof here) == 0);
    assert(rill_listen(listener, 1) == 0);
    watch(EPOLL_CTL_ADD, listener, EPOLLIN);
    assert(rill_connect(ours, (struct sockaddr *)&here, sizeof here) == -1);
    assert(errno == EINPROGRESS);
    expect(listener, EPOLLIN);
    theirs = rill_accept(listener, NULL, NULL);
    assert(theirs >= 0);
    watch(EPOLL_CTL_ADD, ours, EPOLLIN | EPOLLOUT);
    expect(ours, EPOLLOUT);
    watch(EPOLL_CTL_MOD, ours, EPOLLIN);
    watch(EPOLL_CTL_ADD, theirs, EPOLLIN);
}

static void adopt_the_pipe(void)
{
    assert(pipe(ends) == 0);
    adopted = rill_adopt(ends[0]);
    assert(adopted >= 0 && rill_adopted(adopted) == ends[0]);
    watch(EPOLL_CTL_ADD, adopted, EPOLLIN);
}

static void talk(void)
{
    char text[8];
    expect_all(0, 0, 0);
    assert(write(ends[1], "host", 4) == 4);
    expect(adopted, EPOLLIN);
    expect_all(0, 0, POLLIN);
    assert(read(ends[0], text, sizeof text) == 4);
    assert(rill_send(ours, "rill", 4, 0) == 4);
    expect(theirs, EPOLLIN);
    assert(write(ends[1], "host", 4) == 4);
    expect_all(0, POLLIN, POLLIN);
    assert(read(ends[0], text, sizeof text) == 4);
    assert(rill_recv(theirs, text, sizeof text, 0) == 4);
    expect_all(0, 0, 0);
}

static void end_both(void)
{
    close(ends[1]);
    expect(adopted, EPOLLHUP);
    assert(rill_close(adopted) == 0);
    adopted = -1; /* poll passes it over */
    assert(rill_shutdown(ours, SHUT_WR) == 0);
    expect(theirs, EPOLLIN);
    expect_all(0, POLLIN | POLLRDHUP, 0);
}

int main(int argc, char **argv)
{
    struct rill_host_options options;
    struct rill_diagnostic diagnostic;
    rill_host_options_parse(&options, &argc, argv, "readiness", "readiness [OPTIONS]\n");
    struct rill_host *host = rill_host_open(&options, &diagnostic);
    if (!host)
        errx(1, "%s", diagnostic.text);
    set = rill_epoll_create1(0);
    connect_them();
    adopt_the_pipe();
    talk();
    end_both();
    rill_host_close(host);
    close(ends[0]);
    puts("readiness works");
    return 0;
}
