/* Datagrams that a sender has joined behind one header (USO; udp(7): UDP_SEGMENT, UDP_GRO). */
#include "../unit/unit.h"
#include "lone.h"

#include <errno.h>
#include <netinet/udp.h>
#include <rill/counters.h>
#include <rill/loopback.h>
#include <sys/socket.h>

#define SERVICE 7

/* As the host's kernel hands it over: the checksum is that of the whole, and vouched for. */
static void hear_joined(struct lone *l, uint16_t port, size_t text, uint16_t piece)
{
    static uint8_t bytes[1400], frame[1500];
    struct forge way = forge_honest();
    for (size_t i = 0; i < text; i++)
        bytes[i] = (uint8_t)(i / piece);
    size_t length = forge_udp(frame, &way, 4000, port, span_of(bytes, text));
    struct rill_frame f = {.buffer = frame,
                           .room = sizeof frame,
                           .length = (uint32_t)length,
                           .checksum_good = true,
                           .gso_size = piece};
    rill_receive(l->rill, l->port, &f, 1, l->now);
    lone_pull(l);
}

static void each_datagram_arrives_by_itself(void)
{
    struct lone *l = lone_open(NULL);
    int fd = lone_udp(SERVICE);
    uint8_t got[2000];
    lone_meet(l, FORGE_PEER, forge_mac(2));
    hear_joined(l, SERVICE, 1300, 400);
    for (int i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(rill_recv(fd, got, sizeof got, 0), i < 3 ? 400 : 100);
        CU_ASSERT_EQUAL(got[0], i);
        CU_ASSERT_EQUAL(got[99], i);
    }
    CU_ASSERT_EQUAL(rill_recv(fd, got, sizeof got, 0), -1);
    CU_ASSERT_EQUAL(rill_counters(l->rill)->value[RILL_UdpInDatagrams], 4);
    rill_close(fd);
    lone_close(l);
}

static void those_that_find_no_room_are_counted_one_by_one(void)
{
    struct lone *l = lone_open(NULL);
    int fd = lone_udp(SERVICE), room = 0;
    uint64_t before = lone_dropped(l, RILL_DROP_UDP_QUEUE_FULL);
    rill_setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    lone_meet(l, FORGE_PEER, forge_mac(2));
    unsigned sent = 0, there = 0;
    for (; sent < 400; sent += 4)
        hear_joined(l, SERVICE, 1300, 400);
    char text[500];
    while (rill_recv(fd, text, sizeof text, 0) >= 0)
        there++;
    CU_ASSERT(there > 0 && there < sent);
    CU_ASSERT_EQUAL(lone_dropped(l, RILL_DROP_UDP_QUEUE_FULL) - before, sent - there);
    rill_close(fd);
    lone_close(l);
}

static void one_error_answers_all_of_them(void)
{
    struct lone *l = lone_open(NULL);
    lone_meet(l, FORGE_PEER, forge_mac(2));
    lone_forget(l);
    hear_joined(l, SERVICE, 1300, 400);
    CU_ASSERT_EQUAL(lone_count(l, DISSECTED_ICMP, NULL), 1);
    CU_ASSERT_EQUAL(l->sent, 1);
    lone_close(l);
}

/* ------------------------------------------------------------- UDP_GRO */

static void switch_on(int fd, int name, int value)
{
    CU_ASSERT_EQUAL(rill_setsockopt(fd, IPPROTO_UDP, name, &value, sizeof value), 0);
}

/* One recvmsg; *segment is what UDP_GRO's message says, 0 where there is none. */
static ssize_t receive_joined(int fd, uint8_t *to, size_t room, int *segment)
{
    union {
        struct cmsghdr header;
        uint8_t room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {to, room};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    ssize_t n = rill_recvmsg(fd, &m, 0);
    *segment = 0;
    struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&m);
    if (!c)
        return n;
    CU_ASSERT_EQUAL(c->cmsg_level, IPPROTO_UDP);
    CU_ASSERT_EQUAL(c->cmsg_type, UDP_GRO);
    memcpy(segment, CMSG_DATA(c), sizeof *segment);
    return n;
}

