/* AF_INET6 sockets, whose peers have IPv4 addresses (RFC 3493 3.7, ipv6(7)). What is said here of
 * addresses that are not mapped holds on a host without IPv6 on its interfaces. */
#include "both.h"

#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <string.h>

#define LOCALHOST "::ffff:127.0.0.1"

static struct sockaddr_in6 ip6(const char *address, uint16_t port)
{
    struct sockaddr_in6 in = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    CU_ASSERT_EQUAL_FATAL(inet_pton(AF_INET6, address, &in.sin6_addr), 1);
    return in;
}

static int open6(int type)
{
    int fd = on->socket(AF_INET6, type | SOCK_NONBLOCK, 0);
    CU_ASSERT_FATAL(fd >= 0);
    return fd;
}

static int bind6(int fd, struct sockaddr_in6 in)
{
    return on->bind(fd, (struct sockaddr *)&in, sizeof in);
}

static int connect6(int fd, struct sockaddr_in6 in)
{
    return on->connect(fd, (struct sockaddr *)&in, sizeof in);
}

static struct sockaddr_in6 name_of(int fd)
{
    struct sockaddr_in6 in;
    socklen_t length = sizeof in;
    memset(&in, 0xee, sizeof in);
    CU_ASSERT_EQUAL(on->getsockname(fd, (struct sockaddr *)&in, &length), 0);
    CU_ASSERT_EQUAL(length, sizeof in);
    return in;
}

/* Nothing but the address and a port is set. */
static bool is_at(struct sockaddr_in6 in, const char *address)
{
    struct sockaddr_in6 there = ip6(address, ntohs(in.sin6_port));
    return memcmp(&in, &there, sizeof in) == 0;
}

static uint16_t port_of(int fd)
{
    return ntohs(name_of(fd).sin6_port);
}

static void close_all(int a, int b, int c)
{
    on->close(a);
    on->close(b);
    on->close(c);
    settle();
}

/* ---- Streams ---- */

static int listen6(const char *address)
{
    int fd = open6(SOCK_STREAM);
    CU_ASSERT_EQUAL(bind6(fd, ip6(address, 0)), 0);
    CU_ASSERT_EQUAL(on->listen(fd, 8), 0);
    return fd;
}

