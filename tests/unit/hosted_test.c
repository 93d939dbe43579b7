/* What poll, select and epoll say of the host's own descriptors, and what signals do to them: each
 * test runs on rill in the host's loop, with the descriptors adopted, and with the argument
 * `kernel` on the host. */
#include "both_hosted.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/time.h>
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

/* ---------------------------------------------------------------- signals */

static volatile sig_atomic_t handled;

static void handle(int number)
{
    handled += number == SIGUSR1 || number == SIGALRM;
}

static sigset_t none; /* is blocked */
static sigset_t before;

/* SIGUSR1 is blocked, and one is pending. */
static void begin_pending(void)
{
    struct sigaction action = {.sa_handler = handle};
    sigset_t blocked;
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    handled = 0;
    raise(SIGUSR1);
    CU_ASSERT_EQUAL(handled, 0);
}

/* The thread's own mask is in place again, whatever the call has done. */
static void end_pending(int times)
{
    sigset_t now;
    sigprocmask(SIG_SETMASK, NULL, &now);
    CU_ASSERT(sigismember(&now, SIGUSR1));
    CU_ASSERT_EQUAL(handled, times);
    sigprocmask(SIG_SETMASK, &before, NULL);
    CU_ASSERT_EQUAL(handled, 1);
}

static void a_pending_signal_ends_ppoll(void)
{
    struct timespec no_time = {0}, hour = {3600, 0};
    struct timespec *const time[] = {&no_time, &hour, NULL};
    for (size_t i = 0; i < 3; i++) {
        begin_pending();
        CU_ASSERT(fails(on->ppoll(NULL, 0, time[i], &none), EINTR));
        end_pending(1);
    }
}

static void a_pending_signal_ends_pselect(void)
{
    struct timespec no_time = {0}, hour = {3600, 0};
    struct timespec *const time[] = {&no_time, &hour, NULL};
    int event = eventfd(0, 0), fd = hosted(event);
    for (size_t i = 0; i < 3; i++) {
        fd_set read;
        FD_ZERO(&read);
        FD_SET(fd, &read);
        begin_pending();
        CU_ASSERT(fails(on->pselect(fd + 1, &read, NULL, NULL, time[i], &none), EINTR));
        CU_ASSERT(FD_ISSET(fd, &read)); /* as it was */
        CU_ASSERT_EQUAL(hour.tv_sec, 3600);
        end_pending(1);
    }
    hosted_close(fd, event);
}

/* Of no time it has run out before a signal counts. */
static void a_pending_signal_ends_epoll_pwait(void)
{
    struct epoll_event e;
    int set = on->epoll_create1(0);
    begin_pending();
    CU_ASSERT(fails(on->epoll_pwait(set, &e, 1, -1, &none), EINTR));
    end_pending(1);
    begin_pending();
    CU_ASSERT(fails(on->epoll_pwait2(set, &e, 1, &(struct timespec){3600, 0}, &none), EINTR));
    end_pending(1);
    begin_pending();
    CU_ASSERT_EQUAL(on->epoll_pwait(set, &e, 1, 0, &none), 0);
    end_pending(0);
    on->close(set);
}

static void what_is_ready_is_told_before_a_signal(void)
{
    int event = eventfd(1, 0), fd = hosted(event), set = set_with(fd, EPOLLIN);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    struct epoll_event e;
    fd_set read;
    FD_ZERO(&read);
    FD_SET(fd, &read);
    begin_pending();
    CU_ASSERT_EQUAL(on->ppoll(&p, 1, NULL, &none), 1);
    CU_ASSERT_EQUAL(on->ppoll(&p, 1, &(struct timespec){0}, &none), 1);
    CU_ASSERT_EQUAL(on->pselect(fd + 1, &read, NULL, NULL, NULL, &none), 1);
    CU_ASSERT_EQUAL(on->epoll_pwait(set, &e, 1, -1, &none), 1);
    end_pending(0);
    on->close(set);
    hosted_close(fd, event);
}

