/* Round trips of ICMP echoes, of several hosts in turns: what disturbs one disturbs them all.
 *
 *     ping COUNT INTERVAL ADDRESS...
 *
 * COUNT to each, twenty to this one, twenty to that, with INTERVAL seconds between two. In shorter
 * turns each would find the caches full of the other's code. A line for each host: milliseconds of
 * p50 and of p99, and how many came back. As ping(8) does the way back ends when the kernel has the
 * answer, not when this process has got its turn. */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HOSTS_MAX 16
#define IN_A_ROW 20
#define TIMEOUT 200 /* milliseconds */
#define TEXT 48     /* bytes: 56 with the time, as ping(8) sends */

struct host {
    struct sockaddr_in address;
    double *took; /* milliseconds */
    unsigned back;
};

struct echo {
    struct icmphdr header;
    uint8_t text[8 + TEXT];
};

static int raw;

static double seconds(struct timespec t)
{
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t); /* as SO_TIMESTAMPNS */
    return seconds(t);
}

/* RFC 1071 */
static uint16_t sum(const struct echo *e)
{
    uint16_t word[sizeof *e / 2];
    uint32_t total = 0;
    memcpy(word, e, sizeof *e);
    for (size_t i = 0; i < sizeof *e / 2; i++)
        total += word[i];
    total = (total >> 16) + (total & 0xffff);
    return (uint16_t) ~(total + (total >> 16));
}

static void send_echo(const struct host *h, uint16_t number)
{
    struct echo e = {.header = {.type = ICMP_ECHO}};
    e.header.un.echo.id = (uint16_t)getpid();
    e.header.un.echo.sequence = number;
    e.header.checksum = sum(&e);
    if (sendto(raw, &e, sizeof e, 0, (const struct sockaddr *)&h->address, sizeof h->address) < 0)
        err(1, "cannot send");
}

/* When the kernel got what waits; 0: it is not the answer. */
static double take_answer(const struct host *h, uint16_t number)
{
    uint8_t packet[256], control[256] __attribute__((aligned(8)));
    struct sockaddr_in from;
    struct iovec part = {packet, sizeof packet};
    struct msghdr m = {.msg_name = &from,
                       .msg_namelen = sizeof from,
                       .msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    struct icmphdr icmp;
    struct timespec when;
    ssize_t n = recvmsg(raw, &m, 0);
    const struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (n < 20 + (ssize_t)sizeof icmp || !c || c->cmsg_type != SO_TIMESTAMPNS)
        return 0;
    memcpy(&icmp, packet + (packet[0] & 15) * 4, sizeof icmp);
    if (icmp.type != ICMP_ECHOREPLY || icmp.un.echo.id != (uint16_t)getpid() ||
        icmp.un.echo.sequence != number || from.sin_addr.s_addr != h->address.sin_addr.s_addr)
        return 0;
    memcpy(&when, CMSG_DATA(c), sizeof when);
    return seconds(when);
}

static void ping(struct host *h, uint16_t number)
{
    double begun = now(), ended = 0;
    send_echo(h, number);
    while (ended == 0) {
        struct pollfd p = {.fd = raw, .events = POLLIN};
        if (poll(&p, 1, TIMEOUT) <= 0)
            return;
        ended = take_answer(h, number);
    }
    h->took[h->back++] = (ended - begun) * 1e3;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void tell(struct host *h)
{
    if (h->back == 0)
        errx(1, "%s does not answer", inet_ntoa(h->address.sin_addr));
    qsort(h->took, h->back, sizeof *h->took, by_size);
    printf("%.4f %.4f %u\n", h->took[h->back / 2], h->took[h->back * 99ull / 100], h->back);
}

static void open_socket(void)
{
    int on = 1;
    raw = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    if (raw < 0 || setsockopt(raw, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0)
        err(1, "no raw socket");
}

static void ping_in_a_row(struct host *h, unsigned count, double interval)
{
    static uint16_t number;
    static double next;
    for (unsigned i = 0; i < count; i++) {
        ping(h, number++);
        next = next + interval > now() ? next + interval : now();
        while (now() < next)
            usleep((useconds_t)((next - now()) * 1e6));
    }
}

int main(int argc, char **argv)
{
    static struct host host[HOSTS_MAX];
    unsigned hosts = (unsigned)argc - 3;
    if (argc < 4 || hosts > HOSTS_MAX)
        errx(2, "usage: ping COUNT INTERVAL ADDRESS...");
    unsigned count = (unsigned)strtoul(argv[1], NULL, 10);
    double interval = strtod(argv[2], NULL);
    open_socket();
    for (unsigned i = 0; i < hosts; i++) {
        host[i].address.sin_family = AF_INET;
        host[i].took = calloc(count + IN_A_ROW, sizeof *host[i].took);
        if (!host[i].took || inet_pton(AF_INET, argv[3 + i], &host[i].address.sin_addr) != 1)
            errx(2, "%s is no IPv4 address", argv[3 + i]);
    }
    ping_in_a_row(&host[0], IN_A_ROW, interval); /* the first ones of a program are slow */
    host[0].back = 0;
    for (unsigned done = 0; done < count; done += IN_A_ROW)
        for (unsigned i = 0; i < hosts; i++)
            ping_in_a_row(&host[i], count - done < IN_A_ROW ? count - done : IN_A_ROW, interval);
    for (unsigned i = 0; i < hosts; i++)
        tell(&host[i]);
    return 0;
}
