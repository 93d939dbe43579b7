#include "udp/udp.h"

#include "unit.h"

#include <errno.h>

#define US rill_address_ip4(0xc0000202)
#define US_TOO rill_address_ip4(0xc6336402)
#define PEER rill_address_ip4(0xc0000201)
#define OTHER_PEER rill_address_ip4(0xc0000209)
#define ANY ((struct rill_address){{0}})

static struct memory memory;
static struct rill_counters counters;
static struct udp udp;
static struct udp_owner owner[8];

static void begin_with_seed(uint64_t seed)
{
    struct rill_config config = {.ttl = 64, .seed = seed, .core = {.count = 1}};
    config.tcp.ephemeral_first = 32768;
    config.tcp.ephemeral_last = 60999;
    memory = (struct memory){.budget = 1 << 24};
    counters = (struct rill_counters){.value = {0}};
    memset(owner, 0, sizeof owner);
    CU_ASSERT_TRUE_FATAL(udp_init(&udp, &memory, &config, &counters));
}

static void begin(void)
{
    begin_with_seed(1);
}

static void end(void)
{
    udp_end(&udp);
    CU_ASSERT_EQUAL(memory.used, 0);
}

static struct udp_socket *bound(unsigned who, struct rill_address local, uint16_t port)
{
    struct udp_socket *s = udp_open(&udp, &owner[who]);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_EQUAL_FATAL(udp_bind(&udp, s, local, port), 0);
    return s;
}

static struct udp_arrival arrival(struct rill_address source, uint16_t from, uint16_t to,
                                  const char *text)
{
    return (struct udp_arrival){
        .source = source,
        .destination = US,
        .header = {.source = from, .destination = to},
        .data = span_of(text, strlen(text)),
    };
}

static bool got(const struct udp_socket *s, const char *text)
{
    const struct udp_datagram *d = udp_first(s);
    return d && udp_data(d).length == strlen(text) &&
           memcmp(udp_data(d).at, text, strlen(text)) == 0;
}

static int64_t send_text(struct udp_socket *s, const char *text)
{
    struct udp_to to = {.local = US, .remote = PEER, .remote_port = 53, .port = 1};
    struct iovec part = {(void *)text, strlen(text)};
    return udp_send(&udp, s, &to, &part, 1);
}

/* --------------------------------------------------------------- binding */

static void a_port_is_held_by_one_socket(void)
{
    begin();
    bound(0, ANY, 53);
    struct udp_socket *s = udp_open(&udp, &owner[1]);
    CU_ASSERT_EQUAL(udp_bind(&udp, s, ANY, 53), -EADDRINUSE);
    CU_ASSERT_EQUAL(udp_bind(&udp, s, US, 53), -EADDRINUSE);
    CU_ASSERT_EQUAL(s->local_port, 0);
    CU_ASSERT_EQUAL(udp_bind(&udp, s, ANY, 54), 0);
    CU_ASSERT_EQUAL(udp_bind(&udp, s, ANY, 55), -EINVAL);
    end();
}

static void a_port_is_shared_between_addresses(void)
{
    begin();
    bound(0, US, 53);
    struct udp_socket *s = udp_open(&udp, &owner[1]);
    CU_ASSERT_EQUAL(udp_bind(&udp, s, US_TOO, 53), 0);
    end();
}

static void a_port_is_shared_where_both_said_so_in_the_same_way(void)
{
    static const struct {
        bool first_reuse, first_reuse_port, second_reuse, second_reuse_port;
        int result;
    } row[] = {
        {true, false, true, false, 0},
        {false, true, false, true, 0},
        {true, false, false, false, -EADDRINUSE},
        {false, false, true, true, -EADDRINUSE},
        {true, false, false, true, -EADDRINUSE},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        begin();
        struct udp_socket *first = bound(0, ANY, 53), *second = udp_open(&udp, &owner[1]);
        first->reuse = row[i].first_reuse;
        first->reuse_port = row[i].first_reuse_port;
        second->reuse = row[i].second_reuse;
        second->reuse_port = row[i].second_reuse_port;
        CU_ASSERT_EQUAL(udp_bind(&udp, second, ANY, 53), row[i].result);
        end();
    }
}

static void a_closed_socket_gives_its_port_back_at_once(void)
{
    begin();
    struct udp_socket *s = bound(0, ANY, 53);
    send_text(s, "still leaves");
    udp_close(&udp, s);
    bound(1, ANY, 53);
    end();
}

