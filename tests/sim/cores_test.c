/* Several stacks that share an address (struct rill_core): each frame has one owner, whoever read
 * it, and what a stack begins itself comes back to it. */
#include "../unit/unit.h"
#include "lone.h"

#include <errno.h>
#include <rill/counters.h>
#include <sys/socket.h>

#define CORES 3
#define SERVICE 80

static struct lone *core[CORES];
static uint8_t frame[2000];

static void open_all(void)
{
    struct rill_config config = lone_config();
    for (unsigned i = 0; i < CORES; i++) {
        config.core = (struct rill_core){.number = i, .count = CORES, .key = 4711};
        core[i] = lone_open(&config);
    }
}

static void close_all(void)
{
    for (unsigned i = 0; i < CORES; i++)
        lone_close(core[i]);
}

static int owner(size_t length)
{
    struct rill_frame f = {.buffer = frame, .room = sizeof frame, .length = (uint32_t)length};
    int whose = rill_core_of(core[0]->rill, &f);
    for (unsigned i = 1; i < CORES; i++)
        CU_ASSERT_EQUAL(rill_core_of(core[i]->rill, &f), whose);
    return whose;
}

/* To its owner, as whoever has read it would hand it over. */
static int deliver(size_t length)
{
    int whose = owner(length);
    for (int i = 0; i < CORES; i++)
        if (whose == i || whose == RILL_CORE_ALL) {
            rill_use(core[i]->rill);
            lone_hear(core[i], frame, length);
        }
    return whose;
}

static size_t segment(uint16_t from, uint16_t to, uint16_t flags)
{
    struct forge way = forge_honest();
    struct tcp_header h = {.source = from, .destination = to, .flags = flags, .window = 1000};
    return forge_tcp(frame, &way, &h, (struct rill_span){0});
}

static unsigned all_sent(enum dissected_kind kind)
{
    unsigned n = 0;
    for (unsigned i = 0; i < CORES; i++)
        n += lone_count(core[i], kind, NULL);
    return n;
}

static void forget_all(void)
{
    for (unsigned i = 0; i < CORES; i++)
        lone_forget(core[i]);
}

/* The stack is the current one, and has an unconnected socket. */
static int socket_on(unsigned i, int type)
{
    rill_use(core[i]->rill);
    return rill_socket(AF_INET, type | SOCK_NONBLOCK, 0);
}

/* ---------------------------------------------------------------- */

static void connections_to_a_server_are_spread_and_each_has_one_owner(void)
{
    unsigned count[CORES] = {0};
    open_all();
    for (unsigned i = 0; i < CORES; i++) {
        rill_use(core[i]->rill);
        CU_ASSERT(lone_listen(SERVICE) >= 0);
    }
    for (uint16_t port = 1000; port < 1300; port++) {
        int whose = deliver(segment(port, SERVICE, TCP_SYN));
        CU_ASSERT_FATAL(whose >= 0 && whose < CORES);
        count[whose]++;
        CU_ASSERT_EQUAL(owner(segment(port, SERVICE, TCP_ACK)), whose);
    }
    for (unsigned i = 0; i < CORES; i++) {
        CU_ASSERT(count[i] > 70); /* of 100 */
        CU_ASSERT_EQUAL(rill_counters(core[i]->rill)->value[RILL_TcpOutRsts], 0);
    }
    close_all();
}

static void a_port_that_is_drawn_belongs_to_the_core_that_draws_it(void)
{
    struct sockaddr_in to = lone_address(FORGE_PEER, SERVICE), local;
    socklen_t length = sizeof local;
    open_all();
    for (unsigned i = 0; i < CORES; i++)
        for (unsigned n = 0; n < 50; n++) {
            int tcp = socket_on(i, SOCK_STREAM), udp = socket_on(i, SOCK_DGRAM);
            CU_ASSERT_EQUAL(rill_connect(tcp, (struct sockaddr *)&to, sizeof to), -1);
            CU_ASSERT_EQUAL(errno, EINPROGRESS);
            rill_getsockname(tcp, (struct sockaddr *)&local, &length);
            CU_ASSERT_EQUAL(owner(segment(SERVICE, ntohs(local.sin_port), TCP_ACK)), (int)i);
            local = lone_address(0, 0);
            CU_ASSERT_EQUAL(rill_bind(udp, (struct sockaddr *)&local, sizeof local), 0);
            rill_getsockname(udp, (struct sockaddr *)&local, &length);
            struct forge way = forge_honest();
            size_t n_bytes =
                forge_udp(frame, &way, 53, ntohs(local.sin_port), (struct rill_span){0});
            CU_ASSERT_EQUAL(owner(n_bytes), (int)i);
        }
    close_all();
}