static void both_families_reach_a_listener_at_any(void)
{
    int listener = listen6("::"), caller = open6(SOCK_STREAM), caller4 = open_socket(SOCK_STREAM);
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = htons(port_of(listener)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    CU_ASSERT_TRUE(is_at(name_of(listener), "::"));
    CU_ASSERT_TRUE(fails(connect6(caller, ip6(LOCALHOST, port_of(listener))), EINPROGRESS));
    settle();
    struct sockaddr_in6 from;
    socklen_t length = sizeof from;
    int accepted = on->accept(listener, (struct sockaddr *)&from, &length);
    CU_ASSERT(accepted >= 0);
    CU_ASSERT_EQUAL(length, sizeof from);
    CU_ASSERT_TRUE(is_at(from, LOCALHOST));
    CU_ASSERT_TRUE(is_at(name_of(accepted), LOCALHOST));
    CU_ASSERT_TRUE(is_at(name_of(caller), LOCALHOST));
    CU_ASSERT_EQUAL(on->getpeername(caller, (struct sockaddr *)&from, &length), 0);
    CU_ASSERT_TRUE(is_at(from, LOCALHOST));
    CU_ASSERT_EQUAL(ntohs(from.sin6_port), port_of(listener));
    CU_ASSERT_TRUE(fails(on->connect(caller4, (struct sockaddr *)&in, sizeof in), EINPROGRESS));
    settle();
    CU_ASSERT_EQUAL(on->send(caller4, "x", 1, 0), 1);
    int other = on->accept(listener, NULL, NULL);
    CU_ASSERT(other >= 0);
    on->close(other);
    on->close(caller4);
    close_all(listener, accepted, caller);
}

static void a_listener_at_a_mapped_address_hears_it(void)
{
    int listener = listen6(LOCALHOST), caller = open_socket(SOCK_STREAM);
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = htons(port_of(listener)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    CU_ASSERT_TRUE(is_at(name_of(listener), LOCALHOST));
    on->connect(caller, (struct sockaddr *)&in, sizeof in);
    settle();
    int accepted = on->accept(listener, NULL, NULL);
    CU_ASSERT(accepted >= 0);
    close_all(listener, accepted, caller);
}

static void addresses_are_checked(void)
{
    int stream = open6(SOCK_STREAM), datagram = open6(SOCK_DGRAM);
    struct sockaddr_in6 in = ip6(LOCALHOST, 0);
    struct sockaddr_in in4 = {.sin_family = AF_INET};
    for (int i = 0; i < 2; i++) {
        int fd = i ? stream : datagram;
        CU_ASSERT_TRUE(fails(on->bind(fd, (struct sockaddr *)&in, 23), EINVAL));
        CU_ASSERT_TRUE(fails(on->bind(fd, (struct sockaddr *)&in, sizeof in4), EINVAL));
        CU_ASSERT_TRUE(fails(bind6(fd, ip6("2001:db8::1", 0)), EADDRNOTAVAIL));
        CU_ASSERT_TRUE(fails(bind6(fd, ip6("::ffff:8.8.8.8", 0)), EADDRNOTAVAIL));
        in.sin6_family = AF_INET;
        CU_ASSERT_TRUE(fails(bind6(fd, in), EAFNOSUPPORT));
        in.sin6_family = AF_UNSPEC;
        CU_ASSERT_TRUE(fails(bind6(fd, in), EAFNOSUPPORT));
        in.sin6_family = AF_INET6;
        CU_ASSERT_EQUAL(on->bind(fd, (struct sockaddr *)&in, 24), 0); /* RFC 2133 had no scope */
        CU_ASSERT_TRUE(is_at(name_of(fd), LOCALHOST));
        CU_ASSERT_TRUE(fails(on->connect(fd, (struct sockaddr *)&in, 23), EINVAL));
    }
    CU_ASSERT_TRUE(fails(on->connect(stream, (struct sockaddr *)&in4, sizeof in4), EINVAL));
    close_all(stream, datagram, -1);
}

static void an_ip4_socket_knows_no_ip6(void)
{
    int fd = open_socket(SOCK_STREAM), on_ = 1;
    socklen_t length = sizeof on_;
    struct sockaddr_in6 in = ip6("::", 0);
    CU_ASSERT_TRUE(fails(on->bind(fd, (struct sockaddr *)&in, sizeof in), EAFNOSUPPORT));
    CU_ASSERT_TRUE(
        fails(on->setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on_, sizeof on_), ENOPROTOOPT));
    CU_ASSERT_TRUE(fails(on->getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on_, &length), EOPNOTSUPP));
    CU_ASSERT_EQUAL(on->getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &on_, &length), 0);
    CU_ASSERT_EQUAL(on_, AF_INET);
    close_all(fd, -1, -1);
}

/* ---- IPV6_V6ONLY ---- */

static int bind4(int fd, uint16_t port)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    return on->bind(fd, (struct sockaddr *)&any, sizeof any);
}

static int only6(int fd)
{
    int yes = 1;
    return on->setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
}

static void one_port_is_for_both_families(int type)
{
    int both = open6(type), four = open_socket(type);
    CU_ASSERT_EQUAL(bind6(both, ip6("::", 0)), 0);
    CU_ASSERT_TRUE(fails(bind4(four, port_of(both)), EADDRINUSE));
    close_all(both, four, -1);
}

static void only_ip6_leaves_the_port_to_ip4(int type)
{
    int six = open6(type), four = open_socket(type), third = open6(type);
    CU_ASSERT_EQUAL(only6(six), 0);
    CU_ASSERT_EQUAL(bind6(six, ip6("::", 0)), 0);
    CU_ASSERT_TRUE(is_at(name_of(six), "::"));
    CU_ASSERT_TRUE(fails(only6(six), EINVAL)); /* too late */
    CU_ASSERT_EQUAL(bind4(four, port_of(six)), 0);
    CU_ASSERT_EQUAL(only6(third), 0);
    CU_ASSERT_TRUE(fails(bind6(third, ip6("::", port_of(six))), EADDRINUSE));
    close_all(six, four, third);
}

static void ports_of_the_families(void)
{
    one_port_is_for_both_families(SOCK_STREAM);
    one_port_is_for_both_families(SOCK_DGRAM);
    only_ip6_leaves_the_port_to_ip4(SOCK_STREAM);
    only_ip6_leaves_the_port_to_ip4(SOCK_DGRAM);
}

