/* epoll(7), epoll_create(2), epoll_ctl(2), epoll_wait(2), sentence by sentence: each test runs on
 * rill, and with the argument `kernel` on the host. What is refused, and what is told of one
 * descriptor; see epoll_sets_test.c for the rest. */
#include "both_set.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

/* -------------------------------------------------------- what is refused */

static void create_refuses_flags_and_sizes(void)
{
    CU_ASSERT(fails(on->epoll_create1(1), EINVAL));
    CU_ASSERT(fails(on->epoll_create(0), EINVAL));
    CU_ASSERT(fails(on->epoll_create(-1), EINVAL));
    int fd = on->epoll_create(1);
    CU_ASSERT(fd >= 0);
    CU_ASSERT_EQUAL(on->fcntl(fd, F_GETFD), 0);
    CU_ASSERT_EQUAL(on->close(fd), 0);
    fd = on->epoll_create1(EPOLL_CLOEXEC);
    CU_ASSERT_EQUAL(on->fcntl(fd, F_GETFD), FD_CLOEXEC);
    CU_ASSERT_EQUAL(on->close(fd), 0);
    CU_ASSERT(fails(on->close(fd), EBADF));
}

/* And the one that a full table refuses is the next one's, once there is room. */
static void descriptors_are_bounded(void)
{
    struct epoll_event e;
    both_few(4);
    int first = on->epoll_create1(0), listener = open_listener(), fd = open_socket(SOCK_STREAM);
    int last = on->epoll_create(1);
    CU_ASSERT(first >= 0 && last >= 0);
    CU_ASSERT(fails(on->epoll_create1(0), EMFILE));
    CU_ASSERT(fails(on->epoll_create(1), EMFILE));
    CU_ASSERT(fails(on->socket(AF_INET, SOCK_STREAM, 0), EMFILE));
    e = (struct epoll_event){.events = EPOLLIN};
    CU_ASSERT_EQUAL(on->epoll_ctl(first, EPOLL_CTL_ADD, listener, &e), 0);
    connect_with(fd, listener);
    settle();
    CU_ASSERT(fails(on->accept(listener, NULL, NULL), EMFILE));
    CU_ASSERT_EQUAL(on->epoll_wait(first, &e, 1, -1), 1); /* it still waits there */
    on->close(last);
    last = on->accept(listener, NULL, NULL);
    CU_ASSERT(last >= 0);
    CU_ASSERT_EQUAL(on->epoll_wait(first, &e, 1, 0), 0);
    for (size_t i = 0; i < 4; i++)
        on->close((int[]){first, listener, fd, last}[i]);
    both_many();
}

static void control_refuses_what_is_wrong(void)
{
    struct epoll_event e = {.events = EPOLLIN};
    begin();
    CU_ASSERT(fails(on->epoll_ctl(999, EPOLL_CTL_ADD, pair[0], &e), EBADF));
    CU_ASSERT(fails(on->epoll_ctl(set, EPOLL_CTL_ADD, 999, &e), EBADF));
    CU_ASSERT(fails(on->epoll_ctl(set, EPOLL_CTL_DEL, -1, &e), EBADF));
    CU_ASSERT(fails(on->epoll_ctl(set, EPOLL_CTL_ADD, pair[0], NULL), EFAULT));
    CU_ASSERT(fails(on->epoll_ctl(set, EPOLL_CTL_MOD, pair[0], NULL), EFAULT));
    CU_ASSERT(fails(on->epoll_ctl(set, EPOLL_CTL_ADD, set, &e), EINVAL));
    CU_ASSERT(fails(on->epoll_ctl(pair[0], EPOLL_CTL_ADD, pair[1], &e), EINVAL));
    CU_ASSERT(fails(on->epoll_ctl(set, 4, pair[0], &e), EINVAL));
    CU_ASSERT(fails(control(EPOLL_CTL_MOD, pair[0], EPOLLIN), ENOENT));
    CU_ASSERT(fails(control(EPOLL_CTL_DEL, pair[0], 0), ENOENT));
    add(pair[0], EPOLLIN);
    CU_ASSERT(fails(control(EPOLL_CTL_ADD, pair[0], EPOLLIN), EEXIST));
    CU_ASSERT_EQUAL(on->epoll_ctl(set, EPOLL_CTL_DEL, pair[0], NULL), 0); /* its event is ignored */
    CU_ASSERT(fails(control(EPOLL_CTL_DEL, pair[0], 0), ENOENT));
    end();
}

