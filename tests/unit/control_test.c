/* Control messages of sendmsg and recvmsg, as cmsg(3), ip(7) and socket(7) have them. */
#include "mail.h"
#include "unit.h"
#include "world.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#define SERVICE 53

static struct mail mail;
static int client, server; /* the left end's socket, the right end's */

static struct msghdr *fresh(void)
{
    return mail_empty(&mail);
}

/* A message of one byte for the server, whose only control message is this one. */
static struct msghdr *letter(int level, int type, const void *data, size_t length)
{
    struct msghdr *m = fresh();
    mail.name = world_address(RIGHT, SERVICE);
    mail.part.iov_len = 1;
    m->msg_controllen = CMSG_SPACE(length);
    struct cmsghdr *c = CMSG_FIRSTHDR(m);
    *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(length), .cmsg_level = level, .cmsg_type = type};
    memcpy(CMSG_DATA(c), data, length);
    return m;
}

static void turn_on(int fd, int level, int option)
{
    int on = 1;
    CU_ASSERT_EQUAL(rill_setsockopt(fd, level, option, &on, sizeof on), 0);
}

static void begin(void)
{
    world_begin(NULL);
    client = rill_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    rill_use(world.end[RIGHT]);
    server = rill_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    CU_ASSERT_EQUAL_FATAL(bind_to(server, ip4_address(INADDR_ANY, SERVICE)), 0);
    rill_use(world.end[LEFT]);
}

/* The letter travels, and the server's stack is the current one when it has arrived. */
static void deliver(const struct msghdr *m)
{
    CU_ASSERT_EQUAL(rill_sendmsg(client, m, 0), 1);
    world_pass(RILL_SECONDS(1));
    rill_use(world.end[RIGHT]);
}

static struct msghdr *plain(void)
{
    struct msghdr *m = letter(0, 0, "", 0);
    m->msg_control = NULL;
    m->msg_controllen = 0;
    return m;
}

static const void *control_data(unsigned i, int level, int type, size_t length)
{
    return mail_told(&mail, i, level, type, length);
}

static int told_int(unsigned i, int type)
{
    const void *at = control_data(i, IPPROTO_IP, type, sizeof(int));
    int value = -1;
    if (at)
        memcpy(&value, at, sizeof value);
    return value;
}

/* ----------------------------------------------------------------- receiving */

static void nothing_is_told_that_nobody_asked_for(void)
{
    begin();
    deliver(plain());
    CU_ASSERT_EQUAL(rill_recvmsg(server, fresh(), 0), 1);
    CU_ASSERT_EQUAL(mail.m.msg_controllen, 0);
    CU_ASSERT_EQUAL(mail.m.msg_flags, 0);
    world_end();
}