static void who_asks_for_it_gets_them_as_one(void)
{
    struct lone *l = lone_open(NULL);
    int fd = lone_udp(SERVICE), segment;
    uint8_t got[2000];
    switch_on(fd, UDP_GRO, 1);
    lone_meet(l, FORGE_PEER, forge_mac(2));
    hear_joined(l, SERVICE, 1300, 400);
    hear_joined(l, SERVICE, 400, 400);
    CU_ASSERT_EQUAL(receive_joined(fd, got, sizeof got, &segment), 1300);
    CU_ASSERT_EQUAL(segment, 400);
    CU_ASSERT_EQUAL(got[399], 0);
    CU_ASSERT_EQUAL(got[1299], 3);
    CU_ASSERT_EQUAL(receive_joined(fd, got, sizeof got, &segment), 400);
    CU_ASSERT_EQUAL(segment, 0);
    rill_close(fd);
    lone_close(l);
}

/* --------------------------------------------------------- UDP_SEGMENT */

static struct iovec some_text(size_t length)
{
    static uint8_t text[UINT16_MAX];
    for (size_t i = 0; i < length; i++)
        text[i] = (uint8_t)(i / 100);
    return (struct iovec){text, length};
}

static ssize_t send_burst(int fd, size_t length)
{
    struct sockaddr_in to = lone_address(FORGE_PEER, 4000);
    struct iovec text = some_text(length);
    return rill_sendto(fd, text.iov_base, length, 0, (struct sockaddr *)&to, sizeof to);
}

/* The same with a control message. */
static ssize_t send_segments(int fd, size_t length, uint16_t segment, size_t size)
{
    struct sockaddr_in to = lone_address(FORGE_PEER, 4000);
    struct iovec text = some_text(length);
    union {
        struct cmsghdr header;
        uint8_t room[CMSG_SPACE(sizeof(uint32_t))];
    } control = {.header = {.cmsg_len = CMSG_LEN(size),
                            .cmsg_level = IPPROTO_UDP,
                            .cmsg_type = UDP_SEGMENT}};
    memcpy(CMSG_DATA(&control.header), &segment, sizeof segment);
    struct msghdr m = {.msg_name = &to,
                       .msg_namelen = sizeof to,
                       .msg_iov = &text,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = CMSG_SPACE(size)};
    return rill_sendmsg(fd, &m, 0);
}

/* What has left is these datagrams, whose text goes on from one to the next. */
static void check_left(struct lone *l, const size_t *lengths, unsigned count)
{
    size_t at = 0;
    lone_pull(l);
    CU_ASSERT_EQUAL_FATAL(l->sent, count);
    for (unsigned i = 0; i < count; i++) {
        struct dissected d = lone_sent(l, i);
        CU_ASSERT_EQUAL(d.kind, DISSECTED_UDP);
        CU_ASSERT_EQUAL_FATAL(d.payload.length, lengths[i]);
        for (size_t k = 0; k < lengths[i]; k++, at++)
            CU_ASSERT_EQUAL_FATAL(d.payload.at[k], (uint8_t)(at / 100));
    }
    lone_forget(l);
}

static void a_burst_leaves_datagram_by_datagram(void)
{
    struct lone *l = lone_open(NULL);
    int fd = lone_udp(SERVICE);
    lone_meet(l, FORGE_PEER, forge_mac(2));
    lone_forget(l);
    const uint64_t *out = &rill_counters(l->rill)->value[RILL_UdpOutDatagrams], before = *out;
    switch_on(fd, UDP_SEGMENT, 400);
    CU_ASSERT_EQUAL(send_burst(fd, 1300), 1300);
    check_left(l, (size_t[]){400, 400, 400, 100}, 4);
    CU_ASSERT_EQUAL(*out - before, 4);
    CU_ASSERT_EQUAL(send_burst(fd, 400), 400);
    check_left(l, (size_t[]){400}, 1);
    CU_ASSERT_EQUAL(send_burst(fd, 0), 0);
    check_left(l, (size_t[]){0}, 1);
    CU_ASSERT_EQUAL(send_segments(fd, 1300, 1000, 2), 1300); /* a message goes before the option */
    check_left(l, (size_t[]){1000, 300}, 2);
    CU_ASSERT_EQUAL(send_segments(fd, 1300, 0, 2), 1300); /* also one that says: as one */
    check_left(l, (size_t[]){1300}, 1);
    switch_on(fd, UDP_SEGMENT, 0);
    CU_ASSERT_EQUAL(send_burst(fd, 1300), 1300);
    check_left(l, (size_t[]){1300}, 1);
    rill_close(fd);
    lone_close(l);
}

