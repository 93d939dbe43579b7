/* poll(2), ppoll(2), select(2), pselect(2), sentence by sentence: each test runs on rill, and with
 * the argument `kernel` on the host. */
#include "both.h"

#include <string.h>

#define ASKED (POLLIN | POLLOUT | POLLPRI | POLLRDHUP)

static int pair[2];

static void end(void)
{
    on->close(pair[0]);
    on->close(pair[1]);
    settle();
}

static short polled(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events, .revents = -1};
    settle();
    CU_ASSERT_EQUAL(on->poll(&p, 1, 0), p.revents != 0);
    CU_ASSERT_EQUAL(p.events, events);
    return p.revents;
}

static void say(int fd, const char *text, int flags)
{
    CU_ASSERT_EQUAL(on->send(fd, text, strlen(text), flags | MSG_NOSIGNAL), (ssize_t)strlen(text));
    settle();
}

/* 0 would be taken for the end by a program whose buffer is full. */
static void a_read_of_nothing_waits_for_text(void)
{
    char byte;
    open_pair(pair);
    CU_ASSERT_EQUAL(on->recv(pair[0], &byte, 0, MSG_DONTWAIT), -1);
    CU_ASSERT_EQUAL(errno, EAGAIN);
    CU_ASSERT_EQUAL(on->read(pair[0], &byte, 0), 0); /* but read(2) returns at once */
    CU_ASSERT_EQUAL(on->read(9999, &byte, 0), -1);
    CU_ASSERT_EQUAL(errno, EBADF);
    say(pair[1], "a", 0);
    CU_ASSERT_EQUAL(on->recv(pair[0], &byte, 0, MSG_DONTWAIT), 0);
    CU_ASSERT_EQUAL(on->recv(pair[0], &byte, 1, 0), 1);
    on->shutdown(pair[1], SHUT_WR);
    settle();
    CU_ASSERT_EQUAL(on->recv(pair[0], &byte, 0, 0), 0);
    end();
}

/* -------------------------------------------------------------------- poll */

static void negative_descriptors_are_passed_over(void)
{
    open_pair(pair);
    struct pollfd p[] = {{-1, POLLIN, 99}, {pair[0], POLLOUT, 99}, {999, 0, 99}};
    CU_ASSERT_EQUAL(on->poll(p, 3, -1), 2);
    CU_ASSERT_EQUAL(p[0].revents, 0);
    CU_ASSERT_EQUAL(p[1].revents, POLLOUT);
    CU_ASSERT_EQUAL(p[2].revents, POLLNVAL);
    CU_ASSERT_EQUAL(polled(pair[0], 0), 0);
    end();
}

static void poll_tells_what_is_asked_for(void)
{
    open_pair(pair);
    CU_ASSERT_EQUAL(polled(pair[1], ASKED), POLLOUT);
    CU_ASSERT_EQUAL(polled(pair[1], POLLWRNORM), POLLWRNORM);
    say(pair[0], "text", 0);
    CU_ASSERT_EQUAL(polled(pair[1], ASKED), POLLIN | POLLOUT);
    CU_ASSERT_EQUAL(polled(pair[1], POLLRDNORM), POLLRDNORM);
    CU_ASSERT_EQUAL(polled(pair[1], POLLPRI), 0);
    say(pair[0], "!", MSG_OOB);
    CU_ASSERT_EQUAL(polled(pair[1], POLLPRI), POLLPRI);
    end();
}

static void poll_tells_of_the_end(void)
{
    open_pair(pair);
    on->shutdown(pair[0], SHUT_WR);
    CU_ASSERT_EQUAL(polled(pair[1], ASKED), POLLIN | POLLOUT | POLLRDHUP);
    CU_ASSERT_EQUAL(polled(pair[1], POLLOUT), POLLOUT);
    on->shutdown(pair[1], SHUT_WR);
    CU_ASSERT_EQUAL(polled(pair[1], 0), POLLHUP); /* unasked */
    end();
}

static void poll_tells_of_errors_unasked(void)
{
    struct linger now = {1, 0};
    open_pair(pair);
    on->setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &now, sizeof now);
    on->close(pair[0]);
    CU_ASSERT_EQUAL(polled(pair[1], 0), POLLERR | POLLHUP);
    pair[0] = open_socket(SOCK_STREAM);
    CU_ASSERT_EQUAL(polled(pair[0], ASKED), POLLOUT | POLLHUP); /* never connected */
    end();
}

/* Bits that are told only, one descriptor twice, and any negative time is for ever. */
static void what_is_told_unasked_cannot_be_asked_for(void)
{
    open_pair(pair);
    CU_ASSERT_EQUAL(polled(pair[0], POLLERR | POLLHUP | POLLNVAL), 0);
    CU_ASSERT_EQUAL(polled(pair[0], POLLERR | POLLHUP | POLLNVAL | POLLOUT), POLLOUT);
    end();
}