static void wait_refuses_what_is_wrong(void)
{
    struct epoll_event e;
    begin();
    CU_ASSERT(fails(on->epoll_wait(set, &e, 0, 0), EINVAL));
    CU_ASSERT(fails(on->epoll_wait(set, &e, -1, 0), EINVAL));
    CU_ASSERT(fails(on->epoll_wait(set, &e, INT_MAX, 0), EINVAL));
    CU_ASSERT(fails(on->epoll_wait(pair[0], &e, 1, 0), EINVAL));
    CU_ASSERT(fails(on->epoll_wait(999, &e, 1, 0), EBADF));
    CU_ASSERT_EQUAL(on->epoll_wait(set, NULL, 1, 0), 0);
    add(pair[0], EPOLLOUT);
    CU_ASSERT(fails(on->epoll_wait(set, NULL, 1, 0), EFAULT));
    CU_ASSERT(fails(on->epoll_pwait2(set, &e, 1, &(struct timespec){0, -1}, NULL), EINVAL));
    CU_ASSERT(fails(on->epoll_pwait2(set, &e, 1, &(struct timespec){0, 1000000000}, NULL), EINVAL));
    CU_ASSERT(fails(on->epoll_pwait2(set, &e, 1, &(struct timespec){-1, 0}, NULL), EINVAL));
    CU_ASSERT_EQUAL(on->epoll_pwait2(set, &e, 1, NULL, NULL), 1);
    end();
}

static void a_set_is_no_socket(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    socklen_t length = sizeof name;
    char byte;
    int value = 0;
    begin();
    CU_ASSERT(fails(on->recv(set, &byte, 1, 0), ENOTSOCK));
    CU_ASSERT(fails(on->send(set, &byte, 1, 0), ENOTSOCK));
    CU_ASSERT(fails(on->listen(set, 1), ENOTSOCK));
    CU_ASSERT(fails(on->accept(set, NULL, NULL), ENOTSOCK));
    CU_ASSERT(fails(on->bind(set, (struct sockaddr *)&name, length), ENOTSOCK));
    CU_ASSERT(fails(on->connect(set, (struct sockaddr *)&name, length), ENOTSOCK));
    CU_ASSERT(fails(on->shutdown(set, 0), ENOTSOCK));
    CU_ASSERT(fails(on->getsockname(set, (struct sockaddr *)&name, &length), ENOTSOCK));
    length = sizeof value;
    CU_ASSERT(fails(on->setsockopt(set, SOL_SOCKET, SO_REUSEADDR, &value, length), ENOTSOCK));
    CU_ASSERT(fails(on->getsockopt(set, SOL_SOCKET, SO_ERROR, &value, &length), ENOTSOCK));
    CU_ASSERT_EQUAL(on->fcntl(set, F_SETFD, FD_CLOEXEC), 0);
    CU_ASSERT_EQUAL(on->fcntl(set, F_GETFD), FD_CLOEXEC);
    CU_ASSERT_EQUAL(on->fcntl(set, F_GETFL) & O_ACCMODE, O_RDWR);
    end();
}

/* ------------------------------------------------------- level and edge */

static void level_is_told_until_it_is_read(void)
{
    begin();
    add(pair[1], EPOLLIN);
    CU_ASSERT_EQUAL(said(), 0);
    say(pair[0], "hello");
    CU_ASSERT_EQUAL(said(), EPOLLIN);
    CU_ASSERT_EQUAL(said(), EPOLLIN);
    CU_ASSERT_EQUAL(read_some(pair[1], 2), 2);
    CU_ASSERT_EQUAL(said(), EPOLLIN);
    read_all(pair[1]);
    CU_ASSERT_EQUAL(said(), 0);
    end();
}

static void edge_is_told_with_each_arrival(void)
{
    begin();
    add(pair[1], EPOLLIN | EPOLLET);
    say(pair[0], "2 kB of data, so to speak");
    CU_ASSERT_EQUAL(said(), EPOLLIN);
    CU_ASSERT_EQUAL(said(), 0);
    CU_ASSERT_EQUAL(read_some(pair[1], 1), 1); /* the pitfall of epoll(7) */
    CU_ASSERT_EQUAL(said(), 0);
    say(pair[0], "more");
    CU_ASSERT_EQUAL(said(), EPOLLIN);
    CU_ASSERT_EQUAL(said(), 0);
    say(pair[0], "in two");
    say(pair[0], "segments");
    CU_ASSERT_EQUAL(said(), EPOLLIN);
    CU_ASSERT_EQUAL(said(), 0);
    say(pair[0], "read before anybody waits");
    read_all(pair[1]);
    CU_ASSERT_EQUAL(said(), 0);
    end();
}