static void ip_fields_are_told_in_linux_order(void)
{
    int ttl = 7, tos = 0xb8;
    begin();
    rill_setsockopt(client, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
    rill_setsockopt(client, IPPROTO_IP, IP_TOS, &tos, sizeof tos);
    rill_use(world.end[RIGHT]);
    turn_on(server, IPPROTO_IP, IP_RECVTOS);
    turn_on(server, IPPROTO_IP, IP_RECVTTL);
    turn_on(server, IPPROTO_IP, IP_PKTINFO);
    rill_use(world.end[LEFT]);
    deliver(plain());
    CU_ASSERT_EQUAL(rill_recvmsg(server, fresh(), 0), 1);
    struct in_pktinfo info;
    const void *at = control_data(0, IPPROTO_IP, IP_PKTINFO, sizeof info);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    memcpy(&info, at, sizeof info);
    CU_ASSERT_EQUAL(info.ipi_ifindex, WIRE_INDEX);
    CU_ASSERT_EQUAL(ntohl(info.ipi_spec_dst.s_addr), 0xc0000202);
    CU_ASSERT_EQUAL(ntohl(info.ipi_addr.s_addr), 0xc0000202);
    CU_ASSERT_EQUAL(told_int(1, IP_TTL), 7);
    const uint8_t *field = control_data(2, IPPROTO_IP, IP_TOS, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(field);
    CU_ASSERT_EQUAL(*field, 0xb8);
    CU_ASSERT_PTR_NULL(control_data(3, IPPROTO_IP, 0, 0));
    CU_ASSERT_EQUAL(mail.m.msg_flags, 0);
    world_end();
}

/* ipi_addr is the header's destination, ipi_spec_dst an address to answer from. */
static void a_broadcast_tells_which_address_to_answer_from(void)
{
    struct in_pktinfo info;
    begin();
    turn_on(client, SOL_SOCKET, SO_BROADCAST);
    rill_use(world.end[RIGHT]);
    turn_on(server, IPPROTO_IP, IP_PKTINFO);
    rill_use(world.end[LEFT]);
    struct msghdr *m = plain();
    mail.name = ip4_address(0xc00002ff, SERVICE);
    deliver(m);
    CU_ASSERT_EQUAL(rill_recvmsg(server, fresh(), 0), 1);
    const void *at = control_data(0, IPPROTO_IP, IP_PKTINFO, sizeof info);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    memcpy(&info, at, sizeof info);
    CU_ASSERT_EQUAL(ntohl(info.ipi_addr.s_addr), 0xc00002ff);
    CU_ASSERT_EQUAL(ntohl(info.ipi_spec_dst.s_addr), 0xc0000202);
    world_end();
}

/* socket(7): the time of arrival, not that of reading; one form of it, or none. */
static void the_time_stamp_is_the_frames(void)
{
    struct timeval coarse;
    struct timespec fine;
    int off = 0, value = -1;
    socklen_t length = sizeof value;
    begin();
    rill_use(world.end[RIGHT]);
    turn_on(server, SOL_SOCKET, SO_TIMESTAMP);
    rill_use(world.end[LEFT]);
    deliver(plain());
    rill_time arrived = world.now - RILL_SECONDS(1);
    CU_ASSERT_EQUAL(rill_recvmsg(server, fresh(), MSG_PEEK), 1);
    const void *at = control_data(0, SOL_SOCKET, SCM_TIMESTAMP, sizeof coarse);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    memcpy(&coarse, at, sizeof coarse);
    CU_ASSERT_EQUAL(RILL_SECONDS(coarse.tv_sec) + RILL_MICROSECONDS(coarse.tv_usec), arrived);
    turn_on(server, SOL_SOCKET, SO_TIMESTAMPNS);
    CU_ASSERT_EQUAL(rill_recvmsg(server, fresh(), 0), 1);
    at = control_data(0, SOL_SOCKET, SCM_TIMESTAMPNS, sizeof fine);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    memcpy(&fine, at, sizeof fine);
    CU_ASSERT_EQUAL(RILL_SECONDS(fine.tv_sec) + fine.tv_nsec, arrived);
    CU_ASSERT_PTR_NULL(control_data(1, SOL_SOCKET, SCM_TIMESTAMP, sizeof coarse));
    CU_ASSERT_EQUAL(rill_getsockopt(server, SOL_SOCKET, SO_TIMESTAMP, &value, &length), 0);
    CU_ASSERT_EQUAL(value, 0);
    CU_ASSERT_EQUAL(rill_setsockopt(server, SOL_SOCKET, SO_TIMESTAMP, &off, sizeof off), 0);
    CU_ASSERT_EQUAL(rill_getsockopt(server, SOL_SOCKET, SO_TIMESTAMPNS, &value, &length), 0);
    CU_ASSERT_EQUAL(value, 0);
    world_end();
}

/* recvmsg(2): MSG_CTRUNC. Linux cuts the message that does not fit and leaves out the next. */
static void what_does_not_fit_is_cut_and_says_so(void)
{
    static const struct {
        size_t room, length; /* of the buffer; of the first message in it */
        int flags;
    } row[] = {
        {CMSG_SPACE(12) + CMSG_SPACE(4), CMSG_LEN(12), 0},
        {CMSG_SPACE(12) + CMSG_LEN(4), CMSG_LEN(12), 0},
        {CMSG_SPACE(12) + CMSG_LEN(3), CMSG_LEN(12), MSG_CTRUNC},
        {CMSG_SPACE(12), CMSG_LEN(12), MSG_CTRUNC},
        {CMSG_LEN(5), CMSG_LEN(5), MSG_CTRUNC},
        {CMSG_LEN(0), CMSG_LEN(0), MSG_CTRUNC},
        {CMSG_LEN(0) - 1, 0, MSG_CTRUNC},
        {0, 0, MSG_CTRUNC},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        begin();
        rill_use(world.end[RIGHT]);
        turn_on(server, IPPROTO_IP, IP_PKTINFO);
        turn_on(server, IPPROTO_IP, IP_RECVTTL);
        rill_use(world.end[LEFT]);
        deliver(plain());
        fresh()->msg_controllen = row[i].room;
        memset(mail.control + row[i].room, 0xee, sizeof mail.control - row[i].room);
        CU_ASSERT_EQUAL(rill_recvmsg(server, &mail.m, 0), 1);
        CU_ASSERT_EQUAL(mail.m.msg_flags, row[i].flags);
        CU_ASSERT_TRUE(mail.m.msg_controllen <= row[i].room);
        const struct cmsghdr *c = CMSG_FIRSTHDR(&mail.m);
        CU_ASSERT_EQUAL(c ? c->cmsg_len : 0, row[i].length);
        CU_ASSERT_EQUAL(mail.control[row[i].room], 0xee);
        world_end();
    }
}

static void a_missing_buffer_is_one_without_room(void)
{
    begin();
    rill_use(world.end[RIGHT]);
    turn_on(server, IPPROTO_IP, IP_RECVTTL);
    rill_use(world.end[LEFT]);
    deliver(plain());
    fresh()->msg_control = NULL;
    mail.part.iov_len = 0;
    CU_ASSERT_EQUAL(rill_recvmsg(server, &mail.m, 0), 0);
    CU_ASSERT_EQUAL(mail.m.msg_flags, MSG_CTRUNC | MSG_TRUNC);
    CU_ASSERT_EQUAL(mail.m.msg_controllen, 0);
    world_end();
}

static void a_buffer_may_lie_at_any_address(void)
{
    begin();
    rill_use(world.end[RIGHT]);
    turn_on(server, IPPROTO_IP, IP_RECVTTL);
    rill_use(world.end[LEFT]);
    int ttl = 9;
    struct msghdr *m = letter(IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
    memmove(mail.control + 1, mail.control, m->msg_controllen);
    m->msg_control = mail.control + 1;
    deliver(m);
    fresh()->msg_control = mail.control + 1;
    CU_ASSERT_EQUAL(rill_recvmsg(server, &mail.m, 0), 1);
    memmove(mail.control, mail.control + 1, mail.m.msg_controllen);
    mail.m.msg_control = mail.control;
    CU_ASSERT_EQUAL(told_int(0, IP_TTL), 9);
    world_end();
}

/* tcp(7) TCP_INQ: what is left to read; the peer's FIN counts as one. */
static void a_stream_tells_how_much_is_left(void)
{
    int accepted, left;
    begin();
    int fd = world_connection(80, &accepted);
    turn_on(fd, IPPROTO_TCP, 36 /* TCP_INQ */);
    rill_use(world.end[RIGHT]);
    CU_ASSERT_EQUAL(rill_write(accepted, "hello", 5), 5);
    rill_close(accepted);
    world_pass(RILL_SECONDS(1));
    rill_use(world.end[LEFT]);
    for (int i = 0; i < 2; i++) {
        fresh();
        mail.part.iov_len = i ? 16 : 2;
        CU_ASSERT_EQUAL(rill_recvmsg(fd, &mail.m, 0), i ? 3 : 2);
        const void *at = control_data(0, IPPROTO_TCP, 36, sizeof left);
        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        memcpy(&left, at, sizeof left);
        CU_ASSERT_EQUAL(left, i ? 1 : 4);
    }
    world_end();
}

/* ------------------------------------------------------------------- sending */

static void a_datagram_has_the_fields_that_its_message_asks_for(void)
{
    int ttl = 3, tos = 0x10;
    uint8_t tos_byte = 0x20;
    begin();
    rill_use(world.end[RIGHT]);
    turn_on(server, IPPROTO_IP, IP_RECVTOS);
    turn_on(server, IPPROTO_IP, IP_RECVTTL);
    rill_use(world.end[LEFT]);
    deliver(letter(IPPROTO_IP, IP_TTL, &ttl, sizeof ttl));
    CU_ASSERT_EQUAL(rill_recvmsg(server, fresh(), 0), 1);
    CU_ASSERT_EQUAL(told_int(0, IP_TTL), 3);
    rill_use(world.end[LEFT]);
    deliver(letter(IPPROTO_IP, IP_TOS, &tos, sizeof tos));
    CU_ASSERT_EQUAL(rill_recvmsg(server, fresh(), 0), 1);
    CU_ASSERT_EQUAL(told_int(0, IP_TTL), 64); /* for that one datagram only */
    CU_ASSERT_EQUAL(*(const uint8_t *)control_data(1, IPPROTO_IP, IP_TOS, 1), 0x10);
    rill_use(world.end[LEFT]);
    deliver(letter(IPPROTO_IP, IP_TOS, &tos_byte, 1));
    CU_ASSERT_EQUAL(rill_recvmsg(server, fresh(), 0), 1);
    CU_ASSERT_EQUAL(*(const uint8_t *)control_data(1, IPPROTO_IP, IP_TOS, 1), 0x20);
    world_end();
}

static void packet_information_chooses_the_source(void)
{
    const uint32_t second = 0xc0000203;
    struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl(second), .ipi_ifindex = WIRE_INDEX};
    begin();
    CU_ASSERT_EQUAL(rill_address_add(world.end[LEFT], 1, rill_address_ip4(second), 24, false), 0);
    deliver(letter(IPPROTO_IP, IP_PKTINFO, &info, sizeof info));
    CU_ASSERT_EQUAL(rill_recvmsg(server, fresh(), 0), 1);
    CU_ASSERT_EQUAL(ntohl(mail.name.sin_addr.s_addr), second);
    rill_use(world.end[LEFT]);
    info.ipi_spec_dst.s_addr = htonl(0xc0000209); /* not ours */
    CU_ASSERT_TRUE(fails(
        rill_sendmsg(client, letter(IPPROTO_IP, IP_PKTINFO, &info, sizeof info), 0), ENETUNREACH));
    info = (struct in_pktinfo){.ipi_ifindex = 99};
    CU_ASSERT_TRUE(
        fails(rill_sendmsg(client, letter(IPPROTO_IP, IP_PKTINFO, &info, sizeof info), 0), ENODEV));
    info = (struct in_pktinfo){.ipi_ifindex = 1}; /* no route leads there by that port */
    CU_ASSERT_TRUE(fails(
        rill_sendmsg(client, letter(IPPROTO_IP, IP_PKTINFO, &info, sizeof info), 0), ENETUNREACH));
    world_end();
}

static void what_is_not_understood_is_refused(void)
{
    static const struct {
        int level, type;
        size_t length;
        int value, datagram, stream; /* errno, 0: sent */
    } row[] = {
        {IPPROTO_IP, IP_TTL, 4, 0, EINVAL, 0},
        {IPPROTO_IP, IP_TTL, 4, 256, EINVAL, 0},
        {IPPROTO_IP, IP_TTL, 1, 64, EINVAL, 0},
        {IPPROTO_IP, IP_TOS, 4, -1, EINVAL, 0},
        {IPPROTO_IP, IP_TOS, 2, 1, EINVAL, 0},
        {IPPROTO_IP, IP_PKTINFO, 8, 0, EINVAL, 0},
        {IPPROTO_IP, IP_RECVERR, 4, 1, EINVAL, 0},
        {IPPROTO_UDP, UDP_SEGMENT, 2, 1, 0, 0},
        {IPPROTO_UDP, UDP_SEGMENT, 4, 1, EINVAL, 0},
        {IPPROTO_UDP, 99, 2, 1, EINVAL, 0},
        {SOL_SOCKET, 99, 4, 1, EINVAL, EINVAL},
        {IPPROTO_IPV6, IP_TTL, 4, 0, 0, 0}, /* foreign levels are passed over */
    };
    int accepted;
    begin();
    int fd = world_connection(80, &accepted);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        uint8_t data[8] = {0};
        memcpy(data, &row[i].value, sizeof row[i].value);
        for (int stream = 0; stream < 2; stream++) {
            struct msghdr *m = letter(row[i].level, row[i].type, data, row[i].length);
            int64_t sent = rill_sendmsg(stream ? fd : client, m, 0);
            int error = sent == 1 ? 0 : errno;
            CU_ASSERT_EQUAL(error, stream ? row[i].stream : row[i].datagram);
        }
    }
    world_end();
}

static void lengths_that_lie_are_refused(void)
{
    int ttl = 5;
    begin();
    struct msghdr *m = letter(IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
    CMSG_FIRSTHDR(m)->cmsg_len = CMSG_LEN(0) - 1;
    CU_ASSERT_TRUE(fails(rill_sendmsg(client, m, 0), EINVAL));
    m = letter(IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
    CMSG_FIRSTHDR(m)->cmsg_len = m->msg_controllen + 1;
    CU_ASSERT_TRUE(fails(rill_sendmsg(client, m, 0), EINVAL));
    CMSG_FIRSTHDR(m)->cmsg_len = SIZE_MAX;
    CU_ASSERT_TRUE(fails(rill_sendmsg(client, m, 0), EINVAL));
    m = letter(IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
    m->msg_control = NULL;
    CU_ASSERT_TRUE(fails(rill_sendmsg(client, m, 0), EFAULT));
    m = letter(IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
    m->msg_controllen = sizeof(struct cmsghdr) - 1; /* too short for any: there is none */
    CU_ASSERT_EQUAL(rill_sendmsg(client, m, 0), 1);
    world_end();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"nothing is told that nobody asked for", nothing_is_told_that_nobody_asked_for},
        {"IP fields are told in Linux's order", ip_fields_are_told_in_linux_order},
        {"a broadcast tells which address to answer from",
         a_broadcast_tells_which_address_to_answer_from},
        {"the time stamp is the frame's", the_time_stamp_is_the_frames},
        {"what does not fit is cut and says so", what_does_not_fit_is_cut_and_says_so},
        {"a missing buffer is one without room", a_missing_buffer_is_one_without_room},
        {"a buffer may lie at any address", a_buffer_may_lie_at_any_address},
        {"a stream tells how much is left", a_stream_tells_how_much_is_left},
        {"a datagram has the fields that its message asks for",
         a_datagram_has_the_fields_that_its_message_asks_for},
        {"packet information chooses the source", packet_information_chooses_the_source},
        {"what is not understood is refused", what_is_not_understood_is_refused},
        {"lengths that lie are refused", lengths_that_lie_are_refused},
    };
    return UNIT_MAIN("control", tests);
}