/* As nginx does for "listen 80; listen [::]:80". */
static void both_listen_at_one_port(void)
{
    int six = open6(SOCK_STREAM), four = open_socket(SOCK_STREAM), caller = open6(SOCK_STREAM);
    CU_ASSERT_EQUAL(only6(six), 0);
    CU_ASSERT_EQUAL(on->listen(six, 8), 0); /* a port of its own */
    uint16_t port = port_of(six);
    CU_ASSERT_NOT_EQUAL(port, 0);
    CU_ASSERT_EQUAL(bind4(four, port), 0);
    CU_ASSERT_EQUAL(on->listen(four, 8), 0);
    CU_ASSERT_TRUE(fails(connect6(caller, ip6(LOCALHOST, port)), EINPROGRESS));
    settle();
    CU_ASSERT_TRUE(fails(on->accept(six, NULL, NULL), EAGAIN));
    int accepted = on->accept(four, NULL, NULL);
    CU_ASSERT(accepted >= 0);
    on->close(accepted);
    close_all(six, four, caller);
}

static void only_ip6_has_no_ip4_peers(void)
{
    int stream = open6(SOCK_STREAM), datagram = open6(SOCK_DGRAM), fresh = open6(SOCK_STREAM);
    CU_ASSERT_EQUAL(only6(stream), 0);
    CU_ASSERT_EQUAL(only6(datagram), 0);
    CU_ASSERT_EQUAL(only6(fresh), 0);
    CU_ASSERT_TRUE(fails(bind6(fresh, ip6(LOCALHOST, 0)), EINVAL));
    CU_ASSERT_TRUE(fails(connect6(stream, ip6(LOCALHOST, 9)), ENETUNREACH));
    CU_ASSERT_TRUE(fails(connect6(datagram, ip6(LOCALHOST, 9)), ENETUNREACH));
    close_all(stream, datagram, fresh);
}

/* ---- Options ---- */

static int option(int fd, int level, int name)
{
    int value = -77;
    socklen_t length = sizeof value;
    CU_ASSERT_EQUAL(on->getsockopt(fd, level, name, &value, &length), 0);
    return value;
}

static int set(int fd, int name, int value)
{
    return on->setsockopt(fd, IPPROTO_IPV6, name, &value, sizeof value);
}

static void options_are_remembered(void)
{
    static const int switches[] = {IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS,
                                   IPV6_RECVERR};
    int fd = open6(SOCK_DGRAM);
    CU_ASSERT_EQUAL(option(fd, SOL_SOCKET, SO_DOMAIN), AF_INET6);
    CU_ASSERT_EQUAL(option(fd, IPPROTO_IPV6, IPV6_V6ONLY), 0);
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        CU_ASSERT_EQUAL(option(fd, IPPROTO_IPV6, switches[i]), 0);
        CU_ASSERT_EQUAL(set(fd, switches[i], 1), 0);
        CU_ASSERT_EQUAL(option(fd, IPPROTO_IPV6, switches[i]), 1);
    }
    CU_ASSERT_EQUAL(option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS), 64);
    CU_ASSERT_EQUAL(set(fd, IPV6_UNICAST_HOPS, 255), 0);
    CU_ASSERT_EQUAL(option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS), 255);
    CU_ASSERT_EQUAL(set(fd, IPV6_UNICAST_HOPS, -1), 0);
    CU_ASSERT_EQUAL(option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS), 64);
    CU_ASSERT_EQUAL(set(fd, IPV6_UNICAST_HOPS, 0), 0);
    CU_ASSERT_EQUAL(option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS), 0);
    CU_ASSERT_EQUAL(option(fd, IPPROTO_IP, IP_TTL), 64); /* is another */
    CU_ASSERT_TRUE(fails(set(fd, IPV6_UNICAST_HOPS, 256), EINVAL));
    CU_ASSERT_EQUAL(set(fd, IPV6_TCLASS, 0xb8), 0);
    CU_ASSERT_EQUAL(option(fd, IPPROTO_IPV6, IPV6_TCLASS), 0xb8);
    CU_ASSERT_EQUAL(option(fd, IPPROTO_IP, IP_TOS), 0);
    CU_ASSERT_EQUAL(set(fd, IPV6_TCLASS, -1), 0);
    CU_ASSERT_EQUAL(option(fd, IPPROTO_IPV6, IPV6_TCLASS), 0);
    CU_ASSERT_TRUE(fails(set(fd, IPV6_TCLASS, 256), EINVAL));
    CU_ASSERT_EQUAL(option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER), IPV6_PMTUDISC_WANT);
    CU_ASSERT_EQUAL(set(fd, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO), 0);
    CU_ASSERT_EQUAL(option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER), IPV6_PMTUDISC_DO);
    CU_ASSERT_EQUAL(set(fd, IPV6_MTU, 1280), 0);
    CU_ASSERT_EQUAL(set(fd, IPV6_MTU, 0), 0);
    CU_ASSERT_TRUE(fails(set(fd, IPV6_MTU, 1279), EINVAL));
    CU_ASSERT_TRUE(fails(on->setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, "1", 1), EINVAL));
    CU_ASSERT_EQUAL(option(fd, IPPROTO_IP, IP_TTL), 64); /* those of IPv4 are there, too */
    close_all(fd, -1, -1);
}

