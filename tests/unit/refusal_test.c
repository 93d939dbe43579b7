/* What calls refuse, in which order, and what they leave behind; the kernel says the same of its
 * own. */
#include "both.h"

#include <fcntl.h>
#include <netinet/tcp.h>

static struct sockaddr_in ip4(uint32_t address, uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(address)};
}

static int bind4(int fd, struct sockaddr_in in)
{
    return on->bind(fd, (struct sockaddr *)&in, sizeof in);
}

static int connect4(int fd, struct sockaddr_in in)
{
    return on->connect(fd, (struct sockaddr *)&in, sizeof in);
}

static struct sockaddr_in name_of(int fd)
{
    struct sockaddr_in in;
    socklen_t length = sizeof in;
    CU_ASSERT_EQUAL(on->getsockname(fd, (struct sockaddr *)&in, &length), 0);
    return in;
}

static ssize_t send_to(int fd, void *name, socklen_t length)
{
    struct iovec text = {"x", 1};
    struct msghdr m = {.msg_name = name, .msg_namelen = length, .msg_iov = &text, .msg_iovlen = 1};
    return on->sendmsg(fd, &m, 0);
}

static void socket_tells_the_impossible_from_the_unsupported(void)
{
    static const struct {
        int domain, type, protocol, error;
    } row[] = {
        {AF_INET, -1, 0, EINVAL},
        {AF_INET, SOCK_STREAM | 0x100, 0, EINVAL},
        {AF_UNSPEC, SOCK_PACKET + 1, 0, EINVAL},
        {AF_INET, SOCK_STREAM, -1, EINVAL},
        {AF_INET, SOCK_DGRAM, 263, EINVAL},
        {AF_INET, SOCK_DGRAM, IPPROTO_TCP, EPROTONOSUPPORT},
        {AF_INET, SOCK_RDM, 0, ESOCKTNOSUPPORT},
        {99, SOCK_STREAM, 0, EAFNOSUPPORT},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        CU_ASSERT_TRUE(
            fails(on->socket(row[i].domain, row[i].type, row[i].protocol), row[i].error));
}

static void connect_looks_at_the_length_in_every_state(void)
{
    struct sockaddr_in in = ip4(INADDR_LOOPBACK, 9);
    int pair[2];
    open_pair(pair);
    CU_ASSERT_TRUE(fails(on->connect(pair[0], (struct sockaddr *)&in, 1), EINVAL));
    CU_ASSERT_TRUE(fails(on->connect(pair[0], (struct sockaddr *)&in, 200), EINVAL));
    CU_ASSERT_TRUE(fails(connect4(pair[1], in), EISCONN));
    on->close(pair[0]);
    on->close(pair[1]);
}

static void a_stream_without_connection_has_no_urgent_byte(void)
{
    char byte;
    int fd = open_socket(SOCK_STREAM);
    CU_ASSERT_TRUE(fails(on->recv(fd, &byte, 1, MSG_OOB), EINVAL));
    CU_ASSERT_TRUE(fails(on->recv(fd, &byte, 1, 0), ENOTCONN));
    on->close(fd);
}

static void a_refused_datagram_leaves_a_port(void)
{
    int sent = open_socket(SOCK_DGRAM), connected = open_socket(SOCK_DGRAM);
    CU_ASSERT_TRUE(fails(on->send(sent, "x", 1, 0), EDESTADDRREQ));
    CU_ASSERT_NOT_EQUAL(name_of(sent).sin_port, 0);
    CU_ASSERT_TRUE(fails(bind4(sent, ip4(INADDR_LOOPBACK, 0)), EINVAL));
    struct sockaddr_in other = ip4(INADDR_LOOPBACK, 9);
    other.sin_family = AF_UNIX;
    CU_ASSERT_TRUE(fails(connect4(connected, other), EAFNOSUPPORT));
    CU_ASSERT_NOT_EQUAL(name_of(connected).sin_port, 0);
    on->close(sent);
    on->close(connected);
}

static void the_length_of_a_datagram_comes_first_and_the_closed_side_last(void)
{
    static char much[70000];
    int fd = open_socket(SOCK_DGRAM);
    struct sockaddr_in there = ip4(INADDR_LOOPBACK, 9);
    CU_ASSERT_TRUE(fails(on->send(fd, much, sizeof much, 0), EMSGSIZE));
    CU_ASSERT_TRUE(fails(on->shutdown(fd, SHUT_RDWR), ENOTCONN));
    CU_ASSERT_TRUE(fails(on->send(fd, "x", 1, 0), EDESTADDRREQ));
    CU_ASSERT_TRUE(fails(send_to(fd, &there, sizeof there), EPIPE));
    on->close(fd);
}

static void a_closed_datagram_socket_does_not_end_reads_that_must_not_wait(void)
{
    char byte;
    struct iovec text = {&byte, 1};
    struct msghdr m = {.msg_iov = &text, .msg_iovlen = 1, .msg_flags = MSG_TRUNC};
    int fd = open_socket(SOCK_DGRAM);
    CU_ASSERT_TRUE(fails(on->shutdown(fd, SHUT_RD), ENOTCONN));
    CU_ASSERT_TRUE(fails(on->recv(fd, &byte, 1, 0), EAGAIN));
    CU_ASSERT_EQUAL(on->fcntl(fd, F_SETFL, 0), 0);
    CU_ASSERT_EQUAL(on->recvmsg(fd, &m, 0), 0);
    CU_ASSERT_EQUAL(m.msg_flags, 0);
    on->close(fd);
}

static void a_datagram_may_name_no_family_or_nobody(void)
{
    char got[2];
    int to = open_socket(SOCK_DGRAM), from = open_socket(SOCK_DGRAM);
    CU_ASSERT_EQUAL(bind4(to, ip4(INADDR_LOOPBACK, 0)), 0);
    struct sockaddr_in there = name_of(to), familyless = there;
    familyless.sin_family = AF_UNSPEC;
    CU_ASSERT_EQUAL(send_to(from, &familyless, sizeof familyless), 1);
    CU_ASSERT_TRUE(fails(send_to(from, &familyless, sizeof familyless - 1), EINVAL));
    CU_ASSERT_TRUE(fails(send_to(from, &there, 0), EDESTADDRREQ));
    CU_ASSERT_EQUAL(connect4(from, there), 0);
    CU_ASSERT_EQUAL(send_to(from, &there, 0), 1);
    settle();
    CU_ASSERT_EQUAL(on->recv(to, got, sizeof got, 0), 1);
    CU_ASSERT_EQUAL(on->recv(to, got, sizeof got, 0), 1);
    on->close(to);
    on->close(from);
}

static void rights_are_of_no_use_here(void)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
                            .cmsg_level = SOL_SOCKET,
                            .cmsg_type = SCM_RIGHTS}};
    struct iovec text = {"x", 1};
    struct msghdr m = {.msg_iov = &text,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    int pair[2];
    open_pair(pair);
    CU_ASSERT_EQUAL(on->sendmsg(pair[0], &m, 0), 1);
    control.header.cmsg_type = 99;
    CU_ASSERT_TRUE(fails(on->sendmsg(pair[0], &m, 0), EINVAL));
    on->close(pair[0]);
    on->close(pair[1]);
}