static void what_cannot_be_is_refused(void)
{
    struct lone *l = lone_open(NULL);
    int fd = lone_udp(SERVICE), value = 65536;
    socklen_t length = sizeof value;
    lone_meet(l, FORGE_PEER, forge_mac(2));
    lone_forget(l);
    CU_ASSERT_EQUAL(rill_setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &value, sizeof value), -1);
    CU_ASSERT_EQUAL(errno, EINVAL);
    value = -1;
    CU_ASSERT_EQUAL(rill_setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &value, sizeof value), -1);
    CU_ASSERT_EQUAL(errno, EINVAL);
    CU_ASSERT_EQUAL(send_segments(fd, 3000, 1473, 2), -1); /* more than the MTU allows */
    CU_ASSERT_EQUAL(errno, EMSGSIZE);
    CU_ASSERT_EQUAL(send_segments(fd, 129, 1, 2), -1); /* more than 128 datagrams */
    CU_ASSERT_EQUAL(errno, EINVAL);
    CU_ASSERT_EQUAL(send_segments(fd, 100, 50, 4), -1); /* it is a uint16_t */
    CU_ASSERT_EQUAL(errno, EINVAL);
    lone_pull(l);
    CU_ASSERT_EQUAL(l->sent, 0);
    CU_ASSERT_EQUAL(send_segments(fd, 1473, 1473, 2), 1473); /* one: it is cut by IP, as ever */
    CU_ASSERT_EQUAL(send_segments(fd, 128, 1, 2), 128);
    lone_pull(l);
    CU_ASSERT_EQUAL(l->sent, 2 + 128);
    switch_on(fd, UDP_SEGMENT, 700);
    CU_ASSERT_EQUAL(rill_getsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &value, &length), 0);
    CU_ASSERT_EQUAL(value, 700);
    rill_close(fd);
    fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL(rill_setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &value, sizeof value), -1);
    CU_ASSERT_EQUAL(errno, ENOPROTOOPT);
    rill_close(fd);
    lone_close(l);
}

/* The peer says who it is, as it was asked. */
static void hear_answer(struct lone *l)
{
    uint8_t frame[ETH_MINIMUM];
    struct forge way = forge_honest();
    struct arp reply = {.operation = ARP_REPLY,
                        .sender_mac = way.from,
                        .sender = FORGE_PEER,
                        .target_mac = way.to,
                        .target = FORGE_VICTIM};
    lone_hear(l, frame, forge_arp(frame, &way, &reply));
}

/* The path narrows while the burst waits for ARP: each datagram is cut as any other is. */
static void a_narrower_path_cuts_each(void)
{
    struct lone *l = lone_open(NULL);
    int fd = lone_udp(SERVICE);
    CU_ASSERT_EQUAL(send_segments(fd, 2500, 1000, 2), 2500);
    lone_pull(l);
    CU_ASSERT_EQUAL(rill_port_mtu(l->rill, l->port, 600), 0);
    lone_forget(l);
    hear_answer(l);
    CU_ASSERT_EQUAL(lone_count(l, DISSECTED_FRAGMENT, NULL), 2 + 2); /* of 1,000 bytes each */
    struct dissected last;
    CU_ASSERT_EQUAL(lone_count(l, DISSECTED_UDP, &last), 1);
    CU_ASSERT_EQUAL(last.payload.length, 500);
    rill_close(fd);
    lone_close(l);
}

/* ------------------------------------------------- a device that cuts them */

