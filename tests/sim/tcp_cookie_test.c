/* SYN cookies under attack (RFC 4987 3.6): floods, forged ACKs, full queues, no memory. What one
 * handshake looks like stands in tests/script/syncookies. */
#include "../unit/unit.h"
#include "wire_peer.h"

#include "base/hash.h"

#include <errno.h>
#include <netinet/in.h>

static struct peer w;

static uint64_t counted(enum rill_counter c)
{
    return rill_counters(w.rill)->value[c];
}

static void start(enum rill_syn_cookies cookies)
{
    peer_configure(&w);
    w.config.tcp.syn_cookies = cookies;
    peer_start(&w);
    app_listens(&w); /* 16 */
}

/* The peer on this port asks and is answered. */
static void ask(uint16_t port)
{
    w.peer_port = port;
    peer_sends(&w, TCP_SYN, 0, .options = peer_plain);
    peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
}

/* A client that does all as it should gets its connection, and gives it up. */
static void honest_client_connects(uint16_t port)
{
    ask(port);
    peer_sends(&w, TCP_ACK, 1, 1);
    state_is(&w, ESTABLISHED);
    app_accepts(&w);
    peer_sends(&w, TCP_RST, 1);
    app_closes(&w);
    peer_expects_nothing(&w);
}

/* S01: 10,000 SYNs each second, for 10 s; nobody answers. */
static void honest_clients_connect_through_a_flood(void)
{
    struct random random;
    random_seed(&random, 1);
    start(RILL_SYN_COOKIES_FULL);
    honest_client_connects(39999); /* pools and rings have their first chunk */
    size_t most = 0, before = rill_memory_used(w.rill);
    for (unsigned i = 0; i < 100000; i++) {
        if (i >= 100) /* the first come from a neighbour, so that their records last */
            w.address = 0x0b000000 + (uint32_t)random_below(&random, 1 << 24);
        w.peer_port = (uint16_t)(1 + random_below(&random, 30000));
        peer_sends(&w, TCP_SYN, (int64_t)random_below(&random, 1u << 31));
        peer_takes_all(&w);
        w.address = 0x0a000002;
        w.now += RILL_MICROSECONDS(100);
        peer_takes_all(&w); /* what is said to the others again */
        if (i % 500 == 499)
            honest_client_connects((uint16_t)(40000 + i / 500));
        most = max_of(most, rill_memory_used(w.rill));
    }
    CU_ASSERT_EQUAL(counted(RILL_TcpPassiveOpens), 201);
    CU_ASSERT(counted(RILL_TcpExtSyncookiesSent) > 99000);
    CU_ASSERT(most - before < 16384);
    peer_close(&w);
}

/* S02: one guess in 2^27 is right. */
static void forged_acks_make_no_connection(void)
{
    struct random random;
    random_seed(&random, 2);
    start(RILL_SYN_COOKIES_ALWAYS);
    ask(40000);
    size_t before = rill_memory_used(w.rill);
    for (unsigned i = 0; i < 1000000; i++) {
        w.peer_port = (uint16_t)(1 + random_below(&random, 65535));
        w.irs = (uint32_t)random_next(&random);
        w.iss = (uint32_t)random_next(&random);
        peer_sends(&w, TCP_ACK, 1, 1);
        peer_takes_all(&w);
        w.now += RILL_MICROSECONDS(100);
    }
    CU_ASSERT_EQUAL(counted(RILL_TcpExtSyncookiesRecv), 0);
    CU_ASSERT_EQUAL(counted(RILL_TcpExtSyncookiesFailed), 1000000);
    CU_ASSERT_EQUAL(rill_memory_used(w.rill), before);
    CU_ASSERT(app_accepts_nobody(&w));
    peer_close(&w);
}

/* Each bit of the cookie counts, and of what it is made from. */
static void no_damaged_cookie_is_taken(void)
{
    start(RILL_SYN_COOKIES_ALWAYS);
    ask(40000);
    uint32_t cookie = w.irs, iss = w.iss;
    for (unsigned bit = 0; bit < 32; bit++) {
        if (bit >= 20 && bit < 24) /* these only name another MSS */
            continue;
        w.irs = cookie ^ 1u << bit;
        peer_sends(&w, TCP_ACK, 1, 1);
        peer_expects(&w, TCP_RST, 1, 0, 0);
    }
    w.irs = cookie;
    for (unsigned bit = 0; bit < 32; bit++) {
        w.iss = iss ^ 1u << bit;
        peer_sends(&w, TCP_ACK, 1, 1);
        peer_expects(&w, TCP_RST, 1, 0, 0);
    }
    w.iss = iss;
    w.peer_port = 40001;
    peer_sends(&w, TCP_ACK, 1, 1);
    peer_expects(&w, TCP_RST, 1, 0, 0);
    CU_ASSERT_EQUAL(counted(RILL_TcpExtSyncookiesRecv), 0);
    peer_close(&w);
}

/* A client that has the SYN-ACK may say as much as the window holds, 64 KB without a scale, before
 * anything of it arrives. What arrives first of all that is the beginning only if it begins it. */
static void no_later_text_opens(void)
{
    start(RILL_SYN_COOKIES_ALWAYS);
    for (uint16_t port = 40000; port < 40016; port++) {
        ask(port);
        for (int64_t seq = 2; seq <= 65536; seq++) {
            peer_sends(&w, TCP_ACK | TCP_PSH, seq, 1);
            peer_takes_all(&w);
        }
    }
    CU_ASSERT_EQUAL(counted(RILL_TcpExtSyncookiesRecv), 0);
    peer_close(&w);
}