static void all_of_the_loopback_net_is_reached_from_one_address(void)
{
    for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
        int fd = open_socket(type);
        connect4(fd, ip4(INADDR_LOOPBACK + 5, 9));
        CU_ASSERT_EQUAL(ntohl(name_of(fd).sin_addr.s_addr), INADDR_LOOPBACK);
        on->close(fd);
    }
}

/* Even itself. */
static void no_address_is_the_one_to_which_the_stream_is_bound(void)
{
    int fd = open_socket(SOCK_STREAM);
    CU_ASSERT_EQUAL(bind4(fd, ip4(INADDR_LOOPBACK + 5, 0)), 0);
    struct sockaddr_in own = name_of(fd);
    CU_ASSERT_TRUE(fails(connect4(fd, ip4(INADDR_ANY, ntohs(own.sin_port))), EINPROGRESS));
    settle();
    CU_ASSERT_EQUAL(on->send(fd, "x", 1, 0), 1);
    on->close(fd);
}

static void each_datagram_to_a_closed_port_of_ours_is_refused(void)
{
    int fd = open_socket(SOCK_DGRAM);
    CU_ASSERT_EQUAL(connect4(fd, ip4(INADDR_LOOPBACK, 9)), 0);
    for (int i = 0; i < 100; i++) {
        CU_ASSERT_EQUAL(on->send(fd, "x", 1, 0), 1);
        struct pollfd p = {.fd = fd};
        CU_ASSERT_EQUAL(on->poll(&p, 1, 100), 1);
        CU_ASSERT_TRUE(fails(on->send(fd, "x", 1, 0), ECONNREFUSED));
    }
    on->close(fd);
}

