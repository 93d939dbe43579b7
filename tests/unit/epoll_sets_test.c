/* epoll(7) of many descriptors in a set, and of many sets, as epoll_test.c has it of one: each test
 * runs on rill, and with the argument `kernel` on the host. */
#include "both_set.h"

/* ------------------------------------------------------------- many, and none */

static void everybody_has_his_turn(void)
{
    struct epoll_event e;
    int other[2], reported = 0;
    begin();
    open_pair(other);
    add(pair[0], EPOLLOUT);
    add(pair[1], EPOLLOUT);
    add(other[0], EPOLLOUT);
    for (int i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL(on->epoll_wait(set, &e, 1, 0), 1);
        reported += e.data.fd == other[0];
    }
    CU_ASSERT_EQUAL(reported, 2);
    on->close(other[0]);
    on->close(other[1]);
    end();
}

/* With room for two of five: as many as there is room for, and nobody twice before all were
 * reported.
 */
static void successive_waits_go_round(void)
{
    struct epoll_event e[3];
    int fd[5], reported[5] = {0};
    begin();
    for (int i = 0; i < 5; i++) {
        fd[i] = open_socket(SOCK_DGRAM);
        struct epoll_event one = {.events = EPOLLOUT, .data.u32 = (uint32_t)i};
        CU_ASSERT_EQUAL(on->epoll_ctl(set, EPOLL_CTL_ADD, fd[i], &one), 0);
    }
    e[2].data.u32 = 99;
    for (int wait = 1; wait <= 5; wait++) {
        CU_ASSERT_EQUAL_FATAL(on->epoll_wait(set, e, 2, 0), 2);
        reported[e[0].data.u32]++;
        reported[e[1].data.u32]++;
        for (int i = 0; i < 5; i++)
            CU_ASSERT(reported[i] == wait * 2 / 5 || reported[i] == (wait * 2 + 4) / 5);
    }
    CU_ASSERT_EQUAL(e[2].data.u32, 99);
    for (int i = 0; i < 5; i++)
        on->close(fd[i]);
    end();
}

/* The second of two that are ready is closed while the first is served: no wait tells of it. */
static void what_is_closed_is_not_reported_later(void)
{
    struct epoll_event e;
    int fd[2] = {open_socket(SOCK_DGRAM), open_socket(SOCK_DGRAM)};
    begin();
    add(fd[0], EPOLLOUT);
    add(fd[1], EPOLLOUT);
    CU_ASSERT_EQUAL(on->epoll_wait(set, &e, 1, 0), 1);
    int served = e.data.fd;
    on->close(served == fd[0] ? fd[1] : fd[0]);
    CU_ASSERT_EQUAL(on->epoll_wait(set, &e, 1, 0), 1);
    CU_ASSERT_EQUAL(e.data.fd, served);
    on->close(served);
    CU_ASSERT_EQUAL(on->epoll_wait(set, &e, 1, 0), 0);
    end();
}

static void a_closed_descriptor_leaves_its_sets(void)
{
    begin();
    add(pair[0], EPOLLOUT);
    CU_ASSERT_EQUAL(said(), EPOLLOUT);
    on->close(pair[0]);
    CU_ASSERT_EQUAL(said(), 0);
    CU_ASSERT(fails(control(EPOLL_CTL_DEL, pair[0], 0), EBADF));
    int again = open_socket(SOCK_STREAM);
    CU_ASSERT_EQUAL(again, pair[0]); /* the number is used again, the watch is not there */
    CU_ASSERT(fails(control(EPOLL_CTL_MOD, again, EPOLLOUT), ENOENT));
    CU_ASSERT_EQUAL(said(), 0);
    end();
}