static void records_of_all_listeners_are_bounded_too(void)
{
    peer_configure(&w);
    w.config.tcp.syn_records_max = 4;
    peer_start(&w);
    app_listens(&w);
    for (uint16_t i = 0; i < 6; i++) {
        ask((uint16_t)(1000 + i));
        CU_ASSERT_EQUAL(counted(RILL_TcpExtSyncookiesSent), i < 4 ? 0 : i - 3u);
    }
    CU_ASSERT_EQUAL(counted(RILL_TcpExtTCPReqQFullDoCookies), 2);
    peer_close(&w);
}

/* RFC 4987 3.4: without cookies a record drawn by chance gives way. */
static void without_cookies_a_record_gives_way(void)
{
    peer_configure(&w);
    w.config.tcp.syn_records_max = 4;
    w.config.tcp.syn_cookies = RILL_SYN_COOKIES_OFF;
    peer_start(&w);
    app_listens(&w);
    for (uint16_t i = 0; i < 10; i++)
        ask((uint16_t)(1000 + i));
    CU_ASSERT_EQUAL(counted(RILL_TcpExtTCPReqQFullDrop), 6);
    CU_ASSERT_EQUAL(counted(RILL_TcpExtSyncookiesSent), 0);
    peer_close(&w);
}

/* S18. Nothing is said, so the client asks again with its first text. */
static void a_full_accept_queue_drops_the_ack_and_takes_it_later(void)
{
    start(RILL_SYN_COOKIES_ALWAYS);
    ask(999);
    uint32_t cookie = w.irs;
    for (uint16_t i = 0; i < 17; i++) {
        ask((uint16_t)(1000 + i));
        peer_sends(&w, TCP_ACK, 1, 1);
        state_is(&w, ESTABLISHED);
    }
    w.peer_port = 2000;
    peer_sends(&w, TCP_SYN, 0);
    peer_expects_nothing(&w);
    w.peer_port = 999;
    w.irs = cookie;
    peer_sends(&w, TCP_ACK, 1, 1);
    peer_expects_nothing(&w);
    CU_ASSERT_EQUAL(counted(RILL_TcpExtListenOverflows), 2);
    w.peer_port = 1000; /* the first of the queue */
    app_accepts(&w);
    w.peer_port = 999;
    peer_sends(&w, TCP_ACK, 1, 1, 10);
    state_is(&w, ESTABLISHED);
    peer_close(&w);
}

static void without_memory_the_ack_may_come_again(void)
{
    start(RILL_SYN_COOKIES_ALWAYS);
    int bytes = 10000; /* an option for which the connection needs a block of its own */
    rill_setsockopt(w.listener, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    for (uint64_t n = 1; n <= 3; n++) {
        ask(40000);
        rill_memory_fail(w.rill, n);
        peer_sends(&w, TCP_ACK, 1, 1);
        rill_memory_fail(w.rill, 0);
        peer_expects_nothing(&w);
        peer_sends(&w, TCP_ACK, 1, 1);
        state_is(&w, ESTABLISHED);
        peer_sends(&w, TCP_RST, 1);
        app_accepts(&w);
        app_closes(&w);
    }
    peer_close(&w);
}

/* RFC 7323 4.1: whatever the options are and whenever the SYN comes. */
static void timestamps_go_on_from_the_cookie(void)
{
    start(RILL_SYN_COOKIES_ALWAYS);
    w.timestamps = true;
    for (uint16_t i = 0; i < 130; i++) {
        struct tcp_options o = peer_full;
        o.window_scale = (uint8_t)(i % 15);
        o.has_sack_permitted = i & 1;
        w.peer_port = (uint16_t)(1000 + i);
        peer_sends(&w, TCP_SYN, 0, .options = o);
        peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
        uint32_t first = w.ts_echo;
        peer_sends(&w, TCP_ACK, 1, 1, 1);
        peer_expects(&w, TCP_ACK, 1, 2, 0);
        CU_ASSERT(w.ts_echo - first < 64);
        w.written = w.read = 1;
        app_accepts(&w);
        app_aborts(&w);
        peer_takes_all(&w);
        w.now += RILL_MILLISECONDS(1);
    }
    peer_close(&w);
}

/* S19: who listens anew has sent no cookie. */
static void a_new_listener_believes_no_cookie_of_the_old(void)
{
    start(RILL_SYN_COOKIES_ALWAYS);
    ask(40000);
    CU_ASSERT_EQUAL(rill_close(w.listener), 0);
    app_listens(&w);
    peer_sends(&w, TCP_ACK, 1, 1);
    peer_expects(&w, TCP_RST, 1, 0, 0);
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"honest clients connect through a flood (S01)", honest_clients_connect_through_a_flood},
        {"forged ACKs make no connection (S02)", forged_acks_make_no_connection},
        {"no damaged cookie is taken", no_damaged_cookie_is_taken},
        {"no later text opens", no_later_text_opens},
        {"records of all listeners are bounded, too", records_of_all_listeners_are_bounded_too},
        {"without cookies a record gives way", without_cookies_a_record_gives_way},
        {"a full accept queue drops the ACK (S18)",
         a_full_accept_queue_drops_the_ack_and_takes_it_later},
        {"without memory the ACK may come again", without_memory_the_ack_may_come_again},
        {"timestamps go on from the cookie", timestamps_go_on_from_the_cookie},
        {"a new listener believes no old cookie (S19)",
         a_new_listener_believes_no_cookie_of_the_old},
    };
    return UNIT_MAIN("tcp_cookie", tests);
}
