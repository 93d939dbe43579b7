/* The engine alone: two stacks in one process on one core, each frame handed from one to the other,
 * no device, no kernel. What it measures is TCP, IP, sockets, checksums and copies, both ends.
 *
 *     engine bulk|rr|crr|idle [-c CONNECTIONS] [-n COUNT] [-g] [-s]
 *
 * bulk: COUNT megabytes over one connection. rr: COUNT requests and responses of 64 bytes, spread
 * over the connections. crr: COUNT times connect, a request, a response, close. -g: superframes of
 * 64 KB. idle: CONNECTIONS are held, a hundredth of them talked to. -s: sums are the device's, on
 * both sides. It prints one line: NAME COUNT SECONDS SEGMENTS.
 */
#include "bench/engine.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <rill/rill.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BATCH RILL_BATCH_MAX
#define ROOM (65535 + 64)
#define MESSAGE 64
#define CHUNK (64 << 10)

struct end {
    struct rill *rill;
    int port;
};

static struct end end[2];
static rill_time now;
static uint8_t (*buffer)[ROOM];
static unsigned long segments;
static uint8_t text[CHUNK];

void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "engine: %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct sockaddr_in address(int which, uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(0x0a000001 + (uint32_t)which)};
}

static void open_end(int i, const struct options *o)
{
    struct rill_config c;
    rill_config_init(&c);
    c.seed = (uint64_t)i + 1;
    c.memory_budget = ((size_t)4 << 30) + o->connections * 1024;
    c.descriptors_max = c.tcp.connections_max = 1u << 24;
    c.tcp.listen_backlog_max = 1 << 16;
    c.tcp.syn_records_max = 1 << 16;
    c.tcp.time_wait = RILL_MILLISECONDS(1);
    struct rill_port_config p = {.name = "engine", .mtu = 1500, .can_checksum = o->device_sums};
    memcpy(p.mac, (uint8_t[]){2, 0, 0, 0, 0, (uint8_t)(i + 1)}, 6);
    p.gso_max = o->superframes ? 65535 : 0;
    end[i].rill = rill_new(&c, now);
    require(end[i].rill, "rill_new");
    end[i].port = rill_port_add(end[i].rill, &p);
    require(end[i].port > 0, "rill_port_add");
    rill_address_add(end[i].rill, end[i].port, rill_address_ip4(0x0a000001 + (uint32_t)i), 24,
                     false);
    uint8_t peer[6] = {2, 0, 0, 0, 0, (uint8_t)(2 - i)};
    rill_neighbour_add(end[i].rill, end[i].port, rill_address_ip4(0x0a000002 - (uint32_t)i), peer);
}

/* What one end has to send goes to the other. */
static bool pass(int from, bool sums)
{
    static struct rill_frame frame[BATCH];
    for (unsigned i = 0; !frame[BATCH - 1].buffer && i < BATCH; i++)
        frame[i] = (struct rill_frame){.buffer = buffer[i], .room = ROOM};
    unsigned n = rill_transmit(end[from].rill, end[from].port, frame, BATCH, now);
    for (unsigned i = 0; i < n; i++) {
        unsigned size = frame[i].gso_size;
        segments += size ? (frame[i].length - frame[i].header_length + size - 1) / size : 1;
        frame[i].checksum_good = sums;
    }
    if (n)
        rill_receive(end[!from].rill, end[!from].port, frame, n, now);
    return n > 0;
}

static void turn(const struct options *o)
{
    bool there = pass(0, o->device_sums), back = pass(1, o->device_sums);
    now += RILL_MICROSECONDS(1);
    if (there || back)
        return;
    rill_time next[2] = {rill_deadline(end[0].rill), rill_deadline(end[1].rill)};
    rill_time first = next[0] < next[1] ? next[0] : next[1];
    if (first > now && first != RILL_NEVER)
        now = first;
}

int listener(uint16_t port)
{
    rill_use(end[1].rill);
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in a = address(1, port);
    int on = 1; /* else a bind looks at all connections for one on that port */
    rill_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    require(rill_bind(fd, (struct sockaddr *)&a, sizeof a) == 0, "bind");
    require(rill_listen(fd, 1 << 16) == 0, "listen");
    return fd;
}

int connected(int listening, uint16_t port, int *accepted, const struct options *o)
{
    struct sockaddr_in a = address(1, port);
    int on = 1;
    rill_use(end[0].rill);
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    require(fd >= 0, "socket");
    rill_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    rill_connect(fd, (struct sockaddr *)&a, sizeof a);
    for (unsigned i = 0; i < 1000; i++) {
        turn(o);
        rill_use(end[1].rill);
        *accepted = rill_accept4(listening, NULL, NULL, SOCK_NONBLOCK);
        if (*accepted >= 0)
            return fd;
    }
    require(false, "accept");
    return -1;
}

