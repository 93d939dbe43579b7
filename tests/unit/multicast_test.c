/* Multicast as applications see it: memberships, what a member receives, what a sender chooses, and
 * the errors. All over the loopback, on rill and on the host kernel. */
#include "both.h"

#include <string.h>

#define GROUP 0xef010203 /* 239.1.2.3 */
#define OTHER 0xef010204
#define SOURCE INADDR_LOOPBACK
#define PORT 4321

static struct in_addr in(uint32_t a)
{
    return (struct in_addr){htonl(a)};
}

static int option(int fd, int name, int value)
{
    return on->setsockopt(fd, IPPROTO_IP, name, &value, sizeof value);
}

static int asked(int fd, int name)
{
    int value = -1;
    socklen_t length = sizeof value;
    CU_ASSERT_EQUAL(on->getsockopt(fd, IPPROTO_IP, name, &value, &length), 0);
    return value;
}

static int member(int fd, int name, uint32_t group)
{
    struct ip_mreq m = {in(group), in(INADDR_LOOPBACK)};
    return on->setsockopt(fd, IPPROTO_IP, name, &m, sizeof m);
}

static int listed(int fd, int name, uint32_t group, uint32_t source)
{
    struct ip_mreq_source m = {in(group), in(INADDR_LOOPBACK), in(source)};
    return on->setsockopt(fd, IPPROTO_IP, name, &m, sizeof m);
}

static struct group_source_req request(uint32_t group, uint32_t source)
{
    struct group_source_req r = {.gsr_interface = 1}; /* the loopback's index, in both */
    struct sockaddr_in g = {.sin_family = AF_INET, .sin_addr = in(group)}, s = g;
    s.sin_addr = in(source);
    memcpy(&r.gsr_group, &g, sizeof g);
    memcpy(&r.gsr_source, &s, sizeof s);
    return r;
}

static int group_request(int fd, int name, uint32_t group)
{
    struct group_source_req r = request(group, 0);
    struct group_req g = {.gr_interface = r.gsr_interface, .gr_group = r.gsr_group};
    return on->setsockopt(fd, IPPROTO_IP, name, &g, sizeof g);
}

static int source_request(int fd, int name, uint32_t group, uint32_t source)
{
    struct group_source_req r = request(group, source);
    return on->setsockopt(fd, IPPROTO_IP, name, &r, sizeof r);
}

static int udp(void)
{
    return open_socket(SOCK_DGRAM);
}

static int receiver(uint32_t address)
{
    struct sockaddr_in name = {
        .sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr = in(address)};
    int fd = udp(), yes = 1;
    on->setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    CU_ASSERT_EQUAL(on->bind(fd, (struct sockaddr *)&name, sizeof name), 0);
    return fd;
}

static int sender(void)
{
    struct in_addr own = in(INADDR_LOOPBACK);
    int fd = udp();
    CU_ASSERT_EQUAL(on->setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &own, sizeof own), 0);
    return fd;
}

static ssize_t send_to(int fd, uint32_t group)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr = in(group)};
    struct iovec text = {"news", 4};
    struct msghdr m = {
        .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &text, .msg_iovlen = 1};
    ssize_t sent = on->sendmsg(fd, &m, 0);
    settle();
    return sent;
}

static bool hears(int fd)
{
    char text[16];
    ssize_t n = on->recv(fd, text, sizeof text, MSG_DONTWAIT);
    CU_ASSERT(n == 4 || (n == -1 && errno == EAGAIN));
    return n == 4;
}

static void a_member_gets_what_is_sent_to_its_group(void)
{
    int from = sender(), to = receiver(INADDR_ANY);
    CU_ASSERT_EQUAL(send_to(from, GROUP), 4);
    CU_ASSERT_FALSE(hears(to));
    CU_ASSERT_EQUAL(member(to, IP_ADD_MEMBERSHIP, GROUP), 0);
    CU_ASSERT_EQUAL(send_to(from, GROUP), 4);
    CU_ASSERT_TRUE(hears(to));
    CU_ASSERT_FALSE(hears(to)); /* once, though the sender's own host gets a copy, too */
    CU_ASSERT_EQUAL(send_to(from, OTHER), 4);
    CU_ASSERT_FALSE(hears(to));
    CU_ASSERT_EQUAL(member(to, IP_DROP_MEMBERSHIP, GROUP), 0);
    CU_ASSERT_EQUAL(send_to(from, GROUP), 4);
    CU_ASSERT_FALSE(hears(to));
    on->close(from);
    on->close(to);
}