static void a_connection_whose_answers_would_miss_its_core_is_refused(void)
{
    struct sockaddr_in to = lone_address(FORGE_PEER, SERVICE), from = lone_address(0, 40000);
    open_all();
    for (unsigned i = 0; i < CORES; i++) {
        int fd = socket_on(i, SOCK_STREAM);
        CU_ASSERT_EQUAL(rill_bind(fd, (struct sockaddr *)&from, sizeof from), 0);
        CU_ASSERT_EQUAL(rill_connect(fd, (struct sockaddr *)&to, sizeof to), -1);
        CU_ASSERT_EQUAL(errno, i == 40000 % CORES ? EINPROGRESS : EADDRNOTAVAIL);
    }
    close_all();
}

static void connections_to_oneself_stay_on_their_core(void)
{
    struct sockaddr_in to = lone_address(FORGE_VICTIM, SERVICE), from = lone_address(0, 40000);
    open_all();
    for (unsigned i = 0; i < CORES; i++) {
        rill_use(core[i]->rill);
        int listener = lone_listen(SERVICE), fd = socket_on(i, SOCK_STREAM);
        rill_bind(fd, (struct sockaddr *)&from, sizeof from);
        CU_ASSERT_EQUAL(rill_connect(fd, (struct sockaddr *)&to, sizeof to), -1);
        CU_ASSERT_EQUAL(errno, EINPROGRESS);
        lone_pull(core[i]);
        CU_ASSERT(rill_accept(listener, NULL, NULL) >= 0);
    }
    close_all();
}

static void everybody_learns_from_arp_and_one_answers(void)
{
    struct forge way = forge_honest();
    struct arp request = {.operation = ARP_REQUEST,
                          .sender_mac = forge_mac(2),
                          .sender = FORGE_PEER,
                          .target = FORGE_VICTIM};
    struct mac mac;
    open_all();
    CU_ASSERT_EQUAL(deliver(forge_arp(frame, &way, &request)), RILL_CORE_ALL);
    CU_ASSERT_EQUAL(lone_count(core[0], DISSECTED_ARP, NULL), 1);
    CU_ASSERT_EQUAL(all_sent(DISSECTED_ARP), 1);
    for (unsigned i = 0; i < CORES; i++) {
        rill_use(core[i]->rill);
        CU_ASSERT(lone_knows(core[i], FORGE_PEER, &mac));
    }
    close_all();
}

static void one_claims_the_address(void)
{
    struct rill_address own = rill_address_ip4(FORGE_VICTIM);
    open_all();
    for (unsigned i = 0; i < CORES; i++) {
        struct rill *stack = core[i]->rill;
        CU_ASSERT_EQUAL(rill_address_remove(stack, core[i]->port, own), 0);
        CU_ASSERT_EQUAL(rill_address_add(stack, core[i]->port, own, 24, i == 2), 0);
        lone_pass(core[i], RILL_SECONDS(10));
        CU_ASSERT_EQUAL(rill_address_state(stack, own), RILL_ADDRESS_READY);
    }
    CU_ASSERT_EQUAL(lone_count(core[0], DISSECTED_ARP, NULL), 2);
    CU_ASSERT_EQUAL(all_sent(DISSECTED_ARP), 2);
    close_all();
}

static void a_ping_is_answered_once(void)
{
    struct forge way = forge_honest();
    open_all();
    for (uint16_t i = 0; i < 10; i++) {
        struct icmp echo = {.type = ICMP_ECHO, .id = i};
        deliver(forge_icmp(frame, &way, &echo, (struct rill_span){0}));
    }
    CU_ASSERT_EQUAL(all_sent(DISSECTED_ICMP), 10);
    close_all();
}

/* One datagram in two fragments, to the echo service of each core. */
static void deliver_in_fragments(uint16_t from)
{
    static uint8_t whole[1000], text[200];
    struct forge way = forge_honest();
    way.ip.id = from;
    size_t length = forge_udp(whole, &way, from, 7, span_of(text, sizeof text));
    const uint8_t *payload = forge_payload(whole, &way);
    size_t rest = length - ETH_HEADER - IP4_HEADER;
    way.ip.protocol = IP_PROTOCOL_UDP;
    way.ip.more_fragments = true;
    CU_ASSERT_EQUAL(deliver(forge_ip4(frame, &way, span_of(payload, 104))), RILL_CORE_ALL);
    way.ip.more_fragments = false;
    way.ip.fragment_offset = 104;
    CU_ASSERT_EQUAL(deliver(forge_ip4(frame, &way, span_of(payload + 104, rest - 104))),
                    RILL_CORE_ALL);
}

