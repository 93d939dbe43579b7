/* rill_drained: until when the end of a program must wait. */
#include "unit.h"
#include "world.h"

static void send_to(struct sockaddr_in to, const char *text)
{
    int fd = rill_socket(AF_INET, SOCK_DGRAM, 0);
    ssize_t length = (ssize_t)strlen(text);
    CU_ASSERT_EQUAL(rill_sendto(fd, text, (size_t)length, 0, (struct sockaddr *)&to, sizeof to),
                    length);
}

static void a_datagram_waits_for_the_answer_of_arp(void)
{
    char text[4];
    world_begin(NULL);
    rill_use(world.end[RIGHT]);
    int receiver = rill_socket(AF_INET, SOCK_DGRAM, 0);
    CU_ASSERT_EQUAL(bind_to(receiver, world_address(RIGHT, 53)), 0);
    rill_use(world.end[LEFT]);
    send_to(world_address(RIGHT, 53), "late");
    rill_close_all(world.end[LEFT]);
    world.cut = true;
    world_pass(RILL_MILLISECONDS(100));
    CU_ASSERT_FALSE(rill_drained(world.end[LEFT]));
    world.cut = false;
    world_pass(RILL_SECONDS(2)); /* the second request is answered */
    CU_ASSERT_TRUE(rill_drained(world.end[LEFT]));
    rill_use(world.end[RIGHT]);
    CU_ASSERT_EQUAL(rill_recv(receiver, text, sizeof text, MSG_DONTWAIT), 4);
    rill_use(world.end[LEFT]);
    world_end();
}

static void but_not_for_more_than_three_requests(void)
{
    world_begin(NULL);
    send_to(ip4_address(0xc0000263, 53), "lost"); /* nobody has the address */
    rill_close_all(world.end[LEFT]);
    world_pass(RILL_SECONDS(2));
    CU_ASSERT_FALSE(rill_drained(world.end[LEFT]));
    world_pass(RILL_SECONDS(2));
    CU_ASSERT_TRUE(rill_drained(world.end[LEFT]));
    world_end();
}

static const struct unit_test tests[] = {
    {"a datagram waits for the answer of ARP", a_datagram_waits_for_the_answer_of_arp},
    {"but not for more than three requests", but_not_for_more_than_three_requests},
};

int main(void)
{
    return UNIT_MAIN("drained", tests);
}