static void what_is_ready_when_added_is_told(void)
{
    begin();
    say(pair[0], "early");
    add(pair[1], EPOLLIN | EPOLLET);
    CU_ASSERT_EQUAL(said(), EPOLLIN);
    CU_ASSERT_EQUAL(said(), 0);
    CU_ASSERT_EQUAL(control(EPOLL_CTL_MOD, pair[1], EPOLLIN | EPOLLET), 0);
    CU_ASSERT_EQUAL(said(), EPOLLIN); /* an edge anew */
    CU_ASSERT_EQUAL(said(), 0);
    CU_ASSERT_EQUAL(control(EPOLL_CTL_MOD, pair[1], EPOLLOUT), 0);
    CU_ASSERT_EQUAL(said(), EPOLLOUT);
    end();
}

static void one_shot_is_told_once_until_it_is_armed(void)
{
    begin();
    add(pair[1], EPOLLIN | EPOLLONESHOT);
    say(pair[0], "one");
    CU_ASSERT_EQUAL(said(), EPOLLIN);
    say(pair[0], "two");
    CU_ASSERT_EQUAL(said(), 0);
    CU_ASSERT(fails(control(EPOLL_CTL_ADD, pair[1], EPOLLIN), EEXIST)); /* it stays in the set */
    CU_ASSERT_EQUAL(control(EPOLL_CTL_MOD, pair[1], EPOLLIN | EPOLLONESHOT), 0);
    CU_ASSERT_EQUAL(said(), EPOLLIN);
    on->close(pair[0]);
    CU_ASSERT_EQUAL(said(), 0); /* not of the end either */
    pair[0] = open_socket(SOCK_STREAM);
    end();
}

static void one_shot_is_armed_for_something_else(void)
{
    begin();
    add(pair[1], EPOLLIN | EPOLLET | EPOLLONESHOT);
    say(pair[0], "x");
    CU_ASSERT_EQUAL(said(), EPOLLIN);
    CU_ASSERT_EQUAL(control(EPOLL_CTL_MOD, pair[1], EPOLLPRI | EPOLLONESHOT), 0);
    CU_ASSERT_EQUAL(said(), 0);
    CU_ASSERT_EQUAL(on->send(pair[0], "!", 1, MSG_OOB), 1);
    CU_ASSERT_EQUAL(said(), EPOLLPRI);
    CU_ASSERT_EQUAL(said(), 0);
    CU_ASSERT_EQUAL(control(EPOLL_CTL_MOD, pair[1], EPOLLIN), 0); /* for ever again */
    CU_ASSERT_EQUAL(said(), EPOLLIN);
    CU_ASSERT_EQUAL(said(), EPOLLIN);
    end();
}

/* "Modify will reread available I/O"; what has been collected is told only if it is asked for. */
static void what_is_collected_is_told_as_asked_for_by_then(void)
{
    begin();
    add(pair[1], EPOLLIN | EPOLLET);
    say(pair[0], "x");
    CU_ASSERT_EQUAL(control(EPOLL_CTL_MOD, pair[1], EPOLLPRI | EPOLLET), 0);
    CU_ASSERT_EQUAL(said(), 0);
    CU_ASSERT_EQUAL(control(EPOLL_CTL_MOD, pair[1], EPOLLIN | EPOLLOUT | EPOLLET), 0);
    CU_ASSERT_EQUAL(control(EPOLL_CTL_MOD, pair[1], EPOLLOUT | EPOLLET), 0);
    CU_ASSERT_EQUAL(said(), EPOLLOUT);
    say(pair[0], "y");
    CU_ASSERT_EQUAL(control(EPOLL_CTL_MOD, pair[1], EPOLLIN | EPOLLET), 0);
    CU_ASSERT_EQUAL(control(EPOLL_CTL_DEL, pair[1], 0), 0);
    CU_ASSERT_EQUAL(said(), 0);
    end();
}

