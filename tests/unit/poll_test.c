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
    CU_ASSERT(fails(on->poll(&p, 1u << 31, 0), EINVAL));
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

static void select_refuses_what_is_wrong(void)
{
    open_pair(pair);
    on->close(pair[0]);
    fd_set closed = set_of(pair[0]);
    struct timeval none = {0};
    CU_ASSERT(fails(on->select(pair[0] + 1, &closed, NULL, NULL, &none), EBADF));
    CU_ASSERT(fails(on->select(-1, NULL, NULL, NULL, &none), EINVAL));
    CU_ASSERT(fails(on->select(0, NULL, NULL, NULL, &(struct timeval){-1, 0}), EINVAL));
    CU_ASSERT(fails(on->pselect(0, NULL, NULL, NULL, &(struct timespec){0, -1}, NULL), EINVAL));
    CU_ASSERT(
        fails(on->pselect(0, NULL, NULL, NULL, &(struct timespec){0, 1000000000}, NULL), EINVAL));
    pair[0] = open_socket(SOCK_STREAM);
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
        {"negative descriptors are passed over", negative_descriptors_are_passed_over},
        {"poll tells what is asked for", poll_tells_what_is_asked_for},
        {"poll tells of the end", poll_tells_of_the_end},
        {"poll tells of errors unasked", poll_tells_of_errors_unasked},
        {"poll takes its time", poll_takes_its_time},
        {"select counts members of all sets", select_counts_members_of_all_sets},
        {"select tells of errors and ends", select_tells_of_errors_and_ends},
        {"select refuses what is wrong", select_refuses_what_is_wrong},
        {"select leaves the time that remains", select_leaves_the_time_that_remains},
        {"select never looks beyond its sets", select_never_looks_beyond_its_sets},
    };
    return BOTH_MAIN("poll", tests, argc, argv);
}
