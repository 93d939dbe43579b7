/* IP_RECVERR and MSG_ERRQUEUE, sentence by sentence as ip(7), udp(7), tcp(7) and recvmsg(2) have
 * them. The right end of the world answers datagrams to a closed port with ICMP port unreachable.
 */
#include "mail.h"
#include "unit.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <string.h>

#define CLOSED_PORT 53

struct extended_error {
    struct sock_extended_err error;
    struct sockaddr_in offender;
};

static struct mail got;
static int fd; /* the left end's socket */

static int recverr(int on)
{
    return rill_setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
}

static void begin(int type)
{
    world_begin(NULL);
    fd = rill_socket(AF_INET, type | SOCK_NONBLOCK, 0);
    CU_ASSERT_EQUAL_FATAL(recverr(1), 0);
}

static int64_t send_to_closed_port(const char *text)
{
    struct sockaddr_in to = world_address(RIGHT, CLOSED_PORT);
    int64_t sent = rill_sendto(fd, text, strlen(text), 0, (struct sockaddr *)&to, sizeof to);
    world_pass(RILL_SECONDS(1));
    return sent;
}

static int64_t read_error(int flags)
{
    return rill_recvmsg(fd, mail_empty(&got), flags | MSG_ERRQUEUE);
}

/* The error, which is the i-th control message. */
static struct extended_error error_at(unsigned i)
{
    struct extended_error e = {.error.ee_errno = UINT32_MAX};
    const void *at = mail_told(&got, i, IPPROTO_IP, IP_RECVERR, sizeof e);
    if (at)
        memcpy(&e, at, sizeof e);
    return e;
}

static struct extended_error error_read(void)
{
    return error_at(0);
}

static int pending(void)
{
    int error = -1;
    socklen_t length = sizeof error;
    CU_ASSERT_EQUAL(rill_getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length), 0);
    return error;
}

static short ready(void)
{
    struct pollfd p = {.fd = fd};
    rill_poll(&p, 1, 0);
    return p.revents;
}

/* "IP_RECVERR defaults to off." "It sets or retrieves an integer boolean flag." */
static void it_is_an_integer_boolean_flag_that_is_off_at_first(void)
{
    int value = -1;
    socklen_t length = sizeof value;
    world_begin(NULL);
    fd = rill_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    CU_ASSERT_EQUAL(rill_getsockopt(fd, IPPROTO_IP, IP_RECVERR, &value, &length), 0);
    CU_ASSERT_EQUAL(value, 0);
    CU_ASSERT_EQUAL(recverr(7), 0);
    CU_ASSERT_EQUAL(rill_getsockopt(fd, IPPROTO_IP, IP_RECVERR, &value, &length), 0);
    CU_ASSERT_EQUAL(value, 1);
    CU_ASSERT_EQUAL(recverr(0), 0);
    CU_ASSERT_EQUAL(send_to_closed_port("x"), 1);
    CU_ASSERT_TRUE(fails(read_error(0), EAGAIN));
    CU_ASSERT_EQUAL(pending(), 0); /* it is not connected */
    world_end();
}

/* "When enabled on a datagram socket, all generated errors will be queued in a per-socket error
 * queue." "This is useful for reliable error handling on unconnected sockets." */
