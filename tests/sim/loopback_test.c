/* A stack that talks to itself through its loopback port: 127.0.0.1, its own address, and one
 * socket with itself. */
#include "../unit/unit.h"
#include "pair.h"

#include <errno.h>
#include <rill/loopback.h>
#include <string.h>

static struct pair p;

static void open_stack(void)
{
    struct pair_config c;
    pair_config_init(&c, 1);
    pair_open(&p, &c);
    rill_use(p.end[0]);
}

static struct sockaddr_in at(uint32_t address, uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(address)};
}

static int bound(int type, struct sockaddr_in a)
{
    int fd = rill_socket(AF_INET, type | SOCK_NONBLOCK, 0);
    CU_ASSERT_EQUAL_FATAL(rill_bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

static void settle(void)
{
    while (rill_loopback_turn(p.end[0], p.now) > 0)
        ;
}

static void talk_over(uint32_t address)
{
    char got[8] = "";
    open_stack();
    struct sockaddr_in server = at(address, 80);
    int listener = bound(SOCK_STREAM, server);
    CU_ASSERT_EQUAL(rill_listen(listener, 1), 0);
    int client = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CU_ASSERT_EQUAL(rill_connect(client, (struct sockaddr *)&server, sizeof server), -1);
    settle();
    int served = rill_accept(listener, NULL, NULL);
    CU_ASSERT_TRUE_FATAL(served >= 0);
    CU_ASSERT_EQUAL(rill_send(client, "hello", 5, 0), 5);
    settle();
    CU_ASSERT_EQUAL(rill_recv(served, got, sizeof got, 0), 5);
    CU_ASSERT_STRING_EQUAL(got, "hello");
    rill_close(client);
    settle();
    CU_ASSERT_EQUAL(rill_recv(served, got, sizeof got, 0), 0);
    pair_close(&p);
}

static void localhost_answers(void)
{
    talk_over(0x7f000001);
}

static void any_address_of_127_does(void)
{
    talk_over(0x7f010203);
}

static void the_own_address_never_reaches_the_wire(void) /* I14 */
{
    talk_over(0x0a000001);
    open_stack();
    struct sockaddr_in to = at(0x0a000001, 9);
    int client = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    rill_connect(client, (struct sockaddr *)&to, sizeof to);
    pair_run_for(&p, RILL_MILLISECONDS(10)); /* what the address announces is ARP */
    CU_ASSERT_EQUAL(rill_counters(p.end[1])->value[RILL_IpInReceives], 0);
    int error = 0;
    socklen_t length = sizeof error;
    CU_ASSERT_EQUAL(rill_getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &length), 0);
    CU_ASSERT_EQUAL(error, ECONNREFUSED);
    pair_close(&p);
}

static void a_socket_connects_to_itself(void) /* S10: a simultaneous open with oneself */
{
    char got[8] = "";
    open_stack();
    struct sockaddr_in self = at(0x7f000001, 4000);
    int fd = bound(SOCK_STREAM, self);
    CU_ASSERT_EQUAL(rill_connect(fd, (struct sockaddr *)&self, sizeof self), -1);
    settle();
    CU_ASSERT_EQUAL(rill_connect(fd, (struct sockaddr *)&self, sizeof self), 0);
    CU_ASSERT_EQUAL(rill_send(fd, "me", 2, 0), 2);
    settle();
    CU_ASSERT_EQUAL(rill_recv(fd, got, sizeof got, 0), 2);
    CU_ASSERT_STRING_EQUAL(got, "me");
    rill_shutdown(fd, SHUT_WR);
    settle();
    CU_ASSERT_EQUAL(rill_recv(fd, got, sizeof got, 0), 0);
    pair_close(&p);
}

static void datagrams_come_back_too(void)
{
    char got[8] = "";
    open_stack();
    struct sockaddr_in a = at(0x7f000001, 53);
    int server = bound(SOCK_DGRAM, a);
    int client = rill_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    CU_ASSERT_EQUAL(rill_sendto(client, "hi", 2, 0, (struct sockaddr *)&a, sizeof a), 2);
    settle();
    CU_ASSERT_EQUAL(rill_recv(server, got, sizeof got, 0), 2);
    CU_ASSERT_STRING_EQUAL(got, "hi");
    pair_close(&p);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"localhost answers", localhost_answers},
        {"any address of 127/8 does", any_address_of_127_does},
        {"the own address never reaches the wire", the_own_address_never_reaches_the_wire},
        {"a socket connects to itself", a_socket_connects_to_itself},
        {"datagrams come back too", datagrams_come_back_too},
    };
    return UNIT_MAIN("loopback", tests);
}
