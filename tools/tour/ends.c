/* What the two ends of the tour do: one scene each run, on the simulated cable and the virtual
 * clock. It says nothing: tools/tour/tour.py watches it under gdb, and tells.
 *
 *     ends SCENE
 *
 * A is end 0 (10.0.0.1) and opens, B is end 1 (10.0.0.2) and listens on port 80. */
#include "../../tests/sim/pair.h"

#include <netinet/tcp.h>
#include <rill/address.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { A, B }; /* ends, and the directions that lead away from them */

#define DELAY RILL_MILLISECONDS(10) /* one way */
#define A_WHILE \
    RILL_MILLISECONDS(100) /* enough for what is on its way, too short for a time-out \
                            */

/* Looked at by gdb. */
struct tour {
    struct pair pair;
    rill_time begin;
    bool cut[2];       /* the cable loses what this end sends */
    int connection[2]; /* descriptors */
};

static struct tour tour;
static const uint8_t text[8192]; /* of zeros: what is said does not matter here */

/* gdb stops here: both ends are ready, nothing has happened yet. */
static void tour_begins(void)
{
    tour.begin = tour.pair.now;
}

/* And here: what follows is no part of the scene. */
static void tour_ends(void)
{
    rill_use(NULL);
}

/* ---- What scenes are made of ---- */

static void pass(rill_time length)
{
    pair_run_for(&tour.pair, length);
}

static void cut(int end, bool lost)
{
    struct rill_cable_config c = {.delay = DELAY, .loss_ppm = lost ? 1000000 : 0};
    tour.cut[end] = lost;
    rill_cable_change(tour.pair.cable, end, &c);
}

static void write_at(int end, size_t length)
{
    rill_use(tour.pair.end[end]);
    rill_send(tour.connection[end], text, length, 0);
}

static void read_at(int end)
{
    static uint8_t sink[sizeof text];
    rill_use(tour.pair.end[end]);
    rill_recv(tour.connection[end], sink, sizeof sink, 0);
}

static void close_at(int end)
{
    rill_use(tour.pair.end[end]);
    rill_close(tour.connection[end]);
}

/* A socket that is bound to the port and connects to the other end's. */
static void connect_at(int end, uint16_t own, uint16_t port)
{
    struct sockaddr_in from = pair_address(end, own), to = pair_address(!end, port);
    rill_use(tour.pair.end[end]);
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    rill_bind(fd, (struct sockaddr *)&from, sizeof from);
    rill_connect(fd, (struct sockaddr *)&to, sizeof to);
    tour.connection[end] = fd;
}

/* B listens, and buffers so much of what arrives; 0: as much as it does by itself. */
static int listen_at_b(int buffer)
{
    int listener = pair_listen(&tour.pair, 80);
    if (buffer)
        rill_setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    return listener;
}

static void accept_at_b(int listener)
{
    rill_use(tour.pair.end[B]);
    tour.connection[B] = rill_accept4(listener, NULL, NULL, SOCK_NONBLOCK);
}

/* ---- The scenes ---- */

/* A connection without accidents up to here: most scenes begin with it. */
static void establish(int buffer)
{
    int listener = listen_at_b(buffer);
    connect_at(A, 40000, 80);
    pass(A_WHILE);
    accept_at_b(listener);
}

/* Five segments, one after the other, of which the second is lost. */
static void send_five_lose_one(void)
{
    int at_once = 1;
    rill_use(tour.pair.end[A]);
    rill_setsockopt(tour.connection[A], IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    for (int i = 0; i < 5; i++) {
        cut(A, i == 1);
        write_at(A, 1000);
        pass(RILL_MILLISECONDS(1));
    }
    pass(A_WHILE);
    read_at(B);
}

static void connection(void)
{
    establish(0);
    write_at(A, 500);
    pass(A_WHILE);
    read_at(B);
    send_five_lose_one();
    close_at(A);
    pass(A_WHILE);
    read_at(B);
    close_at(B);
    pass(RILL_SECONDS(70));
}

static void lost_syn_ack(void)
{
    int listener = listen_at_b(0);
    connect_at(A, 40000, 80);
    pass(RILL_MILLISECONDS(25)); /* B has told its MAC, the SYN is on its way */
    cut(B, true);
    pass(A_WHILE);
    cut(B, false);
    pass(RILL_SECONDS(2));
    accept_at_b(listener);
}

static void crossed_syns(void)
{
    connect_at(A, 5000, 5000);
    connect_at(B, 5000, 5000);
    pass(A_WHILE);
}

static void crossed_fins(void)
{
    establish(0);
    close_at(A);
    close_at(B);
    pass(RILL_SECONDS(70));
}

/* What B sends next, kept by somebody on the way: what a router does that sends it on twice. */
static void keep_next(struct rill_frame *kept)
{
    struct pair *p = &tour.pair;
    if (rill_transmit(p->end[B], p->port[B], kept, 1, p->now) == 1)
        rill_cable_put(p->cable, B, kept, p->now);
}

static void time_wait(void)
{
    static uint8_t buffer[2048];
    struct rill_frame kept = {.buffer = buffer, .room = sizeof buffer};
    establish(0);
    write_at(B, 300);
    keep_next(&kept);
    pass(A_WHILE);
    read_at(A);
    close_at(A);
    pass(A_WHILE);
    cut(A, true);
    close_at(B);
    pass(A_WHILE);
    cut(A, false);
    pass(RILL_SECONDS(10));
    rill_cable_put(tour.pair.cable, B, &kept, tour.pair.now);
    pass(RILL_SECONDS(70));
}

static void zero_window(void)
{
    establish(2896); /* two segments */
    write_at(A, 6000);
    pass(A_WHILE);
    cut(B, true);
    read_at(B);
    pass(RILL_MILLISECONDS(50));
    cut(B, false);
    pass(RILL_SECONDS(1));
    read_at(B);
    pass(A_WHILE);
}

static void arp_conflict(void)
{
    struct pair *p = &tour.pair;
    struct rill_address of_a = rill_address_ip4(0x0a000001);
    rill_address_add(p->end[B], p->port[B], of_a, 24, true);
    pass(RILL_SECONDS(5));
    rill_address_remove(p->end[B], p->port[B], of_a);
    rill_address_add(p->end[B], p->port[B], of_a, 24, false);
    pass(RILL_SECONDS(3));
}

static const struct scene {
    const char *name;
    void (*play)(void);
} scenes[] = {
    {"connection", connection},     {"lost-syn-ack", lost_syn_ack}, {"crossed-syns", crossed_syns},
    {"crossed-fins", crossed_fins}, {"time-wait", time_wait},       {"zero-window", zero_window},
    {"arp-conflict", arp_conflict},
};

static const struct scene *scene_of(const char *name)
{
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
        if (!strcmp(scenes[i].name, name))
            return &scenes[i];
    return NULL;
}

static void open_tour(void)
{
    struct pair_config c;
    pair_config_init(&c, 1);
    c.there.delay = c.back.delay = DELAY;
    c.end[A].trace_records = c.end[B].trace_records = 256;
    pair_open(&tour.pair, &c);
    pass(RILL_SECONDS(5)); /* both have announced their addresses */
}

int main(int argc, char **argv)
{
    const struct scene *scene = argc == 2 ? scene_of(argv[1]) : NULL;
    if (!scene) {
        fprintf(stderr, "tour: there is no such scene: `make tour` plays all that there are.\n");
        return 2;
    }
    open_tour();
    tour_begins();
    scene->play();
    tour_ends();
    pair_close(&tour.pair);
    return 0;
}