static void an_error_about_an_unconnected_socket_is_queued_whole(void)
{
    begin(SOCK_DGRAM);
    CU_ASSERT_EQUAL(send_to_closed_port("hello"), 5);
    CU_ASSERT_EQUAL(read_error(0), 5);
    struct extended_error e = error_read();
    CU_ASSERT_EQUAL(e.error.ee_errno, ECONNREFUSED);
    CU_ASSERT_EQUAL(e.error.ee_origin, SO_EE_ORIGIN_ICMP);
    CU_ASSERT_EQUAL(e.error.ee_type, 3); /* "from the type and code fields of the ICMP header" */
    CU_ASSERT_EQUAL(e.error.ee_code, 3);
    CU_ASSERT_EQUAL(e.error.ee_info, 0);
    CU_ASSERT_EQUAL(e.error.ee_data, 0);
    /* "the sockaddr_in of the node caused the error" */
    CU_ASSERT_EQUAL(e.offender.sin_family, AF_INET);
    CU_ASSERT_EQUAL(ntohl(e.offender.sin_addr.s_addr), 0xc0000202);
    CU_ASSERT_EQUAL(e.offender.sin_port, 0);
    /* "The payload of the packet causing the error is returned as normal payload." */
    CU_ASSERT_EQUAL(memcmp(got.text, "hello", 5), 0);
    /* "The original destination address of the datagram ... is supplied via msg_name." */
    CU_ASSERT_EQUAL(got.m.msg_namelen, sizeof got.name);
    CU_ASSERT_EQUAL(ntohl(got.name.sin_addr.s_addr), 0xc0000202);
    CU_ASSERT_EQUAL(ntohs(got.name.sin_port), CLOSED_PORT);
    /* "For error receives, the MSG_ERRQUEUE flag is set in the msghdr." */
    CU_ASSERT_EQUAL(got.m.msg_flags, MSG_ERRQUEUE);
    world_end();
}

/* MSG_ERRQUEUE never waits, O_NONBLOCK or not. */
static void an_empty_queue_is_eagain_at_once(void)
{
    begin(SOCK_DGRAM);
    rill_fcntl(fd, F_SETFL, 0);
    CU_ASSERT_TRUE(fails(read_error(0), EAGAIN));
    world_end();
}

/* recvmsg(2): "After an error has been passed, the pending socket error is regenerated based on the
 * next queued error and will be passed on the next socket operation." */
static void the_pending_error_follows_the_queue(void)
{
    char text[4];
    begin(SOCK_DGRAM);
    send_to_closed_port("1");
    CU_ASSERT_TRUE(fails(send_to_closed_port("not sent"), ECONNREFUSED));
    CU_ASSERT_EQUAL(send_to_closed_port("2"), 1);
    CU_ASSERT_TRUE(fails(rill_recv(fd, text, 4, 0), ECONNREFUSED)); /* once */
    CU_ASSERT_TRUE(fails(rill_recv(fd, text, 4, 0), EAGAIN));
    CU_ASSERT_EQUAL(read_error(0), 1);
    CU_ASSERT_EQUAL(got.text[0], '1');
    CU_ASSERT_EQUAL(pending(), ECONNREFUSED); /* of the second */
    CU_ASSERT_EQUAL(pending(), 0);
    CU_ASSERT_EQUAL(read_error(0), 1);
    CU_ASSERT_EQUAL(got.text[0], '2');
    CU_ASSERT_EQUAL(pending(), 0);
    send_to_closed_port("3");
    CU_ASSERT_EQUAL(read_error(0), 1);
    CU_ASSERT_EQUAL(pending(), 0); /* the last one was read */
    world_end();
}

static void poll_tells_of_the_queue_while_something_is_in_it(void)
{
    begin(SOCK_DGRAM);
    CU_ASSERT_EQUAL(ready() & POLLERR, 0);
    send_to_closed_port("x");
    CU_ASSERT_EQUAL(ready() & POLLERR, POLLERR);
    CU_ASSERT_EQUAL(pending(), ECONNREFUSED);
    CU_ASSERT_EQUAL(ready() & POLLERR, POLLERR); /* nothing is pending, and it waits */
    CU_ASSERT_EQUAL(read_error(0), 1);
    CU_ASSERT_EQUAL(ready() & POLLERR, 0);
    world_end();
}

/* Linux takes the report out whatever MSG_PEEK says, and cuts like recv. */
static void a_report_is_read_once_and_may_be_cut(void)
{
    begin(SOCK_DGRAM);
    send_to_closed_port("a text of more than sixteen");
    CU_ASSERT_EQUAL(read_error(MSG_PEEK), 16);
    CU_ASSERT_EQUAL(got.m.msg_flags, MSG_ERRQUEUE | MSG_TRUNC);
    CU_ASSERT_TRUE(fails(read_error(0), EAGAIN));
    send_to_closed_port("x");
    struct msghdr none = {0};
    CU_ASSERT_EQUAL(rill_recvmsg(fd, &none, MSG_ERRQUEUE), 0);
    CU_ASSERT_EQUAL(none.msg_flags, MSG_ERRQUEUE | MSG_TRUNC | MSG_CTRUNC);
    world_end();
}