static void read_all(int which, int fd, size_t want, const struct options *o)
{
    static uint8_t got[CHUNK];
    for (unsigned idle = 0; want;) {
        rill_use(end[which].rill);
        ssize_t n = rill_recv(fd, got, sizeof got, 0);
        if (n > 0) {
            want -= (size_t)n;
            idle = 0;
            continue;
        }
        require(n < 0 && errno == EAGAIN && idle++ < 100000, "recv");
        turn(o);
    }
}

/* Its frame goes over, and the other reads: as programs do that are told when there is something.
 */
static void tell(int from, int sender, int receiver, const struct options *o)
{
    rill_use(end[from].rill);
    require(rill_send(sender, text, MESSAGE, 0) == MESSAGE, "send");
    pass(from, o->device_sums);
    now += RILL_MICROSECONDS(1);
    read_all(!from, receiver, MESSAGE, o);
}

void exchange(int client, int server, const struct options *o)
{
    tell(0, client, server, o);
    tell(1, server, client, o);
}

static void run_bulk(const struct options *o)
{
    static uint8_t got[CHUNK];
    int server, client = connected(listener(80), 80, &server, o);
    uint64_t want = (uint64_t)o->count << 20, sent = 0, read = 0;
    while (read < want) {
        rill_use(end[0].rill);
        for (ssize_t n; sent < want && (n = rill_send(client, text, sizeof text, 0)) > 0;)
            sent += (uint64_t)n;
        turn(o);
        rill_use(end[1].rill);
        for (ssize_t n; (n = rill_recv(server, got, sizeof got, 0)) > 0;)
            read += (uint64_t)n;
    }
}

static void run_rr(const struct options *o)
{
    int listening = listener(80);
    int(*fd)[2] = calloc(o->connections, sizeof *fd);
    require(fd, "memory");
    for (unsigned long i = 0; i < o->connections; i++)
        fd[i][0] = connected(listening, 80, &fd[i][1], o);
    for (unsigned long i = 0; i < o->count; i++) {
        /* a stride that meets them all, far apart */
        unsigned long which = i * 7919 % o->connections;
        exchange(fd[which][0], fd[which][1], o);
    }
    free(fd);
}

static void run_crr(const struct options *o)
{
    int listening = listener(80);
    for (unsigned long i = 0; i < o->count; i++) {
        int server, client = connected(listening, 80, &server, o);
        exchange(client, server, o);
        rill_use(end[0].rill);
        rill_close(client);
        turn(o);
        rill_use(end[1].rill);
        rill_close(server);
        turn(o);
    }
}

static struct options parse(int argc, char **argv)
{
    struct options o = {.mode = argc > 1 ? argv[1] : "", .connections = 1, .count = 100};
    optind = 2;
    for (int c; (c = getopt(argc, argv, "c:n:gs")) != -1;) {
        if (c == 'c')
            o.connections = strtoul(optarg, NULL, 10);
        else if (c == 'n')
            o.count = strtoul(optarg, NULL, 10);
        else if (c == 'g')
            o.superframes = true;
        else if (c == 's')
            o.device_sums = true;
        else
            exit(2);
    }
    return o;
}

int main(int argc, char **argv)
{
    struct options o = parse(argc, argv);
    void (*run)(const struct options *) = strcmp(o.mode, "bulk") == 0   ? run_bulk
                                          : strcmp(o.mode, "rr") == 0   ? run_rr
                                          : strcmp(o.mode, "crr") == 0  ? run_crr
                                          : strcmp(o.mode, "idle") == 0 ? run_idle
                                                                        : NULL;
    if (!run || !o.connections) {
        fprintf(stderr, "usage: engine bulk|rr|crr|idle [-c CONNECTIONS] [-n COUNT] [-g] [-s]\n");
        return 2;
    }
    if (run == run_idle)
        o.count = o.connections;
    buffer = malloc(BATCH * sizeof *buffer);
    require(buffer, "memory");
    open_end(0, &o);
    open_end(1, &o);
    struct timespec a, b;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    run(&o);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    double seconds = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
    printf("%s %lu %.6f %lu\n", o.mode, o.count, seconds, segments);
    rill_free(end[0].rill);
    rill_free(end[1].rill);
    free(buffer);
    return 0;
}