static void each_element_is_answered(void)
{
    open_pair(pair);
    say(pair[1], "x", 0);
    struct pollfd p[] = {{pair[0], POLLIN, 0}, {pair[0], POLLOUT, 0}, {pair[0], POLLPRI, 99}};
    CU_ASSERT_EQUAL(on->poll(p, 3, -1000), 2);
    CU_ASSERT_EQUAL(p[0].revents, POLLIN);
    CU_ASSERT_EQUAL(p[1].revents, POLLOUT);
    CU_ASSERT_EQUAL(p[2].revents, 0);
    end();
}

static void more_elements_than_descriptors_are_refused(void)
{
    struct pollfd p[4096];
    nfds_t most = both_few(4);
    CU_ASSERT_FATAL(most < 4096);
    for (size_t i = 0; i <= most; i++)
        p[i] = (struct pollfd){.fd = -1};
    CU_ASSERT_EQUAL(on->poll(p, most, 0), 0);
    CU_ASSERT(fails(on->poll(p, most + 1, 0), EINVAL));
    CU_ASSERT(fails(on->poll(NULL, most + 1, 0), EINVAL));
    CU_ASSERT(fails(on->ppoll(p, most + 1, NULL, NULL), EINVAL));
    both_many();
}

static void peer_says_x(void)
{
    on->send(pair[1], "x", 1, 0);
}

static void what_comes_ends_the_wait(void)
{
    open_pair(pair);
    struct pollfd p = {.fd = pair[0], .events = POLLIN};
    struct timespec hour = {3600, 0};
    struct timeval an_hour = {3600, 0};
    fd_set read, write;
    rill_time before = both_now();
    both_later(RILL_MILLISECONDS(5), peer_says_x);
    CU_ASSERT_EQUAL(on->ppoll(&p, 1, &hour, NULL), 1);
    CU_ASSERT(both_now() - before >= RILL_MILLISECONDS(5));
    CU_ASSERT(hour.tv_sec == 3600 && hour.tv_nsec == 0); /* ppoll does not change it */
    CU_ASSERT_EQUAL(on->recv(pair[0], (char[1]){0}, 1, 0), 1);
    settle();
    both_later(RILL_MILLISECONDS(5), peer_says_x);
    FD_ZERO(&read);
    FD_ZERO(&write);
    FD_SET(pair[0], &read);
    CU_ASSERT_EQUAL(on->select(pair[0] + 1, &read, &write, NULL, &an_hour), 1);
    CU_ASSERT(FD_ISSET(pair[0], &read));
    CU_ASSERT_EQUAL(an_hour.tv_sec, 3599); /* what has not been slept */
    end();
}

static void poll_takes_its_time(void)
{
    open_pair(pair);
    struct pollfd p = {.fd = pair[0], .events = POLLIN};
    rill_time before = both_now();
    CU_ASSERT_EQUAL(on->poll(&p, 1, 20), 0);
    CU_ASSERT(both_now() - before >= RILL_MILLISECONDS(20));
    before = both_now();
    CU_ASSERT_EQUAL(on->ppoll(&p, 1, &(struct timespec){0, 3000000}, NULL), 0);
    CU_ASSERT(both_now() - before >= RILL_MILLISECONDS(3));
    CU_ASSERT(fails(on->ppoll(&p, 1, &(struct timespec){0, 1000000000}, NULL), EINVAL));
    CU_ASSERT(fails(on->ppoll(&p, 1, &(struct timespec){0, -1}, NULL), EINVAL));
    CU_ASSERT(fails(on->ppoll(&p, 1, &(struct timespec){-1, 0}, NULL), EINVAL));
    CU_ASSERT(fails(on->poll(NULL, 1, 0), EFAULT));
    /* None is handed in: AddressSanitizer looks at all of them before the kernel does. */
    CU_ASSERT(fails(on->poll(NULL, 1u << 31, 0), EINVAL));
    on->send(pair[1], "x", 1, 0);
    CU_ASSERT_EQUAL(on->ppoll(&p, 1, NULL, NULL), 1);
    end();
}

/* ------------------------------------------------------------------ select */

static fd_set set_of(int fd)
{
    fd_set s;
    FD_ZERO(&s);
    FD_SET(fd, &s);
    return s;
}

