/* epoll(7), epoll_create(2), epoll_ctl(2), epoll_wait(2), sentence by sentence: each test runs on
 * rill, and with the argument `kernel` on the host. */
#include "both.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

static int pair[2]; /* a connection */
static int set;

static void begin(void)
{
    open_pair(pair);
    set = on->epoll_create1(0);
    CU_ASSERT(set >= 0);
}

static void end(void)
{
    CU_ASSERT_EQUAL(on->close(set), 0);
    on->close(pair[0]);
    on->close(pair[1]);
    settle();
}

static int control(int operation, int fd, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.fd = fd};
    return on->epoll_ctl(set, operation, fd, &e);
}

static void add(int fd, uint32_t events)
{
    CU_ASSERT_EQUAL(control(EPOLL_CTL_ADD, fd, events), 0);
}

/* What the set says of its one ready descriptor; 0: none is; UINT32_MAX: several are. */
static uint32_t said_by(int epfd)
{
    struct epoll_event e[8];
    settle();
    int n = on->epoll_wait(epfd, e, 8, 0);
    CU_ASSERT(n >= 0);
    return n == 1 ? e[0].events : n ? UINT32_MAX : 0;
}

static uint32_t said(void)
{
    return said_by(set);
}

static void say(int fd, const char *text)
{
    CU_ASSERT_EQUAL(on->send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
    settle();
}

static size_t read_some(int fd, size_t most)
{
    static char text[65536];
    ssize_t n = on->recv(fd, text, most, MSG_DONTWAIT);
    return n > 0 ? (size_t)n : 0;
}

static void read_all(int fd)
{
    while (read_some(fd, 256))
        ;
    settle();
}

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

/* ------------------------------------------------------------- many, and none */

static void everybody_has_his_turn(void)
{
    struct epoll_event e;
    int other[2], told = 0;
    begin();
    open_pair(other);
    add(pair[0], EPOLLOUT);
    add(pair[1], EPOLLOUT);
    add(other[0], EPOLLOUT);
    for (int i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL(on->epoll_wait(set, &e, 1, 0), 1);
        told += e.data.fd == other[0];
    }
    CU_ASSERT_EQUAL(told, 2);
    on->close(other[0]);
    on->close(other[1]);
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

static void add_to(int epfd, int fd, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.fd = fd};
    CU_ASSERT_EQUAL(on->epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &e), 0);
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

static void several_sets_are_all_told(void)
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
        {"create refuses flags and sizes", create_refuses_flags_and_sizes},
        {"control refuses what is wrong", control_refuses_what_is_wrong},
        {"wait refuses what is wrong", wait_refuses_what_is_wrong},
        {"a set is no socket", a_set_is_no_socket},
        {"level is told until it is read", level_is_told_until_it_is_read},
        {"edge is told with each arrival", edge_is_told_with_each_arrival},
        {"what is ready when added is told", what_is_ready_when_added_is_told},
        {"one shot is told once until it is armed", one_shot_is_told_once_until_it_is_armed},
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
        {"everybody has his turn", everybody_has_his_turn},
        {"a closed descriptor leaves its sets", a_closed_descriptor_leaves_its_sets},
        {"a wait takes its time", a_wait_takes_its_time},
        {"a set is readable where it has something", a_set_is_readable_where_it_has_something},
        {"sets may watch sets", sets_may_watch_sets},
        {"sets do not stand in a circle", sets_do_not_stand_in_a_circle},
        {"exclusive is for few things", exclusive_is_for_few_things},
        {"several sets are all told", several_sets_are_all_told},
    };
    return BOTH_MAIN("epoll", tests, argc, argv);
}