#define DEVICE_MTU 1500
#define DEVICE_HEADERS (14 + 20 + 8)
#define DEVICE_ROOM (DEVICE_MTU + 14)
#define DEVICE_FRAMES 8

/* A stack with the peer's address known, on a device that cuts TCP, and UDP if `cuts_udp`. */
static struct rill *open_device(bool cuts_udp, int *port)
{
    struct rill_config c = lone_config();
    struct rill_port_config p = {.name = "card",
                                 .mac = {2, 0, 0, 0, 0, 1},
                                 .mtu = DEVICE_MTU,
                                 .can_gather = true,
                                 .can_checksum = true,
                                 .gso_max = UINT16_MAX,
                                 .cuts_udp = cuts_udp};
    uint8_t mac[6] = {2, 0, 0, 0, 0, 2};
    struct rill *r = rill_new(&c, RILL_SECONDS(1));
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    *port = rill_port_add(r, &p);
    rill_address_add(r, *port, rill_address_ip4(FORGE_VICTIM), 24, false);
    rill_neighbour_add(r, *port, rill_address_ip4(FORGE_PEER), mac);
    rill_use(r);
    return r;
}

/* One pull of IP frames into buffers that lie one behind the other, each with room for the MTU. */
static unsigned pull_device(struct rill *r, int port, struct rill_frame out[DEVICE_FRAMES])
{
    static uint8_t buffer[DEVICE_FRAMES][DEVICE_ROOM];
    for (unsigned i = 0; i < DEVICE_FRAMES; i++)
        out[i] = (struct rill_frame){.buffer = buffer[i], .room = DEVICE_ROOM};
    unsigned n = rill_transmit(r, port, out, DEVICE_FRAMES, RILL_SECONDS(1)), kept = 0;
    for (unsigned i = 0; i < n; i++)
        if (out[i].buffer[out[i].start + 13] == 0) /* no ARP: the announcement of our address */
            out[kept++] = out[i];
    return kept;
}

/* The frame's text is what some_text has, from `at` on. */
static void check_text(const struct rill_frame *f, size_t length)
{
    size_t at = 0;
    for (size_t i = DEVICE_HEADERS; i < f->length; i++, at++)
        CU_ASSERT_EQUAL_FATAL(f->buffer[f->start + i], (uint8_t)(at / 100));
    for (unsigned i = 0; i < f->gather_count; i++)
        for (size_t k = 0; k < f->gather[i].length; k++, at++)
            CU_ASSERT_EQUAL_FATAL(f->gather[i].at[k], (uint8_t)(at / 100));
    CU_ASSERT_EQUAL(at, length);
}

static void a_device_that_can_is_given_the_whole(void)
{
    int port;
    struct rill_frame f[DEVICE_FRAMES];
    struct rill *r = open_device(true, &port);
    int fd = lone_udp(SERVICE);
    send_burst(fd, 1); /* the path has its memory then */
    pull_device(r, port, f);
    size_t before = rill_memory_used(r);
    CU_ASSERT_EQUAL(send_segments(fd, 60500, 1000, 2), 60500);
    CU_ASSERT_EQUAL(send_segments(fd, 30700, 1400, 2), 30700); /* both in one pull */
    CU_ASSERT_EQUAL_FATAL(pull_device(r, port, f), 2);
    CU_ASSERT_EQUAL(f[0].gso_size, 1000);
    CU_ASSERT_EQUAL(f[1].gso_size, 1400);
    for (unsigned i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(f[i].header_length, DEVICE_HEADERS);
        CU_ASSERT_TRUE(f[i].checksum_partial);
        CU_ASSERT_EQUAL(f[i].checksum_start, DEVICE_HEADERS - 8);
        CU_ASSERT_EQUAL(f[i].checksum_offset, 6);
        check_text(&f[i], i ? 30700 : 60500);
    }
    CU_ASSERT_EQUAL(rill_counters(r)->value[RILL_UdpOutDatagrams], 1 + 61 + 22);
    CU_ASSERT_EQUAL(pull_device(r, port, f), 0); /* by now the device has it, and it goes back */
    CU_ASSERT_EQUAL(rill_memory_used(r), before);
    rill_close(fd);
    rill_free(r);
}

