/* Calls that wait: blocking, time-outs, interruption, poll and select, and what is left when memory
 * fails on the way. */
#include "unit.h"
#include "world.h"

#include "socket/run.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/time.h>

static int left, right; /* the two descriptors of the connection under test */

/* Buffers that stand, so that it is known what fits. */
static void begin(void)
{
    int sent = 256 << 10, received = 1 << 20;
    world_begin(NULL);
    left = world_connection(80, &right);
    CU_ASSERT_EQUAL(rill_setsockopt(left, SOL_SOCKET, SO_SNDBUF, &sent, sizeof sent), 0);
    rill_use(world.end[RIGHT]);
    CU_ASSERT_EQUAL(rill_setsockopt(right, SOL_SOCKET, SO_RCVBUF, &received, sizeof received), 0);
    rill_use(world.end[LEFT]);
}

static int blocking(int type)
{
    return rill_socket(AF_INET, type, 0);
}

static void set_timeout(int fd, int name, int milliseconds)
{
    struct timeval t = {milliseconds / 1000, milliseconds % 1000 * 1000};
    CU_ASSERT_EQUAL(rill_setsockopt(fd, SOL_SOCKET, name, &t, sizeof t), 0);
}

static short ready(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP | POLLPRI};
    rill_poll(&p, 1, 0);
    return p.revents;
}

/* What the right end does while the left one waits. */

static void right_says_hello(void)
{
    rill_use(world.end[RIGHT]);
    CU_ASSERT_EQUAL(rill_send(right, "hello", 5, MSG_DONTWAIT), 5);
}

static void right_closes(void)
{
    rill_use(world.end[RIGHT]);
    CU_ASSERT_EQUAL(rill_close(right), 0);
}