static void a_wait_takes_its_time(void)
{
    struct epoll_event e;
    begin();
    add(pair[0], EPOLLIN);
    rill_time before = both_now();
    CU_ASSERT_EQUAL(on->epoll_wait(set, &e, 1, 30), 0);
    CU_ASSERT(both_now() - before >= RILL_MILLISECONDS(30));
    before = both_now();
    CU_ASSERT_EQUAL(on->epoll_pwait2(set, &e, 1, &(struct timespec){0, 2000000}, NULL), 0);
    CU_ASSERT(both_now() - before >= RILL_MILLISECONDS(2));
    before = both_now();
    CU_ASSERT_EQUAL(on->epoll_wait(set, &e, 1, 0), 0);
    CU_ASSERT(both_now() - before < RILL_MILLISECONDS(30));
    CU_ASSERT_EQUAL(on->send(pair[1], "x", 1, 0), 1);
    CU_ASSERT_EQUAL(on->epoll_pwait(set, &e, 1, -1, NULL), 1);
    end();
}

/* Whatever it is that a wait of any length waits for. */
static void wait_for(void (*act)(void), int timeout_ms, int fd)
{
    struct epoll_event e = {0};
    rill_time before = both_now();
    both_later(RILL_MILLISECONDS(5), act);
    CU_ASSERT_EQUAL(on->epoll_wait(set, &e, 1, timeout_ms), 1);
    CU_ASSERT(both_now() - before >= RILL_MILLISECONDS(5));
    CU_ASSERT_EQUAL(e.data.fd, fd);
    settle();
}

static void peer_says_x(void)
{
    on->send(pair[1], "x", 1, 0);
}

static void add_what_is_ready(void)
{
    control(EPOLL_CTL_ADD, pair[1], EPOLLOUT | EPOLLONESHOT);
}

static void ask_for_room(void)
{
    control(EPOLL_CTL_MOD, pair[1], EPOLLOUT);
}

static void a_wait_ends_with_what_comes_meanwhile(void)
{
    begin();
    wait_for(add_what_is_ready, -1, pair[1]); /* of an empty set, too */
    add(pair[0], EPOLLIN);
    wait_for(peer_says_x, -7, pair[0]);
    read_all(pair[0]);
    wait_for(peer_says_x, 3600000, pair[0]);
    read_all(pair[0]);
    wait_for(ask_for_room, -1, pair[1]);
    end();
}

/* ---------------------------------------------------------------- sets of sets */

static short polled(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT | POLLPRI};
    settle();
    on->poll(&p, 1, 0);
    return p.revents;
}

static void a_set_is_readable_where_it_has_something(void)
{
    fd_set read;
    begin();
    CU_ASSERT_EQUAL(polled(set), 0);
    add(pair[1], EPOLLIN);
    CU_ASSERT_EQUAL(polled(set), 0);
    say(pair[0], "x");
    CU_ASSERT_EQUAL(polled(set), POLLIN);
    FD_ZERO(&read);
    FD_SET(set, &read);
    CU_ASSERT_EQUAL(on->select(set + 1, &read, NULL, NULL, &(struct timeval){0}), 1);
    CU_ASSERT(FD_ISSET(set, &read));
    read_all(pair[1]);
    CU_ASSERT_EQUAL(polled(set), 0);
    end();
}

static void sets_may_watch_sets(void)
{
    begin();
    int outer = on->epoll_create1(0), edge = on->epoll_create1(0);
    add_to(outer, set, EPOLLIN);
    add_to(edge, set, EPOLLIN | EPOLLET);
    CU_ASSERT_EQUAL(said_by(outer), 0);
    add(pair[1], EPOLLIN);
    say(pair[0], "x");
    CU_ASSERT_EQUAL(said_by(outer), EPOLLIN);
    CU_ASSERT_EQUAL(said_by(outer), EPOLLIN);
    CU_ASSERT_EQUAL(said_by(edge), EPOLLIN);
    CU_ASSERT_EQUAL(said_by(edge), 0);
    say(pair[0], "y");
    CU_ASSERT_EQUAL(said_by(edge), EPOLLIN);
    CU_ASSERT_EQUAL(polled(outer), POLLIN);
    read_all(pair[1]);
    CU_ASSERT_EQUAL(said_by(outer), 0);
    CU_ASSERT_EQUAL(polled(outer), 0);
    add(pair[0], EPOLLOUT); /* ready when it is added: news for those above */
    CU_ASSERT_EQUAL(said_by(outer), EPOLLIN);
    on->close(set);
    CU_ASSERT_EQUAL(said_by(outer), 0);
    CU_ASSERT_EQUAL(said_by(edge), 0);
    on->close(outer);
    set = edge;
    end();
}

