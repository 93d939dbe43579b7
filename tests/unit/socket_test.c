/* What each call says at once: outcomes and errno values as the manual pages have them. What
 * happens when a call has to wait is in wait_test.c. */
#include "unit.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

static int stream(void)
{
    return rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
}

static int datagram(void)
{
    return rill_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
}

static struct sockaddr_in any(uint16_t port)
{
    return ip4_address(INADDR_ANY, port);
}

static struct sockaddr_in loopback(uint16_t port)
{
    return ip4_address(INADDR_LOOPBACK, port);
}

static struct sockaddr_in name_of(int fd)
{
    struct sockaddr_in name;
    socklen_t length = sizeof name;
    CU_ASSERT_EQUAL_FATAL(rill_getsockname(fd, (struct sockaddr *)&name, &length), 0);
    return name;
}

static bool is_at(struct sockaddr_in name, uint32_t ip4, uint16_t port)
{
    return name.sin_family == AF_INET && ntohl(name.sin_addr.s_addr) == ip4 &&
           ntohs(name.sin_port) == port;
}

/* ----------------------------------------------------------------- socket */

static void socket_takes_what_socket_2_says(void)
{
    static const struct {
        int domain, type, protocol, error;
    } row[] = {
        {AF_INET, SOCK_STREAM, 0, 0},
        {AF_INET, SOCK_STREAM, IPPROTO_TCP, 0},
        {AF_INET, SOCK_DGRAM, IPPROTO_UDP, 0},
        {AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, 0},
        {AF_INET6, SOCK_STREAM, 0, 0},
        {AF_UNIX, SOCK_STREAM, 0, EAFNOSUPPORT},
        {AF_INET, SOCK_STREAM, IPPROTO_UDP, EPROTONOSUPPORT},
        {AF_INET, SOCK_DGRAM, IPPROTO_TCP, EPROTONOSUPPORT},
        {AF_INET, SOCK_SEQPACKET, 0, ESOCKTNOSUPPORT},
        {AF_INET, SOCK_RAW, IPPROTO_TCP, ESOCKTNOSUPPORT},
    };
    world_begin(NULL);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int fd = rill_socket(row[i].domain, row[i].type, row[i].protocol);
        CU_ASSERT_TRUE(row[i].error ? fails(fd, row[i].error) : fd >= 0);
    }
    world_end();
}

static void the_lowest_free_descriptor_is_given(void)
{
    world_begin(NULL);
    for (int i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(i % 2 ? stream() : datagram(), i);
    CU_ASSERT_EQUAL(rill_close(3), 0);
    CU_ASSERT_EQUAL(rill_close(1), 0);
    CU_ASSERT_EQUAL(stream(), 1);
    CU_ASSERT_EQUAL(stream(), 3);
    CU_ASSERT_EQUAL(stream(), 5);
    world_end();
}

static void descriptors_are_bounded(void)
{
    struct rill_config config;
    rill_config_init(&config);
    config.descriptors_max = 3;
    world_begin(&config);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(stream(), i);
    CU_ASSERT_TRUE(fails(stream(), EMFILE));
    rill_close(1);
    CU_ASSERT_EQUAL(stream(), 1);
    world_end();
}

static void every_call_knows_a_descriptor_that_is_none(void)
{
    world_begin(NULL);
    struct sockaddr_in a;
    socklen_t length = sizeof a;
    struct msghdr m = {0};
    int n = 0;
    static const int bad[] = {-1, 0, 7, 1 << 30};
    for (int i = 0; i < 4; i++) {
        int fd = bad[i];
        CU_ASSERT_TRUE(fails(bind_to(fd, any(1)), EBADF));
        CU_ASSERT_TRUE(fails(rill_listen(fd, 1), EBADF));
        CU_ASSERT_TRUE(fails(rill_accept(fd, NULL, NULL), EBADF));
        CU_ASSERT_TRUE(fails(connect_to(fd, loopback(1)), EBADF));
        CU_ASSERT_TRUE(fails(rill_write(fd, "x", 1), EBADF));
        CU_ASSERT_TRUE(fails(rill_read(fd, &n, 1), EBADF));
        CU_ASSERT_TRUE(fails(rill_sendmsg(fd, &m, 0), EBADF));
        CU_ASSERT_TRUE(fails(rill_recvmsg(fd, &m, 0), EBADF));
        CU_ASSERT_TRUE(fails(rill_shutdown(fd, SHUT_WR), EBADF));
        CU_ASSERT_TRUE(fails(rill_close(fd), EBADF));
        CU_ASSERT_TRUE(fails(rill_getsockopt(fd, SOL_SOCKET, SO_TYPE, &n, &length), EBADF));
        CU_ASSERT_TRUE(fails(rill_setsockopt(fd, SOL_SOCKET, SO_TYPE, &n, sizeof n), EBADF));
        CU_ASSERT_TRUE(fails(rill_getsockname(fd, (struct sockaddr *)&a, &length), EBADF));
        CU_ASSERT_TRUE(fails(rill_getpeername(fd, (struct sockaddr *)&a, &length), EBADF));
        CU_ASSERT_TRUE(fails(rill_fcntl(fd, F_GETFL), EBADF));
        CU_ASSERT_TRUE(fails(rill_ioctl(fd, FIONREAD, &n), EBADF));
    }
    world_end();
}

static void without_a_current_stack_nothing_opens(void)
{
    world_begin(NULL);
    struct rill *left = rill_use(NULL);
    CU_ASSERT_PTR_EQUAL(left, world.end[LEFT]);
    CU_ASSERT_PTR_NULL(rill_current());
    CU_ASSERT_TRUE(fails(stream(), ENETDOWN));
    CU_ASSERT_TRUE(fails(rill_close(0), EBADF));
    CU_ASSERT_TRUE(fails(rill_poll(NULL, 0, 0), EDEADLK));
    world_end();
}

static void freeing_the_current_stack_leaves_none(void)
{
    world_begin(NULL);
    rill_free(world.end[RIGHT]);
    CU_ASSERT_PTR_EQUAL(rill_current(), world.end[LEFT]);
    rill_free(world.end[LEFT]);
    CU_ASSERT_PTR_NULL(rill_current());
}

/* ------------------------------------------------------------------- bind */

static void bind_takes_what_bind_2_says(void)
{
    world_begin(NULL);
    for (int kind = 0; kind < 2; kind++) {
        int fd = kind ? stream() : datagram(), other = kind ? stream() : datagram();
        struct sockaddr_in a = any(80);
        CU_ASSERT_TRUE(fails(rill_bind(fd, (struct sockaddr *)&a, sizeof a - 1), EINVAL));
        CU_ASSERT_TRUE(fails(rill_bind(fd, (struct sockaddr *)&a, 1000), EINVAL));
        CU_ASSERT_TRUE(fails(rill_bind(fd, NULL, sizeof a), EFAULT));
        a.sin_family = AF_INET6;
        CU_ASSERT_TRUE(fails(bind_to(fd, a), EAFNOSUPPORT));
        CU_ASSERT_TRUE(fails(bind_to(fd, world_address(RIGHT, 80)), EADDRNOTAVAIL));
        CU_ASSERT_EQUAL(bind_to(fd, world_address(LEFT, 80)), 0);
        CU_ASSERT_TRUE(fails(bind_to(fd, world_address(LEFT, 81)), EINVAL));
        CU_ASSERT_TRUE(fails(bind_to(other, any(80)), EADDRINUSE));
        CU_ASSERT_EQUAL(bind_to(other, loopback(80)), 0);
        CU_ASSERT_TRUE(is_at(name_of(fd), 0xc0000201, 80));
        CU_ASSERT_TRUE(is_at(name_of(other), INADDR_LOOPBACK, 80));
    }
    world_end();
}

static int bind_without_port(int fd)
{
    int on = 1;
    CU_ASSERT_EQUAL(rill_setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on), 0);
    return bind_to(fd, world_address(LEFT, 0));
}

