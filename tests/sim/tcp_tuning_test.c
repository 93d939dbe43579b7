/* Both buffers find their size: a long fat path is filled, a slow reader's window stays small, and
 * what the application fixes stands (tcp/buffer.h, tcp/tuning.h). */
#include "../unit/unit.h"
#include "pair.h"

#include "socket/object.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#define PORT 80
#define KB(n) ((n) << 10)
#define MB(n) ((n) << 20)

static struct pair p;
static int client, server; /* client sends, server reads */

/* What flows from client to server. */
static struct {
    size_t total, sent, received;
    size_t read_size;     /* of one read; 0: all there is */
    rill_time read_pause; /* between two reads */
    rill_time next_read;
    uint32_t window_max; /* the largest window seen */
    position edge;       /* the window's, which never moves left */
    uint32_t send_max;   /* the largest send buffer seen */
} flow;

static struct tcp_conn *conn(int end, int fd)
{
    return socket_find(p.end[end], fd)->conn;
}

static void write_all(void)
{
    static const uint8_t chunk[65536];
    rill_use(p.end[0]);
    while (flow.sent < flow.total) {
        size_t left = flow.total - flow.sent;
        ssize_t n = rill_send(client, chunk, left < sizeof chunk ? left : sizeof chunk, 0);
        if (n < 0)
            break;
        flow.sent += (size_t)n;
    }
}

static void read_some(void)
{
    static uint8_t chunk[65536];
    ssize_t n = 1;
    if (p.now < flow.next_read)
        return;
    rill_use(p.end[1]);
    size_t size = flow.read_size ? flow.read_size : sizeof chunk;
    while (n > 0) {
        n = rill_recv(server, chunk, size, 0);
        flow.received += n > 0 ? (size_t)n : 0;
        if (flow.read_size)
            break;
    }
    flow.next_read = p.now + flow.read_pause;
}

static void look(void)
{
    const struct tcp_conn *from = conn(0, client), *to = conn(1, server);
    uint32_t window = (uint32_t)(to->rcv.edge - to->rcv.nxt);
    uint32_t buffer = tcp_send_buffer(&p.end[0]->net.tcp, from);
    CU_ASSERT_FATAL(to->rcv.edge >= flow.edge);
    flow.edge = to->rcv.edge;
    flow.window_max = window > flow.window_max ? window : flow.window_max;
    flow.send_max = buffer > flow.send_max ? buffer : flow.send_max;
}

static bool step(void *unused)
{
    (void)unused;
    p.now = rill_now(p.end[0]);
    write_all();
    read_some();
    look();
    return flow.received == flow.total;
}

/* 100 ms, 1 Gbit/s: 12.5 MB are on their way when it is full. */
static void long_fat_path(struct pair_config *c)
{
    pair_config_init(c, 1);
    c->there.delay = c->back.delay = RILL_MILLISECONDS(50);
    c->there.rate = c->back.rate = 1000000000;
    c->there.queue = MB(32);
    for (int i = 0; i < 2; i++) {
        c->end[i].check = false; /* whole-object checks look at all that is in flight */
        c->end[i].tcp.send_buffer_max = c->end[i].tcp.receive_buffer_max = MB(32);
    }
}

static void begin(const struct pair_config *c, size_t total)
{
    pair_open(&p, c);
    int listener = pair_listen(&p, PORT);
    pair_connect(&p, listener, PORT, &client, &server);
    memset(&flow, 0, sizeof flow);
    flow.total = total;
}

/* How long it takes until everything has been read. */
static rill_time run(void)
{
    rill_time start = p.now;
    pair_run(&p, p.now + RILL_SECONDS(600), step, NULL);
    CU_ASSERT_EQUAL(flow.received, flow.total);
    return p.now - start;
}

static rill_time transfer(const struct pair_config *c, size_t total)
{
    begin(c, total);
    rill_time took = run();
    pair_close(&p);
    return took;
}

/* Tuned buffers take at most a ninth longer than those that were large from the start. */
static void compare(const struct pair_config *tuned, size_t total, const char *what)
{
    struct pair_config fixed = *tuned;
    for (int i = 0; i < 2; i++) {
        fixed.end[i].tcp.send_buffer = fixed.end[i].tcp.send_buffer_max;
        fixed.end[i].tcp.receive_buffer = fixed.end[i].tcp.receive_buffer_max;
    }
    rill_time best = transfer(&fixed, total), took = transfer(tuned, total);
    printf("%s: %lld ms tuned, %lld ms with 32 MB from the start\n", what,
           (long long)(took / RILL_MILLISECONDS(1)), (long long)(best / RILL_MILLISECONDS(1)));
    CU_ASSERT(best * 10 >= took * 9);
}