static void an_unbound_socket_hears_nothing_and_may_bind_again(void)
{
    begin();
    struct udp_socket *s = bound(0, US, 53);
    udp_unbind(&udp, s);
    struct udp_arrival a = arrival(PEER, 9, 53, "x");
    CU_ASSERT_EQUAL(udp_input(&udp, &a), RILL_DROP_UDP_PORT);
    CU_ASSERT_EQUAL(udp_bind(&udp, s, ANY, 54), 0);
    end();
}

/* RFC 6056; attack U07. 63 whole cells of 442 ports. Chi-square of 62 degrees of freedom, and less
 * than that because no port is drawn twice: 100 is not reached by chance once in a thousand runs.
 */
static void drawn_ports_are_spread_over_the_whole_range(void)
{
    begin();
    unsigned cell[64] = {0}, outside = 0;
    for (int i = 0; i < 10000; i++) {
        struct udp_socket *s = udp_open(&udp, &owner[0]);
        CU_ASSERT_EQUAL_FATAL(udp_bind(&udp, s, ANY, 0), 0);
        outside += s->local_port < 32768 || s->local_port > 60999;
        cell[(s->local_port - 32768) / 442]++;
    }
    double chi = 0, expected = 10000.0 * 442 / 28232;
    for (int i = 0; i < 63; i++)
        chi += (cell[i] - expected) * (cell[i] - expected) / expected;
    CU_ASSERT_EQUAL(outside, 0);
    CU_ASSERT_TRUE(chi < 100);
    end();
}

static void drawn_ports_depend_on_the_seed_alone(void)
{
    uint16_t port[3];
    static const uint64_t seed[3] = {7, 7, 8};
    for (int i = 0; i < 3; i++) {
        begin_with_seed(seed[i]);
        port[i] = bound(0, ANY, 0)->local_port;
        end();
    }
    CU_ASSERT_EQUAL(port[0], port[1]);
    CU_ASSERT_NOT_EQUAL(port[0], port[2]);
}

static void the_range_of_drawn_ports_can_be_used_up(void)
{
    begin();
    udp.steer.first = 40000;
    udp.steer.last = 40002;
    for (unsigned i = 0; i < 3; i++) {
        struct udp_socket *s = bound(i, ANY, 0);
        s->reuse = true;
    }
    struct udp_socket *s = udp_open(&udp, &owner[3]);
    s->reuse = true;
    CU_ASSERT_EQUAL(udp_bind(&udp, s, ANY, 0), -EADDRINUSE);
    end();
}

/* ------------------------------------------------------------- receiving */

static void the_socket_that_fits_best_gets_the_datagram(void)
{
    begin();
    struct udp_socket *connected = udp_open(&udp, &owner[2]);
    struct udp_socket *address = udp_open(&udp, &owner[1]), *any = udp_open(&udp, &owner[0]);
    connected->reuse = address->reuse = any->reuse = true;
    CU_ASSERT_EQUAL_FATAL(udp_bind(&udp, connected, ANY, 53), 0);
    CU_ASSERT_EQUAL_FATAL(udp_bind(&udp, address, US, 53), 0);
    CU_ASSERT_EQUAL_FATAL(udp_bind(&udp, any, ANY, 53), 0);
    udp_connect(connected, PEER, 9);

    struct udp_arrival a = arrival(PEER, 9, 53, "connected");
    CU_ASSERT_EQUAL(udp_input(&udp, &a), RILL_DROP_NONE);
    a = arrival(PEER, 10, 53, "address");
    CU_ASSERT_EQUAL(udp_input(&udp, &a), RILL_DROP_NONE);
    a = arrival(PEER, 10, 53, "any");
    a.destination = US_TOO;
    CU_ASSERT_EQUAL(udp_input(&udp, &a), RILL_DROP_NONE);
    CU_ASSERT_TRUE(got(connected, "connected"));
    CU_ASSERT_TRUE(got(address, "address"));
    CU_ASSERT_TRUE(got(any, "any"));
    CU_ASSERT_EQUAL(counters.value[RILL_UdpInDatagrams], 3);
    end();
}

static void a_connected_socket_hears_its_peer_only(void)
{
    begin();
    struct udp_socket *s = bound(0, US, 53);
    udp_connect(s, PEER, 9);
    struct udp_arrival a = arrival(OTHER_PEER, 9, 53, "spoof");
    CU_ASSERT_EQUAL(udp_input(&udp, &a), RILL_DROP_UDP_PORT);
    a = arrival(PEER, 8, 53, "spoof");
    CU_ASSERT_EQUAL(udp_input(&udp, &a), RILL_DROP_UDP_PORT);
    CU_ASSERT_PTR_NULL(udp_first(s));
    udp_connect(s, ANY, 0);
    CU_ASSERT_EQUAL(udp_input(&udp, &a), RILL_DROP_NONE);
    CU_ASSERT_EQUAL(counters.value[RILL_UdpNoPorts], 2);
    end();
}