/* ip(7); each line as on Linux 6.18. */
static void an_address_may_be_bound_without_a_port(void)
{
    world_begin(NULL);
    for (int kind = 0; kind < 2; kind++) {
        int fd = kind ? stream() : datagram();
        CU_ASSERT_EQUAL(bind_without_port(fd), 0);
        CU_ASSERT_TRUE(is_at(name_of(fd), 0xc0000201, 0));
        CU_ASSERT_EQUAL(bind_to(fd, loopback(0)), 0); /* there is no port yet */
        CU_ASSERT_TRUE(is_at(name_of(fd), INADDR_LOOPBACK, 0));
        CU_ASSERT_EQUAL(bind_to(fd, world_address(LEFT, 81)), 0);
        CU_ASSERT_TRUE(fails(bind_to(fd, world_address(LEFT, 82)), EINVAL));
        CU_ASSERT_EQUAL(rill_close(fd), 0);
    }
    world_end();
}

static void connect_and_listen_and_send_give_the_port(void)
{
    world_begin(NULL);
    struct sockaddr_in to = world_address(RIGHT, 9);
    int fd[] = {stream(), stream(), datagram()};
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(bind_without_port(fd[i]), 0);
    CU_ASSERT_TRUE(connect_to(fd[0], to) < 0 && rill_listen(fd[1], 1) == 0);
    CU_ASSERT_EQUAL(rill_sendto(fd[2], "x", 1, 0, (struct sockaddr *)&to, sizeof to), 1);
    world_pass(RILL_SECONDS(1)); /* the connection is refused, but keeps its name */
    for (int i = 0; i < 3; i++)
        CU_ASSERT_TRUE(name_of(fd[i]).sin_port &&
                       is_at(name_of(fd[i]), 0xc0000201, ntohs(name_of(fd[i]).sin_port)));
    world_end();
}

/* Each bind to port 0 takes one of the 28,232; without, as many leave as there are other ends. */
static void a_port_may_serve_several_other_ends(void)
{
    enum { PORTS = 60999 - 32768 + 1, MORE = 9 };
    struct rill_config config;
    rill_config_init(&config);
    config.descriptors_max = PORTS + MORE;
    world_begin(&config);
    for (int i = 0; i < PORTS + MORE; i++) {
        int fd = stream();
        struct sockaddr_in to = world_address(RIGHT, (uint16_t)(80 + i % 2));
        CU_ASSERT_FATAL(bind_without_port(fd) == 0 && fails(connect_to(fd, to), EINPROGRESS));
    }
    world_end();
}

static void a_datagram_socket_may_be_bound_to_a_group(void)
{
    world_begin(NULL);
    CU_ASSERT_EQUAL(bind_to(datagram(), ip4_address(0xe0000001, 1)), 0);
    CU_ASSERT_EQUAL(bind_to(datagram(), ip4_address(INADDR_BROADCAST, 2)), 0);
    world_end();
}