static void every_socket_on_the_port_gets_a_copy(void)
{
    int from = sender(), member_of = receiver(INADDR_ANY), bound = receiver(GROUP);
    int elsewhere = receiver(INADDR_LOOPBACK), strict = receiver(INADDR_ANY);
    CU_ASSERT_EQUAL(asked(strict, IP_MULTICAST_ALL), 1);
    CU_ASSERT_EQUAL(option(strict, IP_MULTICAST_ALL, 0), 0);
    CU_ASSERT_EQUAL(asked(strict, IP_MULTICAST_ALL), 0);
    CU_ASSERT_TRUE(fails(option(strict, IP_MULTICAST_ALL, 2), EINVAL));
    CU_ASSERT_EQUAL(member(member_of, IP_ADD_MEMBERSHIP, GROUP), 0);
    CU_ASSERT_EQUAL(send_to(from, GROUP), 4);
    CU_ASSERT_TRUE(hears(member_of));
    CU_ASSERT_TRUE(hears(bound)); /* IP_MULTICAST_ALL: another's membership is enough */
    CU_ASSERT_FALSE(hears(elsewhere));
    CU_ASSERT_FALSE(hears(strict));
    on->close(member_of); /* the membership ends with its socket */
    CU_ASSERT_EQUAL(send_to(from, GROUP), 4);
    CU_ASSERT_FALSE(hears(bound));
    on->close(from);
    on->close(bound);
    on->close(elsewhere);
    on->close(strict);
}

static void a_source_can_be_chosen_or_blocked(void)
{
    int from = sender(), to = receiver(INADDR_ANY);
    CU_ASSERT_EQUAL(listed(to, IP_ADD_SOURCE_MEMBERSHIP, GROUP, 0x0a000001), 0);
    CU_ASSERT_EQUAL(send_to(from, GROUP), 4);
    CU_ASSERT_FALSE(hears(to));
    CU_ASSERT_EQUAL(listed(to, IP_ADD_SOURCE_MEMBERSHIP, GROUP, SOURCE), 0);
    CU_ASSERT_TRUE(fails(listed(to, IP_ADD_SOURCE_MEMBERSHIP, GROUP, SOURCE), EADDRNOTAVAIL));
    CU_ASSERT_EQUAL(send_to(from, GROUP), 4);
    CU_ASSERT_TRUE(hears(to));
    CU_ASSERT_TRUE(fails(listed(to, IP_BLOCK_SOURCE, GROUP, SOURCE), EINVAL)); /* other mode */
    CU_ASSERT_TRUE(fails(listed(to, IP_DROP_SOURCE_MEMBERSHIP, GROUP, 9), EADDRNOTAVAIL));
    CU_ASSERT_EQUAL(listed(to, IP_DROP_SOURCE_MEMBERSHIP, GROUP, SOURCE), 0);
    CU_ASSERT_EQUAL(send_to(from, GROUP), 4);
    CU_ASSERT_FALSE(hears(to));
    CU_ASSERT_EQUAL(listed(to, IP_DROP_SOURCE_MEMBERSHIP, GROUP, 0x0a000001), 0); /* the last */
    CU_ASSERT_TRUE(fails(member(to, IP_DROP_MEMBERSHIP, GROUP), EADDRNOTAVAIL));

    CU_ASSERT_TRUE(fails(listed(to, IP_BLOCK_SOURCE, GROUP, SOURCE), EINVAL)); /* no member */
    CU_ASSERT_EQUAL(member(to, IP_ADD_MEMBERSHIP, GROUP), 0);
    CU_ASSERT_TRUE(fails(listed(to, IP_UNBLOCK_SOURCE, GROUP, SOURCE), EADDRNOTAVAIL));
    CU_ASSERT_EQUAL(listed(to, IP_BLOCK_SOURCE, GROUP, SOURCE), 0);
    CU_ASSERT_EQUAL(send_to(from, GROUP), 4);
    CU_ASSERT_FALSE(hears(to));
    CU_ASSERT_EQUAL(listed(to, IP_UNBLOCK_SOURCE, GROUP, SOURCE), 0);
    CU_ASSERT_EQUAL(send_to(from, GROUP), 4);
    CU_ASSERT_TRUE(hears(to));
    on->close(from);
    on->close(to);
}