static void a_long_fat_path_is_filled(void)
{
    struct pair_config c;
    long_fat_path(&c);
    compare(&c, MB(100), "timestamps");
    CU_ASSERT(flow.window_max >= MB(12));
    CU_ASSERT(flow.send_max >= MB(12));
    c.end[0].tcp.timestamps = false; /* the window tells the round trip */
    compare(&c, MB(100), "no timestamps");
    CU_ASSERT(flow.window_max >= MB(12));
}

/* A reader of 100 KB/s in front of a sender that could do a thousand times that. */
static void a_slow_readers_window_stays_small(void)
{
    struct pair_config c;
    long_fat_path(&c);
    begin(&c, MB(1));
    flow.read_size = 1000;
    flow.read_pause = RILL_MILLISECONDS(10);
    run();
    CU_ASSERT(flow.window_max <= KB(128));
    CU_ASSERT_EQUAL(conn(1, server)->receive_growth, 0);
    CU_ASSERT(flow.send_max <= KB(512)); /* nor does the sender pile up */
    pair_close(&p);
}

/* One that reads much, but seldom: its round trips are long, and it needs the room. */
static void a_seldom_readers_window_grows(void)
{
    struct pair_config c;
    long_fat_path(&c);
    begin(&c, MB(8));
    flow.read_pause = RILL_SECONDS(2);
    run();
    CU_ASSERT(flow.window_max > KB(256));
    pair_close(&p);
}

static void sizes_that_the_app_has_fixed_stand(void)
{
    struct pair_config c;
    int received = KB(100), sent = KB(50);
    long_fat_path(&c);
    pair_open(&p, &c);
    int listener = pair_listen(&p, PORT);
    rill_use(p.end[1]);
    rill_setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &received, sizeof received);
    pair_connect(&p, listener, PORT, &client, &server);
    rill_use(p.end[0]);
    rill_setsockopt(client, SOL_SOCKET, SO_SNDBUF, &sent, sizeof sent);
    memset(&flow, 0, sizeof flow);
    flow.total = MB(1);
    run();
    CU_ASSERT_EQUAL(conn(1, server)->rcv_scale, 1); /* RFC 7323 2.3: enough for 100 KB */
    CU_ASSERT(flow.window_max <= (uint32_t)received);
    CU_ASSERT_EQUAL(flow.send_max, (uint32_t)sent);
    CU_ASSERT_EQUAL(conn(1, server)->receive_growth, 0);
    pair_close(&p);
}

static void the_bounds_of_the_configuration_hold(void)
{
    struct pair_config c;
    long_fat_path(&c);
    c.end[0].tcp.send_buffer_max = KB(600);
    c.end[1].tcp.receive_buffer_max = KB(500);
    begin(&c, MB(4));
    run();
    CU_ASSERT_EQUAL(conn(1, server)->rcv_scale, 3);
    CU_ASSERT(flow.window_max > KB(256));
    CU_ASSERT(flow.window_max <= KB(500));
    CU_ASSERT_EQUAL(flow.send_max, KB(600));
    pair_close(&p);
}

/* Others hold most of the memory: nothing grows, and a window has room for four segments. */
static void scarce_memory_stops_growth(void)
{
    struct pair_config c;
    void *others[2];
    long_fat_path(&c);
    begin(&c, MB(1));
    const size_t held = p.end[0]->net.memory.budget / 10 * 7;
    for (int i = 0; i < 2; i++)
        others[i] = memory_get(&p.end[i]->net.memory, held);
    run();
    CU_ASSERT_EQUAL(conn(1, server)->receive_growth, 0);
    CU_ASSERT_EQUAL(flow.send_max, KB(64));
    CU_ASSERT(conn(1, server)->rcv.edge - conn(1, server)->rcv.nxt <= 4 * 1448);
    for (int i = 0; i < 2; i++)
        memory_put(&p.end[i]->net.memory, others[i], held);
    pair_close(&p);
}