static void what_is_bound_to_a_group_sends_from_an_address(void)
{
    struct sockaddr_in there = world_address(RIGHT, 53), source;
    socklen_t length = sizeof source;
    char text[4];
    world_begin(NULL);
    int fd = datagram();
    CU_ASSERT_EQUAL(bind_to(fd, ip4_address(INADDR_BROADCAST, 2)), 0);
    rill_use(world.end[RIGHT]);
    int to = datagram();
    CU_ASSERT_EQUAL(bind_to(to, any(53)), 0);
    rill_use(world.end[LEFT]);
    CU_ASSERT_EQUAL(rill_sendto(fd, "x", 1, 0, (struct sockaddr *)&there, sizeof there), 1);
    world_pass(RILL_SECONDS(1));
    rill_use(world.end[RIGHT]);
    CU_ASSERT_TRUE(fails(rill_recvfrom(to, text, 4, 0, (struct sockaddr *)&source, NULL), EFAULT));
    CU_ASSERT_EQUAL(rill_recvfrom(to, text, 4, 0, (struct sockaddr *)&source, &length), 1);
    CU_ASSERT_TRUE(is_at(source, 0xc0000201, 2));
    world_end();
}

static void bind_without_memory_says_so(void)
{
    world_begin(NULL);
    int fd = stream();
    rill_memory_fail(world.end[LEFT], 1);
    CU_ASSERT_TRUE(fails(bind_to(fd, any(80)), ENOBUFS));
    CU_ASSERT_EQUAL(bind_to(fd, any(80)), 0);
    world_end();
}

static void close_gives_the_port_back(void)
{
    world_begin(NULL);
    for (int i = 0; i < 3; i++) {
        int s = stream(), d = datagram();
        CU_ASSERT_EQUAL(bind_to(s, any(80)), 0);
        CU_ASSERT_EQUAL(bind_to(d, any(80)), 0);
        CU_ASSERT_EQUAL(rill_listen(s, 1), 0);
        rill_close(s);
        rill_close(d);
    }
    int fd = stream();
    CU_ASSERT_TRUE(fails(connect_to(fd, loopback(80)), EINPROGRESS));
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_TRUE(fails(connect_to(fd, loopback(80)), ECONNREFUSED)); /* nobody listens any more */
    world_end();
}

static void port_0_lets_one_be_drawn(void)
{
    world_begin(NULL);
    for (int kind = 0; kind < 2; kind++) {
        int fd = kind ? stream() : datagram();
        CU_ASSERT_EQUAL(ntohs(name_of(fd).sin_port), 0);
        CU_ASSERT_EQUAL(bind_to(fd, any(0)), 0);
        CU_ASSERT_TRUE(ntohs(name_of(fd).sin_port) >= 32768);
        CU_ASSERT_TRUE(ntohs(name_of(fd).sin_port) <= 60999);
    }
    world_end();
}

