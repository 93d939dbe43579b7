/* Coroutines on virtual time: two stacks on one wire, and functions that block on both of them. */
#include "unit.h"
#include "world.h"

#include <errno.h>
#include <rill/coroutine.h>
#include <stdint.h>
#include <string.h>
#include <sys/time.h>

static struct rill_scheduler *scheduler;

static void begin(void)
{
    world_begin(NULL);
    scheduler = rill_scheduler_new(world.end[LEFT], NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(scheduler);
    CU_ASSERT_EQUAL_FATAL(rill_scheduler_add(scheduler, world.end[RIGHT]), 0);
}

static void end(void)
{
    rill_scheduler_free(scheduler);
    world_end();
}

static void *number(intptr_t n)
{
    return (void *)n;
}

/* ---- Order ---- */

static char story[64];

static void tell(const char *word)
{
    strncat(story, word, sizeof story - strlen(story) - 1);
}

static void *tell_twice(void *word)
{
    tell(word);
    rill_yield();
    tell(word);
    return word;
}

static void they_take_turns_in_the_order_of_birth(void)
{
    begin();
    story[0] = 0;
    char a[] = "a", b[] = "b", c[] = "c";
    rill_go(tell_twice, a);
    rill_go(tell_twice, b);
    rill_go(tell_twice, c);
    CU_ASSERT_STRING_EQUAL(story, "");
    CU_ASSERT_EQUAL(rill_scheduler_run(scheduler), 0);
    CU_ASSERT_STRING_EQUAL(story, "abcabc");
    end();
}

static void *sleep_and_tell(void *milliseconds)
{
    char word[16] = {(char)('0' + (intptr_t)milliseconds), 0};
    CU_ASSERT_EQUAL(rill_sleep(RILL_MILLISECONDS((intptr_t)milliseconds)), 0);
    tell(word);
    return NULL;
}

static void sleepers_wake_in_the_order_of_time(void)
{
    begin();
    story[0] = 0;
    rill_time from = world.now;
    rill_go(sleep_and_tell, number(3));
    rill_go(sleep_and_tell, number(1));
    rill_go(sleep_and_tell, number(2));
    rill_scheduler_run(scheduler);
    CU_ASSERT_STRING_EQUAL(story, "123");
    CU_ASSERT_EQUAL(world.now - from, RILL_MILLISECONDS(3));
    end();
}

static void *keeps_errno(void *n)
{
    struct rill *mine = world.end[(intptr_t)n % 2];
    rill_use(mine);
    errno = (int)(intptr_t)n;
    rill_yield();
    CU_ASSERT_EQUAL(errno, (int)(intptr_t)n);
    CU_ASSERT_PTR_EQUAL(rill_current(), mine);
    return NULL;
}

static void each_has_an_errno_and_a_current_stack_of_its_own(void)
{
    begin();
    for (int i = 1; i < 5; i++)
        rill_go(keeps_errno, number(i));
    rill_scheduler_run(scheduler);
    CU_ASSERT_PTR_EQUAL(rill_current(), world.end[LEFT]);
    end();
}

/* ---- Joining ---- */

static void *join_it(void *other)
{
    void *result = NULL;
    CU_ASSERT_EQUAL(rill_join(other, &result), 0);
    return (char *)result + 1;
}

static void *sleep_then(void *n)
{
    rill_sleep(RILL_MILLISECONDS(1));
    return n;
}

static void a_join_brings_the_result(void)
{
    void *result = NULL;
    begin();
    struct rill_coroutine *first = rill_go(sleep_then, number(5));
    struct rill_coroutine *second = rill_go(join_it, first);
    CU_ASSERT_EQUAL(rill_join(second, &result), 0);
    CU_ASSERT_PTR_EQUAL(result, number(6));
    struct rill_coroutine *over = rill_go(tell_twice, "");
    rill_scheduler_run(scheduler);
    CU_ASSERT_EQUAL(rill_join(over, NULL), 0);
    end();
}

static void *join_self(void *unused)
{
    (void)unused;
    CU_ASSERT_TRUE(fails(rill_join(rill_coroutine_self(), NULL), EDEADLK));
    return NULL;
}

static void who_cannot_be_joined_is_refused(void)
{
    begin();
    CU_ASSERT_EQUAL(rill_join(rill_go(join_self, NULL), NULL), 0);
    struct rill_coroutine *one = rill_go(sleep_then, NULL);
    rill_detach(one);
    CU_ASSERT_TRUE(fails(rill_join(one, NULL), EINVAL));
    CU_ASSERT_EQUAL(rill_scheduler_facts(scheduler).coroutines, 1);
    CU_ASSERT_EQUAL(rill_scheduler_run(scheduler), 0);
    CU_ASSERT_EQUAL(rill_scheduler_facts(scheduler).coroutines, 0);
    CU_ASSERT_PTR_NULL(rill_coroutine_self());
    end();
}

static void a_second_scheduler_is_refused(void)
{
    begin();
    CU_ASSERT_PTR_NULL(rill_scheduler_new(world.end[LEFT], NULL));
    CU_ASSERT_EQUAL(errno, EBUSY);
    end();
    struct rill_scheduler_options options;
    rill_scheduler_options_init(&options);
    options.stack_size = 1000;
    world_begin(NULL);
    CU_ASSERT_PTR_NULL(rill_scheduler_new(world.end[LEFT], &options));
    CU_ASSERT_EQUAL(errno, EINVAL);
    rill_set_wait(world.end[LEFT], NULL, NULL);
    CU_ASSERT_PTR_NULL(rill_scheduler_new(world.end[LEFT], NULL));
    CU_ASSERT_EQUAL(errno, EDEADLK);
    world_end();
    CU_ASSERT_PTR_NULL(rill_go(sleep_then, NULL));
    CU_ASSERT_EQUAL(errno, EINVAL);
}

/* ---- Sockets ---- */

#define ROUNDS 5

/* A client's conversation: every answer must be its own words. */
static void *ask(void *n)
{
    rill_use(world.end[LEFT]);
    int fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL(connect_to(fd, world_address(RIGHT, 80)), 0);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint32_t question[2] = {(uint32_t)(intptr_t)n, round}, answer[2] = {0};
        CU_ASSERT_EQUAL(rill_send(fd, question, sizeof question, 0), sizeof question);
        CU_ASSERT_EQUAL(rill_recv(fd, answer, sizeof answer, MSG_WAITALL), sizeof answer);
        CU_ASSERT_EQUAL(memcmp(question, answer, sizeof answer), 0);
    }
    CU_ASSERT_EQUAL(rill_close(fd), 0);
    return number(1);
}