static void a_set_is_reported_in_its_mode(void)
{
    begin();
    int shot = on->epoll_create1(0), out = on->epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN | EPOLLONESHOT};
    add_to(shot, set, EPOLLIN | EPOLLONESHOT);
    add_to(out, set, EPOLLOUT | EPOLLPRI | EPOLLRDHUP);
    add(pair[1], EPOLLIN);
    say(pair[0], "x");
    CU_ASSERT_EQUAL(said_by(shot), EPOLLIN);
    CU_ASSERT_EQUAL(said_by(shot), 0);
    CU_ASSERT_EQUAL(on->epoll_ctl(shot, EPOLL_CTL_MOD, set, &e), 0);
    CU_ASSERT_EQUAL(said_by(shot), EPOLLIN);
    CU_ASSERT_EQUAL(said_by(out), 0); /* a set is never writable */
    on->close(shot);
    on->close(out);
    end();
}

/* Who takes what there is from the inner one takes it from the outer one, too. */
static void an_edge_within_a_set_is_reported_once(void)
{
    begin();
    int outer = on->epoll_create1(0);
    add_to(outer, set, EPOLLIN);
    add(pair[1], EPOLLIN | EPOLLET);
    say(pair[0], "x");
    CU_ASSERT_EQUAL(said_by(outer), EPOLLIN);
    CU_ASSERT_EQUAL(said_by(outer), EPOLLIN);
    CU_ASSERT_EQUAL(said(), EPOLLIN);
    CU_ASSERT_EQUAL(said_by(outer), 0);
    on->close(outer);
    end();
}

/* From the top down, and two halves that are too long together. */
static void sets_are_at_most_five_deep(void)
{
    int chain[6];
    struct epoll_event e = {.events = EPOLLIN};
    begin();
    for (size_t i = 0; i < 6; i++)
        chain[i] = on->epoll_create1(0);
    add_to(chain[0], chain[1], EPOLLIN);
    add_to(chain[1], chain[2], EPOLLIN);
    add_to(chain[3], chain[4], EPOLLIN);
    add_to(chain[4], chain[5], EPOLLIN);
    CU_ASSERT(fails(on->epoll_ctl(chain[2], EPOLL_CTL_ADD, chain[3], &e), ELOOP));
    add_to(chain[1], chain[3], EPOLLIN); /* five */
    add_to(chain[0], chain[3], EPOLLIN); /* by two ways */
    CU_ASSERT(fails(on->epoll_ctl(chain[5], EPOLL_CTL_ADD, set, &e), ELOOP));
    CU_ASSERT(fails(on->epoll_ctl(chain[5], EPOLL_CTL_ADD, chain[1], &e), ELOOP));
    CU_ASSERT(fails(on->epoll_ctl(chain[0], EPOLL_CTL_ADD, chain[3], &e), EEXIST));
    add_to(chain[5], pair[0], EPOLLOUT);
    CU_ASSERT_EQUAL(said_by(chain[1]), EPOLLIN);
    on->close(chain[4]);
    add_to(chain[3], set, EPOLLIN); /* there is room again */
    for (size_t i = 0; i < 6; i++)
        if (i != 4)
            on->close(chain[i]);
    end();
}