static void so_reuseaddr_shares_a_port(void)
{
    int on = 1;
    world_begin(NULL);
    int first = datagram(), second = datagram();
    CU_ASSERT_EQUAL(bind_to(first, any(53)), 0);
    rill_setsockopt(second, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    CU_ASSERT_TRUE(fails(bind_to(second, any(53)), EADDRINUSE));
    rill_setsockopt(first, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); /* also after bind */
    CU_ASSERT_EQUAL(bind_to(second, any(53)), 0);
    world_end();
}

/* As in Linux: who listens keeps others out, who has merely bound it does not. */
static void so_reuseaddr_lets_one_of_those_who_share_a_port_listen(void)
{
    int on = 1;
    world_begin(NULL);
    int fd[] = {stream(), stream(), stream()};
    for (int i = 0; i < 3; i++)
        rill_setsockopt(fd[i], SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    CU_ASSERT_EQUAL(bind_to(fd[0], any(80)), 0);
    CU_ASSERT_EQUAL(bind_to(fd[1], any(80)), 0);
    CU_ASSERT_EQUAL(rill_listen(fd[0], 1), 0);
    CU_ASSERT_TRUE(fails(rill_listen(fd[1], 1), EADDRINUSE));
    CU_ASSERT_TRUE(fails(bind_to(fd[2], any(80)), EADDRINUSE));
    world_end();
}

/* Linux forgives those who leave the family out, as 4.2BSD did. */
static void bind_takes_a_family_of_0_with_an_address_of_0(void)
{
    world_begin(NULL);
    struct sockaddr_in a = any(80), b = loopback(80);
    a.sin_family = b.sin_family = AF_UNSPEC;
    int fd = stream();
    CU_ASSERT_TRUE(fails(bind_to(fd, b), EAFNOSUPPORT));
    CU_ASSERT_TRUE(fails(rill_bind(fd, (struct sockaddr *)&a, 8), EINVAL));
    CU_ASSERT_EQUAL(bind_to(fd, a), 0);
    CU_ASSERT_TRUE(is_at(name_of(fd), INADDR_ANY, 80));
    world_end();
}

/* ----------------------------------------------------------------- listen */

static void listen_takes_what_listen_2_says(void)
{
    world_begin(NULL);
    int fd = stream(), other = stream();
    CU_ASSERT_TRUE(fails(rill_listen(datagram(), 1), EOPNOTSUPP));
    CU_ASSERT_EQUAL(bind_to(fd, any(80)), 0);
    CU_ASSERT_EQUAL(rill_listen(fd, 1), 0);
    CU_ASSERT_EQUAL(rill_listen(fd, 5), 0); /* again: another backlog */
    CU_ASSERT_EQUAL(rill_listen(other, -1), 0);
    CU_ASSERT_TRUE(ntohs(name_of(other).sin_port) >= 32768); /* one was drawn */
    CU_ASSERT_TRUE(fails(bind_to(fd, any(81)), EINVAL));
    CU_ASSERT_TRUE(fails(connect_to(fd, loopback(1)), EISCONN));
    CU_ASSERT_TRUE(fails(rill_write(fd, "x", 1), EPIPE));
    CU_ASSERT_TRUE(fails(rill_read(fd, &fd, 1), ENOTCONN));
    world_end();
}

/* Four ask; Linux lets one more than the backlog wait. */
static int accepted_of_four(int listener)
{
    int accepted = 0;
    rill_use(world.end[LEFT]);
    for (int i = 0; i < 4; i++)
        CU_ASSERT_TRUE(fails(connect_to(stream(), world_address(RIGHT, 80)), EINPROGRESS));
    world_pass(RILL_MILLISECONDS(500));
    rill_use(world.end[RIGHT]);
    while (rill_accept(listener, NULL, NULL) >= 0)
        accepted++;
    return accepted;
}

static void the_backlog_bounds_the_queue_and_may_change(void)
{
    world_begin(NULL);
    int listener = world_listen(80);
    rill_use(world.end[RIGHT]);
    rill_fcntl(listener, F_SETFL, O_NONBLOCK);
    CU_ASSERT_EQUAL(rill_listen(listener, 0), 0);
    CU_ASSERT_EQUAL(accepted_of_four(listener), 1);
    world_end();
    world_begin(NULL);
    listener = world_listen(80);
    rill_use(world.end[RIGHT]);
    rill_fcntl(listener, F_SETFL, O_NONBLOCK);
    CU_ASSERT_EQUAL(rill_listen(listener, 2), 0);
    CU_ASSERT_EQUAL(accepted_of_four(listener), 3);
    world_end();
}

static void accept_without_memory_loses_no_connection(void)
{
    world_begin(NULL);
    int listener = world_listen(80), ttl = 9;
    CU_ASSERT_EQUAL(connect_to(rill_socket(AF_INET, SOCK_STREAM, 0), world_address(RIGHT, 80)), 0);
    world_pass(RILL_MILLISECONDS(50));
    rill_use(world.end[RIGHT]);
    rill_setsockopt(listener, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl); /* to be inherited */
    rill_memory_fail(world.end[RIGHT], 1);
    CU_ASSERT_TRUE(fails(rill_accept(listener, NULL, NULL), ENOBUFS));
    CU_ASSERT_EQUAL(rill_accept(listener, NULL, NULL), listener + 1);
    world_end();
}

static void accept_takes_what_accept_2_says(void)
{
    world_begin(NULL);
    int fd = stream();
    CU_ASSERT_TRUE(fails(rill_accept(fd, NULL, NULL), EINVAL));
    CU_ASSERT_TRUE(fails(rill_accept(datagram(), NULL, NULL), EOPNOTSUPP));
    CU_ASSERT_EQUAL(rill_listen(fd, 1), 0);
    CU_ASSERT_TRUE(fails(rill_accept4(fd, NULL, NULL, 1), EINVAL));
    CU_ASSERT_TRUE(fails(rill_accept(fd, NULL, NULL), EAGAIN));
    world_end();
}

static void shutting_a_listener_down_for_reading_ends_it(void)
{
    world_begin(NULL);
    int fd = stream();
    CU_ASSERT_EQUAL(bind_to(fd, any(80)), 0);
    CU_ASSERT_EQUAL(rill_listen(fd, 1), 0);
    CU_ASSERT_EQUAL(rill_shutdown(fd, SHUT_WR), 0);
    CU_ASSERT_TRUE(fails(rill_accept(fd, NULL, NULL), EAGAIN));
    CU_ASSERT_EQUAL(rill_shutdown(fd, SHUT_RD), 0);
    CU_ASSERT_TRUE(fails(rill_accept(fd, NULL, NULL), EINVAL));
    CU_ASSERT_EQUAL(rill_listen(fd, 1), 0);
    world_end();
}

/* ---------------------------------------------------------------- connect */

static void connect_refuses_what_connect_2_says(void)
{
    world_begin(NULL);
    int fd = stream();
    struct sockaddr_in a = loopback(80);
    CU_ASSERT_TRUE(fails(rill_connect(fd, (struct sockaddr *)&a, 3), EINVAL));
    CU_ASSERT_TRUE(fails(rill_connect(fd, NULL, sizeof a), EFAULT));
    a.sin_family = AF_INET6;
    CU_ASSERT_TRUE(fails(connect_to(fd, a), EAFNOSUPPORT));
    CU_ASSERT_TRUE(fails(connect_to(fd, ip4_address(0x08080808, 80)), ENETUNREACH)); /* no route */
    CU_ASSERT_TRUE(fails(connect_to(fd, ip4_address(0xe0000001, 80)), ENETUNREACH)); /* a group */
    CU_ASSERT_TRUE(fails(connect_to(fd, ip4_address(0xc00002ff, 80)), ENETUNREACH));
    CU_ASSERT_TRUE(fails(connect_to(fd, world_address(RIGHT, 0)), ECONNREFUSED));
    CU_ASSERT_TRUE(fails(rill_write(fd, "x", 1), EPIPE));
    CU_ASSERT_TRUE(fails(rill_read(fd, &a, 1), ENOTCONN));
    CU_ASSERT_TRUE(fails(rill_shutdown(fd, SHUT_RDWR), ENOTCONN));
    world_end();
}

static void routes_come_and_go(void)
{
    struct rill_address network = rill_address_ip4(0x08000000),
                        gateway = rill_address_ip4(0xc0000202);
    world_begin(NULL);
    int fd = stream();
    CU_ASSERT_EQUAL(rill_route_add(world.end[LEFT], network, 8, 1, gateway), 0);
    CU_ASSERT_TRUE(fails(connect_to(fd, ip4_address(0x08080808, 80)), EINPROGRESS));
    CU_ASSERT_TRUE(fails(connect_to(stream(), ip4_address(0x09080808, 80)), ENETUNREACH));
    CU_ASSERT_EQUAL(rill_route_remove(world.end[LEFT], network, 8), 0);
    CU_ASSERT_TRUE(fails(rill_route_remove(world.end[LEFT], network, 8), ESRCH));
    CU_ASSERT_TRUE(fails(connect_to(stream(), ip4_address(0x08080808, 80)), ENETUNREACH));
    world_end();
}

static void a_nonblocking_connect_tells_its_outcome_later(void)
{
    world_begin(NULL);
    world_listen(80);
    int fd = stream(), error = -1;
    socklen_t length = sizeof error;
    CU_ASSERT_TRUE(fails(connect_to(fd, world_address(RIGHT, 80)), EINPROGRESS));
    CU_ASSERT_TRUE(fails(connect_to(fd, world_address(RIGHT, 80)), EALREADY));
    CU_ASSERT_TRUE(fails(rill_write(fd, "x", 1), EAGAIN));
    CU_ASSERT_TRUE(fails(rill_read(fd, &error, 1), EAGAIN));
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_EQUAL(rill_getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length), 0);
    CU_ASSERT_EQUAL(error, 0);
    CU_ASSERT_EQUAL(connect_to(fd, world_address(RIGHT, 80)), 0); /* Linux: once */
    CU_ASSERT_TRUE(fails(connect_to(fd, world_address(RIGHT, 80)), EISCONN));
    world_end();
}

static void a_refused_connect_can_be_tried_again(void)
{
    world_begin(NULL);
    int fd = stream(), error = 0;
    socklen_t length = sizeof error;
    CU_ASSERT_TRUE(fails(connect_to(fd, world_address(RIGHT, 80)), EINPROGRESS));
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_TRUE(fails(connect_to(fd, world_address(RIGHT, 80)), ECONNREFUSED));
    CU_ASSERT_TRUE(fails(connect_to(fd, world_address(RIGHT, 80)), EINPROGRESS));
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_EQUAL(rill_getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length), 0);
    CU_ASSERT_EQUAL(error, ECONNREFUSED);
    CU_ASSERT_TRUE(
        fails(connect_to(fd, world_address(RIGHT, 80)), ECONNABORTED)); /* told already */
    world_listen(80);
    CU_ASSERT_TRUE(fails(connect_to(fd, world_address(RIGHT, 80)), EINPROGRESS));
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_EQUAL(connect_to(fd, world_address(RIGHT, 80)), 0);
    world_end();
}