static void a_group_datagram_goes_to_everybody_whom_it_fits(void)
{
    begin();
    struct udp_socket *s[3];
    for (unsigned i = 0; i < 3; i++) {
        s[i] = udp_open(&udp, &owner[i]);
        s[i]->reuse = true;
        udp_bind(&udp, s[i], i == 2 ? US : ANY, 53);
    }
    struct udp_arrival a = arrival(PEER, 9, 53, "all");
    a.destination = rill_address_ip4(0xffffffff);
    a.to_group = true;
    CU_ASSERT_EQUAL(udp_input(&udp, &a), RILL_DROP_NONE);
    CU_ASSERT_TRUE(got(s[0], "all"));
    CU_ASSERT_TRUE(got(s[1], "all"));
    CU_ASSERT_PTR_NULL(udp_first(s[2]));
    end();
}

static void what_came_from_where_is_kept(void)
{
    begin();
    struct udp_socket *s = bound(0, ANY, 53);
    struct udp_arrival a =
        arrival(PEER, 0, 53, ""); /* source port 0: legal, nobody can answer (U03) */
    a.port = 3;
    a.tos = 0xb8;
    CU_ASSERT_EQUAL(udp_input(&udp, &a), RILL_DROP_NONE);
    const struct udp_datagram *d = udp_first(s);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    CU_ASSERT_TRUE(rill_address_equal(d->remote, PEER));
    CU_ASSERT_TRUE(rill_address_equal(d->local, US));
    CU_ASSERT_EQUAL(d->remote_port, 0);
    CU_ASSERT_EQUAL(d->local_port, 53);
    CU_ASSERT_EQUAL(d->port, 3);
    CU_ASSERT_EQUAL(d->tos, 0xb8);
    CU_ASSERT_EQUAL(udp_data(d).length, 0);
    udp_drop_first(&udp, s);
    CU_ASSERT_PTR_NULL(udp_first(s));
    end();
}

static void destination_port_0_is_nobodys(void)
{
    begin();
    udp_open(&udp, &owner[0]); /* unbound: its local port is 0 too */
    struct udp_arrival a = arrival(PEER, 9, 0, "x");
    CU_ASSERT_EQUAL(udp_input(&udp, &a), RILL_DROP_UDP_PORT);
    a.to_group = true;
    CU_ASSERT_EQUAL(udp_input(&udp, &a), RILL_DROP_UDP_PORT);
    end();
}

/* Attack U06. */
static void a_flood_fills_the_queue_and_no_more(void)
{
    begin();
    struct udp_socket *s = bound(0, ANY, 53);
    s->receive_buffer = 10000;
    struct udp_arrival a = arrival(PEER, 9, 53, "first");
    udp_input(&udp, &a);
    unsigned full = 0;
    a = arrival(PEER, 9, 53, "");
    for (int i = 0; i < 10000; i++)
        full += udp_input(&udp, &a) == RILL_DROP_UDP_QUEUE_FULL;
    CU_ASSERT_TRUE(s->received_bytes <= 10000);
    CU_ASSERT_TRUE(s->received_bytes + sizeof(struct udp_datagram) + UDP_HEADER > 10000);
    CU_ASSERT_TRUE(memory.used < 32768);
    CU_ASSERT_TRUE(got(s, "first")); /* the newest are the ones dropped */
    CU_ASSERT_TRUE(full > 9000);
    CU_ASSERT_EQUAL(counters.value[RILL_UdpRcvbufErrors], full);
    CU_ASSERT_EQUAL(counters.value[RILL_UdpInErrors], full);
    CU_ASSERT_EQUAL(counters.value[RILL_UdpInDatagrams], 10001 - full);
    end();
}

static void an_empty_queue_takes_a_datagram_of_any_size(void)
{
    static const char text[] = "longer than the buffer";
    begin();
    struct udp_socket *s = bound(0, ANY, 53);
    s->receive_buffer = s->send_buffer = 1;
    struct udp_arrival a = arrival(PEER, 9, 53, text);
    CU_ASSERT_EQUAL(udp_input(&udp, &a), RILL_DROP_NONE);
    CU_ASSERT_EQUAL(udp_input(&udp, &a), RILL_DROP_UDP_QUEUE_FULL);
    CU_ASSERT_EQUAL(send_text(s, text), sizeof text - 1);
    CU_ASSERT_EQUAL(send_text(s, text), -EAGAIN);
    end();
}