/* Nor are bits that mean nothing. */
static void flags_are_not_told(void)
{
    begin();
    add(pair[0], EPOLLOUT | EPOLLWAKEUP | 1u << 26 | 1u << 11);
    CU_ASSERT_EQUAL(said(), EPOLLOUT);
    CU_ASSERT_EQUAL(control(EPOLL_CTL_DEL, pair[0], 0), 0);
    add(pair[0], EPOLLOUT | EPOLLET | EPOLLEXCLUSIVE | EPOLLWAKEUP);
    CU_ASSERT_EQUAL(said(), EPOLLOUT);
    end();
}

static void data_comes_back(void)
{
    struct epoll_event e = {.events = EPOLLOUT, .data.u64 = 0x0123456789abcdef};
    begin();
    CU_ASSERT_EQUAL(on->epoll_ctl(set, EPOLL_CTL_ADD, pair[0], &e), 0);
    memset(&e, 0, sizeof e);
    CU_ASSERT_EQUAL(on->epoll_wait(set, &e, 1, -1), 1);
    CU_ASSERT_EQUAL(e.data.u64, 0x0123456789abcdef);
    e = (struct epoll_event){.events = EPOLLOUT, .data.ptr = &set};
    CU_ASSERT_EQUAL(on->epoll_ctl(set, EPOLL_CTL_MOD, pair[0], &e), 0);
    memset(&e, 0, sizeof e);
    CU_ASSERT_EQUAL(on->epoll_wait(set, &e, 1, -1), 1);
    CU_ASSERT_PTR_EQUAL(e.data.ptr, &set);
    end();
}

/* ---------------------------------------------------------------- room */