static void *echo(void *fd)
{
    char text[64];
    for (ssize_t n; (n = rill_recv((int)(intptr_t)fd, text, sizeof text, 0)) > 0;)
        CU_ASSERT_EQUAL(rill_send((int)(intptr_t)fd, text, (size_t)n, 0), n);
    CU_ASSERT_EQUAL(rill_close((int)(intptr_t)fd), 0);
    return NULL;
}

static int listener;

static void *serve(void *unused)
{
    (void)unused;
    rill_use(world.end[RIGHT]);
    for (int fd; (fd = rill_accept(listener, NULL, NULL)) >= 0;)
        rill_detach(rill_go(echo, number(fd)));
    CU_ASSERT_EQUAL(errno, ECANCELED);
    CU_ASSERT_EQUAL(rill_close(listener), 0);
    return NULL;
}

static void converse(unsigned clients)
{
    begin();
    listener = world_listen(80);
    rill_use(world.end[RIGHT]);
    rill_listen(listener, SOMAXCONN);
    struct rill_coroutine *server = rill_go(serve, NULL), *client[64];
    for (unsigned i = 0; i < clients; i++)
        client[i] = rill_go(ask, number(i));
    intptr_t answered = 0;
    for (unsigned i = 0; i < clients; i++) {
        void *result = NULL;
        CU_ASSERT_EQUAL(rill_join(client[i], &result), 0);
        answered += (intptr_t)result;
    }
    CU_ASSERT_EQUAL(answered, clients);
    rill_cancel(server);
    CU_ASSERT_EQUAL(rill_scheduler_run(scheduler), 0);
    end();
}

static void blocking_calls_let_others_run(void)
{
    converse(1);
    converse(64);
}

/* ---- Time-outs ---- */

static int left, right;

static void connect_them(void)
{
    begin();
    left = world_connection(80, &right);
    rill_use(world.end[LEFT]);
}

