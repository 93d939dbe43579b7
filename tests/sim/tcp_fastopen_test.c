/* Fast Open between two stacks (RFC 7413): cookies are given, kept, rotated; and whatever the cable
 * does, the bytes arrive once and in order, and nothing stays pending. */
#include "../unit/unit.h"
#include "pair.h"

#include "base/hash.h"
#include "socket/rill.h"
#include "tcp/fastopen.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <rill/counters.h>
#include <string.h>

#define PORT 80
#define MOST 6000 /* bytes of one direction */

static struct pair pair;
static int listener;

static uint64_t counted(int end, enum rill_counter counter)
{
    return rill_counters(pair.end[end])->value[counter];
}

static void begin(uint64_t seed, uint32_t trouble_ppm)
{
    struct pair_config c;
    int pending = 3;
    pair_config_init(&c, seed);
    struct rill_cable_config *way[] = {&c.there, &c.back};
    for (int i = 0; i < 2; i++) {
        way[i]->loss_ppm = way[i]->duplicate_ppm = way[i]->reorder_ppm = trouble_ppm;
        c.end[i].tcp.fast_open = RILL_FAST_OPEN_CLIENT | RILL_FAST_OPEN_SERVER;
        c.end[i].tcp.fast_open_pause = 0; /* else it rests most of the time */
    }
    pair_open(&pair, &c);
    listener = pair_listen(&pair, PORT);
    rill_use(pair.end[1]);
    CU_ASSERT_EQUAL(rill_setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN, &pending, sizeof pending),
                    0);
}

/* One end of a conversation. */
struct side {
    int fd;
    size_t total, sent, received;
    bool closed, ended, wrong;
};

static uint8_t byte_at(size_t i, int end)
{
    return (uint8_t)(i * 2654435761u >> 13 ^ (unsigned)end);
}

static size_t next_bytes(const struct side *s, int end, uint8_t chunk[MOST])
{
    for (size_t i = s->sent; i < s->total; i++)
        chunk[i - s->sent] = byte_at(i, end);
    return s->total - s->sent;
}

static void side_run(struct side *s, int end)
{
    uint8_t chunk[MOST];
    ssize_t n = 1;
    while (s->sent < s->total && n > 0) {
        n = rill_send(s->fd, chunk, next_bytes(s, end, chunk), MSG_DONTWAIT);
        s->sent += n > 0 ? (size_t)n : 0;
    }
    if (s->sent == s->total && !s->closed)
        s->closed = rill_shutdown(s->fd, SHUT_WR) == 0;
    while (!s->ended && (n = rill_recv(s->fd, chunk, sizeof chunk, MSG_DONTWAIT)) >= 0) {
        for (ssize_t i = 0; i < n; i++)
            s->wrong = s->wrong || chunk[i] != byte_at(s->received + (size_t)i, !end);
        s->received += (size_t)n;
        s->ended = n == 0;
    }
}

static bool step(void *context)
{
    struct side *side = context;
    rill_use(pair.end[1]);
    if (side[1].fd < 0)
        side[1].fd = rill_accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (side[1].fd >= 0)
        side_run(&side[1], 1);
    rill_use(pair.end[0]);
    int error = 0;
    socklen_t length = sizeof error;
    struct pollfd ready = {.fd = side[0].fd, .events = POLLIN | POLLOUT};
    if (rill_poll(&ready, 1, 0) > 0)
        side_run(&side[0], 0);
    rill_getsockopt(side[0].fd, SOL_SOCKET, SO_ERROR, &error, &length);
    return error || (side[0].ended && side[1].ended);
}

/* Opens with text: at once, or by a connect that only seems to succeed. */
static void open_client(struct side *s, bool by_connect)
{
    uint8_t chunk[MOST];
    int on = 1;
    struct sockaddr_in to = pair_address(1, PORT);
    struct sockaddr *name = (struct sockaddr *)&to;
    rill_use(pair.end[0]);
    s->fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    size_t length = next_bytes(s, 0, chunk);
    ssize_t n = -1;
    if (!by_connect) {
        n = rill_sendto(s->fd, chunk, length, MSG_FASTOPEN, name, sizeof to);
    } else {
        rill_setsockopt(s->fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof on);
        if (rill_connect(s->fd, name, sizeof to) == 0)
            n = rill_send(s->fd, chunk, length, 0);
    }
    CU_ASSERT(n >= 0 || errno == EINPROGRESS);
    s->sent = n > 0 ? (size_t)n : 0;
}

/* True: all arrived, and once. */
static bool converse(size_t there, size_t back, bool by_connect)
{
    struct side side[2] = {{.total = there}, {.fd = -1, .total = back}};
    open_client(&side[0], by_connect);
    pair_run(&pair, pair.now + RILL_SECONDS(600), step, side);
    bool good = side[0].received == back && side[1].received == there;
    for (int end = 0; end < 2; end++) {
        good = good && side[end].ended && !side[end].wrong;
        rill_use(pair.end[end]);
        if (side[end].fd >= 0)
            rill_close(side[end].fd);
    }
    return good;
}

static const struct tcp_listener *the_listener(void)
{
    return pool_at(&pair.end[1]->net.tcp.pool[HEAD_LISTENER], 1);
}

