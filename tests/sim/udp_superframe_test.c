/* Datagrams that a sender has joined behind one header (USO): each arrives by itself. */
#include "../unit/unit.h"
#include "lone.h"

#include <rill/counters.h>
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

static const struct unit_test tests[] = {
    {"each datagram arrives by itself", each_datagram_arrives_by_itself},
    {"those that find no room are counted one by one",
     those_that_find_no_room_are_counted_one_by_one},
    {"one error answers all of them", one_error_answers_all_of_them},
};

int main(void)
{
    return UNIT_MAIN("udp_superframe", tests);
}