/* ---- Datagrams ---- */

struct letter {
    struct msghdr header;
    struct iovec part;
    struct sockaddr_in6 name;
    char text[8];
    _Alignas(struct cmsghdr) char control[256];
};

static struct msghdr *letter(struct letter *l, size_t length)
{
    memset(l, 0, sizeof *l);
    l->part = (struct iovec){l->text, length};
    l->header = (struct msghdr){.msg_name = &l->name,
                                .msg_namelen = sizeof l->name,
                                .msg_iov = &l->part,
                                .msg_iovlen = 1,
                                .msg_control = l->control,
                                .msg_controllen = sizeof l->control};
    return &l->header;
}

static struct cmsghdr *find(struct letter *l, int level, int type)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&l->header); c; c = CMSG_NXTHDR(&l->header, c))
        if (c->cmsg_level == level && c->cmsg_type == type)
            return c;
    return NULL;
}

static void datagrams_have_mapped_names(void)
{
    struct letter l;
    int fd = open6(SOCK_DGRAM), to = open6(SOCK_DGRAM);
    CU_ASSERT_EQUAL(bind6(to, ip6("::", 0)), 0);
    CU_ASSERT_EQUAL(set(to, IPV6_RECVPKTINFO, 1), 0);
    letter(&l, 2)->msg_controllen = 0;
    l.name = ip6(LOCALHOST, port_of(to));
    CU_ASSERT_EQUAL(on->sendmsg(fd, &l.header, 0), 2);
    settle();
    CU_ASSERT_EQUAL(on->recvmsg(to, letter(&l, sizeof l.text), 0), 2);
    CU_ASSERT_EQUAL(l.header.msg_namelen, sizeof l.name);
    CU_ASSERT_TRUE(is_at(l.name, LOCALHOST));
    CU_ASSERT_EQUAL(ntohs(l.name.sin6_port), port_of(fd));
    struct in6_pktinfo info;
    struct cmsghdr *c = find(&l, IPPROTO_IPV6, IPV6_PKTINFO);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_EQUAL(c->cmsg_len, CMSG_LEN(sizeof info));
    memcpy(&info, CMSG_DATA(c), sizeof info);
    struct sockaddr_in6 local = ip6(LOCALHOST, 0);
    CU_ASSERT_EQUAL(memcmp(&info.ipi6_addr, &local.sin6_addr, sizeof local.sin6_addr), 0);
    CU_ASSERT_EQUAL(info.ipi6_ifindex, 1);
    close_all(fd, to, -1);
}

/* Names it with an IPv4 structure, as Linux allows; the answer goes from the address that it came
 * to. */
