/* What poll, select and epoll say of the host's own descriptors: each test runs on rill in the
 * host's loop, with the descriptors adopted, and with the argument `kernel` on the host. */
#include "both_hosted.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define ASKED (POLLIN | POLLOUT | POLLPRI | POLLRDHUP)

static short polled(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events, .revents = -1};
    CU_ASSERT_EQUAL(on->poll(&p, 1, 0), p.revents != 0);
    return p.revents;
}

static int set_with(int fd, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.fd = fd};
    int set = on->epoll_create1(0);
    CU_ASSERT_EQUAL(on->epoll_ctl(set, EPOLL_CTL_ADD, fd, &e), 0);
    return set;
}

/* Of the one that is ready within a moment; 0: none. */
static uint32_t said_by(int set)
{
    struct epoll_event e;
    return on->epoll_wait(set, &e, 1, 5) == 1 ? e.events : 0;
}

/* ------------------------------------------------------- host descriptors */

/* The scenario of epoll(7), with the pipe that it speaks of. */
static void the_pitfall_of_edges(void)
{
    int pipes[2];
    char text[2048] = "";
    CU_ASSERT_EQUAL(pipe(pipes), 0);
    int rfd = hosted(pipes[0]), set = set_with(rfd, EPOLLIN | EPOLLET);
    CU_ASSERT_EQUAL(write(pipes[1], text, 2048), 2048);
    CU_ASSERT_EQUAL(said_by(set), EPOLLIN);
    CU_ASSERT_EQUAL(read(pipes[0], text, 1024), 1024);
    CU_ASSERT_EQUAL(said_by(set), 0);
    CU_ASSERT_EQUAL(write(pipes[1], text, 1), 1);
    CU_ASSERT_EQUAL(said_by(set), EPOLLIN);
    on->close(set);
    hosted_close(rfd, pipes[0]);
    close(pipes[1]);
}

/* The example of poll(2), and the write end's error. */
static void the_ends_of_a_pipe_are_told(void)
{
    int pipes[2];
    char text[16] = "aaaaabbbbbccccc\n";
    CU_ASSERT_EQUAL(pipe(pipes), 0);
    int rfd = hosted(pipes[0]), wfd = hosted(pipes[1]);
    CU_ASSERT_EQUAL(polled(rfd, ASKED), 0);
    CU_ASSERT_EQUAL(polled(wfd, ASKED), POLLOUT);
    CU_ASSERT_EQUAL(write(pipes[1], text, 16), 16);
    hosted_close(wfd, pipes[1]);
    CU_ASSERT_EQUAL(polled(rfd, POLLIN), POLLIN | POLLHUP);
    CU_ASSERT_EQUAL(read(pipes[0], text, 10), 10);
    CU_ASSERT_EQUAL(polled(rfd, POLLIN), POLLIN | POLLHUP);
    CU_ASSERT_EQUAL(read(pipes[0], text, 10), 6);
    CU_ASSERT_EQUAL(polled(rfd, 0), POLLHUP);
    int set = set_with(rfd, 0);
    CU_ASSERT_EQUAL(said_by(set), EPOLLHUP);
    on->close(set);
    hosted_close(rfd, pipes[0]);

    CU_ASSERT_EQUAL(pipe(pipes), 0);
    wfd = hosted(pipes[1]);
    set = set_with(wfd, EPOLLOUT | EPOLLET);
    CU_ASSERT_EQUAL(said_by(set), EPOLLOUT);
    close(pipes[0]);
    CU_ASSERT_EQUAL(said_by(set), EPOLLOUT | EPOLLERR);
    CU_ASSERT_EQUAL(polled(wfd, 0), POLLERR);
    on->close(set);
    hosted_close(wfd, pipes[1]);
}

static void a_file_is_always_ready_and_in_no_set(void)
{
    int set = on->epoll_create1(0);
    const char *const path[] = {"/proc/self/exe", "/"};
    for (size_t i = 0; i < 2; i++) {
        int file = open(path[i], O_RDONLY), fd = hosted(file);
        struct epoll_event e = {.events = EPOLLIN};
        fd_set read, write, except;
        FD_ZERO(&read);
        FD_SET(fd, &read);
        write = except = read;
        CU_ASSERT_EQUAL(polled(fd, ASKED), POLLIN | POLLOUT);
        CU_ASSERT_EQUAL(on->select(fd + 1, &read, &write, &except, NULL), 2);
        CU_ASSERT(!FD_ISSET(fd, &except));
        CU_ASSERT(fails(on->epoll_ctl(set, EPOLL_CTL_ADD, fd, &e), EPERM));
        CU_ASSERT(fails(on->epoll_ctl(set, EPOLL_CTL_MOD, fd, &e), EPERM));
        CU_ASSERT(fails(on->epoll_ctl(set, EPOLL_CTL_DEL, fd, NULL), EPERM));
        CU_ASSERT(fails(on->epoll_ctl(fd, EPOLL_CTL_DEL, set, NULL), EINVAL));
        hosted_close(fd, file);
    }
    on->close(set);
}

/* And nobody waits for ever for one that is closed already. */
static void what_is_closed_is_invalid(void)
{
    int event = eventfd(0, 0), fd = hosted(event), set = on->epoll_create1(0);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    struct epoll_event e = {.events = EPOLLIN};
    fd_set read;
    FD_ZERO(&read);
    FD_SET(fd, &read);
    CU_ASSERT_EQUAL(polled(fd, ASKED), POLLOUT);
    close(event); /* the host's alone */
    CU_ASSERT_EQUAL(on->poll(&p, 1, -1), 1);
    CU_ASSERT_EQUAL(p.revents, POLLNVAL);
    CU_ASSERT(fails(on->select(fd + 1, &read, NULL, NULL, NULL), EBADF));
    CU_ASSERT(fails(on->epoll_ctl(set, EPOLL_CTL_ADD, fd, &e), EBADF));
    on->close(fd);
    on->close(set);
}

static void timers_and_counters_end_a_wait(void)
{
    int timer = timerfd_create(CLOCK_MONOTONIC, 0), event = eventfd(0, 0);
    int tfd = hosted(timer), efd = hosted(event), set = set_with(tfd, EPOLLIN | EPOLLET);
    struct itimerspec soon = {.it_value.tv_nsec = 2000000};
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLET};
    timerfd_settime(timer, 0, &soon, NULL);
    CU_ASSERT_EQUAL(on->epoll_wait(set, &e, 1, -1), 1);
    CU_ASSERT_EQUAL(e.events, EPOLLIN);
    CU_ASSERT_EQUAL(said_by(set), 0);
    e.events = EPOLLIN | EPOLLOUT | EPOLLET;
    CU_ASSERT_EQUAL(on->epoll_ctl(set, EPOLL_CTL_ADD, efd, &e), 0);
    CU_ASSERT_EQUAL(said_by(set), EPOLLOUT);
    eventfd_write(event, 1);
    CU_ASSERT_EQUAL(said_by(set), EPOLLIN | EPOLLOUT);
    CU_ASSERT_EQUAL(said_by(set), 0);
    on->close(set);
    hosted_close(tfd, timer);
    hosted_close(efd, event);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"the pitfall of edges", the_pitfall_of_edges},
        {"the ends of a pipe are told", the_ends_of_a_pipe_are_told},
        {"a file is always ready and in no set", a_file_is_always_ready_and_in_no_set},
        {"what is closed is invalid", what_is_closed_is_invalid},
        {"timers and counters end a wait", timers_and_counters_end_a_wait},
    };
    return HOSTED_MAIN("hosted", tests, argc, argv);
}