/* The reader's own path has become narrow; four segments are those of the peer. */
static void scarce_memory_leaves_room_for_long_segments(void)
{
    struct pair_config c;
    void *others;
    long_fat_path(&c);
    begin(&c, MB(1));
    struct tcp_conn *to = conn(1, server);
    const size_t held = p.end[1]->net.memory.budget / 10 * 7;
    others = memory_get(&p.end[1]->net.memory, held);
    run();
    to->mss = 300;
    CU_ASSERT_EQUAL(buffer_window_max(&p.end[1]->net.tcp, to, KB(64)), 4 * 1448);
    memory_put(&p.end[1]->net.memory, others, held);
    pair_close(&p);
}

static uint32_t receivers(void)
{
    return p.end[1]->net.tcp.receivers;
}

/* Not a question, however often it is asked; not after a pause, in which the busy part goes. */
static void those_who_receive_much_are_counted(void)
{
    struct pair_config c;
    long_fat_path(&c);
    begin(&c, 14000);
    run();
    CU_ASSERT(conn(1, server)->busy != NULL);
    CU_ASSERT_EQUAL(receivers(), 0);
    flow.total += MB(1);
    run();
    CU_ASSERT_EQUAL(receivers(), 1);
    pair_run_for(&p, RILL_SECONDS(300));
    CU_ASSERT_EQUAL(receivers(), 0);
    pair_close(&p);
}

static void receive_much(void)
{
    flow.total += MB(1);
    run();
    CU_ASSERT_EQUAL_FATAL(receivers(), 1);
}

/* Its end does not read it. */
static void send_little(int from, int fd)
{
    static const uint8_t text[20000];
    rill_use(p.end[from]);
    CU_ASSERT_EQUAL(rill_send(fd, text, sizeof text, 0), sizeof text);
}

/* Not who reads no more, nor who sends only, nor who is silent, though his busy part stays. */
static void who_no_longer_receives_is_not_counted(void)
{
    struct pair_config c;
    long_fat_path(&c);
    begin(&c, 0);
    rill_use(p.end[1]);
    rill_setsockopt(server, IPPROTO_TCP, TCP_CONGESTION, "bbr", 3);
    receive_much();
    send_little(0, client);
    pair_run_for(&p, RILL_SECONDS(5));
    CU_ASSERT(conn(1, server)->rcv.read < conn(1, server)->rcv.nxt);
    CU_ASSERT_EQUAL(receivers(), 0);
    flow.total += 20000;
    flow.sent += 20000;
    receive_much();
    for (int i = 0; i < 4; i++) { /* it is never quiet */
        send_little(1, server);
        pair_run_for(&p, RILL_MILLISECONDS(150));
    }
    CU_ASSERT_EQUAL(receivers(), 0);
    receive_much();
    pair_run_for(&p, RILL_SECONDS(300));
    CU_ASSERT(conn(1, server)->busy != NULL);
    CU_ASSERT_EQUAL(receivers(), 0);
    pair_close(&p);
}

/* Nor who says little now, where no round trip was ever measured: a handshake by cookie tells none,
 * and the window never passes. */
static void who_receives_little_is_not_counted_though_his_round_trip_is_unknown(void)
{
    struct pair_config c;
    pair_config_init(&c, 1);
    c.end[0].tcp.timestamps = false;
    c.end[1].tcp.syn_cookies = RILL_SYN_COOKIES_ALWAYS;
    begin(&c, 60000);
    run();
    CU_ASSERT_EQUAL(receivers(), 1);
    for (int i = 0; i < 100; i++) {
        flow.total++;
        run();
        pair_run_for(&p, RILL_MILLISECONDS(100));
    }
    CU_ASSERT_EQUAL(conn(1, server)->busy->tuning.rtt, 0);
    CU_ASSERT_EQUAL(receivers(), 0);
    CU_ASSERT_EQUAL(conn(1, server)->receive_growth, 0);
    pair_close(&p);
}

/* Nor who cannot be reached any more, long before that ends what he was told; nor an orphan, who is
 * given nothing more while it waits for the peer to close. */