static void datagrams_take_ip4_names(void)
{
    struct letter l;
    int fd = open6(SOCK_DGRAM), to = open6(SOCK_DGRAM);
    CU_ASSERT_EQUAL(bind6(to, ip6("::", 0)), 0);
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = htons(port_of(to)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    CU_ASSERT_EQUAL(on->connect(fd, (struct sockaddr *)&in, sizeof in), 0);
    CU_ASSERT_TRUE(is_at(name_of(fd), LOCALHOST));
    socklen_t length = sizeof l.name;
    CU_ASSERT_EQUAL(on->getpeername(fd, (struct sockaddr *)&l.name, &length), 0);
    CU_ASSERT_TRUE(is_at(l.name, LOCALHOST));
    letter(&l, 3);
    l.header.msg_name = NULL;
    l.header.msg_namelen = 0;
    struct in6_pktinfo info = {.ipi6_addr = ip6("::ffff:127.0.0.1", 0).sin6_addr};
    struct cmsghdr *c = CMSG_FIRSTHDR(&l.header);
    *c = (struct cmsghdr){
        .cmsg_level = IPPROTO_IPV6, .cmsg_type = IPV6_PKTINFO, .cmsg_len = CMSG_LEN(sizeof info)};
    memcpy(CMSG_DATA(c), &info, sizeof info);
    l.header.msg_controllen = CMSG_SPACE(sizeof info);
    CU_ASSERT_EQUAL(on->sendmsg(fd, &l.header, 0), 3);
    info.ipi6_addr = ip6("::1", 0).sin6_addr; /* of an IPv4 datagram? */
    memcpy(CMSG_DATA(c), &info, sizeof info);
    CU_ASSERT_TRUE(fails((int)on->sendmsg(fd, &l.header, 0), EINVAL));
    settle();
    CU_ASSERT_EQUAL(on->recvmsg(to, letter(&l, sizeof l.text), 0), 3);
    CU_ASSERT_TRUE(is_at(l.name, LOCALHOST));
    close_all(fd, to, -1);
}

/* The error of a datagram that nobody hears, in the form of the family (ipv6(7), IPV6_RECVERR). */
static void errors_have_mapped_names(void)
{
    struct letter l;
    int fd = open6(SOCK_DGRAM), closed = open6(SOCK_DGRAM), yes = 1;
    CU_ASSERT_EQUAL(bind6(closed, ip6(LOCALHOST, 0)), 0);
    uint16_t port = port_of(closed);
    on->close(closed);
    CU_ASSERT_EQUAL(on->setsockopt(fd, IPPROTO_IP, IP_RECVERR, &yes, sizeof yes), 0);
    CU_ASSERT_EQUAL(connect6(fd, ip6(LOCALHOST, port)), 0);
    CU_ASSERT_EQUAL(on->send(fd, "x", 1, 0), 1);
    settle();
    CU_ASSERT_EQUAL(on->recvmsg(fd, letter(&l, sizeof l.text), MSG_ERRQUEUE), 1);
    CU_ASSERT_TRUE(is_at(l.name, LOCALHOST));
    CU_ASSERT_EQUAL(ntohs(l.name.sin6_port), port);
    struct {
        struct sock_extended_err error;
        struct sockaddr_in6 offender;
    } report;
    struct cmsghdr *c = find(&l, IPPROTO_IPV6, IPV6_RECVERR);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_EQUAL(c->cmsg_len, CMSG_LEN(sizeof report));
    memcpy(&report, CMSG_DATA(c), sizeof report);
    CU_ASSERT_EQUAL(report.error.ee_errno, ECONNREFUSED);
    CU_ASSERT_EQUAL(report.error.ee_origin, SO_EE_ORIGIN_ICMP);
    CU_ASSERT_TRUE(is_at(report.offender, LOCALHOST));
    close_all(fd, -1, -1);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"both families reach a listener at ::", both_families_reach_a_listener_at_any},
        {"a listener at a mapped address hears it", a_listener_at_a_mapped_address_hears_it},
        {"addresses are checked", addresses_are_checked},
        {"an IPv4 socket knows no IPv6", an_ip4_socket_knows_no_ip6},
        {"one port for both families, unless IPV6_V6ONLY", ports_of_the_families},
        {"both families listen at one port", both_listen_at_one_port},
        {"with IPV6_V6ONLY no IPv4 peers", only_ip6_has_no_ip4_peers},
        {"options are remembered", options_are_remembered},
        {"datagrams have mapped names", datagrams_have_mapped_names},
        {"datagrams take IPv4 names", datagrams_take_ip4_names},
        {"errors have mapped names", errors_have_mapped_names},
    };
    return BOTH_MAIN("ip6_socket", tests, argc, argv);
}
