/* What a wait costs, what a watch costs, exclusive watches with somebody who waits, and adopted
 * descriptors: what the host's own calls cannot show (see epoll_test.c for the rest). */
#include "unit.h"
#include "world.h"

#include "socket/object.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <rill/status.h>

static int left, right, set;

static void begin(void)
{
    world_begin(NULL);
    left = world_connection(80, &right);
    set = rill_epoll_create1(0);
}

static int add(int epfd, int fd, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.fd = fd};
    return rill_epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &e);
}

static void right_says_hello(void)
{
    rill_use(world.end[RIGHT]);
    CU_ASSERT_EQUAL(rill_send(right, "hello", 5, MSG_DONTWAIT), 5);
    rill_use(world.end[LEFT]);
}

/* -------------------------------------------------------------------- cost */

/* Looks at single watches that one wait with one ready descriptor among so many idle ones makes. */
static uint64_t looks_of_a_wait(unsigned idle)
{
    struct epoll_event e[16];
    begin();
    for (unsigned i = 0; i < idle; i++)
        CU_ASSERT_EQUAL_FATAL(add(set, rill_socket(AF_INET, SOCK_DGRAM, 0), EPOLLIN), 0);
    CU_ASSERT_EQUAL(add(set, left, EPOLLIN), 0);
    const struct watch_set *s = object_set(rill_current(), set);
    CU_ASSERT_EQUAL(s->looks, 0);
    world_at(RILL_MILLISECONDS(1), right_says_hello);
    CU_ASSERT_EQUAL(rill_epoll_wait(set, e, 16, -1), 1);
    CU_ASSERT_EQUAL(e[0].data.fd, left);
    uint64_t looks = s->looks;
    world_end();
    return looks;
}

static void idle_descriptors_cost_a_wait_nothing(void)
{
    CU_ASSERT_EQUAL(looks_of_a_wait(0), 1);
    CU_ASSERT_EQUAL(looks_of_a_wait(1000), 1);
    CU_ASSERT_EQUAL(looks_of_a_wait(100000), 1);
}

static void a_watch_is_64_bytes_and_comes_back(void)
{
    begin();
    CU_ASSERT_EQUAL(sizeof(struct watch), 64);
    size_t used = 0;
    for (int i = 0; i < 1000; i++) {
        if (i == 1) /* the pools have their chunks */
            used = rill_memory_used(world.end[LEFT]);
        struct epoll_event e = {.events = EPOLLIN};
        CU_ASSERT_EQUAL(rill_epoll_ctl(set, EPOLL_CTL_ADD, left, &e), 0);
        CU_ASSERT_EQUAL(rill_epoll_ctl(set, EPOLL_CTL_DEL, left, NULL), 0);
        int other = rill_epoll_create1(0);
        CU_ASSERT_EQUAL(add(other, set, EPOLLIN), 0);
        CU_ASSERT_EQUAL(add(other, left, EPOLLIN), 0);
        CU_ASSERT_EQUAL(rill_close(other), 0);
    }
    CU_ASSERT_EQUAL(rill_memory_used(world.end[LEFT]), used);
    world_end();
}

static void without_memory_nothing_is_added(void)
{
    begin();
    struct rill *r = world.end[LEFT];
    rill_memory_fail(r, 1);
    CU_ASSERT(fails(add(set, left, EPOLLIN), ENOMEM));
    rill_memory_fail(r, 0);
    CU_ASSERT_EQUAL(add(set, left, EPOLLIN), 0);
    rill_close(set);
    rill_memory_fail(r, 1);
    CU_ASSERT(fails(rill_adopt(5), ENOBUFS));
    rill_memory_fail(r, 0);
    world_end();
}

/* ------------------------------------------------------------- who waits */