/* "When the error originated from the network, all IP options enabled on the socket and contained
 * in the error packet are passed as control messages": those of the ICMP message. */
static void options_of_the_icmp_message_come_before_the_error(void)
{
    int on = 1, ttl = 0;
    begin(SOCK_DGRAM);
    CU_ASSERT_EQUAL(rill_setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &on, sizeof on), 0);
    CU_ASSERT_EQUAL(rill_setsockopt(fd, IPPROTO_IP, IP_TTL, &(int){9}, sizeof(int)), 0);
    send_to_closed_port("x");
    CU_ASSERT_EQUAL(read_error(0), 1);
    const void *at = mail_told(&got, 0, IPPROTO_IP, IP_TTL, sizeof ttl);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    memcpy(&ttl, at, sizeof ttl);
    CU_ASSERT_EQUAL(ttl, 64); /* not the 9 of our own datagram */
    CU_ASSERT_EQUAL(error_at(1).error.ee_errno, ECONNREFUSED);
    world_end();
}

/* "SO_EE_ORIGIN_LOCAL for locally generated errors"; "ee_info contains the discovered MTU for
 * EMSGSIZE errors"; "the sin_family field ... is AF_UNSPEC when the source was unknown". */
static void a_call_that_was_refused_leaves_a_local_error(void)
{
    static char large[65508];
    struct sockaddr_in to = world_address(RIGHT, CLOSED_PORT);
    begin(SOCK_DGRAM);
    CU_ASSERT_TRUE(fails(rill_sendto(fd, large, sizeof large, 0, (struct sockaddr *)&to, sizeof to),
                         EMSGSIZE));
    CU_ASSERT_EQUAL(ready() & POLLERR, POLLERR);
    CU_ASSERT_EQUAL(pending(), 0); /* the call itself has said it */
    CU_ASSERT_EQUAL(read_error(0), 0);
    struct extended_error e = error_read();
    CU_ASSERT_EQUAL(e.error.ee_errno, EMSGSIZE);
    CU_ASSERT_EQUAL(e.error.ee_origin, SO_EE_ORIGIN_LOCAL);
    CU_ASSERT_EQUAL(e.error.ee_type, 0);
    CU_ASSERT_EQUAL(e.error.ee_code, 0);
    CU_ASSERT_EQUAL(e.error.ee_info, 1500);
    CU_ASSERT_EQUAL(e.offender.sin_family, AF_UNSPEC);
    CU_ASSERT_EQUAL(ntohs(got.name.sin_port), CLOSED_PORT);
    world_end();
}

/* A host that does not answer ARP: Linux sends itself an ICMP message about it. */
static void an_absent_neighbour_is_an_icmp_error_of_our_own(void)
{
    struct sockaddr_in to = ip4_address(0xc0000209, 9);
    begin(SOCK_DGRAM);
    CU_ASSERT_EQUAL(rill_sendto(fd, "lost", 4, 0, (struct sockaddr *)&to, sizeof to), 4);
    world_pass(RILL_SECONDS(10));
    CU_ASSERT_EQUAL(pending(), EHOSTUNREACH);
    CU_ASSERT_EQUAL(read_error(0), 4);
    struct extended_error e = error_read();
    CU_ASSERT_EQUAL(e.error.ee_errno, EHOSTUNREACH);
    CU_ASSERT_EQUAL(e.error.ee_origin, SO_EE_ORIGIN_ICMP);
    CU_ASSERT_EQUAL(e.error.ee_type, 3);
    CU_ASSERT_EQUAL(e.error.ee_code, 1);
    CU_ASSERT_EQUAL(ntohl(e.offender.sin_addr.s_addr), 0xc0000201);
    CU_ASSERT_EQUAL(memcmp(got.text, "lost", 4), 0);
    CU_ASSERT_EQUAL(ntohl(got.name.sin_addr.s_addr), 0xc0000209);
    world_end();
}