static void no_memory_drops_the_datagram_and_nothing_else(void)
{
    begin();
    struct udp_socket *s = bound(0, ANY, 53);
    struct udp_arrival a = arrival(PEER, 9, 53, "x");
    memory.fails_in = 1;
    CU_ASSERT_EQUAL(udp_input(&udp, &a), RILL_DROP_MEMORY);
    CU_ASSERT_EQUAL(udp_input(&udp, &a), RILL_DROP_NONE);
    CU_ASSERT_TRUE(got(s, "x"));
    memory.fails_in = 1;
    CU_ASSERT_EQUAL(send_text(s, "x"), -ENOBUFS);
    CU_ASSERT_PTR_NULL(udp_next_sender(&udp, 1));
    memory.fails_in = 1;
    CU_ASSERT_PTR_NULL(udp_open(&udp, &owner[1]));
    end();
}

static void owners_are_woken_once(void)
{
    begin();
    struct udp_socket *s = bound(0, ANY, 53);
    struct udp_arrival a = arrival(PEER, 9, 53, "x");
    udp_input(&udp, &a);
    udp_input(&udp, &a);
    CU_ASSERT_PTR_EQUAL(udp_next_woken(&udp), &owner[0]);
    CU_ASSERT_PTR_NULL(udp_next_woken(&udp));
    udp_input(&udp, &a);
    udp_close(&udp, s);
    CU_ASSERT_PTR_NULL(udp_next_woken(&udp));
    end();
}

/* --------------------------------------------------------------- sending */

/* What leaves, complete with its header; of the checksum the pseudo-header's part. */
struct left {
    uint8_t payload[64];
    size_t length;
};

static struct left take(struct udp_socket *s)
{
    const struct udp_datagram *d = udp_first_unsent(s);
    struct udp_piece piece = udp_next_piece(d, 0);
    struct left l = {.length = UDP_HEADER + piece.text.length};
    CU_ASSERT_FATAL(l.length <= sizeof l.payload);
    udp_write_header(d, &piece, l.payload);
    if (piece.text.length)
        memcpy(l.payload + UDP_HEADER, piece.text.at, piece.text.length);
    udp_sent(&udp, s, &piece);
    return l;
}

static void a_datagram_leaves_complete(void)
{
    begin();
    struct udp_socket *s = bound(0, ANY, 1000);
    s->tos = 4;
    s->ttl = 9;
    struct udp_to to = {.local = US, .remote = PEER, .remote_port = 53, .port = 1};
    struct iovec part[3] = {{"he", 2}, {NULL, 0}, {"llo", 3}};
    CU_ASSERT_EQUAL(udp_send(&udp, s, &to, part, 3), 5);
    CU_ASSERT_PTR_NULL(udp_next_sender(&udp, 0));
    CU_ASSERT_PTR_EQUAL_FATAL(udp_next_sender(&udp, 1), s);
    CU_ASSERT_TRUE(rill_address_equal(udp_first_unsent(s)->remote, PEER));

    CU_ASSERT_EQUAL(udp_first_unsent(s)->tos, 4);
    CU_ASSERT_EQUAL(udp_first_unsent(s)->ttl, 9);
    struct left l = take(s);
    CU_ASSERT_PTR_NULL(udp_next_sender(&udp, 1));
    CU_ASSERT_EQUAL(l.length, 13);
    struct udp_header h;
    struct rill_span data;
    CU_ASSERT_EQUAL(udp_header_parse(&h, span_of(l.payload, l.length), &data), RILL_DROP_NONE);
    CU_ASSERT_EQUAL(h.source, 1000);
    CU_ASSERT_EQUAL(h.destination, 53);
    CU_ASSERT_EQUAL(data.length, 5);
    CU_ASSERT_EQUAL(memcmp(data.at, "hello", 5), 0);
    CU_ASSERT_FALSE(udp_checksum_good(US, PEER, span_of(l.payload, l.length)));
    udp_finish(l.payload, l.length);
    CU_ASSERT_TRUE(udp_checksum_good(US, PEER, span_of(l.payload, l.length)));
    CU_ASSERT_EQUAL(counters.value[RILL_UdpOutDatagrams], 1);
    end();
}

/* Attack U02: over all 65,536 values of one word the sum is zero once, and then all ones must stand
 * there. */