static void the_address_0_0_0_0_means_this_host(void)
{
    world_begin(NULL);
    int listener = stream(), fd = stream();
    CU_ASSERT_EQUAL(bind_to(listener, any(80)), 0);
    CU_ASSERT_EQUAL(rill_listen(listener, 1), 0);
    CU_ASSERT_TRUE(fails(connect_to(fd, any(80)), EINPROGRESS));
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_EQUAL(connect_to(fd, any(80)), 0);
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    int accepted = rill_accept(listener, (struct sockaddr *)&peer, &length);
    CU_ASSERT_TRUE(accepted >= 0);
    CU_ASSERT_TRUE(is_at(peer, INADDR_LOOPBACK, ntohs(name_of(fd).sin_port)));
    world_end();
}

static void addresses_are_cut_to_the_room_there_is(void)
{
    world_begin(NULL);
    int accepted, fd = world_connection(80, &accepted);
    struct sockaddr_in whole, part;
    socklen_t length = sizeof whole;
    CU_ASSERT_EQUAL(rill_getpeername(fd, (struct sockaddr *)&whole, &length), 0);
    CU_ASSERT_TRUE(is_at(whole, 0xc0000202, 80));
    memset(&part, 0xee, sizeof part);
    length = 4;
    CU_ASSERT_EQUAL(rill_getpeername(fd, (struct sockaddr *)&part, &length), 0);
    CU_ASSERT_EQUAL(length, sizeof whole);
    CU_ASSERT_EQUAL(memcmp(&part, &whole, 4), 0);
    CU_ASSERT_EQUAL(((uint8_t *)&part)[4], 0xee);
    length = (socklen_t)-1;
    CU_ASSERT_TRUE(fails(rill_getpeername(fd, (struct sockaddr *)&part, &length), EINVAL));
    CU_ASSERT_TRUE(fails(rill_getsockname(fd, NULL, &length), EFAULT));
    CU_ASSERT_TRUE(fails(rill_getpeername(stream(), (struct sockaddr *)&part, &length), ENOTCONN));
    world_end();
}

