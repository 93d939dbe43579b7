/* The same calls on the host kernel's sockets and on rill's, both over their own loopback: each
 * step prints what it was told, and two_stacks_test.sh compares the two lists.
 *
 *     two_stacks kernel|rill */
#include <time.h> /* before <linux/errqueue.h>, which needs it */

#include <errno.h>
#include <inttypes.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <rill/loopback.h>
#include <rill/rill.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLOSED_PORT 9999
#define SERVICE 7777
#define OPT_ID_TCP (1 << 16) /* SOF_TIMESTAMPING_OPT_ID_TCP */

struct calls {
    int (*socket)(int, int, int);
    int (*bind)(int, const struct sockaddr *, socklen_t);
    int (*connect)(int, const struct sockaddr *, socklen_t);
    int (*listen)(int, int);
    int (*accept)(int, struct sockaddr *, socklen_t *);
    int (*setsockopt)(int, int, int, const void *, socklen_t);
    int (*getsockopt)(int, int, int, void *, socklen_t *);
    ssize_t (*sendmsg)(int, const struct msghdr *, int);
    ssize_t (*recvmsg)(int, struct msghdr *, int);
    int (*poll)(struct pollfd *, nfds_t, int);
    int (*close)(int);
    void (*settle)(void); /* whatever is on its way arrives */
};

static const struct calls *on;
static struct rill *rill;

/* ------------------------------------------------------------ the two stacks */

static void kernel_settle(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
}

/* A second passes each time: rill limits the ICMP errors that it sends. */
static void rill_settle(void)
{
    rill_time now = rill_now(rill) + RILL_SECONDS(1);
    while (rill_loopback_turn(rill, now))
        ;
}

static int rill_turn(void *unused, rill_time until)
{
    (void)unused;
    if (!rill_loopback_turn(rill, rill_now(rill)) && until < RILL_NEVER)
        rill_loopback_turn(rill, until);
    return 0;
}

static const struct calls kernel_calls = {socket,  bind,       connect,    listen,
                                          accept,  setsockopt, getsockopt, sendmsg,
                                          recvmsg, poll,       close,      kernel_settle};
static const struct calls rill_calls = {
    rill_socket,     rill_bind,    rill_connect, rill_listen, rill_accept, rill_setsockopt,
    rill_getsockopt, rill_sendmsg, rill_recvmsg, rill_poll,   rill_close,  rill_settle};

/* -------------------------------------------------------------------- saying */

static void say(const char *what, int64_t result)
{
    int error = errno;
    printf("%s = %" PRId64, what, result);
    printf(result < 0 ? " %s\n" : "\n", strerrorname_np(error));
}

static void say_address(const char *what, const struct sockaddr_in *a)
{
    printf("  %s: family %d", what, a->sin_family);
    if (a->sin_family == AF_INET)
        printf(", %08x, %s", ntohl(a->sin_addr.s_addr), a->sin_port ? "a port" : "no port");
    putchar('\n');
}

static void say_error(const uint8_t *data, size_t length)
{
    struct sock_extended_err e;
    struct sockaddr_in offender;
    memcpy(&e, data, sizeof e);
    printf("  error of %zu bytes: %u, origin %u, type %u, code %u, info %u, data %u\n", length,
           e.ee_errno, e.ee_origin, e.ee_type, e.ee_code, e.ee_info, e.ee_data);
    memcpy(&offender, data + sizeof e, sizeof offender);
    say_address("offender", &offender);
}

/* Times differ, and are only said to be there. */
static void say_control(const struct cmsghdr *c)
{
    size_t length = c->cmsg_len - CMSG_LEN(0);
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR && length == 32) {
        say_error(CMSG_DATA(c), length);
        return;
    }
    printf("  control message of level %d, type %d, %zu bytes:", c->cmsg_level, c->cmsg_type,
           length);
    for (size_t i = 0; c->cmsg_level != SOL_SOCKET && i < length; i++)
        printf(" %02x", CMSG_DATA(c)[i]);
    putchar('\n');
}

