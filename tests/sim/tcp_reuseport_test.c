/* SO_REUSEPORT (socket(7)): several listeners on one address and port share what comes in. */
#include "../unit/unit.h"
#include "wire_peer.h"

#include <errno.h>
#include <netinet/in.h>

#define LISTENERS 4

static struct peer w;
static int listener[LISTENERS];

static int listens(bool reuse_port, uint32_t address)
{
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = htonl(address)};
    int on = 1, fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (reuse_port)
        CU_ASSERT_EQUAL(rill_setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), 0);
    if (rill_bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && rill_listen(fd, 100) == 0)
        return fd;
    CU_ASSERT_EQUAL(errno, EADDRINUSE);
    CU_ASSERT_EQUAL(rill_close(fd), 0);
    return -1;
}

static void start(enum rill_syn_cookies cookies)
{
    peer_configure(&w);
    w.config.tcp.syn_cookies = cookies;
    peer_start(&w);
    for (int i = 0; i < LISTENERS; i++) {
        listener[i] = listens(true, INADDR_ANY);
        CU_ASSERT(listener[i] >= 0);
    }
}

static void ask(uint16_t port)
{
    w.peer_port = port;
    peer_sends(&w, TCP_SYN, 0);
    peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
}

/* Connections that wait there; they are accepted and given up. */
static unsigned waiting(int fd)
{
    unsigned n = 0;
    struct linger abort = {1, 0};
    for (int c; (c = rill_accept(fd, NULL, NULL)) >= 0; n++) {
        rill_setsockopt(c, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
        rill_close(c);
    }
    return n;
}

static void connections(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        ask((uint16_t)(1000 + i));
        peer_sends(&w, TCP_ACK, 1, 1);
        state_is(&w, ESTABLISHED);
    }
}

static void each_listener_gets_its_share(void)
{
    start(RILL_SYN_COOKIES_FULL);
    connections(200);
    unsigned sum = 0;
    for (int i = 0; i < LISTENERS; i++) {
        unsigned n = waiting(listener[i]);
        CU_ASSERT(n > 30 && n < 70); /* 50, give or take three deviations */
        sum += n;
    }
    CU_ASSERT_EQUAL(sum, 200);
    peer_close(&w);
}

static void cookies_are_spread_too(void)
{
    start(RILL_SYN_COOKIES_ALWAYS);
    connections(200);
    for (int i = 0; i < LISTENERS; i++)
        CU_ASSERT(waiting(listener[i]) > 30);
    peer_close(&w);
}

/* Whichever closes, first or last: the others get all that comes from then on. */
static void the_others_take_over(void)
{
    for (int first = 0; first < LISTENERS; first++) {
        start(RILL_SYN_COOKIES_FULL);
        for (int i = 0; i < LISTENERS - 1; i++)
            CU_ASSERT_EQUAL(rill_close(listener[(first + i) % LISTENERS]), 0);
        connections(20);
        CU_ASSERT_EQUAL(waiting(listener[(first + LISTENERS - 1) % LISTENERS]), 20);
        CU_ASSERT_EQUAL(rill_close(listener[(first + LISTENERS - 1) % LISTENERS]), 0);
        peer_takes_all(&w); /* the resets of what was given up */
        w.peer_port = 5000;
        w.irs = 0;
        peer_sends(&w, TCP_SYN, 0);
        peer_expects(&w, TCP_RST | TCP_ACK, 0, 1, 0);
        peer_close(&w);
    }
}

/* The third ACK goes to the listener that the SYN has met, also where another has come since. */
static void a_handshake_stays_with_its_listener(void)
{
    peer_configure(&w);
    peer_start(&w);
    int first = listens(true, INADDR_ANY);
    for (uint16_t i = 0; i < 10; i++)
        ask((uint16_t)(1000 + i));
    uint32_t last = w.irs;
    int second = listens(true, INADDR_ANY);
    w.irs = last;
    peer_sends(&w, TCP_ACK, 1, 1);
    state_is(&w, ESTABLISHED);
    CU_ASSERT_EQUAL(waiting(first), 1);
    CU_ASSERT_EQUAL(waiting(second), 0);
    peer_close(&w);
}

static void all_have_to_say_so(void)
{
    peer_configure(&w);
    peer_start(&w);
    CU_ASSERT(listens(false, INADDR_ANY) >= 0);
    CU_ASSERT(listens(true, INADDR_ANY) < 0);
    peer_close(&w);
    peer_configure(&w);
    peer_start(&w);
    CU_ASSERT(listens(true, INADDR_ANY) >= 0);
    CU_ASSERT(listens(false, INADDR_ANY) < 0);
    CU_ASSERT(listens(true, INADDR_ANY) >= 0);
    peer_close(&w);
}

/* Its own group: one bound to the address comes before those bound to any. */
static void the_address_counts_first(void)
{
    start(RILL_SYN_COOKIES_FULL);
    int exact = listens(true, 0x0a000001);
    connections(10);
    CU_ASSERT_EQUAL(waiting(exact), 10);
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"each listener gets its share", each_listener_gets_its_share},
        {"cookies are spread, too", cookies_are_spread_too},
        {"the others take over", the_others_take_over},
        {"a handshake stays with its listener", a_handshake_stays_with_its_listener},
        {"all have to say so", all_have_to_say_so},
        {"the address counts first", the_address_counts_first},
    };
    return UNIT_MAIN("tcp_reuseport", tests);
}