static void a_checksum_of_zero_is_sent_as_all_ones(void)
{
    begin();
    struct udp_socket *s = bound(0, ANY, 1000);
    struct udp_to to = {.local = US, .remote = PEER, .remote_port = 53, .port = 1};
    unsigned zero = 0, ones = 0;
    for (unsigned i = 0; i < 65536; i++) {
        uint8_t word[2] = {(uint8_t)(i >> 8), (uint8_t)i};
        struct iovec part = {word, 2};
        udp_send(&udp, s, &to, &part, 1);
        struct left l = take(s);
        udp_finish(l.payload, l.length);
        unsigned field = (unsigned)(l.payload[6] << 8 | l.payload[7]);
        zero += field == 0;
        ones += field == 0xffff;
    }
    CU_ASSERT_EQUAL(zero, 0);
    CU_ASSERT_TRUE(ones >= 1);
    end();
}

static void the_largest_datagram_is_65507_bytes(void)
{
    static uint8_t text[65508];
    begin();
    struct udp_socket *s = bound(0, ANY, 1000);
    struct udp_to to = {.local = US, .remote = PEER, .remote_port = 53, .port = 1};
    struct iovec part[2] = {{text, 65507}, {text, SIZE_MAX}};
    CU_ASSERT_EQUAL(udp_send(&udp, s, &to, part, 1), 65507);
    CU_ASSERT_EQUAL(udp_send(&udp, s, &to, part, 2), -EMSGSIZE);
    part[0].iov_len = 65508;
    CU_ASSERT_EQUAL(udp_send(&udp, s, &to, part, 1), -EMSGSIZE);
    end();
}

static void senders_take_turns(void)
{
    begin();
    struct udp_socket *a = bound(0, ANY, 1000), *b = bound(1, ANY, 1001);
    send_text(a, "1");
    send_text(a, "3");
    send_text(b, "2");
    CU_ASSERT_PTR_EQUAL(udp_next_sender(&udp, 1), a);
    take(a);
    CU_ASSERT_PTR_EQUAL(udp_next_sender(&udp, 1), b);
    take(b);
    CU_ASSERT_PTR_EQUAL(udp_next_sender(&udp, 1), a);
    end();
}

static void a_sender_moves_to_the_port_of_its_next_datagram(void)
{
    begin();
    struct udp_socket *s = bound(0, ANY, 1000);
    send_text(s, "port 1");
    struct udp_to to = {.local = US, .remote = PEER, .remote_port = 53, .port = 2};
    struct iovec part = {"port 2", 6};
    udp_send(&udp, s, &to, &part, 1);
    CU_ASSERT_PTR_NULL(udp_next_sender(&udp, 2));
    take(s);
    CU_ASSERT_PTR_EQUAL(udp_next_sender(&udp, 2), s);
    CU_ASSERT_PTR_NULL(udp_next_sender(&udp, 1));
    end();
}

static void a_sender_that_net_lets_wait_stays_where_it_is(void)
{
    begin();
    struct list waiting;
    list_init(&waiting);
    struct udp_socket *s = bound(0, ANY, 1000);
    send_text(s, "1");
    list_remove(&s->sender);
    list_append(&waiting, &s->sender);
    send_text(s, "2");
    CU_ASSERT_PTR_NULL(udp_next_sender(&udp, 1));
    CU_ASSERT_PTR_EQUAL(list_first(&waiting), &s->sender);
    udp_fail(&udp, s, EHOSTUNREACH, RILL_SECONDS(1));
    CU_ASSERT_PTR_EQUAL(udp_next_sender(&udp, 1), s);
    end();
}

static void only_a_connected_socket_hears_that_its_datagram_could_not_leave(void)
{
    begin();
    struct udp_socket *s = bound(0, ANY, 1000);
    send_text(s, "1");
    udp_fail(&udp, s, EHOSTUNREACH, RILL_SECONDS(1));
    CU_ASSERT_EQUAL(s->error, 0);
    udp_connect(s, PEER, 53);
    send_text(s, "2");
    udp_fail(&udp, s, EHOSTUNREACH, RILL_SECONDS(1));
    CU_ASSERT_EQUAL(s->error, EHOSTUNREACH);
    CU_ASSERT_PTR_NULL(udp_next_sender(&udp, 1));
    end();
}