/* A second set wants the same; whether it is reported while a call waits for the first. */
static int second_is_told(uint32_t first_events, uint32_t second_events)
{
    struct epoll_event e;
    begin();
    int second = rill_epoll_create1(0);
    CU_ASSERT_EQUAL(add(set, left, first_events), 0);
    CU_ASSERT_EQUAL(add(second, left, second_events), 0);
    world_at(RILL_MILLISECONDS(1), right_says_hello);
    CU_ASSERT_EQUAL(rill_epoll_wait(set, &e, 1, -1), 1);
    int reported = rill_epoll_wait(second, &e, 1, 0);
    world_end();
    return reported;
}

static void exclusive_watchers_share_what_comes(void)
{
    const uint32_t x = EPOLLIN | EPOLLEXCLUSIVE;
    CU_ASSERT_EQUAL(second_is_told(x, x), 0);
    CU_ASSERT_EQUAL(second_is_told(x, EPOLLIN), 1);
    CU_ASSERT_EQUAL(second_is_told(EPOLLIN, x), 1);
}

static void left_closes_the_set(void)
{
    rill_use(world.end[LEFT]);
    CU_ASSERT_EQUAL(rill_close(set), 0);
}

static void a_set_that_is_closed_ends_its_wait(void)
{
    struct epoll_event e;
    begin();
    CU_ASSERT_EQUAL(add(set, left, EPOLLIN), 0);
    world_at(RILL_MILLISECONDS(1), left_closes_the_set);
    CU_ASSERT(fails(rill_epoll_wait(set, &e, 1, 1000), EBADF));
    world_end();
}

static void an_interrupted_wait_fails(void)
{
    struct epoll_event e;
    begin();
    world.interrupt_at = world.now + RILL_SECONDS(1);
    CU_ASSERT(fails(rill_epoll_wait(set, &e, 1, -1), EINTR));
    CU_ASSERT_EQUAL(object_set(rill_current(), set)->waiting, 0);
    world_end();
}

/* ------------------------------------------------------------------ adopted */

/* A binding of one host descriptor, 77. */
static short host_ready;
static int take_error;
static int taken; /* as what on the stack; -1: it is not, or no more */

static int take(void *unused, int fd, int host_fd)
{
    (void)unused;
    CU_ASSERT_EQUAL(host_fd, 77);
    taken = fd;
    return take_error;
}

static void leave(void *unused, int fd, int host_fd)
{
    (void)unused;
    CU_ASSERT(fd == taken && host_fd == 77);
    taken = -1;
}

static short look(void *unused, int fd, int host_fd)
{
    (void)unused;
    CU_ASSERT(fd == taken && host_fd == 77);
    return host_ready;
}

static void begin_adopting(void)
{
    begin();
    host_ready = 0;
    take_error = 0;
    taken = -1;
    rill_set_adoption(world.end[LEFT], &(struct rill_adoption){take, leave, look, NULL});
}

static void an_adopted_descriptor_is_watched(void)
{
    struct epoll_event e;
    begin_adopting();
    int adopted = rill_adopt(77);
    CU_ASSERT(adopted > set);
    CU_ASSERT_EQUAL(rill_adopted(adopted), 77);
    CU_ASSERT_EQUAL(taken, adopted);
    CU_ASSERT_EQUAL(add(set, adopted, EPOLLIN | EPOLLET), 0);
    CU_ASSERT_EQUAL(rill_epoll_wait(set, &e, 1, 0), 0);
    host_ready = POLLIN;
    CU_ASSERT_EQUAL(rill_epoll_wait(set, &e, 1, 0), 0); /* nobody has reported the stack */
    rill_adopted_event(world.end[LEFT], adopted, 76);
    CU_ASSERT_EQUAL(rill_epoll_wait(set, &e, 1, 0), 0);
    rill_adopted_event(world.end[LEFT], adopted, 77);
    CU_ASSERT_EQUAL(rill_epoll_wait(set, &e, 1, 0), 1);
    CU_ASSERT_EQUAL(e.events, EPOLLIN);
    CU_ASSERT_EQUAL(rill_epoll_wait(set, &e, 1, 0), 0);
    struct pollfd p = {.fd = adopted, .events = POLLIN | POLLOUT};
    CU_ASSERT_EQUAL(rill_poll(&p, 1, 0), 1);
    CU_ASSERT_EQUAL(p.revents, POLLIN);
    host_ready = 0;
    CU_ASSERT_EQUAL(rill_poll(&p, 1, 0), 0);
    world_end();
}