static void end(void)
{
    pair_run_for(&pair, RILL_SECONDS(400));
    CU_ASSERT_EQUAL(the_listener()->fast_open.pending, the_listener()->fast_open.held);
    pair_close(&pair);
}

static void the_second_connection_uses_the_cookie_of_the_first(void)
{
    begin(1, 0);
    CU_ASSERT_TRUE(converse(3000, 3000, false));
    CU_ASSERT_EQUAL(counted(1, RILL_TcpExtTCPFastOpenCookieReqd), 1);
    CU_ASSERT_EQUAL(counted(1, RILL_TcpExtTCPFastOpenPassive), 0);
    CU_ASSERT_TRUE(converse(3000, 3000, false));
    CU_ASSERT_TRUE(converse(3000, 3000, true));
    CU_ASSERT_EQUAL(counted(0, RILL_TcpExtTCPFastOpenActive), 2);
    CU_ASSERT_EQUAL(counted(1, RILL_TcpExtTCPFastOpenPassive), 2);
    CU_ASSERT_EQUAL(counted(0, RILL_TcpExtTCPFastOpenActiveFail), 0);
    CU_ASSERT_EQUAL(counted(1, RILL_TcpExtTCPFastOpenPassiveFail), 0);
    end();
}

static void set_keys(const char *keys, socklen_t length)
{
    rill_use(pair.end[1]);
    CU_ASSERT_EQUAL(rill_setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN_KEY, keys, length), 0);
}

/* A client that comes by between two rotations never notices; one that stays away too long falls
 * back once. */
static void keys_rotate(void)
{
    begin(1, 0);
    set_keys("0123456789abcdef", 16);
    CU_ASSERT_TRUE(converse(100, 100, false));
    set_keys("fedcba98765432100123456789abcdef", 32);
    CU_ASSERT_TRUE(converse(100, 100, false));
    CU_ASSERT_EQUAL(counted(1, RILL_TcpExtTCPFastOpenPassiveAltKey), 1);
    set_keys("aaaabbbbccccddddfedcba9876543210", 32);
    CU_ASSERT_TRUE(converse(100, 100, false));
    CU_ASSERT_EQUAL(counted(1, RILL_TcpExtTCPFastOpenPassiveAltKey), 2);
    CU_ASSERT_EQUAL(counted(0, RILL_TcpExtTCPFastOpenActive), 2);
    set_keys("11112222333344445555666677778888", 32);
    CU_ASSERT_TRUE(converse(100, 100, false));
    CU_ASSERT_EQUAL(counted(1, RILL_TcpExtTCPFastOpenPassiveFail), 1);
    CU_ASSERT_EQUAL(counted(0, RILL_TcpExtTCPFastOpenActiveFail), 1);
    CU_ASSERT_TRUE(converse(100, 100, false));
    CU_ASSERT_EQUAL(counted(0, RILL_TcpExtTCPFastOpenActive), 3);
    end();
}

static void a_bad_cable_changes_nothing_but_the_time(void)
{
    uint64_t opened = 0, failed = 0;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct random dice;
        random_seed(&dice, seed);
        begin(seed, 50000 + 10000 * (uint32_t)(seed % 10));
        for (int i = 0; i < 20; i++) {
            size_t there = random_below(&dice, MOST), back = random_below(&dice, MOST);
            CU_ASSERT_TRUE(converse(there, back, i % 2));
        }
        opened += counted(1, RILL_TcpExtTCPFastOpenPassive);
        failed += counted(0, RILL_TcpExtTCPFastOpenActiveFail);
        end();
    }
    CU_ASSERT_TRUE(opened > 100 && failed > 10); /* both have happened */
}

/* The client goes away at any moment of a Fast Open, and the server, too. */
static void whoever_leaves_early_leaves_nothing_behind(void)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct random dice;
        random_seed(&dice, seed);
        begin(seed, 100000);
        converse(10, 10, false);
        for (int i = 0; i < 10; i++) {
            struct side side[2] = {{.total = random_below(&dice, MOST)},
                                   {.fd = -1, .total = random_below(&dice, MOST)}};
            open_client(&side[0], i % 2);
            pair_run(&pair, pair.now + (rill_time)random_below(&dice, RILL_MILLISECONDS(8)), step,
                     side);
            for (int e = 0; e < 2; e++) {
                rill_use(pair.end[e]);
                if (side[e].fd >= 0)
                    rill_close(side[e].fd);
            }
            pair_run_for(&pair, (rill_time)random_below(&dice, RILL_SECONDS(2)));
        }
        pair_run_for(&pair, RILL_SECONDS(1000));
        rill_use(pair.end[1]);
        for (int fd; (fd = rill_accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;)
            rill_close(fd);
        end();
    }
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"the second connection uses the cookie of the first",
         the_second_connection_uses_the_cookie_of_the_first},
        {"keys rotate", keys_rotate},
        {"a bad cable changes nothing but the time", a_bad_cable_changes_nothing_but_the_time},
        {"whoever leaves early leaves nothing behind", whoever_leaves_early_leaves_nothing_behind},
    };
    return UNIT_MAIN("tcp_fastopen", tests);
}