static void the_send_buffer_has_room_again_when_a_datagram_has_left(void)
{
    begin();
    struct udp_socket *s = bound(0, ANY, 1000);
    s->send_buffer = 1000;
    while (send_text(s, "x") == 1)
        CU_ASSERT_TRUE(s->unsent_bytes <= 1000);
    CU_ASSERT_EQUAL(send_text(s, "x"), -EAGAIN);
    CU_ASSERT_PTR_NULL(udp_next_woken(&udp));
    take(s);
    CU_ASSERT_PTR_EQUAL(udp_next_woken(&udp), &owner[0]);
    CU_ASSERT_EQUAL(send_text(s, "x"), 1);
    end();
}

static void what_a_closed_socket_has_not_sent_still_leaves(void)
{
    begin();
    size_t before = memory.used;
    struct udp_socket *s = bound(0, ANY, 1000);
    struct udp_arrival a = arrival(PEER, 9, 1000, "nobody reads this");
    udp_input(&udp, &a);
    send_text(s, "1");
    send_text(s, "2");
    udp_close(&udp, s);
    CU_ASSERT_EQUAL(udp_input(&udp, &a), RILL_DROP_UDP_PORT);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_PTR_EQUAL_FATAL(udp_next_sender(&udp, 1), s);
        CU_ASSERT_EQUAL(take(s).payload[UDP_HEADER], '1' + i);
    }
    CU_ASSERT_PTR_NULL(udp_next_sender(&udp, 1));
    CU_ASSERT_EQUAL(memory.used, before); /* gone with its last datagram */
    end();
}

static void a_closed_socket_that_cannot_send_is_gone(void)
{
    begin();
    size_t before = memory.used;
    struct udp_socket *s = bound(0, ANY, 1000);
    send_text(s, "1");
    udp_close(&udp, s);
    udp_fail(&udp, s, EHOSTUNREACH, RILL_SECONDS(1));
    CU_ASSERT_EQUAL(memory.used, before);
    end();
}

/* ---------------------------------------------------------------- errors */

static struct udp_icmp icmp_error(int error, bool fatal, const char *text)
{
    return (struct udp_icmp){
        .local = US,
        .local_port = 1000,
        .fatal = fatal,
        .data = span_of(text, strlen(text)),
        .report =
            {
                .when = RILL_SECONDS(2),
                .offender = OTHER_PEER,
                .local = US,
                .remote = PEER,
                .remote_port = 53,
                .error = (uint8_t)error,
                .origin = ERROR_ICMP,
                .type = 3,
                .code = 3,
            },
    };
}

/* RFC 1122 4.1.3.3. */
static void a_fatal_icmp_error_reaches_the_connected_socket_only(void)
{
    begin();
    struct udp_socket *s = bound(0, US, 1000);
    struct udp_icmp icmp = icmp_error(ECONNREFUSED, true, "");
    CU_ASSERT_FALSE(udp_icmp(&udp, &icmp));
    CU_ASSERT_EQUAL(udp_take_error(s), 0);
    udp_connect(s, PEER, 53);
    icmp.report.remote_port = 54;
    CU_ASSERT_FALSE(udp_icmp(&udp, &icmp));
    icmp.report.remote_port = 53;
    CU_ASSERT_TRUE(udp_icmp(&udp, &icmp));
    CU_ASSERT_PTR_NULL(errors_first(&s->errors));
    CU_ASSERT_EQUAL(udp_take_error(s), ECONNREFUSED);
    CU_ASSERT_EQUAL(udp_take_error(s), 0);
    CU_ASSERT_PTR_EQUAL(udp_next_woken(&udp), &owner[0]);
    end();
}

/* udp(7). */
static void what_may_pass_is_told_only_to_those_who_asked(void)
{
    begin();
    struct udp_socket *s = bound(0, US, 1000);
    struct udp_icmp icmp = icmp_error(EHOSTUNREACH, false, "");
    udp_connect(s, PEER, 53);
    CU_ASSERT_FALSE(udp_icmp(&udp, &icmp));
    CU_ASSERT_EQUAL(udp_take_error(s), 0);
    udp_want_errors(&udp, s, true);
    CU_ASSERT_TRUE(udp_icmp(&udp, &icmp));
    CU_ASSERT_EQUAL(udp_take_error(s), EHOSTUNREACH);
    end();
}

static bool reported(const struct udp_socket *s, int error, const char *text)
{
    const struct error_report *e = errors_first(&s->errors);
    return e && e->error == error && e->length == strlen(text) &&
           memcmp(error_payload(e).at, text, e->length) == 0;
}