static void right_aborts(void)
{
    struct linger now = {1, 0};
    rill_use(world.end[RIGHT]);
    CU_ASSERT_EQUAL(rill_setsockopt(right, SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
    CU_ASSERT_EQUAL(rill_close(right), 0);
}

static void right_reads_all(void)
{
    static char text[4096];
    rill_use(world.end[RIGHT]);
    while (rill_recv(right, text, sizeof text, MSG_DONTWAIT) > 0)
        ;
}

static void right_listens(void)
{
    world_listen(81);
}

/* --------------------------------------------------------------- receiving */

static void recv_waits_for_text(void)
{
    char text[16];
    begin();
    rill_time before = world.now;
    world_at(RILL_SECONDS(3), right_says_hello);
    CU_ASSERT_EQUAL(rill_recv(left, text, sizeof text, 0), 5);
    CU_ASSERT_EQUAL(memcmp(text, "hello", 5), 0);
    CU_ASSERT_TRUE(world.now - before >= RILL_SECONDS(3));
    CU_ASSERT_TRUE(world.now - before < RILL_SECONDS(4));
    world_end();
}

static void recv_says_0_at_the_end(void)
{
    char text[16];
    begin();
    world_at(RILL_SECONDS(1), right_says_hello);
    world_at(RILL_SECONDS(2), right_closes);
    CU_ASSERT_EQUAL(rill_recv(left, text, sizeof text, MSG_WAITALL), 5);
    CU_ASSERT_EQUAL(rill_recv(left, text, sizeof text, 0), 0);
    CU_ASSERT_EQUAL(rill_recv(left, text, sizeof text, 0), 0);
    world_end();
}

static void recv_fails_with_the_connections_error_once(void)
{
    char text[16];
    begin();
    world_at(RILL_SECONDS(1), right_aborts);
    CU_ASSERT_TRUE(fails(rill_recv(left, text, sizeof text, 0), ECONNRESET));
    CU_ASSERT_EQUAL(rill_recv(left, text, sizeof text, 0), 0);
    CU_ASSERT_TRUE(fails(rill_send(left, text, 1, 0), EPIPE));
    CU_ASSERT_TRUE(fails(rill_shutdown(left, SHUT_WR), ENOTCONN));
    world_end();
}

static void send_fails_with_the_connections_error_first(void)
{
    begin();
    right_aborts();
    rill_use(world.end[LEFT]);
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_TRUE(fails(rill_send(left, "x", 1, 0), ECONNRESET));
    CU_ASSERT_TRUE(fails(rill_send(left, "x", 1, 0), EPIPE));
    world_end();
}

static void a_peek_takes_nothing(void)
{
    char text[16];
    int n = 0;
    begin();
    world_at(RILL_SECONDS(1), right_says_hello);
    CU_ASSERT_EQUAL(rill_recv(left, text, 3, MSG_PEEK), 3);
    CU_ASSERT_EQUAL(rill_ioctl(left, FIONREAD, &n), 0);
    CU_ASSERT_EQUAL(n, 5);
    CU_ASSERT_EQUAL(rill_recv(left, text, 16, MSG_PEEK | MSG_DONTWAIT), 5);
    CU_ASSERT_EQUAL(rill_recv(left, text, 16, MSG_DONTWAIT), 5);
    CU_ASSERT_TRUE(fails(rill_recv(left, text, 16, MSG_DONTWAIT), EAGAIN));
    world_end();
}

static void a_peek_waits_for_all_too(void)
{
    char text[16];
    begin();
    world_at(RILL_SECONDS(1), right_says_hello);
    world_at(RILL_SECONDS(2), right_says_hello);
    CU_ASSERT_EQUAL(rill_recv(left, text, 10, MSG_PEEK | MSG_WAITALL), 10);
    CU_ASSERT_EQUAL(memcmp(text, "hellohello", 10), 0);
    CU_ASSERT_EQUAL(rill_recv(left, text, 16, 0), 10);
    world_end();
}

static void waitall_waits_for_all(void)
{
    char head[3], tail[7];
    struct iovec part[2] = {{head, 3}, {tail, 7}};
    struct msghdr m = {.msg_iov = part, .msg_iovlen = 2};
    begin();
    rill_time before = world.now;
    world_at(RILL_SECONDS(1), right_says_hello);
    world_at(RILL_SECONDS(5), right_says_hello);
    CU_ASSERT_EQUAL(rill_recvmsg(left, &m, MSG_WAITALL), 10);
    CU_ASSERT_EQUAL(memcmp(head, "hel", 3), 0);
    CU_ASSERT_EQUAL(memcmp(tail, "lohello", 7), 0);
    CU_ASSERT_TRUE(world.now - before >= RILL_SECONDS(5));
    world_end();
}

static void low_water_holds_recv_and_poll_back(void)
{
    char text[16];
    int mark = 8;
    begin();
    CU_ASSERT_EQUAL(rill_setsockopt(left, SOL_SOCKET, SO_RCVLOWAT, &mark, sizeof mark), 0);
    rill_time before = world.now;
    world_at(RILL_SECONDS(1), right_says_hello);
    world_at(RILL_SECONDS(4), right_says_hello);
    world_pass(RILL_SECONDS(2));
    CU_ASSERT_FALSE(ready(left) & POLLIN);
    CU_ASSERT_EQUAL(rill_recv(left, text, sizeof text, 0), 10);
    CU_ASSERT_TRUE(world.now - before >= RILL_SECONDS(4));
    world_end();
}

static void msg_trunc_throws_a_streams_text_away(void)
{
    char text[6] = "-----";
    begin();
    world_at(RILL_SECONDS(1), right_says_hello);
    CU_ASSERT_EQUAL(rill_recv(left, text, 3, MSG_TRUNC), 3);
    CU_ASSERT_STRING_EQUAL(text, "-----");
    CU_ASSERT_EQUAL(rill_recv(left, text, 5, 0), 2);
    CU_ASSERT_EQUAL(memcmp(text, "lo", 2), 0);
    world_end();
}

static void a_stream_does_not_name_its_peer_again(void)
{
    char text[8];
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    begin();
    world_at(RILL_SECONDS(1), right_says_hello);
    CU_ASSERT_EQUAL(rill_recvfrom(left, text, 8, 0, (struct sockaddr *)&from, &length), 5);
    CU_ASSERT_EQUAL(length, 0);
    world_end();
}

/* ----------------------------------------------------------------- sending */

static void send_waits_until_everything_is_taken(void)
{
    static char text[3 << 20]; /* more than both buffers hold */
    int unsent;
    begin();
    for (int i = 1; i <= 6; i++)
        world_at(RILL_SECONDS(i), right_reads_all);
    CU_ASSERT_EQUAL(rill_send(left, text, sizeof text, 0), sizeof text);
    CU_ASSERT_EQUAL(rill_ioctl(left, SIOCOUTQ, &unsent), 0);
    CU_ASSERT_TRUE(unsent > 0);
    CU_ASSERT_TRUE(unsent <= 256 * 1024);
    world_end();
}

static void a_nonblocking_send_takes_what_fits(void)
{
    static char text[3 << 20];
    begin();
    CU_ASSERT_EQUAL(rill_send(left, text, sizeof text, MSG_DONTWAIT), 256 * 1024);
    CU_ASSERT_TRUE(fails(rill_send(left, text, 1, MSG_DONTWAIT), EAGAIN));
    CU_ASSERT_FALSE(ready(left) & POLLOUT);
    CU_ASSERT_EQUAL(rill_send(left, text, 0, MSG_DONTWAIT), 0);
    world_end();
}

static void what_was_sent_arrives_in_order(void)
{
    uint8_t text[1000], got[1000];
    struct iovec part[3] = {{text, 1}, {text + 1, 500}, {text + 501, 499}};
    struct msghdr m = {.msg_iov = part, .msg_iovlen = 3};
    for (int i = 0; i < 1000; i++)
        text[i] = (uint8_t)(i * 7 + i / 256);
    begin();
    CU_ASSERT_EQUAL(rill_sendmsg(left, &m, 0), 1000);
    CU_ASSERT_EQUAL(rill_shutdown(left, SHUT_WR), 0);
    CU_ASSERT_TRUE(fails(rill_send(left, text, 1, 0), EPIPE));
    rill_use(world.end[RIGHT]);
    CU_ASSERT_EQUAL(rill_recv(right, got, 1000, MSG_WAITALL), 1000);
    CU_ASSERT_EQUAL(memcmp(got, text, 1000), 0);
    CU_ASSERT_EQUAL(rill_recv(right, got, 1000, 0), 0);
    CU_ASSERT_EQUAL(rill_send(right, "still open", 10, 0), 10); /* half closed only */
    rill_use(world.end[LEFT]);
    CU_ASSERT_EQUAL(rill_recv(left, got, 10, MSG_WAITALL), 10);
    world_end();
}

/* --------------------------------------------------- connecting, accepting */

static void connect_waits_for_its_outcome(void)
{
    world_begin(NULL);
    int fd = blocking(SOCK_STREAM);
    CU_ASSERT_TRUE(fails(connect_to(fd, world_address(RIGHT, 80)), ECONNREFUSED));
    world_listen(80);
    CU_ASSERT_EQUAL(connect_to(fd, world_address(RIGHT, 80)), 0);
    CU_ASSERT_TRUE(fails(connect_to(fd, world_address(RIGHT, 80)), EISCONN));
    world_end();
}

static void connect_to_nobody_fails_after_its_time(void)
{
    static const uint8_t mac[6] = {2, 0, 0, 0, 0, 99};
    struct sockaddr_in absent = ip4_address(0xc0000263, 80);
    world_begin(NULL);
    int fd = blocking(SOCK_STREAM);
    CU_ASSERT_TRUE(fails(connect_to(fd, absent), EHOSTUNREACH)); /* nobody has the address */
    rill_neighbour_add(world.end[LEFT], 1, rill_address_ip4(0xc0000263), mac);
    rill_time before = world.now;
    CU_ASSERT_TRUE(fails(connect_to(fd, absent), ETIMEDOUT));
    CU_ASSERT_TRUE(world.now - before >= RILL_SECONDS(180)); /* MUST-23 */
    world_end();
}

static void so_sndtimeo_bounds_connect(void)
{
    world_begin(NULL);
    int fd = blocking(SOCK_STREAM);
    world.cut = true;
    set_timeout(fd, SO_SNDTIMEO, 500);
    rill_time before = world.now;
    CU_ASSERT_TRUE(fails(connect_to(fd, world_address(RIGHT, 80)), EINPROGRESS));
    CU_ASSERT_EQUAL(world.now - before, RILL_MILLISECONDS(500));
    world_end();
}

static void left_connects_to_81(void)
{
    rill_use(world.end[LEFT]);
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CU_ASSERT_TRUE(fails(connect_to(fd, world_address(RIGHT, 81)), EINPROGRESS));
}

static void accept_waits_for_a_connection(void)
{
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    world_begin(NULL);
    int listener = world_listen(81);
    rill_use(world.end[RIGHT]);
    world_at(RILL_SECONDS(2), left_connects_to_81);
    CU_ASSERT_EQUAL(ready(listener), 0);
    int fd = rill_accept(listener, (struct sockaddr *)&peer, &length);
    CU_ASSERT_TRUE(fd > listener);
    CU_ASSERT_EQUAL(length, sizeof peer);
    CU_ASSERT_EQUAL(ntohl(peer.sin_addr.s_addr), 0xc0000201);
    set_timeout(listener, SO_RCVTIMEO, 100);
    CU_ASSERT_TRUE(fails(rill_accept(listener, NULL, NULL), EAGAIN));
    world_at(RILL_SECONDS(1), left_connects_to_81);
    world_pass(RILL_SECONDS(2));
    CU_ASSERT_EQUAL(ready(listener), POLLIN);
    CU_ASSERT_TRUE(fails(rill_accept(listener, (struct sockaddr *)&peer, NULL), EFAULT));
    CU_ASSERT_EQUAL(rill_socket(AF_INET, SOCK_STREAM, 0), fd + 1); /* no descriptor is lost */
    world_end();
}

static void options_set_on_a_listener_leave_its_window_open(void)
{
    int one = 1, n = 0;
    world_begin(NULL);
    int listener = world_listen(80);
    rill_use(world.end[RIGHT]);
    rill_setsockopt(listener, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
    rill_use(world.end[LEFT]);
    int fd = blocking(SOCK_STREAM);
    CU_ASSERT_EQUAL(connect_to(fd, world_address(RIGHT, 80)), 0);
    CU_ASSERT_EQUAL(rill_send(fd, "hello", 5, 0), 5);
    world_pass(RILL_MILLISECONDS(50));
    rill_use(world.end[RIGHT]);
    CU_ASSERT_EQUAL(rill_ioctl(rill_accept(listener, NULL, NULL), FIONREAD, &n), 0);
    CU_ASSERT_EQUAL(n, 5);
    world_end();
}

/* ------------------------------------------------- time-outs, interruption */

static void an_option_set_in_mid_conversation_takes_effect(void)
{
    char text[4];
    int milliseconds = 5000;
    begin();
    rill_setsockopt(left, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
    rill_send(left, "x", 1, 0);
    world.cut = true;
    rill_time before = world.now;
    CU_ASSERT_EQUAL(rill_recv(left, text, 4, 0), -1);
    CU_ASSERT_TRUE(errno == ETIMEDOUT || errno == EHOSTUNREACH); /* ARP may know first */
    CU_ASSERT_TRUE(world.now - before < RILL_SECONDS(20));
    world_end();
}

static void so_rcvtimeo_bounds_recv(void)
{
    char text[16];
    begin();
    set_timeout(left, SO_RCVTIMEO, 250);
    rill_time before = world.now;
    CU_ASSERT_TRUE(fails(rill_recv(left, text, sizeof text, 0), EAGAIN));
    CU_ASSERT_EQUAL(world.now - before, RILL_MILLISECONDS(250));
    world_at(RILL_MILLISECONDS(100), right_says_hello);
    CU_ASSERT_EQUAL(rill_recv(left, text, sizeof text, MSG_WAITALL), 5); /* what there was */
    world_end();
}

static void so_sndtimeo_bounds_send(void)
{
    static char text[3 << 20];
    begin();
    set_timeout(left, SO_SNDTIMEO, 2000);
    ssize_t sent = rill_send(left, text, sizeof text, 0);
    CU_ASSERT_TRUE(sent > 256 * 1024);
    CU_ASSERT_TRUE(sent < (ssize_t)sizeof text);
    while (rill_send(left, text, sizeof text, MSG_DONTWAIT) > 0)
        ; /* what was too little to wake it */
    CU_ASSERT_TRUE(fails(rill_send(left, text, 1, 0), EAGAIN));
    world_end();
}

static void an_interrupted_call_fails_with_eintr(void)
{
    char text[16];
    struct pollfd p = {.fd = -1};
    begin();
    world.interrupt_at = world.now + RILL_SECONDS(1);
    CU_ASSERT_TRUE(fails(rill_recv(left, text, sizeof text, 0), EINTR));
    p.fd = left;
    p.events = POLLIN;
    world.interrupt_at = world.now + RILL_SECONDS(1);
    CU_ASSERT_TRUE(fails(rill_poll(&p, 1, -1), EINTR));
    world_at(RILL_SECONDS(1), right_says_hello);
    world.interrupt_at = world.now + RILL_SECONDS(2);
    CU_ASSERT_EQUAL(rill_recv(left, text, 16, MSG_WAITALL), 5); /* its progress is not lost */
    world_end();
}

static void an_interrupted_connect_goes_on(void)
{
    world_begin(NULL);
    int fd = blocking(SOCK_STREAM);
    world_listen(80);
    world.interrupt_at = world.now;
    CU_ASSERT_TRUE(fails(connect_to(fd, world_address(RIGHT, 80)), EINTR));
    CU_ASSERT_EQUAL(connect_to(fd, world_address(RIGHT, 80)), 0); /* waits for the same attempt */
    world_end();
}

static void without_a_hook_waiting_is_a_deadlock(void)
{
    char text[16];
    struct pollfd p = {.events = POLLIN};
    begin();
    p.fd = left;
    rill_set_wait(world.end[LEFT], NULL, NULL);
    CU_ASSERT_TRUE(fails(rill_recv(left, text, sizeof text, 0), EDEADLK));
    CU_ASSERT_TRUE(fails(rill_recv(left, text, sizeof text, MSG_DONTWAIT), EAGAIN));
    CU_ASSERT_TRUE(fails(rill_poll(&p, 1, 10), EDEADLK));
    CU_ASSERT_EQUAL(rill_poll(&p, 1, 0), 0);
    p.events = POLLOUT;
    CU_ASSERT_EQUAL(rill_poll(&p, 1, 10), 1);
    world_end();
}

static void a_call_in_progress_is_a_value(void)
{
    char text[16];
    struct iovec part = {text, sizeof text};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    begin();
    struct call c = {.operation = CALL_RECEIVE, .fd = left, .receive = &m};
    CU_ASSERT_EQUAL(call_try(world.end[LEFT], &c), CALL_WAITS);
    right_says_hello();
    rill_use(world.end[LEFT]);
    CU_ASSERT_EQUAL(call_try(world.end[LEFT], &c), CALL_WAITS);
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_EQUAL(call_try(world.end[LEFT], &c), CALL_DONE);
    CU_ASSERT_EQUAL(c.result, 5);
    c = (struct call){.operation = CALL_RECEIVE, .fd = left, .receive = &m};
    CU_ASSERT_EQUAL(call_try(world.end[LEFT], &c), CALL_WAITS);
    rill_close(left); /* under its hands */
    CU_ASSERT_EQUAL(call_try(world.end[LEFT], &c), CALL_DONE);
    CU_ASSERT_EQUAL(c.result, -1);
    CU_ASSERT_EQUAL(c.error, EBADF);
    world_end();
}

/* ----------------------------------------------------------- poll and select */

static void poll_says_what_linux_says_of_a_stream(void)
{
    world_begin(NULL);
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CU_ASSERT_EQUAL(ready(fd), POLLOUT | POLLHUP);
    connect_to(fd, world_address(RIGHT, 80));
    CU_ASSERT_EQUAL(ready(fd), 0);
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_EQUAL(ready(fd), POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP); /* refused */
    rill_close(fd);

    left = world_connection(81, &right);
    CU_ASSERT_EQUAL(ready(left), POLLOUT);
    right_says_hello();
    rill_use(world.end[RIGHT]);
    rill_shutdown(right, SHUT_WR);
    CU_ASSERT_EQUAL(ready(right), POLLOUT); /* sending fails at once: no waiting */
    rill_use(world.end[LEFT]);
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_EQUAL(ready(left), POLLIN | POLLOUT | POLLRDHUP);
    rill_shutdown(left, SHUT_WR);
    CU_ASSERT_EQUAL(ready(left), POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
    world_end();
}

static void poll_says_what_linux_says_of_datagrams(void)
{
    world_begin(NULL);
    int fd = blocking(SOCK_DGRAM);
    CU_ASSERT_EQUAL(ready(fd), POLLOUT);
    CU_ASSERT_EQUAL(bind_to(fd, ip4_address(INADDR_LOOPBACK, 9)), 0);
    CU_ASSERT_EQUAL(connect_to(fd, ip4_address(INADDR_LOOPBACK, 9)), 0);
    rill_write(fd, "x", 1);
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_EQUAL(ready(fd), POLLIN | POLLOUT);
    CU_ASSERT_EQUAL(rill_shutdown(fd, SHUT_RDWR), 0);
    CU_ASSERT_EQUAL(ready(fd), POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
    char text[4];
    CU_ASSERT_EQUAL(rill_read(fd, text, 4), 1);
    CU_ASSERT_EQUAL(rill_read(fd, text, 4), 0);
    world_end();
}

static void poll_waits_so_long_and_no_longer(void)
{
    begin();
    struct pollfd p[3] = {
        {.fd = left, .events = POLLIN}, {.fd = -1, .events = POLLIN, .revents = 7}, {.fd = 99}};
    rill_time before = world.now;
    CU_ASSERT_EQUAL(rill_poll(p, 2, 1500), 0);
    CU_ASSERT_EQUAL(world.now - before, RILL_MILLISECONDS(1500));
    CU_ASSERT_EQUAL(p[1].revents, 0);
    world_at(RILL_SECONDS(1), right_says_hello);
    CU_ASSERT_EQUAL(rill_poll(p, 2, -1), 1);
    CU_ASSERT_EQUAL(p[0].revents, POLLIN);
    CU_ASSERT_EQUAL(rill_poll(p, 3, -1), 2);
    CU_ASSERT_EQUAL(p[2].revents, POLLNVAL);
    before = world.now;
    CU_ASSERT_EQUAL(rill_poll(NULL, 0, 10), 0);
    CU_ASSERT_EQUAL(world.now - before, RILL_MILLISECONDS(10));
    CU_ASSERT_TRUE(fails(rill_poll(NULL, 1, 0), EFAULT));
    CU_ASSERT_TRUE(fails(rill_poll(p, 1u << 30, 0), EINVAL));
    world_end();
}

static void select_leaves_in_its_sets_what_is_ready(void)
{
    fd_set in, out, odd;
    struct timeval t = {5, 0}, bad = {-1, 0};
    begin();
    int idle = blocking(SOCK_DGRAM);
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_ZERO(&odd);
    FD_SET(left, &in), FD_SET(idle, &in), FD_SET(left, &odd);
    world_at(RILL_SECONDS(2), right_says_hello);
    CU_ASSERT_EQUAL(rill_select(idle + 1, &in, NULL, &odd, &t), 1);
    CU_ASSERT_TRUE(FD_ISSET(left, &in));
    CU_ASSERT_FALSE(FD_ISSET(idle, &in));
    CU_ASSERT_FALSE(FD_ISSET(left, &odd));
    CU_ASSERT_EQUAL(t.tv_sec, 3); /* what is left of the time */
    FD_SET(left, &out), FD_SET(idle, &out), FD_SET(idle, &in);
    CU_ASSERT_EQUAL(rill_select(idle + 1, &in, &out, NULL, NULL), 3);
    FD_ZERO(&in);
    FD_SET(idle, &in);
    t = (struct timeval){0, 0};
    CU_ASSERT_EQUAL(rill_select(idle + 1, &in, NULL, NULL, &t), 0);
    CU_ASSERT_FALSE(FD_ISSET(idle, &in));
    FD_SET(99, &in);
    CU_ASSERT_TRUE(fails(rill_select(100, &in, NULL, NULL, &t), EBADF));
    CU_ASSERT_TRUE(fails(rill_select(-1, NULL, NULL, NULL, &t), EINVAL));
    CU_ASSERT_TRUE(fails(rill_select(FD_SETSIZE + 1, NULL, NULL, NULL, &t), EINVAL));
    CU_ASSERT_TRUE(fails(rill_select(0, NULL, NULL, NULL, &bad), EINVAL));
    world_end();
}

/* ------------------------------------------------------------------- close */

static void close_returns_at_once_and_the_text_still_arrives(void)
{
    char text[16];
    begin();
    rill_send(left, "bye", 3, 0);
    rill_time before = world.now;
    CU_ASSERT_EQUAL(rill_close(left), 0);
    CU_ASSERT_EQUAL(world.now, before);
    rill_use(world.end[RIGHT]);
    CU_ASSERT_EQUAL(rill_recv(right, text, 16, MSG_WAITALL), 3);
    world_end();
}

static void close_lingers_until_all_is_acknowledged(void)
{
    struct linger linger = {1, 10};
    begin();
    CU_ASSERT_EQUAL(rill_setsockopt(left, SOL_SOCKET, SO_LINGER, &linger, sizeof linger), 0);
    rill_send(left, "bye", 3, 0);
    rill_time before = world.now;
    CU_ASSERT_EQUAL(rill_close(left), 0);
    CU_ASSERT_TRUE(world.now - before < RILL_SECONDS(1));
    rill_use(world.end[RIGHT]);
    CU_ASSERT_EQUAL(ready(right), POLLIN | POLLOUT | POLLRDHUP); /* text and FIN have come */
    rill_use(world.end[LEFT]);
    CU_ASSERT_TRUE(fails(rill_close(left), EBADF));
    world_end();
}

static void close_lingers_no_longer_than_it_was_told(void)
{
    struct linger linger = {1, 10};
    begin();
    CU_ASSERT_EQUAL(rill_setsockopt(left, SOL_SOCKET, SO_LINGER, &linger, sizeof linger), 0);
    rill_send(left, "bye", 3, 0);
    world.cut = true;
    rill_time before = world.now;
    CU_ASSERT_EQUAL(rill_close(left), 0);
    CU_ASSERT_EQUAL(world.now - before, RILL_SECONDS(10));
    CU_ASSERT_TRUE(fails(rill_close(left), EBADF));
    world_end();
}

static void rill_close_all_closes_each(void)
{
    char text[4];
    begin();
    int other = blocking(SOCK_DGRAM);
    rill_close_all(world.end[LEFT]);
    CU_ASSERT_TRUE(fails(rill_close(left), EBADF));
    CU_ASSERT_TRUE(fails(rill_close(other), EBADF));
    rill_use(world.end[RIGHT]);
    CU_ASSERT_EQUAL(rill_recv(right, text, 4, 0), 0);
    world_end();
}

static void a_dissolved_stream_can_connect_anew(void)
{
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    begin();
    CU_ASSERT_EQUAL(rill_connect(left, &nobody, sizeof nobody), 0);
    CU_ASSERT_TRUE(fails(rill_write(left, "x", 1), EPIPE));
    world_at(0, right_listens);
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_EQUAL(connect_to(left, world_address(RIGHT, 81)), 0);
    world_end();
}

/* ------------------------------------------------------------------ memory */

/* What a call may say where memory is short, and what follows from an earlier call that said so. */
static bool succeeds(int64_t result)
{
    static const int clean[] = {ENOBUFS,     ENOMEM,       EBADF,       EPIPE,
                                ENOTCONN,    EDESTADDRREQ, EAGAIN,      ECONNRESET,
                                EINPROGRESS, ECONNREFUSED, ENETUNREACH, EHOSTUNREACH};
    if (result >= 0)
        return true;
    bool known = false;
    for (size_t i = 0; i < sizeof clean / sizeof *clean; i++)
        known |= errno == clean[i];
    CU_ASSERT_TRUE(known);
    return false;
}

/* A whole conversation, any step of which may fail. True: none did. */
static bool converse(void)
{
    char text[8];
    int value = 9;
    struct timeval timeout = {5, 0};
    left = rill_socket(AF_INET, SOCK_STREAM, 0);
    bool well = succeeds(left);
    int udp = rill_socket(AF_INET, SOCK_DGRAM, 0);
    well &= succeeds(udp);
    well &= succeeds(bind_to(left, ip4_address(INADDR_ANY, 0)));
    well &= succeeds(rill_setsockopt(left, IPPROTO_IP, IP_TTL, &value, sizeof value));
    well &= succeeds(rill_setsockopt(left, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout));
    well &= succeeds(rill_setsockopt(left, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout));
    well &= succeeds(connect_to(left, world_address(RIGHT, 80)));
    well &= succeeds(rill_send(left, "hello", 5, 0));
    well &= succeeds(connect_to(udp, ip4_address(INADDR_LOOPBACK, 9)));
    well &= succeeds(rill_send(udp, "x", 1, 0));
    well &= succeeds(rill_shutdown(left, SHUT_WR));
    well &= succeeds(rill_recv(left, text, 8, 0));
    succeeds(rill_close(udp));
    succeeds(rill_close(left));
    return well;
}

static int memory_listener;
static bool right_did_well;

static void right_takes_a_connection_to_its_end(void)
{
    char text[8];
    rill_use(world.end[RIGHT]);
    int fd = rill_accept4(memory_listener, NULL, NULL, SOCK_NONBLOCK);
    if (!succeeds(fd))
        return;
    while (rill_read(fd, text, sizeof text) > 0)
        ;
    right_did_well = rill_close(fd) == 0;
}

static void left_has_no_memory(void)
{
    rill_memory_fail(world.end[LEFT], 1);
}

/* By no short road, which would ask for memory once before. */
static ssize_t send_whole(int fd, int flags)
{
    return rill_sendto(fd, "x", 1, flags, NULL, 0);
}

/* Linux waits for memory, too (sk_stream_wait_memory). With nothing queued nobody tells when there
 * is some. */
static void a_send_without_memory_waits_for_it(void)
{
    begin();
    left_has_no_memory();
    CU_ASSERT_TRUE(fails(send_whole(left, MSG_DONTWAIT), ENOBUFS));
    rill_fcntl(left, F_SETFL, 0);
    left_has_no_memory();
    rill_time begun = world.now;
    CU_ASSERT_EQUAL(send_whole(left, 0), 1);
    CU_ASSERT_TRUE(world.now > begun && world.now < begun + RILL_MILLISECONDS(100));
    world_end();
}

/* True: neither side has noticed anything. */
static bool converse_without_allocation(int end, uint64_t n)
{
    world_begin(NULL);
    memory_listener = world_listen(80);
    right_did_well = false;
    rill_use(world.end[RIGHT]);
    rill_fcntl(memory_listener, F_SETFL, O_NONBLOCK);
    rill_use(world.end[LEFT]);
    for (int i = 1; i < 5; i++)
        world_at(RILL_SECONDS(i), right_takes_a_connection_to_its_end);
    rill_memory_fail(world.end[end], n);
    bool well = converse();
    world_pass(RILL_SECONDS(100)); /* what was lost is sent again */
    world_end();
    return well && right_did_well;
}

/* The first allocation fails, then only the second, and so on until one was never asked for. Where
 * TCP makes good what was lost nobody notices: so the end is where many in a row went unnoticed.
 * rill_free finds every byte back each time. */
static void any_allocation_may_fail(void)
{
    for (int end = LEFT; end <= RIGHT; end++) {
        unsigned noticed = 0, unnoticed = 0;
        for (uint64_t n = 1; n < 1000 && unnoticed < 20; n++) {
            bool well = converse_without_allocation(end, n);
            noticed += !well;
            unnoticed = well ? unnoticed + 1 : 0;
        }
        CU_ASSERT_TRUE(noticed > 5 || end == RIGHT); /* accept can wait, and a SYN comes again */
        CU_ASSERT_EQUAL(unnoticed, 20);
    }
}

static const struct unit_test tests[] = {
    {"recv waits for text", recv_waits_for_text},
    {"recv says 0 at the end", recv_says_0_at_the_end},
    {"recv fails with the connection's error once", recv_fails_with_the_connections_error_once},
    {"send fails with the connection's error first", send_fails_with_the_connections_error_first},
    {"a peek takes nothing", a_peek_takes_nothing},
    {"a peek waits for all too", a_peek_waits_for_all_too},
    {"MSG_WAITALL waits for all", waitall_waits_for_all},
    {"low water holds recv and poll back", low_water_holds_recv_and_poll_back},
    {"MSG_TRUNC throws a stream's text away", msg_trunc_throws_a_streams_text_away},
    {"a stream does not name its peer again", a_stream_does_not_name_its_peer_again},
    {"send waits until everything is taken", send_waits_until_everything_is_taken},
    {"a nonblocking send takes what fits", a_nonblocking_send_takes_what_fits},
    {"what was sent arrives in order", what_was_sent_arrives_in_order},
    {"connect waits for its outcome", connect_waits_for_its_outcome},
    {"connect to nobody fails after its time", connect_to_nobody_fails_after_its_time},
    {"SO_SNDTIMEO bounds connect", so_sndtimeo_bounds_connect},
    {"accept waits for a connection", accept_waits_for_a_connection},
    {"options set on a listener leave its window open",
     options_set_on_a_listener_leave_its_window_open},
    {"an option set in mid-conversation takes effect",
     an_option_set_in_mid_conversation_takes_effect},
    {"SO_RCVTIMEO bounds recv", so_rcvtimeo_bounds_recv},
    {"SO_SNDTIMEO bounds send", so_sndtimeo_bounds_send},
    {"an interrupted call fails with EINTR", an_interrupted_call_fails_with_eintr},
    {"an interrupted connect goes on", an_interrupted_connect_goes_on},
    {"without a hook waiting is a deadlock", without_a_hook_waiting_is_a_deadlock},
    {"a call in progress is a value", a_call_in_progress_is_a_value},
    {"poll says what Linux says of a stream", poll_says_what_linux_says_of_a_stream},
    {"poll says what Linux says of datagrams", poll_says_what_linux_says_of_datagrams},
    {"poll waits so long and no longer", poll_waits_so_long_and_no_longer},
    {"select leaves in its sets what is ready", select_leaves_in_its_sets_what_is_ready},
    {"close returns at once and the text still arrives",
     close_returns_at_once_and_the_text_still_arrives},
    {"close lingers until all is acknowledged", close_lingers_until_all_is_acknowledged},
    {"close lingers no longer than it was told", close_lingers_no_longer_than_it_was_told},
    {"rill_close_all closes each", rill_close_all_closes_each},
    {"a dissolved stream can connect anew", a_dissolved_stream_can_connect_anew},
    {"a send without memory waits for it", a_send_without_memory_waits_for_it},
    {"any allocation may fail", any_allocation_may_fail},
};

int main(void)
{
    return UNIT_MAIN("wait", tests);
}