static bool sends_more(int fd)
{
    static const char text[65536];
    return on->send(fd, text, sizeof text, MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
}

/* Until nothing goes in although all has gone out that can. */
static void fill(int fd)
{
    while (sends_more(fd)) {
        while (sends_more(fd))
            ;
        settle();
    }
}

static void room_is_an_edge_after_the_buffer_was_full(void)
{
    int bytes = 32768;
    begin();
    on->setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    on->setsockopt(pair[1], SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    add(pair[0], EPOLLOUT | EPOLLET);
    CU_ASSERT_EQUAL(said(), EPOLLOUT);
    CU_ASSERT_EQUAL(said(), 0);
    say(pair[0], "not full");
    CU_ASSERT_EQUAL(said(), 0); /* acknowledged, but room is no news */
    do
        fill(pair[0]); /* the kernel finds room again while the peer does not read */
    while (said());
    do
        settle();
    while (read_some(pair[1], 65536));
    CU_ASSERT_EQUAL(said(), EPOLLOUT);
    CU_ASSERT_EQUAL(said(), 0);
    end();
}

static void an_arrival_tells_of_all_that_is_ready(void)
{
    begin();
    add(pair[0], EPOLLIN | EPOLLOUT | EPOLLET);
    CU_ASSERT_EQUAL(said(), EPOLLOUT);
    say(pair[1], "hello");
    CU_ASSERT_EQUAL(said(), EPOLLIN | EPOLLOUT);
    CU_ASSERT_EQUAL(said(), 0);
    end();
}

static void an_arrival_is_no_news_for_who_wants_room(void)
{
    begin();
    add(pair[0], EPOLLOUT | EPOLLET);
    CU_ASSERT_EQUAL(said(), EPOLLOUT);
    say(pair[1], "hello");
    CU_ASSERT_EQUAL(said(), 0);
    end();
}

static void below_the_low_water_mark_nothing_is_told(void)
{
    int three = 3;
    begin();
    CU_ASSERT_EQUAL(on->setsockopt(pair[1], SOL_SOCKET, SO_RCVLOWAT, &three, sizeof three), 0);
    add(pair[1], EPOLLIN | EPOLLOUT | EPOLLET);
    CU_ASSERT_EQUAL(said(), EPOLLOUT);
    say(pair[0], "2.");
    CU_ASSERT_EQUAL(said(), 0);
    say(pair[0], "3");
    CU_ASSERT_EQUAL(said(), EPOLLIN | EPOLLOUT);
    end();
}

/* ------------------------------------------------------- beginning and end */

static void the_peers_end_is_told(void)
{
    begin();
    add(pair[1], EPOLLIN | EPOLLRDHUP | EPOLLET);
    on->shutdown(pair[0], SHUT_WR);
    CU_ASSERT_EQUAL(said(), EPOLLIN | EPOLLRDHUP);
    CU_ASSERT_EQUAL(said(), 0);
    on->shutdown(pair[1], SHUT_WR);
    CU_ASSERT_EQUAL(said(), EPOLLIN | EPOLLRDHUP | EPOLLHUP);
    end();
}

static void the_peers_end_is_told_to_who_asks_for_it_alone(void)
{
    begin();
    add(pair[1], EPOLLRDHUP | EPOLLET);
    say(pair[0], "text is no end");
    CU_ASSERT_EQUAL(said(), 0);
    on->shutdown(pair[0], SHUT_WR);
    CU_ASSERT_EQUAL(said(), EPOLLRDHUP);
    CU_ASSERT_EQUAL(control(EPOLL_CTL_MOD, pair[1], EPOLLIN), 0);
    CU_ASSERT_EQUAL(said(), EPOLLIN); /* EPOLLRDHUP is told on demand only */
    end();
}

static void errors_and_hang_ups_are_told_unasked(void)
{
    struct linger now = {1, 0};
    begin();
    add(pair[1], 0);
    say(pair[0], "text");
    CU_ASSERT_EQUAL(said(), 0);
    on->setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &now, sizeof now);
    on->close(pair[0]);
    CU_ASSERT_EQUAL(said(), EPOLLERR | EPOLLHUP);
    CU_ASSERT_EQUAL(control(EPOLL_CTL_MOD, pair[1], EPOLLIN | EPOLLOUT | EPOLLRDHUP), 0);
    CU_ASSERT_EQUAL(said(), EPOLLERR | EPOLLHUP | EPOLLIN | EPOLLOUT | EPOLLRDHUP);
    pair[0] = open_socket(SOCK_STREAM);
    end();
}

static void our_own_shutdown_is_told(void)
{
    begin();
    add(pair[0], EPOLLIN | EPOLLRDHUP | EPOLLET);
    CU_ASSERT_EQUAL(said(), 0);
    on->shutdown(pair[0], SHUT_RD);
    CU_ASSERT_EQUAL(said(), EPOLLIN | EPOLLRDHUP);
    CU_ASSERT_EQUAL(said(), 0);
    on->shutdown(pair[0], SHUT_RDWR);
    CU_ASSERT_EQUAL(said(), EPOLLIN | EPOLLRDHUP | EPOLLHUP);
    end();
}

static void a_listener_is_readable_while_somebody_waits(void)
{
    begin();
    int listener = open_listener(), edge = on->epoll_create1(0);
    int a = open_socket(SOCK_STREAM), b = open_socket(SOCK_STREAM);
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLET};
    add(listener, EPOLLIN | EPOLLOUT);
    CU_ASSERT_EQUAL(on->epoll_ctl(edge, EPOLL_CTL_ADD, listener, &e), 0);
    CU_ASSERT_EQUAL(said(), 0);
    connect_with(a, listener);
    CU_ASSERT_EQUAL(said(), EPOLLIN);
    CU_ASSERT_EQUAL(said(), EPOLLIN);
    CU_ASSERT_EQUAL(said_by(edge), EPOLLIN);
    CU_ASSERT_EQUAL(said_by(edge), 0);
    connect_with(b, listener);
    CU_ASSERT_EQUAL(said_by(edge), EPOLLIN);
    int c = on->accept(listener, NULL, NULL), d = on->accept(listener, NULL, NULL);
    CU_ASSERT(c >= 0 && d >= 0);
    CU_ASSERT_EQUAL(said(), 0);
    for (size_t i = 0; i < 6; i++)
        on->close((int[]){listener, edge, a, b, c, d}[i]);
    end();
}