/* --------------------------------------------------------------- datagrams */

static void a_datagram_travels(void)
{
    world_begin(NULL);
    int from = datagram();
    rill_use(world.end[RIGHT]);
    int to = datagram();
    CU_ASSERT_EQUAL(bind_to(to, any(53)), 0);
    rill_use(world.end[LEFT]);
    struct sockaddr_in there = world_address(RIGHT, 53), source;
    CU_ASSERT_EQUAL(rill_sendto(from, "hello", 5, 0, (struct sockaddr *)&there, sizeof there), 5);
    CU_ASSERT_TRUE(ntohs(name_of(from).sin_port) >= 32768); /* bound by sending */
    struct sockaddr_in name = name_of(from);
    world_pass(RILL_SECONDS(1));

    rill_use(world.end[RIGHT]);
    char text[16];
    int readable = 0;
    socklen_t length = sizeof source;
    CU_ASSERT_EQUAL(rill_ioctl(to, FIONREAD, &readable), 0);
    CU_ASSERT_EQUAL(readable, 5);
    CU_ASSERT_EQUAL(rill_recvfrom(to, text, 3, MSG_PEEK | MSG_TRUNC, NULL, NULL), 5);
    CU_ASSERT_EQUAL(rill_recvfrom(to, text, 16, 0, (struct sockaddr *)&source, &length), 5);
    CU_ASSERT_EQUAL(memcmp(text, "hello", 5), 0);
    CU_ASSERT_EQUAL(length, sizeof source);
    CU_ASSERT_TRUE(is_at(source, 0xc0000201, ntohs(name.sin_port)));
    CU_ASSERT_TRUE(fails(rill_recv(to, text, 16, 0), EAGAIN));
    world_end();
}

/* A datagram socket on the left, connected to itself by way of the loopback port. */
static int talks_to_itself(void)
{
    int fd = datagram();
    CU_ASSERT_EQUAL_FATAL(bind_to(fd, loopback(9)), 0);
    CU_ASSERT_EQUAL_FATAL(connect_to(fd, loopback(9)), 0);
    return fd;
}

static void a_datagram_that_does_not_fit_is_cut_and_says_so(void)
{
    world_begin(NULL);
    int fd = talks_to_itself();
    char head[2], tail[2];
    struct iovec part[2] = {{head, 2}, {tail, 2}};
    struct sockaddr_in from;
    struct msghdr m = {
        .msg_iov = part, .msg_iovlen = 2, .msg_name = &from, .msg_namelen = sizeof from};
    CU_ASSERT_EQUAL(rill_write(fd, "hello", 5), 5);
    CU_ASSERT_EQUAL(rill_write(fd, "bye!", 4), 4);
    CU_ASSERT_EQUAL(rill_write(fd, "", 0), 0);
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_EQUAL(rill_recvmsg(fd, &m, 0), 4);
    CU_ASSERT_EQUAL(m.msg_flags, MSG_TRUNC);
    CU_ASSERT_EQUAL(memcmp(head, "he", 2), 0);
    CU_ASSERT_EQUAL(memcmp(tail, "ll", 2), 0);
    CU_ASSERT_TRUE(is_at(from, INADDR_LOOPBACK, 9));
    CU_ASSERT_EQUAL(rill_recvmsg(fd, &m, 0), 4);
    CU_ASSERT_EQUAL(m.msg_flags, 0);
    CU_ASSERT_EQUAL(rill_recvmsg(fd, &m, 0), 0); /* an empty datagram is one */
    CU_ASSERT_TRUE(fails(rill_recvmsg(fd, &m, 0), EAGAIN));
    world_end();
}

static void sending_datagrams_fails_as_send_2_says(void)
{
    static char large[65508];
    world_begin(NULL);
    int fd = datagram(), on = 1;
    struct sockaddr_in there = world_address(RIGHT, 53), zero = world_address(RIGHT, 0);
    struct sockaddr_in all = ip4_address(INADDR_BROADCAST, 9), far = ip4_address(0x08080808, 9);
    struct sockaddr *to = (struct sockaddr *)&there;
    CU_ASSERT_TRUE(fails(rill_write(fd, "x", 1), EDESTADDRREQ));
    CU_ASSERT_TRUE(
        fails(rill_sendto(fd, "x", 1, 0, (struct sockaddr *)&zero, sizeof zero), EINVAL));
    CU_ASSERT_TRUE(fails(rill_sendto(fd, "x", 1, 0, to, 3), EINVAL));
    CU_ASSERT_TRUE(fails(rill_sendto(fd, large, 65508, 0, to, sizeof there), EMSGSIZE));
    CU_ASSERT_TRUE(fails(rill_sendto(fd, "x", 1, MSG_OOB, to, sizeof there), EOPNOTSUPP));
    CU_ASSERT_TRUE(fails(rill_sendto(fd, NULL, 1, 0, to, sizeof there), EFAULT));
    CU_ASSERT_TRUE(
        fails(rill_sendto(fd, "x", 1, 0, (struct sockaddr *)&far, sizeof far), ENETUNREACH));
    CU_ASSERT_TRUE(fails(rill_sendto(fd, "x", 1, 0, (struct sockaddr *)&all, sizeof all), EACCES));
    rill_setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
    CU_ASSERT_EQUAL(rill_sendto(fd, "x", 1, 0, (struct sockaddr *)&all, sizeof all), 1);
    CU_ASSERT_EQUAL(rill_sendto(fd, large, 65507, 0, to, sizeof there), 65507);
    CU_ASSERT_TRUE(fails(rill_shutdown(fd, SHUT_WR), ENOTCONN)); /* but it is shut */
    CU_ASSERT_TRUE(fails(rill_sendto(fd, "x", 1, 0, to, sizeof there), EPIPE));
    world_end();
}