static void select_counts_members_of_all_sets(void)
{
    open_pair(pair);
    say(pair[0], "text", 0);
    int n = (pair[0] > pair[1] ? pair[0] : pair[1]) + 1;
    fd_set read = set_of(pair[0]), write = set_of(pair[0]), except = set_of(pair[1]);
    FD_SET(pair[1], &read);
    FD_SET(pair[1], &write);
    CU_ASSERT_EQUAL(on->select(n, &read, &write, &except, NULL), 3);
    CU_ASSERT(!FD_ISSET(pair[0], &read) && FD_ISSET(pair[1], &read));
    CU_ASSERT(FD_ISSET(pair[0], &write) && FD_ISSET(pair[1], &write));
    CU_ASSERT(!FD_ISSET(pair[1], &except));
    say(pair[0], "!", MSG_OOB);
    except = set_of(pair[1]);
    CU_ASSERT_EQUAL(on->select(n, NULL, NULL, &except, &(struct timeval){0}), 1);
    CU_ASSERT(FD_ISSET(pair[1], &except));
    except = set_of(pair[1]);
    CU_ASSERT_EQUAL(on->select(pair[1], NULL, NULL, &except, &(struct timeval){0}), 0);
    end();
}

static void select_tells_of_errors_and_ends(void)
{
    struct linger now = {1, 0};
    open_pair(pair);
    on->setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &now, sizeof now);
    on->close(pair[0]);
    settle();
    fd_set read = set_of(pair[1]), write = set_of(pair[1]), except = set_of(pair[1]);
    CU_ASSERT_EQUAL(on->select(pair[1] + 1, &read, &write, &except, NULL), 2);
    CU_ASSERT(FD_ISSET(pair[1], &read) && FD_ISSET(pair[1], &write));
    CU_ASSERT(!FD_ISSET(pair[1], &except));
    pair[0] = open_socket(SOCK_STREAM);
    end();
}

static void select_finds_the_end_readable(void)
{
    open_pair(pair);
    on->shutdown(pair[0], SHUT_WR);
    settle();
    fd_set read = set_of(pair[1]), write = set_of(pair[1]);
    CU_ASSERT_EQUAL(on->select(pair[1] + 1, &read, NULL, NULL, NULL), 1);
    CU_ASSERT_EQUAL(on->recv(pair[1], (char[1]){0}, 1, 0), 0);
    on->shutdown(pair[1], SHUT_WR);
    settle();
    CU_ASSERT_EQUAL(on->select(pair[1] + 1, &read, &write, NULL, NULL), 2);
    end();
}

static void select_finds_a_listener_readable(void)
{
    int listener = open_listener();
    fd_set read = set_of(listener), write = set_of(listener);
    CU_ASSERT_EQUAL(on->select(listener + 1, &read, &write, NULL, &(struct timeval){0}), 0);
    int fd = open_socket(SOCK_STREAM);
    connect_with(fd, listener);
    settle();
    read = set_of(listener);
    CU_ASSERT_EQUAL(on->select(listener + 1, &read, &write, NULL, NULL), 1);
    CU_ASSERT(FD_ISSET(listener, &read));
    on->close(fd);
    on->close(listener);
}