static void an_attempt_that_has_failed_leaves_the_socket_to_bind(void)
{
    int fd = open_socket(SOCK_STREAM), error = 0;
    socklen_t length = sizeof error;
    CU_ASSERT_TRUE(fails(connect4(fd, ip4(INADDR_LOOPBACK, 9)), EINPROGRESS));
    settle();
    CU_ASSERT_EQUAL(bind4(fd, ip4(INADDR_LOOPBACK + 5, 0)), 0);
    CU_ASSERT_EQUAL(ntohl(name_of(fd).sin_addr.s_addr), INADDR_LOOPBACK + 5);
    CU_ASSERT_EQUAL(on->getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length), 0);
    CU_ASSERT_EQUAL(error, ECONNREFUSED);
    on->close(fd);
}

static void no_byte_of_an_ip_option_is_a_zero(void)
{
    int fd = open_socket(SOCK_STREAM), on_it = 1;
    socklen_t length = sizeof on_it;
    CU_ASSERT_EQUAL(on->setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &on_it, length), 0);
    CU_ASSERT_EQUAL(on->setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &on_it, 0), 0);
    CU_ASSERT_EQUAL(on->getsockopt(fd, IPPROTO_IP, IP_RECVTTL, &on_it, &length), 0);
    CU_ASSERT_EQUAL(on_it, 0);
    CU_ASSERT_TRUE(fails(on->setsockopt(fd, IPPROTO_IP, IP_TTL, &on_it, 0), EINVAL));
    CU_ASSERT_TRUE(fails(on->setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on_it, 0), EINVAL));
    on->close(fd);
}

static void flags_of_a_set_can_be_written(void)
{
    int set = on->epoll_create1(0);
    CU_ASSERT_EQUAL(on->fcntl(set, F_SETFL, O_NONBLOCK), 0);
    on->close(set);
}

/* Linux shuts down what is not connected, too, though it says ENOTCONN. */
static void a_receiver_that_is_shut_down_is_at_its_end(void)
{
    char byte;
    int fd = open_socket(SOCK_STREAM);
    CU_ASSERT_TRUE(fails(on->recv(fd, &byte, 1, 0), ENOTCONN));
    CU_ASSERT_TRUE(fails(on->shutdown(fd, SHUT_WR), ENOTCONN));
    CU_ASSERT_TRUE(fails(on->recv(fd, &byte, 1, 0), ENOTCONN));
    CU_ASSERT_TRUE(fails(on->shutdown(fd, SHUT_RD), ENOTCONN));
    CU_ASSERT_EQUAL(on->recv(fd, &byte, 1, 0), 0);
    on->close(fd);
}

static void upper_layers_are_not_there(void)
{
    char name[16] = "tls";
    socklen_t length = sizeof name;
    int fd = open_socket(SOCK_STREAM);
    CU_ASSERT_EQUAL(on->getsockopt(fd, IPPROTO_TCP, TCP_ULP, name, &length), 0);
    CU_ASSERT_EQUAL(length, 0);
    CU_ASSERT_TRUE(fails(on->setsockopt(fd, IPPROTO_TCP, TCP_ULP, "none", 4), ENOENT));
    CU_ASSERT_TRUE(fails(on->setsockopt(fd, IPPROTO_TCP, TCP_ULP, "", 0), EINVAL));
    on->close(fd);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"socket tells the impossible from the unsupported",
         socket_tells_the_impossible_from_the_unsupported},
        {"connect looks at the length in every state", connect_looks_at_the_length_in_every_state},
        {"a stream without connection has no urgent byte",
         a_stream_without_connection_has_no_urgent_byte},
        {"a refused datagram leaves a port", a_refused_datagram_leaves_a_port},
        {"the length of a datagram comes first and the closed side last",
         the_length_of_a_datagram_comes_first_and_the_closed_side_last},
        {"a closed datagram socket does not end reads that must not wait",
         a_closed_datagram_socket_does_not_end_reads_that_must_not_wait},
        {"a datagram may name no family or nobody", a_datagram_may_name_no_family_or_nobody},
        {"rights are of no use here", rights_are_of_no_use_here},
        {"all of the loopback net is reached from one address",
         all_of_the_loopback_net_is_reached_from_one_address},
        {"no address is the one to which the stream is bound",
         no_address_is_the_one_to_which_the_stream_is_bound},
        {"each datagram to a closed port of ours is refused",
         each_datagram_to_a_closed_port_of_ours_is_refused},
        {"an attempt that has failed leaves the socket to bind",
         an_attempt_that_has_failed_leaves_the_socket_to_bind},
        {"no byte of an IP option is a zero", no_byte_of_an_ip_option_is_a_zero},
        {"flags of a set can be written", flags_of_a_set_can_be_written},
        {"a receiver that is shut down is at its end", a_receiver_that_is_shut_down_is_at_its_end},
        {"upper layers are not there", upper_layers_are_not_there},
    };
    return BOTH_MAIN("refusal", tests, argc, argv);
}