static void the_same_by_interface_index(void)
{
    int from = sender(), to = receiver(INADDR_ANY);
    struct group_source_req ip6 = request(GROUP, SOURCE);
    ip6.gsr_group.ss_family = AF_INET6;
    CU_ASSERT_EQUAL(group_request(to, MCAST_JOIN_GROUP, GROUP), 0);
    CU_ASSERT_TRUE(fails(group_request(to, MCAST_JOIN_GROUP, GROUP), EADDRINUSE));
    CU_ASSERT_TRUE(fails(member(to, IP_ADD_MEMBERSHIP, GROUP), EADDRINUSE));
    CU_ASSERT_EQUAL(source_request(to, MCAST_BLOCK_SOURCE, GROUP, SOURCE), 0);
    CU_ASSERT_EQUAL(send_to(from, GROUP), 4);
    CU_ASSERT_FALSE(hears(to));
    CU_ASSERT_EQUAL(source_request(to, MCAST_UNBLOCK_SOURCE, GROUP, SOURCE), 0);
    CU_ASSERT_EQUAL(group_request(to, MCAST_LEAVE_GROUP, GROUP), 0);
    CU_ASSERT_TRUE(fails(group_request(to, MCAST_LEAVE_GROUP, GROUP), EADDRNOTAVAIL));
    CU_ASSERT_EQUAL(source_request(to, MCAST_JOIN_SOURCE_GROUP, GROUP, SOURCE), 0);
    CU_ASSERT_EQUAL(send_to(from, GROUP), 4);
    CU_ASSERT_TRUE(hears(to));
    CU_ASSERT_EQUAL(source_request(to, MCAST_LEAVE_SOURCE_GROUP, GROUP, SOURCE), 0);
    CU_ASSERT_TRUE(fails(on->setsockopt(to, IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP, &ip6, sizeof ip6),
                         EADDRNOTAVAIL));
    on->close(from);
    on->close(to);
}

static void memberships_are_refused_as_by_linux(void)
{
    struct ip_mreqn far = {.imr_multiaddr = in(GROUP), .imr_ifindex = 4711};
    struct ip_mreq foreign = {in(GROUP), in(0xc6336401)};
    int fd = udp(), stream = open_socket(SOCK_STREAM);
    CU_ASSERT_TRUE(fails(member(fd, IP_ADD_MEMBERSHIP, 0x0a000001), EINVAL));
    CU_ASSERT_TRUE(fails(member(fd, IP_DROP_MEMBERSHIP, GROUP), EADDRNOTAVAIL));
    CU_ASSERT_EQUAL(member(fd, IP_ADD_MEMBERSHIP, GROUP), 0);
    CU_ASSERT_TRUE(fails(member(fd, IP_ADD_MEMBERSHIP, GROUP), EADDRINUSE));
    CU_ASSERT_TRUE(fails(member(fd, IP_DROP_MEMBERSHIP, OTHER), EADDRNOTAVAIL));
    CU_ASSERT_TRUE(
        fails(on->setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &far, sizeof far), ENODEV));
    CU_ASSERT_TRUE(
        fails(on->setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &foreign, sizeof foreign), ENODEV));
    CU_ASSERT_TRUE(fails(on->setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &far, 4), EINVAL));
    CU_ASSERT_TRUE(fails(member(stream, IP_ADD_MEMBERSHIP, GROUP), EPROTO));
    int value;
    socklen_t length = sizeof value;
    CU_ASSERT_TRUE(
        fails(on->getsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &value, &length), ENOPROTOOPT));
    on->close(fd);
    on->close(stream);
}

static void memberships_and_sources_are_few(void)
{
    int fd = udp();
    for (uint32_t i = 0; i < 20; i++)
        CU_ASSERT_EQUAL(member(fd, IP_ADD_MEMBERSHIP, GROUP + i), 0);
    CU_ASSERT_TRUE(fails(member(fd, IP_ADD_MEMBERSHIP, GROUP + 20), ENOBUFS));
    for (uint32_t i = 0; i < 10; i++)
        CU_ASSERT_EQUAL(listed(fd, IP_BLOCK_SOURCE, GROUP, 0x0a000001 + i), 0);
    CU_ASSERT_TRUE(fails(listed(fd, IP_BLOCK_SOURCE, GROUP, 0x0a0000ff), ENOBUFS));
    on->close(fd);
}