static bool set_equal(const fd_set *a, const fd_set *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* Whichever set it is in; and all are as they were. */
static void select_tells_of_a_closed_descriptor(void)
{
    open_pair(pair);
    on->close(pair[0]);
    for (int i = 0; i < 3; i++) {
        fd_set set[3] = {set_of(pair[1]), set_of(pair[1]), set_of(pair[1])}, was[3];
        FD_SET(pair[0], &set[i]);
        memcpy(was, set, sizeof set);
        int n = (pair[0] > pair[1] ? pair[0] : pair[1]) + 1;
        CU_ASSERT(fails(on->select(n, &set[0], &set[1], &set[2], NULL), EBADF));
        CU_ASSERT(set_equal(&set[0], &was[0]) && set_equal(&set[1], &was[1]));
        CU_ASSERT(set_equal(&set[2], &was[2]));
    }
    pair[0] = open_socket(SOCK_STREAM);
    end();
}

/* The rest of the word in which the last one stands is cleared with it, and no more. */
static void select_looks_up_to_its_limit(void)
{
    open_pair(pair);
    fd_set write = set_of(pair[0]);
    FD_SET(pair[1], &write);
    FD_SET(63, &write), FD_SET(64, &write), FD_SET(1000, &write);
    CU_ASSERT_FATAL(pair[1] < 63);
    CU_ASSERT_EQUAL(on->select(pair[0] + 1, &write, NULL, NULL, &(struct timeval){0}), 0);
    CU_ASSERT(!FD_ISSET(pair[0], &write) && !FD_ISSET(pair[1], &write) && !FD_ISSET(63, &write));
    CU_ASSERT(FD_ISSET(64, &write) && FD_ISSET(1000, &write));
    end();
}

static void select_refuses_what_is_wrong(void)
{
    open_pair(pair);
    struct timeval none = {0};
    CU_ASSERT(fails(on->select(-1, NULL, NULL, NULL, &none), EINVAL));
    CU_ASSERT(fails(on->select(0, NULL, NULL, NULL, &(struct timeval){-1, 0}), EINVAL));
    CU_ASSERT(fails(on->select(0, NULL, NULL, NULL, &(struct timeval){0, -1}), EINVAL));
    CU_ASSERT(fails(on->pselect(0, NULL, NULL, NULL, &(struct timespec){-1, 0}, NULL), EINVAL));
    CU_ASSERT(fails(on->pselect(0, NULL, NULL, NULL, &(struct timespec){0, -1}, NULL), EINVAL));
    CU_ASSERT(
        fails(on->pselect(0, NULL, NULL, NULL, &(struct timespec){0, 1000000000}, NULL), EINVAL));
    end();
}

/* Linux takes any number of microseconds for what it is. */
static void microseconds_may_be_seconds(void)
{
    struct timeval time = {0, 3000000};
    open_pair(pair);
    fd_set write = set_of(pair[0]);
    CU_ASSERT_EQUAL(on->select(pair[0] + 1, NULL, &write, NULL, &time), 1);
    CU_ASSERT(time.tv_sec == 2 || (time.tv_sec == 3 && time.tv_usec == 0));
    time = (struct timeval){5, -3000000};
    CU_ASSERT(fails(on->select(pair[0] + 1, NULL, &write, NULL, &time), EINVAL));
    end();
}

static void select_leaves_the_time_that_remains(void)
{
    struct timeval time = {0, 15000};
    struct timespec precise = {0, 2000000};
    open_pair(pair);
    fd_set read = set_of(pair[0]);
    CU_ASSERT_EQUAL(on->select(pair[0] + 1, &read, NULL, NULL, &time), 0);
    CU_ASSERT(!FD_ISSET(pair[0], &read));
    CU_ASSERT(time.tv_sec == 0 && time.tv_usec == 0);
    rill_time before = both_now();
    CU_ASSERT_EQUAL(on->pselect(0, NULL, NULL, NULL, &precise, NULL), 0);
    CU_ASSERT(both_now() - before >= RILL_MILLISECONDS(2));
    CU_ASSERT_EQUAL(precise.tv_nsec, 2000000); /* pselect does not change it */
    time = (struct timeval){3600, 0};
    say(pair[1], "x", 0);
    read = set_of(pair[0]);
    CU_ASSERT_EQUAL(on->select(pair[0] + 1, &read, NULL, NULL, &time), 1);
    CU_ASSERT(time.tv_sec == 3599 || time.tv_sec == 3600);
    read = set_of(pair[0]);
    CU_ASSERT_EQUAL(on->pselect(pair[0] + 1, &read, NULL, NULL, NULL, NULL), 1);
    end();
}

/* What FD_SET cannot hold is not looked for. The kernel takes any n and stops at its own table. */
static void select_never_looks_beyond_its_sets(void)
{
    fd_set read;
    FD_ZERO(&read);
    if (both_rill())
        CU_ASSERT(
            fails(on->select(FD_SETSIZE + 1, &read, NULL, NULL, &(struct timeval){0}), EINVAL));
    CU_ASSERT_EQUAL(on->select(FD_SETSIZE, &read, NULL, NULL, &(struct timeval){0}), 0);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a read of nothing waits for text", a_read_of_nothing_waits_for_text},
        {"negative descriptors are passed over", negative_descriptors_are_passed_over},
        {"poll tells what is asked for", poll_tells_what_is_asked_for},
        {"poll tells of the end", poll_tells_of_the_end},
        {"poll tells of errors unasked", poll_tells_of_errors_unasked},
        {"what is told unasked cannot be asked for", what_is_told_unasked_cannot_be_asked_for},
        {"each element is answered", each_element_is_answered},
        {"more elements than descriptors are refused", more_elements_than_descriptors_are_refused},
        {"what comes ends the wait", what_comes_ends_the_wait},
        {"poll takes its time", poll_takes_its_time},
        {"select counts members of all sets", select_counts_members_of_all_sets},
        {"select tells of errors and ends", select_tells_of_errors_and_ends},
        {"select finds the end readable", select_finds_the_end_readable},
        {"select finds a listener readable", select_finds_a_listener_readable},
        {"select tells of a closed descriptor", select_tells_of_a_closed_descriptor},
        {"select looks up to its limit", select_looks_up_to_its_limit},
        {"select refuses what is wrong", select_refuses_what_is_wrong},
        {"microseconds may be seconds", microseconds_may_be_seconds},
        {"select leaves the time that remains", select_leaves_the_time_that_remains},
        {"select never looks beyond its sets", select_never_looks_beyond_its_sets},
    };
    return BOTH_MAIN("poll", tests, argc, argv);
}