static void reports_queue_up_and_the_pending_error_follows_them(void)
{
    begin();
    struct udp_socket *s = bound(0, US, 1000);
    struct udp_icmp first = icmp_error(ECONNREFUSED, true, "first"),
                    second = icmp_error(EHOSTUNREACH, false, "second");
    udp_want_errors(&udp, s, true); /* it is not connected */
    CU_ASSERT_TRUE(udp_icmp(&udp, &first));
    CU_ASSERT_TRUE(udp_icmp(&udp, &second));
    CU_ASSERT_EQUAL(udp_take_error(s), EHOSTUNREACH); /* the latest */
    CU_ASSERT_TRUE(reported(s, ECONNREFUSED, "first"));
    CU_ASSERT_TRUE(rill_address_equal(errors_first(&s->errors)->offender, OTHER_PEER));
    udp_drop_error(&udp, s);
    CU_ASSERT_TRUE(reported(s, EHOSTUNREACH, "second"));
    CU_ASSERT_EQUAL(s->error, EHOSTUNREACH); /* again: the next one's */
    udp_drop_error(&udp, s);
    CU_ASSERT_PTR_NULL(errors_first(&s->errors));
    CU_ASSERT_EQUAL(s->error, 0);
    end();
}

static void a_refused_call_leaves_a_report_and_nothing_pending(void)
{
    struct error_report refused = {.error = EMSGSIZE, .origin = ERROR_LOCAL, .info = 1500};
    begin();
    struct udp_socket *s = bound(0, US, 1000);
    struct udp_icmp icmp = icmp_error(ECONNREFUSED, true, "x");
    udp_refused(&udp, s, &refused);
    CU_ASSERT_PTR_NULL(errors_first(&s->errors));
    udp_want_errors(&udp, s, true);
    udp_icmp(&udp, &icmp);
    udp_refused(&udp, s, &refused);
    udp_drop_error(&udp, s);
    CU_ASSERT_EQUAL(s->error, 0); /* a local error is not pending again */
    CU_ASSERT_TRUE(reported(s, EMSGSIZE, ""));
    udp_icmp(&udp, &icmp);
    udp_drop_error(&udp, s);
    CU_ASSERT_EQUAL(s->error, ECONNREFUSED);
    end();
}

static void what_could_not_leave_is_reported_with_its_text(void)
{
    begin();
    struct udp_socket *s = bound(0, ANY, 1000);
    udp_want_errors(&udp, s, true);
    send_text(s, "lost");
    udp_fail(&udp, s, EHOSTUNREACH, RILL_SECONDS(7));
    CU_ASSERT_TRUE(reported(s, EHOSTUNREACH, "lost"));
    const struct error_report *e = errors_first(&s->errors);
    CU_ASSERT_EQUAL(e->when, RILL_SECONDS(7));
    CU_ASSERT_TRUE(rill_address_equal(e->offender, US));
    CU_ASSERT_TRUE(rill_address_equal(e->remote, PEER));
    CU_ASSERT_EQUAL(e->remote_port, 53);
    CU_ASSERT_EQUAL(e->type, 3);
    CU_ASSERT_EQUAL(e->code, 1);
    end();
}

/* The reports share the receive buffer with the datagrams; the newest are the ones dropped. */
static void a_flood_of_errors_is_bounded(void)
{
    begin();
    struct udp_socket *s = bound(0, US, 1000);
    struct udp_icmp icmp = icmp_error(EHOSTUNREACH, false, "first");
    struct udp_arrival a = arrival(PEER, 9, 1000, "");
    s->receive_buffer = 10000;
    udp_want_errors(&udp, s, true);
    udp_icmp(&udp, &icmp);
    icmp = icmp_error(ECONNREFUSED, false, "");
    for (int i = 0; i < 10000; i++)
        CU_ASSERT_TRUE_FATAL(udp_icmp(&udp, &icmp));
    CU_ASSERT_TRUE(s->errors.bytes < 10000);
    CU_ASSERT_TRUE(memory.used < 32768);
    CU_ASSERT_TRUE(reported(s, EHOSTUNREACH, "first"));
    CU_ASSERT_EQUAL(s->error, ECONNREFUSED);
    udp_want_errors(&udp, s, false); /* switched off: all that waited is gone */
    CU_ASSERT_EQUAL(s->errors.bytes, 0);
    while (udp_input(&udp, &a) == RILL_DROP_NONE)
        ;
    udp_want_errors(&udp, s, true);
    udp_icmp(&udp, &icmp);
    CU_ASSERT_PTR_NULL(errors_first(&s->errors)); /* what has arrived leaves no room */
    end();
}

