/* A program on rill that uses Fast Open from both sides, for fast_open_test.sh: a kernel's program
 * is the other one. It has a stack and a loop of its own, because the host binding leaves TCP's
 * configuration alone.
 *
 *     fast_open serve N     answers N connections on port 8080 with what they sent
 *     fast_open ask N       opens N connections to port 8081, the last by TCP_FASTOPEN_CONNECT
 *
 * Each connection is a line: the bytes, and SYN_DATA where the SYN had brought text. */
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <rill/rill.h>
#include <rill/tap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FRAMES 32
#define SYN_DATA 32 /* TCPI_OPT_SYN_DATA */

static struct rill *rill;
static struct rill_device *tap;
static int port;

static rill_time now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return RILL_SECONDS(t.tv_sec) + t.tv_nsec;
}

/* One turn: what has come, what is to go, and a nap. */
static int turn(void *unused, rill_time until)
{
    static uint8_t buffer[FRAMES][2048];
    struct rill_frame f[FRAMES];
    struct pollfd readable = {.fd = tap->ops->descriptor(tap), .events = POLLIN};
    (void)unused;
    for (int i = 0; i < FRAMES; i++)
        f[i] = (struct rill_frame){.buffer = buffer[i], .room = sizeof buffer[i]};
    int n = tap->ops->read(tap, f, FRAMES);
    if (n > 0)
        rill_receive(rill, port, f, (unsigned)n, now());
    for (int i = 0; i < FRAMES; i++)
        f[i] = (struct rill_frame){.buffer = buffer[i], .room = sizeof buffer[i]};
    unsigned out = rill_transmit(rill, port, f, FRAMES, now());
    if (out)
        tap->ops->write(tap, f, out);
    rill_time next = rill_deadline(rill) < until ? rill_deadline(rill) : until;
    if (n <= 0 && !out && next > now())
        poll(&readable, 1, next - now() < RILL_MILLISECONDS(50) ? 1 : 50);
    return 0;
}

static void make_stack(void)
{
    struct rill_config config;
    struct rill_diagnostic diagnostic;
    struct rill_tap_config wanted = {.name = "rill0",
                                     .address = rill_address_ip4(0xc0000202),
                                     .host_address = rill_address_ip4(0xc0000201),
                                     .host_prefix = 24};
    tap = rill_tap_open(&wanted, &diagnostic);
    if (!tap)
        errx(1, "%s", diagnostic.text);
    rill_config_init(&config);
    config.check = true;
    config.tcp.fast_open = RILL_FAST_OPEN_CLIENT | RILL_FAST_OPEN_SERVER;
    rill = rill_new(&config, now());
    port = rill_port_add(rill, &tap->facts);
    rill_address_add(rill, port, rill_address_ip4(0xc0000202), 24, false);
    rill_set_wait(rill, turn, NULL);
    rill_use(rill);
}

static void tell(int fd, size_t bytes)
{
    struct tcp_info info;
    socklen_t length = sizeof info;
    rill_getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length);
    printf("%zu%s\n", bytes, info.tcpi_options & SYN_DATA ? " SYN_DATA" : "");
    fflush(stdout);
}

static size_t read_all(int fd)
{
    char chunk[4096];
    size_t bytes = 0;
    for (ssize_t n; (n = rill_recv(fd, chunk, sizeof chunk, 0)) > 0;)
        bytes += (size_t)n;
    return bytes;
}

static void serve(int count)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(8080)};
    char text[4096];
    int fd = rill_socket(AF_INET, SOCK_STREAM, 0);
    if (rill_setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &(int){5}, sizeof(int)) ||
        rill_bind(fd, (struct sockaddr *)&any, sizeof any) || rill_listen(fd, 5))
        err(1, "cannot listen");
    while (count--) {
        int client = rill_accept(fd, NULL, NULL);
        ssize_t n = rill_recv(client, text, sizeof text, 0);
        tell(client, n > 0 ? (size_t)n : 0);
        rill_send(client, text, n > 0 ? (size_t)n : 0, 0);
        read_all(client); /* until it has closed */
        rill_close(client);
    }
}

static void ask(int count)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(8081), .sin_addr.s_addr = htonl(0xc0000201)};
    static char text[3000];
    while (count--) {
        int fd = rill_socket(AF_INET, SOCK_STREAM, 0);
        ssize_t n = 0;
        rill_setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &(int){!count}, sizeof(int));
        if (count)
            n = rill_sendto(fd, text, sizeof text, MSG_FASTOPEN, (struct sockaddr *)&to, sizeof to);
        else if (rill_connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
            n = rill_send(fd, text, sizeof text, 0);
        if (n != sizeof text || rill_shutdown(fd, SHUT_WR))
            err(1, "cannot send");
        tell(fd, read_all(fd));
        rill_close(fd);
    }
}

int main(int count, char **argument)
{
    if (count != 3)
        errx(2, "serve N, or ask N, was expected");
    make_stack();
    strcmp(argument[1], "serve") == 0 ? serve(atoi(argument[2])) : ask(atoi(argument[2]));
    rill_close_all(rill);
    while (!rill_drained(rill))
        turn(NULL, now() + RILL_MILLISECONDS(10));
    rill_free(rill);
    tap->ops->close(tap);
    return 0;
}