static void without_a_mask_what_is_blocked_stays_so(void)
{
    struct epoll_event e;
    struct timespec moment = {0, 1000000};
    int set = on->epoll_create1(0);
    begin_pending();
    CU_ASSERT_EQUAL(on->ppoll(NULL, 0, &moment, NULL), 0);
    CU_ASSERT_EQUAL(on->pselect(0, NULL, NULL, NULL, &moment, NULL), 0);
    CU_ASSERT_EQUAL(on->epoll_pwait(set, &e, 1, 1, NULL), 0);
    CU_ASSERT_EQUAL(on->poll(NULL, 0, 1), 0);
    end_pending(0);
    on->close(set);
}

/* select says how much of its time was left, also then. */
static void a_signal_ends_a_wait(void)
{
    struct itimerval soon = {.it_value.tv_usec = 5000};
    struct timeval hour = {3600, 0};
    struct epoll_event e;
    int set = on->epoll_create1(0);
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = handle}, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    rill_time begin = hosted_now();
    CU_ASSERT(fails(on->select(0, NULL, NULL, NULL, &hour), EINTR));
    CU_ASSERT_EQUAL(hour.tv_sec, 3599);
    CU_ASSERT(RILL_MICROSECONDS(1000000 - hour.tv_usec) <=
              hosted_now() - begin + RILL_MICROSECONDS(1));
    setitimer(ITIMER_REAL, &soon, NULL);
    CU_ASSERT(fails(on->poll(NULL, 0, -1), EINTR));
    setitimer(ITIMER_REAL, &soon, NULL);
    CU_ASSERT(fails(on->epoll_wait(set, &e, 1, 3600000), EINTR));
    on->close(set);
}

/* A wait is as long as it says from when it begins, whatever the program did before. */
static rill_time begin_late(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 15000000}, NULL);
    return hosted_now();
}

static void no_wait_is_too_short(void)
{
    const rill_time least = RILL_MILLISECONDS(10);
    struct timeval timeout = {0, 10000};
    struct epoll_event e;
    int set = on->epoll_create1(0), fd = on->socket(AF_INET, SOCK_DGRAM, 0);
    rill_time start = begin_late();
    CU_ASSERT_EQUAL(on->poll(NULL, 0, 10), 0);
    CU_ASSERT(hosted_now() - start >= least);
    start = begin_late();
    CU_ASSERT_EQUAL(on->epoll_wait(set, &e, 1, 10), 0);
    CU_ASSERT(hosted_now() - start >= least);
    start = begin_late();
    on->setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    CU_ASSERT(fails(on->recv(fd, &e, 1, 0), EAGAIN));
    CU_ASSERT(hosted_now() - start >= least);
    start = begin_late();
    CU_ASSERT_EQUAL(on->select(0, NULL, NULL, NULL, &timeout), 0);
    CU_ASSERT(hosted_now() - start >= least);
    on->close(set);
    on->close(fd);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"the pitfall of edges", the_pitfall_of_edges},
        {"the ends of a pipe are told", the_ends_of_a_pipe_are_told},
        {"a file is always ready and in no set", a_file_is_always_ready_and_in_no_set},
        {"what is closed is invalid", what_is_closed_is_invalid},
        {"timers and counters end a wait", timers_and_counters_end_a_wait},
        {"a pending signal ends ppoll", a_pending_signal_ends_ppoll},
        {"a pending signal ends pselect", a_pending_signal_ends_pselect},
        {"a pending signal ends epoll_pwait", a_pending_signal_ends_epoll_pwait},
        {"what is ready is told before a signal", what_is_ready_is_told_before_a_signal},
        {"without a mask what is blocked stays so", without_a_mask_what_is_blocked_stays_so},
        {"a signal ends a wait", a_signal_ends_a_wait},
        {"no wait is too short", no_wait_is_too_short},
    };
    return HOSTED_MAIN("hosted", tests, argc, argv);
}