static void a_connection_that_comes_about_is_writable(void)
{
    begin();
    int listener = open_listener(), fd = open_socket(SOCK_STREAM);
    add(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    CU_ASSERT_EQUAL(said(), EPOLLOUT | EPOLLHUP); /* it is not connected */
    CU_ASSERT_EQUAL(said(), 0);
    connect_with(fd, listener);
    CU_ASSERT_EQUAL(said(), EPOLLOUT);
    CU_ASSERT_EQUAL(said(), 0);
    on->close(fd);
    on->close(listener);
    end();
}

static void a_connection_that_is_refused_has_failed(void)
{
    struct sockaddr_in nobody = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    begin();
    int fd = open_socket(SOCK_STREAM), error = 0;
    socklen_t length = sizeof error;
    CU_ASSERT(fails(on->connect(fd, (struct sockaddr *)&nobody, sizeof nobody), EINPROGRESS));
    add(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
    CU_ASSERT_EQUAL(said(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLERR | EPOLLHUP);
    CU_ASSERT_EQUAL(on->getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length), 0);
    CU_ASSERT_EQUAL(error, ECONNREFUSED);
    CU_ASSERT_EQUAL(said(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP);
    on->close(fd);
    end();
}

static void urgent_text_is_told(void)
{
    begin();
    add(pair[1], EPOLLPRI | EPOLLET);
    say(pair[0], "ordinary");
    CU_ASSERT_EQUAL(said(), 0);
    CU_ASSERT_EQUAL(on->send(pair[0], "!", 1, MSG_OOB), 1);
    CU_ASSERT_EQUAL(said(), EPOLLPRI);
    CU_ASSERT_EQUAL(said(), 0);
    end();
}

static void datagrams_are_told(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof name;
    begin();
    int server = open_socket(SOCK_DGRAM), client = open_socket(SOCK_DGRAM);
    CU_ASSERT_EQUAL(on->bind(server, (struct sockaddr *)&name, length), 0);
    CU_ASSERT_EQUAL(on->getsockname(server, (struct sockaddr *)&name, &length), 0);
    CU_ASSERT_EQUAL(on->connect(client, (struct sockaddr *)&name, length), 0);
    add(server, EPOLLIN | EPOLLOUT | EPOLLET);
    CU_ASSERT_EQUAL(said(), EPOLLOUT);
    say(client, "one");
    CU_ASSERT_EQUAL(said(), EPOLLIN | EPOLLOUT);
    CU_ASSERT_EQUAL(said(), 0);
    say(client, "two");
    CU_ASSERT_EQUAL(said(), EPOLLIN | EPOLLOUT);
    CU_ASSERT_EQUAL(read_some(server, 256), 3);
    CU_ASSERT_EQUAL(control(EPOLL_CTL_MOD, server, EPOLLIN), 0);
    CU_ASSERT_EQUAL(said(), EPOLLIN); /* the other datagram */
    read_all(server);
    CU_ASSERT_EQUAL(said(), 0);
    on->close(server);
    say(client, "nobody");
    add(client, EPOLLIN);
    CU_ASSERT_EQUAL(said(), EPOLLERR);
    on->close(client);
    end();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"create refuses flags and sizes", create_refuses_flags_and_sizes},
        {"descriptors are bounded", descriptors_are_bounded},
        {"control refuses what is wrong", control_refuses_what_is_wrong},
        {"wait refuses what is wrong", wait_refuses_what_is_wrong},
        {"a set is no socket", a_set_is_no_socket},
        {"level is told until it is read", level_is_told_until_it_is_read},
        {"edge is told with each arrival", edge_is_told_with_each_arrival},
        {"what is ready when added is told", what_is_ready_when_added_is_told},
        {"one shot is told once until it is armed", one_shot_is_told_once_until_it_is_armed},
        {"one shot is armed for something else", one_shot_is_armed_for_something_else},
        {"what is collected is told as asked for by then",
         what_is_collected_is_told_as_asked_for_by_then},
        {"flags are not told", flags_are_not_told},
        {"data comes back", data_comes_back},
        {"room is an edge after the buffer was full", room_is_an_edge_after_the_buffer_was_full},
        {"an arrival tells of all that is ready", an_arrival_tells_of_all_that_is_ready},
        {"an arrival is no news for who wants room", an_arrival_is_no_news_for_who_wants_room},
        {"below the low-water mark nothing is told", below_the_low_water_mark_nothing_is_told},
        {"the peer's end is told", the_peers_end_is_told},
        {"... to who asks for it alone", the_peers_end_is_told_to_who_asks_for_it_alone},
        {"errors and hang-ups are told unasked", errors_and_hang_ups_are_told_unasked},
        {"our own shutdown is told", our_own_shutdown_is_told},
        {"a listener is readable while somebody waits",
         a_listener_is_readable_while_somebody_waits},
        {"a connection that comes about is writable", a_connection_that_comes_about_is_writable},
        {"a connection that is refused has failed", a_connection_that_is_refused_has_failed},
        {"urgent text is told", urgent_text_is_told},
        {"datagrams are told", datagrams_are_told},
    };
    return BOTH_MAIN("epoll", tests, argc, argv);
}