static void receive(const char *what, int fd, int flags, size_t room, size_t control_room)
{
    _Alignas(struct cmsghdr) uint8_t control[512] = {0};
    char text[64] = {0};
    struct sockaddr_in name = {0};
    struct iovec part = {text, room};
    struct msghdr m = {.msg_name = &name,
                       .msg_namelen = sizeof name,
                       .msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = control_room};
    int64_t n = on->recvmsg(fd, &m, flags | MSG_DONTWAIT);
    say(what, n);
    if (n < 0)
        return;
    printf("  flags 0x%x, %u bytes of name, %zu of control: \"%.*s\"\n", (unsigned)m.msg_flags,
           (unsigned)m.msg_namelen, m.msg_controllen, (int)n, text);
    if (m.msg_namelen)
        say_address("name", &name);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
        say_control(c);
}

static void say_state(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int error = -1;
    socklen_t length = sizeof error;
    on->poll(&p, 1, 0);
    on->getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    printf("  poll 0x%x, SO_ERROR %d\n", (unsigned)p.revents, error);
}

/* --------------------------------------------------------------------- steps */

static struct sockaddr_in local(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void set(int fd, int level, int option, int value)
{
    say("setsockopt", on->setsockopt(fd, level, option, &value, sizeof value));
}

static void send_to(int fd, uint16_t port, const char *text, size_t length, int flags)
{
    struct sockaddr_in to = local(port);
    struct iovec part = {(void *)text, length};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    if (port) {
        m.msg_name = &to;
        m.msg_namelen = sizeof to;
    }
    say("sendmsg", on->sendmsg(fd, &m, flags));
    on->settle();
}

static void send_with(int fd, int level, int type, const void *data, size_t length)
{
    _Alignas(struct cmsghdr) uint8_t control[64] = {0};
    struct sockaddr_in to = local(SERVICE);
    struct iovec part = {"c", 1};
    struct msghdr m = {.msg_name = &to,
                       .msg_namelen = sizeof to,
                       .msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = CMSG_SPACE(length)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(length), .cmsg_level = level, .cmsg_type = type};
    memcpy(CMSG_DATA(c), data, length);
    say("sendmsg with control", on->sendmsg(fd, &m, 0));
    on->settle();
}

static void without_recverr(void)
{
    struct sockaddr_in to = local(CLOSED_PORT);
    int fd = on->socket(AF_INET, SOCK_DGRAM, 0);
    puts("# without IP_RECVERR");
    send_to(fd, CLOSED_PORT, "1", 1, 0);
    say_state(fd);
    receive("error queue", fd, MSG_ERRQUEUE, 64, 512);
    say("connect", on->connect(fd, (struct sockaddr *)&to, sizeof to));
    send_to(fd, 0, "2", 1, 0);
    send_to(fd, 0, "3", 1, 0);
    say_state(fd);
    receive("error queue", fd, MSG_ERRQUEUE, 64, 512);
    on->close(fd);
}

static void with_recverr(void)
{
    static const char large[65508];
    struct sockaddr_in to = local(CLOSED_PORT);
    int fd = on->socket(AF_INET, SOCK_DGRAM, 0);
    puts("# with IP_RECVERR");
    set(fd, IPPROTO_IP, IP_RECVERR, 5);
    receive("empty error queue", fd, MSG_ERRQUEUE, 64, 512);
    send_to(fd, CLOSED_PORT, "first", 5, 0);
    send_to(fd, CLOSED_PORT, "not sent", 8, 0);
    send_to(fd, CLOSED_PORT, "second", 6, 0);
    receive("recvmsg", fd, 0, 64, 512);
    receive("recvmsg", fd, 0, 64, 512);
    receive("error queue", fd, MSG_ERRQUEUE | MSG_PEEK, 3, 512);
    say_state(fd);
    say_state(fd);
    receive("error queue", fd, MSG_ERRQUEUE | MSG_TRUNC, 3, 512);
    say_state(fd);
    set(fd, IPPROTO_IP, IP_RECVTTL, 1);
    set(fd, SOL_SOCKET, SO_TIMESTAMP, 1);
    send_to(fd, CLOSED_PORT, "third", 5, 0);
    receive("error queue", fd, MSG_ERRQUEUE, 64, 512);
    for (size_t room = 0; room <= 160; room += 20) {
        send_to(fd, CLOSED_PORT, "fourth", 6, 0);
        receive("error queue, cut", fd, MSG_ERRQUEUE, 64, room);
    }
    say("connect", on->connect(fd, (struct sockaddr *)&to, sizeof to));
    send_to(fd, 0, large, sizeof large, 0);
    say_state(fd);
    receive("error queue", fd, MSG_ERRQUEUE, 64, 512);
    send_to(fd, CLOSED_PORT, "last", 4, 0);
    set(fd, IPPROTO_IP, IP_RECVERR, 0);
    receive("error queue", fd, MSG_ERRQUEUE, 64, 512);
    say_state(fd);
    on->close(fd);
}

static void control_messages(void)
{
    static const int values[] = {-1, 0, 1, 9, 255, 256};
    struct sockaddr_in name = local(SERVICE);
    struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl(0x7f000001)};
    int server = on->socket(AF_INET, SOCK_DGRAM, 0), fd = on->socket(AF_INET, SOCK_DGRAM, 0);
    puts("# control messages");
    say("bind", on->bind(server, (struct sockaddr *)&name, sizeof name));
    set(server, IPPROTO_IP, IP_PKTINFO, 1);
    set(server, IPPROTO_IP, IP_RECVTOS, 1);
    set(server, IPPROTO_IP, IP_RECVTTL, 1);
    set(server, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        send_with(fd, IPPROTO_IP, IP_TTL, &values[i], 4);
        receive("recvmsg", server, 0, 64, 512);
        send_with(fd, IPPROTO_IP, IP_TOS, &values[i], 4);
        receive("recvmsg", server, 0, 64, 512);
    }
    send_with(fd, IPPROTO_IP, IP_TOS, "\x10", 1);
    receive("recvmsg, cut", server, 0, 0, 40);
    send_with(fd, IPPROTO_IP, IP_TTL, "\x10", 1);
    send_with(fd, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    receive("recvmsg", server, 0, 64, 512);
    info.ipi_spec_dst.s_addr = htonl(0xc0000209);
    send_with(fd, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    send_with(fd, IPPROTO_IP, IP_PKTINFO, &info, 8);
    send_with(fd, IPPROTO_IP, 99, values, 4);
    send_with(fd, SOL_SOCKET, 99, values, 4);
    send_with(fd, IPPROTO_IPV6, 99, values, 4);
    on->close(server);
    on->close(fd);
}

/* udp(7). More than Linux's 64 of old and fewer than its 128 are not asked for. */
static void segments(void)
{
    static const int values[] = {-1, 65536, 65535, 0};
    static const char text[450] = "0123456789abcdefghijklmnopqrstuvwxyz";
    struct sockaddr_in name = local(SERVICE);
    uint16_t three = 3, none = 0;
    int server = on->socket(AF_INET, SOCK_DGRAM, 0), fd = on->socket(AF_INET, SOCK_DGRAM, 0);
    int stream = on->socket(AF_INET, SOCK_STREAM, 0);
    puts("# UDP_SEGMENT");
    set(stream, IPPROTO_UDP, UDP_SEGMENT, 100);
    say("bind", on->bind(server, (struct sockaddr *)&name, sizeof name));
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        set(fd, IPPROTO_UDP, UDP_SEGMENT, values[i]);
    set(fd, IPPROTO_UDP, UDP_SEGMENT, 10);
    send_to(fd, SERVICE, text, 36, 0);
    for (int i = 0; i < 5; i++)
        receive("recvmsg", server, 0, 64, 512);
    send_to(fd, SERVICE, text, 10, 0);
    send_to(fd, SERVICE, text, 0, 0);
    for (int i = 0; i < 3; i++)
        receive("recvmsg", server, 0, 64, 512);
    set(fd, IPPROTO_UDP, UDP_SEGMENT, 2);
    send_to(fd, SERVICE, text, 450, 0);
    send_with(fd, IPPROTO_UDP, UDP_SEGMENT, &three, sizeof three);
    send_with(fd, IPPROTO_UDP, UDP_SEGMENT, &none, sizeof none);
    send_with(fd, IPPROTO_UDP, UDP_SEGMENT, values, sizeof *values);
    send_with(fd, IPPROTO_UDP, 99, &three, sizeof three);
    for (int i = 0; i < 3; i++)
        receive("recvmsg", server, 0, 64, 512);
    on->close(stream);
    on->close(server);
    on->close(fd);
}

static void progress(void)
{
    struct sockaddr_in name = local(SERVICE);
    int listener = on->socket(AF_INET, SOCK_STREAM, 0), fd = on->socket(AF_INET, SOCK_STREAM, 0);
    puts("# time stamps of sending, MSG_ZEROCOPY, TCP_INQ");
    say("bind", on->bind(listener, (struct sockaddr *)&name, sizeof name));
    say("listen", on->listen(listener, 1));
    set(fd, SOL_SOCKET, SO_ZEROCOPY, 1);
    set(fd, SOL_SOCKET, SO_TIMESTAMPING, SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_TX_ACK);
    set(fd, SOL_SOCKET, SO_TIMESTAMPING, 1 << 30);
    say("connect", on->connect(fd, (struct sockaddr *)&name, sizeof name));
    int peer = on->accept(listener, NULL, NULL);
    receive("error queue", fd, MSG_ERRQUEUE, 64, 512);
    set(fd, SOL_SOCKET, SO_TIMESTAMPING,
        SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
            SOF_TIMESTAMPING_OPT_TSONLY);
    send_to(fd, 0, "hello", 5, 0);
    say_state(fd);
    receive("error queue", fd, MSG_ERRQUEUE, 64, 512);
    send_to(fd, 0, "world!", 6, 0);
    receive("error queue", fd, MSG_ERRQUEUE, 64, 512);
    set(fd, SOL_SOCKET, SO_TIMESTAMPING, 0);
    set(fd, SOL_SOCKET, SO_TIMESTAMPING, OPT_ID_TCP);
    set(fd, SOL_SOCKET, SO_TIMESTAMPING,
        SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_OPT_ID | OPT_ID_TCP |
            SOF_TIMESTAMPING_OPT_TSONLY);
    send_to(fd, 0, "from here", 9, 0);
    receive("error queue", fd, MSG_ERRQUEUE, 64, 512);
    set(fd, SOL_SOCKET, SO_TIMESTAMPING, 0);
    for (int i = 0; i < 3; i++)
        send_to(fd, 0, "zero", 4, MSG_ZEROCOPY);
    set(peer, IPPROTO_TCP, TCP_INQ, 1);
    receive("recvmsg", peer, 0, 20, 512);
    receive("recvmsg", peer, 0, 64, 512);
    on->settle();
    receive("error queue", fd, MSG_ERRQUEUE, 64, 512);
    say_state(fd);
    on->close(fd);
    on->settle();
    receive("recvmsg", peer, 0, 64, 512);
    on->close(peer);
    on->close(listener);
}

int main(int argc, char **argv)
{
    struct rill_config config;
    bool kernel = argc == 2 && !strcmp(argv[1], "kernel");
    on = kernel ? &kernel_calls : &rill_calls;
    if (!kernel) {
        rill_config_init(&config);
        rill = rill_new(&config, RILL_SECONDS(1));
        rill_use(rill);
        rill_set_wait(rill, rill_turn, NULL);
    }
    without_recverr();
    with_recverr();
    control_messages();
    segments();
    progress();
    rill_free(rill);
    return 0;
}