/* More than a superframe holds: the first frame's text is there as long as the last one's. */
static void the_rest_of_a_burst_leaves_behind_it(void)
{
    int port;
    struct rill_frame f[DEVICE_FRAMES];
    struct rill *r = open_device(true, &port);
    int fd = lone_udp(SERVICE);
    send_burst(fd, 1);
    pull_device(r, port, f);
    size_t before = rill_memory_used(r);
    CU_ASSERT_EQUAL(send_segments(fd, 65500, 1000, 2), 65500);
    CU_ASSERT_EQUAL_FATAL(pull_device(r, port, f), 2);
    CU_ASSERT(rill_memory_used(r) > before + 65500);
    check_text(&f[0], 65000);
    CU_ASSERT_EQUAL(f[1].gso_size, 0);
    CU_ASSERT_EQUAL(f[1].length, DEVICE_HEADERS + 500);
    CU_ASSERT_EQUAL(pull_device(r, port, f), 0);
    CU_ASSERT_EQUAL(rill_memory_used(r), before);
    rill_close(fd);
    rill_free(r);
}

static void one_that_cuts_tcp_alone_is_not(void)
{
    int port;
    struct rill_frame f[DEVICE_FRAMES];
    struct rill *r = open_device(false, &port);
    int fd = lone_udp(SERVICE);
    CU_ASSERT_EQUAL(send_segments(fd, 2500, 1000, 2), 2500);
    CU_ASSERT_EQUAL_FATAL(pull_device(r, port, f), 3);
    CU_ASSERT_EQUAL(f[0].gso_size, 0);
    CU_ASSERT_EQUAL(f[0].length, DEVICE_HEADERS + 1000);
    CU_ASSERT_EQUAL(f[2].length, DEVICE_HEADERS + 500);
    rill_close(fd);
    rill_free(r);
}

/* The address becomes our own while the datagram waits: it goes by the loopback port, and into the
 * card's buffers comes nothing of it. */
static void a_datagram_leaves_by_the_port_that_the_route_has_now(void)
{
    int port;
    struct rill_frame f[DEVICE_FRAMES];
    struct rill *r = open_device(true, &port);
    int fd = lone_udp(SERVICE), receiver = lone_udp(4000);
    static uint8_t got[UINT16_MAX];
    CU_ASSERT_EQUAL(send_burst(fd, 60000), 60000);
    rill_address_add(r, port, rill_address_ip4(FORGE_PEER), 24, false);
    CU_ASSERT_EQUAL(pull_device(r, port, f), 0);
    while (rill_loopback_turn(r, RILL_SECONDS(1)))
        continue;
    CU_ASSERT_EQUAL(rill_recv(receiver, got, sizeof got, 0), 60000);
    rill_close(receiver);
    rill_close(fd);
    rill_free(r);
}

static const struct unit_test tests[] = {
    {"UDP_GRO: who asks for it gets them as one", who_asks_for_it_gets_them_as_one},
    {"UDP_SEGMENT: a burst leaves datagram by datagram", a_burst_leaves_datagram_by_datagram},
    {"UDP_SEGMENT: what cannot be is refused", what_cannot_be_is_refused},
    {"UDP_SEGMENT: a narrower path cuts each", a_narrower_path_cuts_each},
    {"UDP_SEGMENT: a device that can is given the whole", a_device_that_can_is_given_the_whole},
    {"UDP_SEGMENT: the rest of a burst leaves behind it", the_rest_of_a_burst_leaves_behind_it},
    {"UDP_SEGMENT: one that cuts TCP alone is not", one_that_cuts_tcp_alone_is_not},
    {"a datagram leaves by the port that the route has now",
     a_datagram_leaves_by_the_port_that_the_route_has_now},
    {"each datagram arrives by itself", each_datagram_arrives_by_itself},
    {"those that find no room are counted one by one",
     those_that_find_no_room_are_counted_one_by_one},
    {"one error answers all of them", one_error_answers_all_of_them},
};

int main(void)
{
    return UNIT_MAIN("udp_superframe", tests);
}