static void sets_do_not_stand_in_a_circle(void)
{
    int chain[6];
    struct epoll_event e = {.events = EPOLLIN};
    begin();
    for (size_t i = 0; i < 6; i++)
        chain[i] = on->epoll_create1(0);
    for (size_t i = 1; i < 5; i++)
        add_to(chain[i], chain[i - 1], EPOLLIN);
    CU_ASSERT(fails(on->epoll_ctl(chain[5], EPOLL_CTL_ADD, chain[4], &e), ELOOP));
    CU_ASSERT(fails(on->epoll_ctl(chain[0], EPOLL_CTL_ADD, chain[4], &e), ELOOP));
    CU_ASSERT(fails(on->epoll_ctl(chain[0], EPOLL_CTL_ADD, chain[1], &e), ELOOP));
    add_to(chain[5], chain[3], EPOLLIN);
    add_to(chain[0], pair[0], EPOLLOUT);
    CU_ASSERT_EQUAL(said_by(chain[4]), EPOLLIN);
    CU_ASSERT_EQUAL(said_by(chain[5]), EPOLLIN);
    CU_ASSERT_EQUAL(on->epoll_ctl(chain[1], EPOLL_CTL_DEL, chain[0], NULL), 0);
    CU_ASSERT_EQUAL(said_by(chain[4]), 0);
    for (size_t i = 0; i < 6; i++)
        on->close(chain[i]);
    end();
}

/* ------------------------------------------------------------------ sharing */

static void exclusive_is_for_few_things(void)
{
    begin();
    int other = on->epoll_create1(0);
    const uint32_t x = EPOLLEXCLUSIVE;
    CU_ASSERT(fails(control(EPOLL_CTL_ADD, pair[0], x | EPOLLIN | EPOLLONESHOT), EINVAL));
    CU_ASSERT(fails(control(EPOLL_CTL_ADD, pair[0], x | EPOLLIN | EPOLLRDHUP), EINVAL));
    CU_ASSERT(fails(control(EPOLL_CTL_ADD, pair[0], x | EPOLLPRI), EINVAL));
    CU_ASSERT(fails(control(EPOLL_CTL_ADD, other, x | EPOLLIN), EINVAL));
    add(pair[0], x | EPOLLIN | EPOLLOUT | EPOLLET | EPOLLERR | EPOLLHUP);
    CU_ASSERT(fails(control(EPOLL_CTL_MOD, pair[0], EPOLLIN), EINVAL));
    CU_ASSERT(fails(control(EPOLL_CTL_MOD, pair[0], x | EPOLLIN), EINVAL));
    CU_ASSERT_EQUAL(control(EPOLL_CTL_DEL, pair[0], 0), 0);
    add(pair[0], EPOLLIN);
    CU_ASSERT(fails(control(EPOLL_CTL_MOD, pair[0], x | EPOLLIN), EINVAL));
    on->close(other);
    end();
}

static void several_sets_are_all_reported(void)
{
    begin();
    int second = on->epoll_create1(0), third = on->epoll_create1(0);
    add(pair[1], EPOLLIN | EPOLLEXCLUSIVE);
    add_to(second, pair[1], EPOLLIN);
    add_to(third, pair[1], EPOLLIN | EPOLLEXCLUSIVE); /* nobody waits: "at least one" is all */
    say(pair[0], "x");
    CU_ASSERT_EQUAL(said(), EPOLLIN);
    CU_ASSERT_EQUAL(said_by(second), EPOLLIN);
    CU_ASSERT_EQUAL(said_by(third), EPOLLIN);
    on->close(second);
    on->close(third);
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"everybody has his turn", everybody_has_his_turn},
        {"successive waits go round", successive_waits_go_round},
        {"what is closed is not reported later", what_is_closed_is_not_reported_later},
        {"a closed descriptor leaves its sets", a_closed_descriptor_leaves_its_sets},
        {"a wait takes its time", a_wait_takes_its_time},
        {"a wait ends with what comes meanwhile", a_wait_ends_with_what_comes_meanwhile},
        {"a set is readable where it has something", a_set_is_readable_where_it_has_something},
        {"sets may watch sets", sets_may_watch_sets},
        {"a set is reported in its mode", a_set_is_reported_in_its_mode},
        {"an edge within a set is reported once", an_edge_within_a_set_is_reported_once},
        {"sets are at most five deep", sets_are_at_most_five_deep},
        {"sets do not stand in a circle", sets_do_not_stand_in_a_circle},
        {"exclusive is for few things", exclusive_is_for_few_things},
        {"several sets are all reported", several_sets_are_all_reported},
    };
    return BOTH_MAIN("epoll_sets", tests, argc, argv);
}
