/* Parked calls as their owner sees them: who is woken by what, and who is not. */
#include "unit.h"
#include "world.h"

#include "socket/parked.h"
#include "socket/rill.h"

#include <errno.h>
#include <fcntl.h>

static struct rill_completion_queue completions;

static struct call accept_call(int listener)
{
    return (struct call){.operation = CALL_ACCEPT, .fd = listener};
}

static bool is_woken(const struct rill_call *p)
{
    return list_linked(&p->woken);
}

/* From the right end to a listener at the left one. */
static void connect_from_right(uint16_t port)
{
    struct rill *before = rill_use(world.end[RIGHT]);
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CU_ASSERT_TRUE(fails(connect_to(fd, world_address(LEFT, port)), EINPROGRESS));
    rill_use(before);
    world_pass(0); /* no longer: while somebody is woken it is always now */
}

static int listen_left(uint16_t port)
{
    int fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL(bind_to(fd, world_address(LEFT, port)), 0);
    CU_ASSERT_EQUAL(rill_listen(fd, 5), 0);
    return fd;
}

static void begin(void)
{
    world_begin(NULL);
    completions = (struct rill_completion_queue){0};
}

static void park(struct rill_call *p, struct call *c)
{
    *p = (struct rill_call){.call = c};
    CU_ASSERT_FALSE(rill_begin(world.end[LEFT], p, &completions, p));
}

static void a_connection_wakes_one_accept(void)
{
    begin();
    int listener = listen_left(80), fd[2];
    struct call c[2] = {accept_call(listener), accept_call(listener)};
    struct rill_call p[2];
    park(&p[0], &c[0]);
    park(&p[1], &c[1]);
    connect_from_right(80);
    CU_ASSERT_TRUE(is_woken(&p[0]));
    CU_ASSERT_FALSE(is_woken(&p[1]));
    CU_ASSERT_EQUAL(rill_deadline(world.end[LEFT]), rill_now(world.end[LEFT]));
    rill_try_parked(world.end[LEFT]);
    CU_ASSERT_PTR_EQUAL(rill_take_done(&completions), &p[0]);
    CU_ASSERT_PTR_NULL(rill_take_done(&completions));
    fd[0] = (int)c[0].result;
    connect_from_right(80);
    rill_try_parked(world.end[LEFT]);
    CU_ASSERT_PTR_EQUAL(rill_take_done(&completions), &p[1]);
    fd[1] = (int)c[1].result;
    CU_ASSERT_TRUE(fd[0] > listener && fd[1] > fd[0]);
    world_end();
}

static void one_that_is_stopped_hands_its_connection_on(void)
{
    begin();
    int listener = listen_left(80);
    struct call c[2] = {accept_call(listener), accept_call(listener)};
    struct rill_call p[2];
    park(&p[0], &c[0]);
    park(&p[1], &c[1]);
    connect_from_right(80);
    rill_stop(world.end[LEFT], &p[0], ECANCELED);
    rill_stop(world.end[LEFT], &p[0], EINTR); /* it is over */
    rill_try_parked(world.end[LEFT]);
    CU_ASSERT_PTR_EQUAL(rill_take_done(&completions), &p[0]);
    CU_ASSERT_EQUAL(c[0].error, ECANCELED);
    CU_ASSERT_PTR_EQUAL(rill_take_done(&completions), &p[1]);
    CU_ASSERT_TRUE(c[1].result > listener);
    world_end();
}

static void a_poll_is_stirred_by_what_it_asks_about_only(void)
{
    begin();
    int listener = listen_left(80), other = listen_left(81);
    struct pollfd set[2] = {{.fd = listener, .events = POLLPRI}, {.fd = other, .events = POLLIN}};
    struct call c = {.operation = CALL_POLL, .poll = {set, 2}, .timeout = RILL_NEVER};
    struct rill_call p;
    park(&p, &c);
    connect_from_right(80);
    CU_ASSERT_FALSE(is_woken(&p));
    connect_from_right(81);
    CU_ASSERT_TRUE(is_woken(&p));
    rill_try_parked(world.end[LEFT]);
    CU_ASSERT_PTR_EQUAL(rill_take_done(&completions), &p);
    CU_ASSERT_EQUAL(c.result, 1);
    CU_ASSERT_EQUAL(set[1].revents, POLLIN);
    world_end();
}

static void its_time_out_is_a_deadline_of_the_stack(void)
{
    begin();
    struct call c = {.operation = CALL_POLL, .timeout = RILL_MILLISECONDS(7)};
    struct rill_call p;
    park(&p, &c);
    CU_ASSERT_TRUE(rill_deadline(world.end[LEFT]) <= world.now + RILL_MILLISECONDS(7));
    world_pass(RILL_MILLISECONDS(6));
    rill_try_parked(world.end[LEFT]);
    CU_ASSERT_PTR_NULL(rill_take_done(&completions));
    world_pass(RILL_MILLISECONDS(1));
    rill_try_parked(world.end[LEFT]);
    CU_ASSERT_PTR_EQUAL(rill_take_done(&completions), &p);
    CU_ASSERT_EQUAL(c.result, 0);
    world_end();
}

static void it_says_what_it_is(void)
{
    begin();
    int listener = listen_left(80);
    struct call c = accept_call(listener);
    struct rill_call p;
    park(&p, &c);
    struct rill_call_facts facts = rill_call_facts(&p);
    CU_ASSERT_STRING_EQUAL(facts.name, "accept");
    CU_ASSERT_EQUAL(facts.fd, listener);
    CU_ASSERT_EQUAL(facts.until, RILL_NEVER);
    rill_stop(world.end[LEFT], &p, ECANCELED);
    world_end();
}

static void a_send_without_memory_is_tried_again(void)
{
    begin();
    struct rill *r = world.end[LEFT];
    struct iovec part = {"x", 1};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    struct call c = {.operation = CALL_SEND, .fd = world_connection(80, &(int){0}), .send = &m};
    struct rill_call p;
    rill_fcntl(c.fd, F_SETFL, 0);
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_TRUE(heap_reserve(&r->due, 1)); /* it is the text that finds no memory */
    rill_memory_fail(r, 1);
    park(&p, &c);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_PTR_NULL(rill_take_done(&completions));
        CU_ASSERT_EQUAL(rill_deadline(r), world.now + RILL_MILLISECONDS(10));
        world_pass(RILL_MILLISECONDS(10));
        rill_memory_fail(r, i == 0);
        rill_try_parked(r);
    }
    CU_ASSERT_PTR_EQUAL(rill_take_done(&completions), &p);
    CU_ASSERT_EQUAL(c.result, 1);
    world_end();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a send without memory is tried again", a_send_without_memory_is_tried_again},
        {"a connection wakes one accept", a_connection_wakes_one_accept},
        {"one that is stopped hands its connection on",
         one_that_is_stopped_hands_its_connection_on},
        {"a poll is woken by what it asks about only",
         a_poll_is_stirred_by_what_it_asks_about_only},
        {"its time-out is a deadline of the stack", its_time_out_is_a_deadline_of_the_stack},
        {"it says what it is", it_says_what_it_is},
    };
    return UNIT_MAIN("parked", tests);
}