static void switching_it_off_empties_the_queue(void)
{
    begin(SOCK_DGRAM);
    send_to_closed_port("x");
    CU_ASSERT_EQUAL(recverr(0), 0);
    CU_ASSERT_TRUE(fails(read_error(0), EAGAIN));
    CU_ASSERT_EQUAL(ready() & POLLERR, POLLERR); /* the pending error stays */
    CU_ASSERT_EQUAL(pending(), ECONNREFUSED);
    world_end();
}

static void a_closed_socket_takes_its_queue_along(void)
{
    begin(SOCK_DGRAM);
    send_to_closed_port("x");
    CU_ASSERT_EQUAL(read_error(0), 1);
    size_t before = rill_memory_used(world.end[LEFT]);
    send_to_closed_port("x");
    CU_ASSERT_TRUE(rill_memory_used(world.end[LEFT]) > before);
    CU_ASSERT_EQUAL(pending(), ECONNREFUSED);
    CU_ASSERT_EQUAL(rill_close(fd), 0);
    CU_ASSERT_TRUE(rill_memory_used(world.end[LEFT]) < before);
    world_end();
}

/* "Note that TCP has no error queue." */
static void a_stream_has_no_error_queue(void)
{
    int accepted;
    begin(SOCK_STREAM);
    CU_ASSERT_TRUE(fails(read_error(0), EAGAIN));
    rill_close(fd);
    fd = world_connection(80, &accepted);
    CU_ASSERT_EQUAL(recverr(1), 0);
    CU_ASSERT_TRUE(fails(read_error(0), EAGAIN));
    world_end();
}

/* tcp(7): "all incoming errors are immediately passed to the user program", and that the next hop
 * has gone is one. */
static void a_stream_hears_at_once_that_its_neighbour_has_gone(void)
{
    int accepted;
    char text[4];
    begin(SOCK_STREAM);
    rill_close(fd);
    fd = world_connection(80, &accepted);
    rill_fcntl(fd, F_SETFL, O_NONBLOCK);
    CU_ASSERT_EQUAL(recverr(1), 0);
    world_pass(RILL_SECONDS(3600)); /* the neighbour's entry grows old */
    world.cut = true;
    CU_ASSERT_EQUAL(rill_write(fd, "x", 1), 1);
    for (int i = 0; i < 30 && !(ready() & POLLERR); i++)
        world_pass(RILL_SECONDS(1));
    CU_ASSERT_TRUE(fails(rill_recv(fd, text, 4, 0), EHOSTUNREACH));
    CU_ASSERT_TRUE(fails(rill_recv(fd, text, 4, 0), EAGAIN)); /* it lives on */
    world.cut = false;
    world_pass(RILL_SECONDS(60));
    rill_use(world.end[RIGHT]);
    CU_ASSERT_EQUAL(rill_recv(accepted, text, 4, MSG_DONTWAIT), 1);
    world_end();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"it is an integer boolean flag that is off at first",
         it_is_an_integer_boolean_flag_that_is_off_at_first},
        {"an error about an unconnected socket is queued whole",
         an_error_about_an_unconnected_socket_is_queued_whole},
        {"an empty queue is EAGAIN at once", an_empty_queue_is_eagain_at_once},
        {"the pending error follows the queue", the_pending_error_follows_the_queue},
        {"poll tells of the queue while something is in it",
         poll_tells_of_the_queue_while_something_is_in_it},
        {"a report is read once and may be cut", a_report_is_read_once_and_may_be_cut},
        {"options of the ICMP message come before the error",
         options_of_the_icmp_message_come_before_the_error},
        {"a call that was refused leaves a local error",
         a_call_that_was_refused_leaves_a_local_error},
        {"an absent neighbour is an ICMP error of our own",
         an_absent_neighbour_is_an_icmp_error_of_our_own},
        {"switching it off empties the queue", switching_it_off_empties_the_queue},
        {"a closed socket takes its queue along", a_closed_socket_takes_its_queue_along},
        {"a stream has no error queue", a_stream_has_no_error_queue},
        {"a stream hears at once that its neighbour has gone",
         a_stream_hears_at_once_that_its_neighbour_has_gone},
    };
    return UNIT_MAIN("errqueue", tests);
}