static void a_full_send_buffer_takes_no_more_datagrams(void)
{
    int small = 1;
    world_begin(NULL);
    int fd = datagram(), sent = 0;
    rill_setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    CU_ASSERT_EQUAL(connect_to(fd, world_address(RIGHT, 53)), 0);
    char text[1000] = {0};
    while (rill_write(fd, text, sizeof text) == sizeof text)
        sent++;
    CU_ASSERT_EQUAL(errno, EAGAIN);
    CU_ASSERT_EQUAL(sent, 4); /* of 4608 bytes */
    world_end();
}

/* RFC 1122 4.1.3.3: the ICMP error comes back to the connected socket, once. */
static void a_closed_port_refuses_a_connected_datagram_socket(void)
{
    world_begin(NULL);
    int fd = datagram();
    char text[4];
    CU_ASSERT_EQUAL(connect_to(fd, world_address(RIGHT, 53)), 0);
    CU_ASSERT_EQUAL(rill_write(fd, "x", 1), 1);
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_TRUE(fails(rill_read(fd, text, 4), ECONNREFUSED));
    CU_ASSERT_TRUE(fails(rill_read(fd, text, 4), EAGAIN));
    CU_ASSERT_EQUAL(rill_write(fd, "x", 1), 1);
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_TRUE(fails(rill_write(fd, "x", 1), ECONNREFUSED));
    world_end();
}

static void connecting_a_datagram_socket_names_both_ends(void)
{
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    world_begin(NULL);
    int fd = datagram(), bound = datagram();
    CU_ASSERT_EQUAL(connect_to(fd, world_address(RIGHT, 53)), 0);
    CU_ASSERT_EQUAL(ntohl(name_of(fd).sin_addr.s_addr), 0xc0000201);
    CU_ASSERT_EQUAL(rill_getpeername(fd, (struct sockaddr *)&peer, &length), 0);
    CU_ASSERT_TRUE(is_at(peer, 0xc0000202, 53));
    CU_ASSERT_EQUAL(rill_connect(fd, &nobody, sizeof nobody), 0);
    CU_ASSERT_TRUE(is_at(name_of(fd), INADDR_ANY, 0));
    CU_ASSERT_TRUE(fails(rill_getpeername(fd, (struct sockaddr *)&peer, &length), ENOTCONN));
    CU_ASSERT_TRUE(fails(rill_write(fd, "x", 1), EDESTADDRREQ));

    CU_ASSERT_EQUAL(bind_to(bound, any(99)), 0);
    CU_ASSERT_EQUAL(connect_to(bound, world_address(RIGHT, 53)), 0);
    CU_ASSERT_TRUE(is_at(name_of(bound), 0xc0000201, 99));
    CU_ASSERT_EQUAL(rill_connect(bound, &nobody, sizeof nobody), 0);
    CU_ASSERT_TRUE(is_at(name_of(bound), INADDR_ANY, 99)); /* what bind was told stays */
    CU_ASSERT_TRUE(fails(connect_to(fd, ip4_address(INADDR_BROADCAST, 9)), EACCES));
    world_end();
}

/* ------------------------------------------------------------------ status */