static void without_memory_the_error_is_pending_all_the_same(void)
{
    begin();
    struct udp_socket *s = bound(0, US, 1000);
    struct udp_icmp icmp = icmp_error(ECONNREFUSED, true, "x");
    udp_want_errors(&udp, s, true);
    memory.fails_in = 1;
    CU_ASSERT_TRUE(udp_icmp(&udp, &icmp));
    CU_ASSERT_PTR_NULL(errors_first(&s->errors));
    CU_ASSERT_EQUAL(udp_take_error(s), ECONNREFUSED);
    end();
}

static void the_island_ends_with_everything_that_waits_in_it(void)
{
    begin();
    bound(0, ANY, 1000);
    udp_open(&udp, &owner[1]);
    struct udp_socket *s = bound(2, ANY, 1001);
    struct udp_arrival a = arrival(PEER, 9, 1000, "x");
    udp_input(&udp, &a);
    send_text(s, "x");
    udp_close(&udp, s);
    struct udp_icmp icmp = icmp_error(ECONNREFUSED, true, "x");
    icmp.local_port = 1002;
    s = bound(3, ANY, 1002);
    udp_want_errors(&udp, s, true);
    udp_icmp(&udp, &icmp);
    end();
}

static const struct unit_test tests[] = {
    {"a port is held by one socket", a_port_is_held_by_one_socket},
    {"a port is shared between addresses", a_port_is_shared_between_addresses},
    {"a port is shared where both said so in the same way",
     a_port_is_shared_where_both_said_so_in_the_same_way},
    {"a closed socket gives its port back at once", a_closed_socket_gives_its_port_back_at_once},
    {"an unbound socket hears nothing and may bind again",
     an_unbound_socket_hears_nothing_and_may_bind_again},
    {"drawn ports are spread over the whole range", drawn_ports_are_spread_over_the_whole_range},
    {"drawn ports depend on the seed alone", drawn_ports_depend_on_the_seed_alone},
    {"the range of drawn ports can be used up", the_range_of_drawn_ports_can_be_used_up},
    {"the socket that fits best gets the datagram", the_socket_that_fits_best_gets_the_datagram},
    {"a connected socket hears its peer only", a_connected_socket_hears_its_peer_only},
    {"a group datagram goes to everybody whom it fits",
     a_group_datagram_goes_to_everybody_whom_it_fits},
    {"what came from where is kept", what_came_from_where_is_kept},
    {"destination port 0 is nobody's", destination_port_0_is_nobodys},
    {"a flood fills the queue and no more", a_flood_fills_the_queue_and_no_more},
    {"an empty queue takes a datagram of any size", an_empty_queue_takes_a_datagram_of_any_size},
    {"no memory drops the datagram and nothing else",
     no_memory_drops_the_datagram_and_nothing_else},
    {"owners are woken once", owners_are_woken_once},
    {"a datagram leaves complete", a_datagram_leaves_complete},
    {"a checksum of zero is sent as all ones", a_checksum_of_zero_is_sent_as_all_ones},
    {"the largest datagram is 65507 bytes", the_largest_datagram_is_65507_bytes},
    {"senders take turns", senders_take_turns},
    {"a sender moves to the port of its next datagram",
     a_sender_moves_to_the_port_of_its_next_datagram},
    {"a sender that net lets wait stays where it is",
     a_sender_that_net_lets_wait_stays_where_it_is},
    {"only a connected socket hears that its datagram could not leave",
     only_a_connected_socket_hears_that_its_datagram_could_not_leave},
    {"the send buffer has room again when a datagram has left",
     the_send_buffer_has_room_again_when_a_datagram_has_left},
    {"what a closed socket has not sent still leaves",
     what_a_closed_socket_has_not_sent_still_leaves},
    {"a closed socket that cannot send is gone", a_closed_socket_that_cannot_send_is_gone},
    {"a fatal ICMP error reaches the connected socket only",
     a_fatal_icmp_error_reaches_the_connected_socket_only},
    {"what may pass is told only to those who asked",
     what_may_pass_is_told_only_to_those_who_asked},
    {"reports queue up and the pending error follows them",
     reports_queue_up_and_the_pending_error_follows_them},
    {"a refused call leaves a report and nothing pending",
     a_refused_call_leaves_a_report_and_nothing_pending},
    {"what could not leave is reported with its text",
     what_could_not_leave_is_reported_with_its_text},
    {"a flood of errors is bounded", a_flood_of_errors_is_bounded},
    {"without memory the error is pending all the same",
     without_memory_the_error_is_pending_all_the_same},
    {"the island ends with everything that waits in it",
     the_island_ends_with_everything_that_waits_in_it},
};

int main(void)
{
    return UNIT_MAIN("udp", tests);
}