static void fragments_reach_all_and_the_whole_its_owner(void)
{
    int fd[CORES];
    unsigned got = 0, others = 0;
    open_all();
    for (unsigned i = 0; i < CORES; i++) {
        rill_use(core[i]->rill);
        fd[i] = lone_udp(7);
    }
    for (uint16_t from = 2000; from < 2030; from++)
        deliver_in_fragments(from);
    for (unsigned i = 0; i < CORES; i++) {
        uint8_t text[300];
        unsigned mine = 0;
        rill_use(core[i]->rill);
        while (rill_recv(fd[i], text, sizeof text, 0) == 200)
            mine++;
        CU_ASSERT(mine > 2);
        got += mine;
        others += (unsigned)lone_dropped(core[i], RILL_DROP_OTHER_CORE);
    }
    CU_ASSERT_EQUAL(got, 30);
    CU_ASSERT_EQUAL(others, 60);
    close_all();
}

static void an_icmp_error_reaches_whom_it_is_about(void)
{
    struct sockaddr_in to = lone_address(FORGE_PEER, 9);
    open_all();
    for (unsigned i = 0; i < CORES; i++) {
        struct dissected d;
        int udp = socket_on(i, SOCK_DGRAM);
        lone_meet(core[i], FORGE_PEER, forge_mac(2));
        forget_all();
        rill_connect(udp, (struct sockaddr *)&to, sizeof to);
        CU_ASSERT_EQUAL(rill_send(udp, "hello", 5, 0), 5);
        lone_pull(core[i]);
        CU_ASSERT_EQUAL_FATAL(lone_count(core[i], DISSECTED_UDP, &d), 1);
        struct forge router = forge_honest();
        router.ip.source = LONE_GATEWAY;
        struct icmp m = {.type = ICMP_UNREACHABLE, .code = ICMP_UNREACHABLE_PORT};
        struct rill_span quote = span_of(core[i]->frame[0].bytes + ETH_HEADER, IP4_HEADER + 8);
        CU_ASSERT_EQUAL(deliver(forge_icmp(frame, &router, &m, quote)), (int)i);
        rill_use(core[i]->rill);
        CU_ASSERT_EQUAL(rill_send(udp, "hello", 5, 0), -1);
        CU_ASSERT_EQUAL(errno, ECONNREFUSED);
    }
    close_all();
}

static void what_nobody_can_use_stays_where_it_is(void)
{
    open_all();
    memset(frame, 0xff, sizeof frame);
    frame[0] = 2;
    struct rill_frame f = {.buffer = frame, .room = sizeof frame};
    for (unsigned i = 0; i < CORES; i++)
        for (f.length = 0; f.length < 100; f.length++)
            CU_ASSERT_EQUAL(rill_core_of(core[i]->rill, &f), (int)i);
    close_all();
}

static void a_stack_alone_owns_everything(void)
{
    struct lone *l = lone_open(NULL);
    for (uint16_t port = 1; port < 100; port++) {
        struct rill_frame f = {.buffer = frame, .room = sizeof frame};
        f.length = (uint32_t)segment(port, (uint16_t)(port * 600), TCP_SYN);
        CU_ASSERT_EQUAL(rill_core_of(l->rill, &f), 0);
    }
    lone_close(l);
}

static const struct unit_test tests[] = {
    {"connections to a server are spread and each has one owner",
     connections_to_a_server_are_spread_and_each_has_one_owner},
    {"a port that is drawn belongs to the core that draws it",
     a_port_that_is_drawn_belongs_to_the_core_that_draws_it},
    {"a connection whose answers would miss its core is refused",
     a_connection_whose_answers_would_miss_its_core_is_refused},
    {"connections to oneself stay on their core", connections_to_oneself_stay_on_their_core},
    {"everybody learns from arp and one answers", everybody_learns_from_arp_and_one_answers},
    {"one claims the address", one_claims_the_address},
    {"a ping is answered once", a_ping_is_answered_once},
    {"fragments reach all and the whole its owner", fragments_reach_all_and_the_whole_its_owner},
    {"an icmp error reaches whom it is about", an_icmp_error_reaches_whom_it_is_about},
    {"what nobody can use stays where it is", what_nobody_can_use_stays_where_it_is},
    {"a stack alone owns everything", a_stack_alone_owns_everything},
};

int main(void)
{
    return UNIT_MAIN("cores", tests);
}