static void a_sender_chooses_interface_and_ttl(void)
{
    struct ip_mreqn index = {.imr_ifindex = 1}, far = {.imr_ifindex = 4711};
    struct in_addr address, any = in(INADDR_ANY), foreign = in(0xc6336401);
    socklen_t length = sizeof address;
    int fd = sender(), stream = open_socket(SOCK_STREAM);
    CU_ASSERT_EQUAL(on->getsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &address, &length), 0);
    CU_ASSERT_EQUAL(ntohl(address.s_addr), INADDR_LOOPBACK);
    CU_ASSERT_EQUAL(on->setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &any, sizeof any), 0);
    CU_ASSERT_EQUAL(on->setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &index, sizeof index), 0);
    CU_ASSERT_EQUAL(on->getsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &address, &length), 0);
    CU_ASSERT_EQUAL(address.s_addr, INADDR_ANY);
    CU_ASSERT_TRUE(
        fails(on->setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &far, sizeof far), EADDRNOTAVAIL));
    CU_ASSERT_TRUE(fails(on->setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &foreign, sizeof foreign),
                         EADDRNOTAVAIL));
    CU_ASSERT_TRUE(
        fails(on->setsockopt(stream, IPPROTO_IP, IP_MULTICAST_IF, &any, sizeof any), EINVAL));
    CU_ASSERT_EQUAL(asked(fd, IP_MULTICAST_TTL), 1);
    CU_ASSERT_EQUAL(option(fd, IP_MULTICAST_TTL, 7), 0);
    CU_ASSERT_EQUAL(asked(fd, IP_MULTICAST_TTL), 7);
    CU_ASSERT_EQUAL(option(fd, IP_MULTICAST_TTL, 0), 0);
    CU_ASSERT_EQUAL(asked(fd, IP_MULTICAST_TTL), 0);
    CU_ASSERT_EQUAL(option(fd, IP_MULTICAST_TTL, -1), 0);
    CU_ASSERT_EQUAL(asked(fd, IP_MULTICAST_TTL), 1);
    CU_ASSERT_TRUE(fails(option(fd, IP_MULTICAST_TTL, 256), EINVAL));
    CU_ASSERT_TRUE(fails(option(stream, IP_MULTICAST_TTL, 1), EINVAL));
    CU_ASSERT_EQUAL(asked(fd, IP_MULTICAST_LOOP), 1);
    CU_ASSERT_EQUAL(option(fd, IP_MULTICAST_LOOP, 0), 0);
    CU_ASSERT_EQUAL(asked(fd, IP_MULTICAST_LOOP), 0);
    CU_ASSERT_EQUAL(option(stream, IP_MULTICAST_LOOP, 0), 0);
    on->close(fd);
    on->close(stream);
}

static void without_a_route_the_interface_must_be_named(void)
{
    int fd = udp();
    struct ip_mreq m = {in(GROUP), in(INADDR_ANY)};
    CU_ASSERT_TRUE(fails(send_to(fd, GROUP), ENETUNREACH));
    CU_ASSERT_TRUE(fails(on->setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m, sizeof m), ENODEV));
    CU_ASSERT_TRUE(fails(on->setsockopt(fd, IPPROTO_IP, IP_DROP_MEMBERSHIP, &m, sizeof m), ENODEV));
    on->close(fd);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a member gets what is sent to its group", a_member_gets_what_is_sent_to_its_group},
        {"every socket on the port gets a copy", every_socket_on_the_port_gets_a_copy},
        {"a source can be chosen or blocked", a_source_can_be_chosen_or_blocked},
        {"the same by interface index", the_same_by_interface_index},
        {"memberships are refused as by linux", memberships_are_refused_as_by_linux},
        {"memberships and sources are few", memberships_and_sources_are_few},
        {"a sender chooses interface and ttl", a_sender_chooses_interface_and_ttl},
        {"without a route the interface must be named",
         without_a_route_the_interface_must_be_named},
    };
    return BOTH_MAIN("multicast", tests, argc, argv);
}