static void an_adopted_descriptor_is_no_socket(void)
{
    char byte;
    begin_adopting();
    int adopted = rill_adopt(77);
    CU_ASSERT(fails(rill_read(adopted, &byte, 1), ENOTSOCK));
    CU_ASSERT(fails(rill_send(adopted, &byte, 1, 0), ENOTSOCK));
    CU_ASSERT(fails(rill_adopted(left), EINVAL));
    CU_ASSERT(fails(rill_adopted(999), EBADF));
    CU_ASSERT(fails(rill_adopt(-1), EBADF));
    CU_ASSERT_EQUAL(rill_fcntl(adopted, F_SETFD, FD_CLOEXEC), 0);
    CU_ASSERT_EQUAL(rill_fcntl(adopted, F_GETFD), FD_CLOEXEC);
    CU_ASSERT_EQUAL(add(set, adopted, EPOLLIN), 0);
    CU_ASSERT_EQUAL(rill_close(adopted), 0);
    CU_ASSERT_EQUAL(taken, -1);
    rill_adopted_event(world.end[LEFT], adopted, 77);
    int again = rill_socket(AF_INET, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL(again, adopted);
    rill_adopted_event(world.end[LEFT], again, 77);
    CU_ASSERT(fails(rill_adopted(again), EINVAL));
    rill_use(NULL);
    CU_ASSERT(fails(rill_adopt(1), ENETDOWN));
    CU_ASSERT(fails(rill_epoll_create1(0), ENETDOWN));
    CU_ASSERT(fails(rill_epoll_wait(0, NULL, 1, 0), EBADF));
    CU_ASSERT(fails(rill_epoll_ctl(0, EPOLL_CTL_DEL, 0, NULL), EBADF));
    rill_use(world.end[LEFT]);
    world_end();
}

static void what_the_binding_refuses_is_not_adopted(void)
{
    begin_adopting();
    take_error = -EEXIST;
    CU_ASSERT(fails(rill_adopt(77), EEXIST));
    int fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL(fd, taken); /* the number is free again */
    take_error = -EPERM;        /* a file */
    fd = rill_adopt(77);
    CU_ASSERT_EQUAL(fd, taken);
    CU_ASSERT(fails(add(set, fd, EPOLLIN), EPERM));
    CU_ASSERT_EQUAL(rill_close(fd), 0);
    CU_ASSERT_EQUAL(fd, taken); /* it need not leave */
    world_end();
}

static void the_walk_passes_over_what_is_no_socket(void)
{
    struct rill_status s[8];
    uint64_t place = 0;
    begin();
    CU_ASSERT(rill_adopt(77) >= 0);
    CU_ASSERT_EQUAL(rill_status_next(world.end[LEFT], &place, s, 8), 1);
    CU_ASSERT_EQUAL(s[0].kind, RILL_STATUS_CONNECTION);
    world_end();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"idle descriptors cost a wait nothing", idle_descriptors_cost_a_wait_nothing},
        {"a watch is 64 bytes and comes back", a_watch_is_64_bytes_and_comes_back},
        {"without memory nothing is added", without_memory_nothing_is_added},
        {"exclusive watchers share what comes", exclusive_watchers_share_what_comes},
        {"a set that is closed ends its wait", a_set_that_is_closed_ends_its_wait},
        {"an interrupted wait fails", an_interrupted_wait_fails},
        {"an adopted descriptor is watched", an_adopted_descriptor_is_watched},
        {"an adopted descriptor is no socket", an_adopted_descriptor_is_no_socket},
        {"what the binding refuses is not adopted", what_the_binding_refuses_is_not_adopted},
        {"the walk passes over what is no socket", the_walk_passes_over_what_is_no_socket},
    };
    return UNIT_MAIN("watch", tests);
}