static void who_can_receive_nothing_is_not_counted(void)
{
    struct pair_config c;
    long_fat_path(&c);
    begin(&c, 0);
    receive_much();
    c.there.cut = true;
    rill_cable_change(p.cable, 0, &c.there);
    send_little(1, server);
    pair_run_for(&p, RILL_SECONDS(2));
    CU_ASSERT_EQUAL(conn(1, server)->timer, TIMER_RETRANSMIT);
    CU_ASSERT_EQUAL(receivers(), 0);
    pair_close(&p);
    c.there.cut = false;
    begin(&c, 0);
    rill_use(p.end[1]);
    rill_shutdown(server, SHUT_WR);
    pair_run_for(&p, RILL_SECONDS(1));
    receive_much();
    const struct tcp_conn *orphan = conn(1, server);
    rill_use(p.end[1]);
    rill_close(server);
    pair_run_for(&p, RILL_SECONDS(2));
    CU_ASSERT_EQUAL(conn_state(orphan), RILL_TCP_FIN_WAIT_2);
    CU_ASSERT_EQUAL(receivers(), 0);
    pair_close(&p);
}

/* Nor who has fixed his buffer, and shares nothing. */
static void a_fixed_buffer_is_not_counted(void)
{
    struct pair_config c;
    int size = KB(256);
    long_fat_path(&c);
    begin(&c, MB(1));
    rill_use(p.end[1]);
    rill_setsockopt(server, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    run();
    CU_ASSERT_EQUAL(receivers(), 0);
    pair_close(&p);
    begin(&c, 0); /* also while he is counted */
    receive_much();
    rill_use(p.end[1]);
    rill_setsockopt(server, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    flow.total += MB(1);
    run();
    CU_ASSERT_EQUAL(receivers(), 0);
    pair_close(&p);
}

/* Of 256 each has a 128th of what one may have, until the others end. Not that one's window would
 * have shrunk: step() looks after that. */
static void they_share_what_they_offer(void)
{
    struct pair_config c;
    long_fat_path(&c);
    begin(&c, MB(8));
    struct tcp *t = &p.end[1]->net.tcp;
    buffer_count_receivers(t, 255);
    run();
    CU_ASSERT_EQUAL(flow.window_max, KB(256));
    buffer_count_receivers(t, -255);
    CU_ASSERT(tcp_receive_buffer(t, conn(1, server)) > KB(256)); /* at once */
    flow.total += MB(100);
    run();
    CU_ASSERT(flow.window_max >= MB(12));
    buffer_count_receivers(t, 7);
    CU_ASSERT_EQUAL(tcp_receive_buffer(t, conn(1, server)), MB(8));
    flow.total += MB(100);
    run();
    CU_ASSERT(conn(1, server)->rcv.edge - conn(1, server)->rcv.nxt <= MB(8));
    buffer_count_receivers(t, 10000);
    CU_ASSERT_EQUAL(tcp_receive_buffer(t, conn(1, server)), KB(128));
    buffer_count_receivers(t, -10007);
    pair_close(&p);
}

/* A change of mind between SYN and SYN-ACK does not change what the SYN has said. */
static void the_scale_is_what_the_syn_has_said(void)
{
    struct pair_config c;
    int received = KB(1000);
    struct sockaddr_in to = pair_address(1, PORT);
    pair_config_init(&c, 1);
    pair_open(&p, &c);
    int listener = pair_listen(&p, PORT);
    rill_use(p.end[0]);
    client = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    rill_connect(client, (struct sockaddr *)&to, sizeof to);
    pair_run_for(&p, RILL_MICROSECONDS(2500)); /* ARP, and the SYN is on its way */
    CU_ASSERT_EQUAL(conn(0, client)->rcv_scale, 7);
    rill_setsockopt(client, SOL_SOCKET, SO_RCVBUF, &received, sizeof received);
    pair_run_for(&p, RILL_MILLISECONDS(100));
    CU_ASSERT_EQUAL(conn(0, client)->rcv_scale, 7);
    rill_use(p.end[1]);
    server = rill_accept(listener, NULL, NULL);
    CU_ASSERT_EQUAL(conn(1, server)->snd_scale, 7);
    pair_close(&p);
}

/* What has been measured is forgotten with the busy part; how far the buffer has grown is not. */
static void a_pause_forgets_the_measure_and_keeps_the_size(void)
{
    struct pair_config c;
    long_fat_path(&c);
    begin(&c, MB(8));
    run();
    uint32_t size = tcp_receive_buffer(&p.end[1]->net.tcp, conn(1, server));
    CU_ASSERT(conn(1, server)->busy != NULL);
    pair_run_for(&p, RILL_SECONDS(300));
    CU_ASSERT_PTR_NULL(conn(1, server)->busy);
    CU_ASSERT_EQUAL(tcp_receive_buffer(&p.end[1]->net.tcp, conn(1, server)), size);
    CU_ASSERT(size > MB(1));
    for (int i = 0; i < 2; i++)
        CU_ASSERT_EQUAL(rill_deadline(p.end[i]), RILL_NEVER);
    pair_close(&p);
}

/* ---- What is queued leaves, also where nobody ever has to wait ---- */

static unsigned turns;
static rill_time turned_until;

static int count_turn(void *context, rill_time until)
{
    (void)context;
    turns++;
    turned_until = until;
    errno = EINTR;
    return turns >= 3 ? -1 : 0;
}

static int poll_for_room(void)
{
    struct pollfd f = {.fd = client, .events = POLLOUT};
    return rill_poll(&f, 1, -1);
}

static void much_that_is_queued_gives_the_loop_a_turn(void)
{
    static const uint8_t text[MB(1)];
    struct pair_config c;
    int size = MB(4);
    pair_config_init(&c, 1);
    pair_open(&p, &c);
    pair_connect(&p, pair_listen(&p, PORT), PORT, &client, &server);
    rill_use(p.end[0]);
    rill_setsockopt(client, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    turns = 0;
    rill_set_wait(p.end[0], count_turn, NULL);
    CU_ASSERT_EQUAL(rill_send(client, text, sizeof text, 0), sizeof text);
    CU_ASSERT_EQUAL(poll_for_room(), 1);
    CU_ASSERT_EQUAL(turns, 0);
    CU_ASSERT_EQUAL(rill_send(client, text, 1, 0), 1);
    CU_ASSERT_EQUAL(poll_for_room(), 1);
    CU_ASSERT_EQUAL(turns, 1);
    CU_ASSERT_EQUAL(turned_until, rill_now(p.end[0])); /* which sleeps no more */
    CU_ASSERT_EQUAL(poll_for_room(), 1);
    CU_ASSERT_EQUAL(turns, 2); /* nobody has pulled */
    CU_ASSERT_EQUAL(poll_for_room(), -1);
    CU_ASSERT_EQUAL(errno, EINTR);
    struct timeval hour = {.tv_sec = 3600};
    CU_ASSERT_EQUAL(rill_select(0, NULL, NULL, NULL, &hour), -1);
    CU_ASSERT_EQUAL(hour.tv_sec, 3600); /* it has not waited yet */
    CU_ASSERT_EQUAL(turns, 4);
    pair_run_for(&p, RILL_MILLISECONDS(1));
    rill_use(p.end[0]);
    CU_ASSERT_EQUAL(poll_for_room(), 1);
    CU_ASSERT_EQUAL(turns, 4);
    rill_set_wait(p.end[0], NULL, NULL);
    rill_close_all(p.end[0]);
    rill_close_all(p.end[1]);
    pair_run_for(&p, RILL_SECONDS(300));
    pair_close(&p);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a long fat path is filled", a_long_fat_path_is_filled},
        {"a slow reader's window stays small", a_slow_readers_window_stays_small},
        {"a seldom reader's window grows", a_seldom_readers_window_grows},
        {"sizes that the app has fixed stand", sizes_that_the_app_has_fixed_stand},
        {"the bounds of the configuration hold", the_bounds_of_the_configuration_hold},
        {"scarce memory stops growth", scarce_memory_stops_growth},
        {"scarce memory leaves room for long segments",
         scarce_memory_leaves_room_for_long_segments},
        {"those who receive much are counted", those_who_receive_much_are_counted},
        {"who no longer receives is not counted", who_no_longer_receives_is_not_counted},
        {"who receives little is not counted, though his round trip is unknown",
         who_receives_little_is_not_counted_though_his_round_trip_is_unknown},
        {"who can receive nothing is not counted", who_can_receive_nothing_is_not_counted},
        {"a fixed buffer is not counted", a_fixed_buffer_is_not_counted},
        {"they share what they offer", they_share_what_they_offer},
        {"the scale is what the SYN has said", the_scale_is_what_the_syn_has_said},
        {"a pause forgets the measure and keeps the size",
         a_pause_forgets_the_measure_and_keeps_the_size},
        {"much that is queued gives the loop a turn", much_that_is_queued_gives_the_loop_a_turn},
    };
    return UNIT_MAIN("tcp_tuning", tests);
}