static void fcntl_and_ioctl_know_what_they_should(void)
{
    int on = 1, off = 0, value = -1;
    world_begin(NULL);
    int fd = rill_socket(AF_INET, SOCK_STREAM, 0), listener = stream();
    CU_ASSERT_EQUAL(rill_fcntl(fd, F_GETFL), O_RDWR);
    CU_ASSERT_EQUAL(rill_fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    CU_ASSERT_EQUAL(rill_fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
    CU_ASSERT_EQUAL(rill_fcntl(fd, F_SETFL, 0), 0);
    CU_ASSERT_EQUAL(rill_fcntl(fd, F_GETFL), O_RDWR);
    CU_ASSERT_EQUAL(rill_fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    CU_ASSERT_EQUAL(rill_ioctl(fd, FIONBIO, &off), 0);
    CU_ASSERT_EQUAL(rill_fcntl(fd, F_GETFL), O_RDWR);
    CU_ASSERT_EQUAL(rill_ioctl(fd, FIONBIO, &on), 0);
    CU_ASSERT_EQUAL(rill_fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
    CU_ASSERT_EQUAL(rill_fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
    CU_ASSERT_EQUAL(rill_fcntl(fd, F_GETFD), FD_CLOEXEC);
    CU_ASSERT_EQUAL(rill_fcntl(fd, F_SETFD, 0), 0);
    CU_ASSERT_EQUAL(rill_fcntl(fd, F_GETFD), 0);
    CU_ASSERT_TRUE(fails(rill_fcntl(fd, F_DUPFD, 0), EINVAL));
    CU_ASSERT_TRUE(fails(rill_ioctl(fd, 0x1234, &value), ENOTTY));
    CU_ASSERT_TRUE(fails(rill_ioctl(fd, FIONREAD, NULL), EFAULT));
    CU_ASSERT_EQUAL(rill_ioctl(fd, SIOCOUTQ, &value), 0);
    CU_ASSERT_EQUAL(value, 0);
    CU_ASSERT_EQUAL(rill_listen(listener, 1), 0);
    CU_ASSERT_TRUE(fails(rill_ioctl(listener, FIONREAD, &value), EINVAL));
    CU_ASSERT_TRUE(fails(rill_shutdown(fd, 7), EINVAL));
    world_end();
}

static void messages_are_checked(void)
{
    static struct iovec many[1025];
    char text[4] = "abc";
    struct iovec large[2] = {{text, SSIZE_MAX}, {text, 1}}, null = {NULL, 1};
    struct msghdr m = {.msg_iov = large, .msg_iovlen = 2};
    world_begin(NULL);
    for (int kind = 0; kind < 2; kind++) {
        int fd = kind ? stream() : datagram();
        m = (struct msghdr){.msg_iov = large, .msg_iovlen = 2};
        CU_ASSERT_TRUE(fails(rill_sendmsg(fd, &m, 0), EINVAL));
        CU_ASSERT_TRUE(fails(rill_recvmsg(fd, &m, 0), EINVAL));
        m = (struct msghdr){.msg_iov = many, .msg_iovlen = 1025};
        CU_ASSERT_TRUE(fails(rill_sendmsg(fd, &m, 0), EMSGSIZE));
        m.msg_iovlen = 1024;
        CU_ASSERT_TRUE(fails(rill_sendmsg(fd, &m, 0), kind ? EPIPE : EDESTADDRREQ));
        m = (struct msghdr){.msg_iov = &null, .msg_iovlen = 1};
        CU_ASSERT_TRUE(fails(rill_sendmsg(fd, &m, 0), EFAULT));
        CU_ASSERT_TRUE(fails(rill_sendmsg(fd, NULL, 0), EFAULT));
        CU_ASSERT_TRUE(fails(rill_recvmsg(fd, NULL, 0), EFAULT));
    }
    world_end();
}

static const struct unit_test tests[] = {
    {"socket takes what socket(2) says", socket_takes_what_socket_2_says},
    {"the lowest free descriptor is given", the_lowest_free_descriptor_is_given},
    {"descriptors are bounded", descriptors_are_bounded},
    {"every call knows a descriptor that is none", every_call_knows_a_descriptor_that_is_none},
    {"without a current stack nothing opens", without_a_current_stack_nothing_opens},
    {"freeing the current stack leaves none", freeing_the_current_stack_leaves_none},
    {"bind takes what bind(2) says", bind_takes_what_bind_2_says},
    {"an address may be bound without a port", an_address_may_be_bound_without_a_port},
    {"connect, listen and send give the port", connect_and_listen_and_send_give_the_port},
    {"a port may serve several other ends", a_port_may_serve_several_other_ends},
    {"a datagram socket may be bound to a group", a_datagram_socket_may_be_bound_to_a_group},
    {"what is bound to a group sends from an address",
     what_is_bound_to_a_group_sends_from_an_address},
    {"bind without memory says so", bind_without_memory_says_so},
    {"close gives the port back", close_gives_the_port_back},
    {"port 0 lets one be drawn", port_0_lets_one_be_drawn},
    {"SO_REUSEADDR shares a port", so_reuseaddr_shares_a_port},
    {"SO_REUSEADDR lets one of those who share a port listen",
     so_reuseaddr_lets_one_of_those_who_share_a_port_listen},
    {"bind takes a family of 0 with an address of 0",
     bind_takes_a_family_of_0_with_an_address_of_0},
    {"listen takes what listen(2) says", listen_takes_what_listen_2_says},
    {"the backlog bounds the queue and may change", the_backlog_bounds_the_queue_and_may_change},
    {"accept without memory loses no connection", accept_without_memory_loses_no_connection},
    {"accept takes what accept(2) says", accept_takes_what_accept_2_says},
    {"shutting a listener down for reading ends it", shutting_a_listener_down_for_reading_ends_it},
    {"connect refuses what connect(2) says", connect_refuses_what_connect_2_says},
    {"routes come and go", routes_come_and_go},
    {"a nonblocking connect tells its outcome later",
     a_nonblocking_connect_tells_its_outcome_later},
    {"a refused connect can be tried again", a_refused_connect_can_be_tried_again},
    {"the address 0.0.0.0 means this host", the_address_0_0_0_0_means_this_host},
    {"addresses are cut to the room there is", addresses_are_cut_to_the_room_there_is},
    {"a datagram travels", a_datagram_travels},
    {"a datagram that does not fit is cut and says so",
     a_datagram_that_does_not_fit_is_cut_and_says_so},
    {"sending datagrams fails as send(2) says", sending_datagrams_fails_as_send_2_says},
    {"a full send buffer takes no more datagrams", a_full_send_buffer_takes_no_more_datagrams},
    {"a closed port refuses a connected datagram socket",
     a_closed_port_refuses_a_connected_datagram_socket},
    {"connecting a datagram socket names both ends", connecting_a_datagram_socket_names_both_ends},
    {"fcntl and ioctl know what they should", fcntl_and_ioctl_know_what_they_should},
    {"messages are checked", messages_are_checked},
};

int main(void)
{
    return UNIT_MAIN("socket", tests);
}