static void *receive_in_time(void *unused)
{
    (void)unused;
    char text[8];
    struct timeval limit = {0, 20000};
    rill_setsockopt(left, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    rill_time from = world.now;
    CU_ASSERT_TRUE(fails(rill_recv(left, text, sizeof text, 0), EAGAIN));
    CU_ASSERT_EQUAL(world.now - from, RILL_MILLISECONDS(20));
    struct pollfd p = {.fd = left, .events = POLLIN};
    CU_ASSERT_EQUAL(rill_poll(&p, 1, 30), 0);
    CU_ASSERT_EQUAL(world.now - from, RILL_MILLISECONDS(50));
    return NULL;
}

static void a_wait_ends_in_time(void)
{
    connect_them();
    rill_go(receive_in_time, NULL);
    CU_ASSERT_EQUAL(rill_scheduler_run(scheduler), 0);
    end();
}

/* ---- Cancellation ---- */

static void *cancelled_accept(void *unused)
{
    (void)unused;
    rill_use(world.end[RIGHT]);
    return number(fails(rill_accept(listener, NULL, NULL), ECANCELED));
}

static void *cancelled_connect(void *unused)
{
    (void)unused;
    int fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    world.cut = true;
    return number(fails(connect_to(fd, world_address(RIGHT, 80)), ECANCELED));
}

static void *cancelled_recv(void *unused)
{
    (void)unused;
    char text[8];
    return number(fails(rill_recv(left, text, sizeof text, 0), ECANCELED));
}

static void *cancelled_send(void *unused)
{
    (void)unused;
    static char much[8 << 20];
    ssize_t n = rill_send(left, much, sizeof much, 0);
    bool some = n > 0 && n < (ssize_t)sizeof much;
    while (n > 0) /* what there is room for goes without a wait */
        n = rill_send(left, much, 1 << 20, 0);
    return number(some && fails(n, ECANCELED));
}

static void *cancelled_poll(void *unused)
{
    (void)unused;
    struct pollfd p[2] = {{.fd = left, .events = POLLIN}, {.fd = left, .events = POLLRDHUP}};
    return number(fails(rill_poll(p, 2, -1), ECANCELED));
}

static void *cancelled_select(void *unused)
{
    (void)unused;
    fd_set read;
    FD_ZERO(&read);
    FD_SET(left, &read);
    return number(fails(rill_select(left + 1, &read, NULL, NULL, NULL), ECANCELED));
}

static void *cancelled_sleep(void *unused)
{
    (void)unused;
    bool first = fails(rill_sleep(RILL_SECONDS(1000)), ECANCELED);
    return number(first && fails(rill_sleep(1), ECANCELED) && fails(rill_yield(), ECANCELED));
}

static void *cancelled_join(void *other)
{
    return number(fails(rill_join(other, NULL), ECANCELED));
}

/* In one turn, before the joiner runs: its end is asked for, and the other comes to its own. */
static struct rill_coroutine *joined, *joining;

static void *joins_the_other(void *unused)
{
    (void)unused;
    return number(rill_join(joined, NULL));
}

static void *ends_after_a_turn(void *unused)
{
    (void)unused;
    rill_yield();
    return NULL;
}

static void *cancels_the_joiner(void *unused)
{
    (void)unused;
    rill_yield();
    rill_cancel(joining);
    return NULL;
}

static void a_joiner_is_woken_once(void)
{
    begin();
    CU_ASSERT_PTR_NOT_NULL_FATAL(rill_go(cancels_the_joiner, NULL));
    joined = rill_go(ends_after_a_turn, NULL);
    joining = rill_go(joins_the_other, NULL);
    CU_ASSERT_EQUAL(rill_scheduler_run(scheduler), 0);
    CU_ASSERT_EQUAL(rill_scheduler_facts(scheduler).coroutines, 0);
    end();
}

static void *joins_who_joins_it(void *unused)
{
    (void)unused;
    CU_ASSERT_TRUE(fails(rill_join(joining, NULL), EDEADLK));
    return NULL;
}

static void two_do_not_wait_for_each_other(void)
{
    void *result = NULL;
    begin();
    joining = rill_go(joins_the_other, NULL);
    joined = rill_go(joins_who_joins_it, NULL);
    CU_ASSERT_EQUAL(rill_join(joining, &result), 0);
    CU_ASSERT_PTR_NULL(result);
    end();
}

static void who_is_joined_cannot_be_detached(void)
{
    void *result = NULL;
    begin();
    joined = rill_go(ends_after_a_turn, NULL);
    joining = rill_go(joins_the_other, NULL);
    rill_yield();
    rill_detach(joined);
    CU_ASSERT_EQUAL(rill_join(joining, &result), 0);
    CU_ASSERT_PTR_NULL(result);
    end();
}

/* Once the joiner is cancelled, even before he knows: it may go meanwhile. */
static void who_is_let_go_of_can_be_joined_or_detached(void)
{
    begin();
    for (int detached = 0; detached < 2; detached++) {
        void *result = NULL;
        joined = rill_go(ends_after_a_turn, NULL);
        joining = rill_go(cancelled_join, joined);
        rill_yield();
        rill_cancel(joining);
        if (detached)
            rill_detach(joined);
        else
            CU_ASSERT_EQUAL(rill_join(joined, NULL), 0);
        CU_ASSERT_EQUAL(rill_join(joining, &result), 0);
        CU_ASSERT_PTR_EQUAL(result, number(1));
    }
    end();
}

static void *runs_the_others(void *unused)
{
    (void)unused;
    return number(fails(rill_scheduler_run(scheduler), EDEADLK));
}

static void a_coroutine_does_not_wait_for_all(void)
{
    void *result = NULL;
    begin();
    CU_ASSERT_EQUAL(rill_join(rill_go(runs_the_others, NULL), &result), 0);
    CU_ASSERT_PTR_EQUAL(result, number(1));
    end();
}

static void *cancelled_close(void *unused)
{
    (void)unused;
    struct linger long_time = {1, 1000};
    rill_setsockopt(left, SOL_SOCKET, SO_LINGER, &long_time, sizeof long_time);
    world.cut = true;
    rill_send(left, "x", 1, 0);
    CU_ASSERT_EQUAL(rill_close(left), 0);
    return number(fails(rill_close(left), EBADF));
}

static void *cancelled_datagram(void *unused)
{
    (void)unused;
    char text[8];
    int fd = rill_socket(AF_INET, SOCK_DGRAM, 0);
    bind_to(fd, world_address(LEFT, 53));
    return number(fails(rill_recvfrom(fd, text, sizeof text, 0, NULL, NULL), ECANCELED));
}

static void cancellation_ends_every_blocking_call(void)
{
    static void *(*const call[])(void *) = {
        cancelled_accept, cancelled_connect, cancelled_recv, cancelled_send,  cancelled_poll,
        cancelled_select, cancelled_sleep,   cancelled_join, cancelled_close, cancelled_datagram,
    };
    for (size_t i = 0; i < sizeof call / sizeof *call; i++) {
        void *good = NULL;
        connect_them();
        listener = world_listen(81);
        rill_time from = world.now;
        struct rill_coroutine *sleeper = rill_go(cancelled_sleep, NULL);
        struct rill_coroutine *it = rill_go(call[i], sleeper);
        rill_sleep(RILL_MILLISECONDS(100));
        rill_cancel(it);
        rill_cancel(it);
        CU_ASSERT_EQUAL(rill_join(it, &good), 0);
        CU_ASSERT_PTR_EQUAL(good, number(1));
        CU_ASSERT_TRUE(world.now - from < RILL_MILLISECONDS(200));
        rill_cancel(sleeper);
        CU_ASSERT_EQUAL(rill_join(sleeper, &good), 0);
        CU_ASSERT_PTR_EQUAL(good, number(1));
        end();
    }
}

static void *receive_what_is_there(void *unused)
{
    (void)unused;
    char text[8];
    rill_cancel(rill_coroutine_self());
    CU_ASSERT_EQUAL(rill_recv(left, text, sizeof text, 0), 2);
    CU_ASSERT_TRUE(fails(rill_recv(left, text, sizeof text, 0), ECANCELED));
    return NULL;
}

static void the_cancelled_may_still_do_what_needs_no_wait(void)
{
    connect_them();
    rill_use(world.end[RIGHT]);
    rill_send(right, "hi", 2, 0);
    rill_sleep(RILL_MILLISECONDS(10));
    rill_use(world.end[LEFT]);
    CU_ASSERT_EQUAL(rill_join(rill_go(receive_what_is_there, NULL), NULL), 0);
    end();
}

/* ---- Others' doings ---- */

static void *wait_to_read(void *expected)
{
    char text[8];
    return number(fails(rill_recv(left, text, sizeof text, 0), (int)(intptr_t)expected));
}

static void *wait_to_accept(void *expected)
{
    rill_use(world.end[RIGHT]);
    return number(fails(rill_accept(listener, NULL, NULL), (int)(intptr_t)expected));
}

static int watch_left(void)
{
    struct epoll_event e = {.events = EPOLLIN};
    int set = rill_epoll_create1(0);
    CU_ASSERT_EQUAL(rill_epoll_ctl(set, EPOLL_CTL_ADD, left, &e), 0);
    return set;
}

static void *wait_for_events(void *set)
{
    struct epoll_event e;
    return number(rill_epoll_wait((int)(intptr_t)set, &e, 1, -1) == 1 && e.events == EPOLLIN);
}

static void *poll_the_set(void *set)
{
    struct pollfd p = {.fd = (int)(intptr_t)set, .events = POLLIN};
    return number(rill_poll(&p, 1, -1) == 1 && p.revents == POLLIN);
}

static void *wait_in_vain(void *set)
{
    struct epoll_event e;
    return number(fails(rill_epoll_wait((int)(intptr_t)set, &e, 1, -1), EBADF));
}

static void epoll_waits_side_by_side(void)
{
    void *good[3] = {0};
    connect_them();
    int set = watch_left(), outer = rill_epoll_create1(0), closed = watch_left();
    struct epoll_event e = {.events = EPOLLIN};
    CU_ASSERT_EQUAL(rill_epoll_ctl(outer, EPOLL_CTL_ADD, set, &e), 0);
    struct rill_coroutine *waiter = rill_go(wait_for_events, number(outer));
    struct rill_coroutine *poller = rill_go(poll_the_set, number(set));
    struct rill_coroutine *loser = rill_go(wait_in_vain, number(closed));
    rill_sleep(RILL_MILLISECONDS(1)); /* they wait now */
    CU_ASSERT_EQUAL(rill_close(closed), 0);
    rill_use(world.end[RIGHT]);
    CU_ASSERT_EQUAL(rill_send(right, "x", 1, MSG_DONTWAIT), 1);
    rill_use(world.end[LEFT]);
    rill_join(waiter, &good[0]);
    rill_join(poller, &good[1]);
    rill_join(loser, &good[2]);
    CU_ASSERT(good[0] && good[1] && good[2]);
    end();
}

static void *wait_for_invalid(void *unused)
{
    (void)unused;
    struct pollfd p = {.fd = left, .events = POLLIN};
    return number(rill_poll(&p, 1, -1) == 1 && p.revents == POLLNVAL);
}

static void *wait_for_end(void *unused)
{
    (void)unused;
    char text[8];
    return number(rill_recv(left, text, sizeof text, 0) == 0);
}

static void a_close_by_another_ends_the_wait(void)
{
    void *good[3] = {NULL};
    connect_them();
    listener = world_listen(81);
    struct rill_coroutine *reader = rill_go(wait_to_read, number(EBADF));
    struct rill_coroutine *poller = rill_go(wait_for_invalid, NULL);
    struct rill_coroutine *accepter = rill_go(wait_to_accept, number(EBADF));
    rill_yield();
    rill_close(left);
    rill_use(world.end[RIGHT]);
    rill_close(listener);
    rill_join(reader, &good[0]);
    rill_join(poller, &good[1]);
    rill_join(accepter, &good[2]);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_PTR_EQUAL(good[i], number(1));
    end();
}

static void a_shutdown_by_another_ends_the_wait(void)
{
    void *good[2] = {NULL};
    connect_them();
    listener = world_listen(81);
    struct rill_coroutine *reader = rill_go(wait_for_end, NULL);
    struct rill_coroutine *accepter = rill_go(wait_to_accept, number(EINVAL));
    rill_yield();
    rill_shutdown(left, SHUT_RD);
    rill_use(world.end[RIGHT]);
    rill_shutdown(listener, SHUT_RD);
    rill_join(reader, &good[0]);
    rill_join(accepter, &good[1]);
    CU_ASSERT_PTR_EQUAL(good[0], number(1));
    CU_ASSERT_PTR_EQUAL(good[1], number(1));
    end();
}

static int accepted;

static void *accept_one(void *word)
{
    rill_use(world.end[RIGHT]);
    int fd = rill_accept(listener, NULL, NULL);
    if (fd >= 0)
        tell(word);
    accepted += fd >= 0;
    return NULL;
}

static void *connect_once(void *unused)
{
    (void)unused;
    rill_use(world.end[LEFT]);
    return number(connect_to(rill_socket(AF_INET, SOCK_STREAM, 0), world_address(RIGHT, 81)));
}

static void each_connection_wakes_one_accept_the_oldest(void)
{
    begin();
    accepted = 0;
    story[0] = 0;
    listener = world_listen(81);
    char a[] = "a", b[] = "b", c[] = "c";
    rill_go(accept_one, a);
    struct rill_coroutine *second = rill_go(accept_one, b);
    rill_go(accept_one, c);
    rill_yield();
    rill_join(rill_go(connect_once, NULL), NULL);
    rill_sleep(RILL_MILLISECONDS(10));
    CU_ASSERT_STRING_EQUAL(story, "a");
    rill_cancel(second);
    rill_join(rill_go(connect_once, NULL), NULL);
    rill_sleep(RILL_MILLISECONDS(10));
    CU_ASSERT_STRING_EQUAL(story, "ac");
    CU_ASSERT_EQUAL(accepted, 2);
    end();
}

/* ---- The thread itself ---- */

static void a_signal_fails_the_call_of_the_thread_only(void)
{
    connect_them();
    struct rill_coroutine *reader = rill_go(wait_to_read, number(ECANCELED));
    world.interrupt_at = world.now + RILL_MILLISECONDS(5);
    CU_ASSERT_TRUE(fails(rill_scheduler_run(scheduler), EINTR));
    world.interrupt_at = world.now + RILL_MILLISECONDS(5);
    CU_ASSERT_TRUE(fails(rill_sleep(RILL_SECONDS(1)), EINTR));
    world.interrupt_at = world.now + RILL_MILLISECONDS(5);
    CU_ASSERT_TRUE(fails(rill_join(reader, NULL), EINTR));
    CU_ASSERT_EQUAL(rill_scheduler_facts(scheduler).coroutines, 1);
    rill_cancel(reader);
    void *good = NULL;
    CU_ASSERT_EQUAL(rill_join(reader, &good), 0);
    CU_ASSERT_PTR_EQUAL(good, number(1));
    end();
}

static void the_scheduler_goes_with_all_that_still_wait(void)
{
    connect_them();
    rill_go(wait_to_read, number(ECANCELED));
    rill_go(cancelled_sleep, NULL);
    rill_go(cancelled_poll, NULL);
    rill_yield();
    end();
}

/* ---- Memory ---- */

static void *poll_without_memory(void *unused)
{
    (void)unused;
    struct pollfd p[2] = {{.fd = left, .events = POLLIN}, {.fd = left, .events = POLLIN}};
    rill_memory_fail(world.end[LEFT], 1);
    CU_ASSERT_TRUE(fails(rill_poll(p, 2, -1), ENOMEM));
    rill_memory_fail(world.end[LEFT], 0);
    CU_ASSERT_EQUAL(rill_poll(p, 2, 10), 0);
    return NULL;
}

static void a_wait_without_memory_fails_and_harms_nothing(void)
{
    connect_them();
    CU_ASSERT_EQUAL(rill_join(rill_go(poll_without_memory, NULL), NULL), 0);
    end();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a joiner is woken once", a_joiner_is_woken_once},
        {"two do not wait for each other", two_do_not_wait_for_each_other},
        {"who is joined cannot be detached", who_is_joined_cannot_be_detached},
        {"who is let go of can be joined or detached", who_is_let_go_of_can_be_joined_or_detached},
        {"a coroutine does not wait for all", a_coroutine_does_not_wait_for_all},
        {"they take turns in the order of birth", they_take_turns_in_the_order_of_birth},
        {"sleepers wake in the order of time", sleepers_wake_in_the_order_of_time},
        {"each has an errno and a current stack of its own",
         each_has_an_errno_and_a_current_stack_of_its_own},
        {"a join brings the result", a_join_brings_the_result},
        {"who cannot be joined is refused", who_cannot_be_joined_is_refused},
        {"a second scheduler is refused", a_second_scheduler_is_refused},
        {"blocking calls let others run", blocking_calls_let_others_run},
        {"a wait ends in time", a_wait_ends_in_time},
        {"cancellation ends every blocking call", cancellation_ends_every_blocking_call},
        {"the cancelled may still do what needs no wait",
         the_cancelled_may_still_do_what_needs_no_wait},
        {"epoll waits side by side", epoll_waits_side_by_side},
        {"a close by another ends the wait", a_close_by_another_ends_the_wait},
        {"a shutdown by another ends the wait", a_shutdown_by_another_ends_the_wait},
        {"each connection wakes one accept, the oldest",
         each_connection_wakes_one_accept_the_oldest},
        {"a signal fails the call of the thread only", a_signal_fails_the_call_of_the_thread_only},
        {"the scheduler goes with all that still wait",
         the_scheduler_goes_with_all_that_still_wait},
        {"a wait without memory fails and harms nothing",
         a_wait_without_memory_fails_and_harms_nothing},
    };
    return UNIT_MAIN("coroutine", tests);
}
