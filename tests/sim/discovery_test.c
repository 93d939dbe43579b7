/* IP_MTU_DISCOVER and IP_MTU (ip(7)): who sets DF, whose datagrams are cut, whose refused, and whom
 * ICMP persuades. */
#include "../unit/unit.h"
#include "probe.h"
#include "remote.h"

#include <errno.h>
#include <netinet/ip.h>

#define PORT 5000
#define PEER_PORT 6000

static const uint8_t text[4000];

static struct lone *lone;
static int udp;

static void begin(void)
{
    lone = lone_open(NULL);
    lone_meet(lone, FORGE_PEER, forge_mac(2));
    udp = lone_udp(PORT);
    lone_forget(lone);
}

static void end(void)
{
    rill_close(udp);
    lone_close(lone);
}

static void discover(int fd, int how)
{
    CU_ASSERT_EQUAL(rill_setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &how, sizeof how), 0);
}

static void connects(void)
{
    struct sockaddr_in to = lone_address(FORGE_PEER, PEER_PORT);
    CU_ASSERT_EQUAL(rill_connect(udp, (struct sockaddr *)&to, sizeof to), 0);
}

static int path_mtu(void)
{
    int mtu = 0;
    socklen_t size = sizeof mtu;
    CU_ASSERT_EQUAL(rill_getsockopt(udp, IPPROTO_IP, IP_MTU, &mtu, &size), 0);
    return mtu;
}

/* So much text to the peer, whether connected or not. */
static ssize_t sends(size_t length)
{
    struct sockaddr_in to = lone_address(FORGE_PEER, PEER_PORT);
    lone_forget(lone);
    ssize_t n = rill_sendto(udp, text, length, 0, (struct sockaddr *)&to, sizeof to);
    lone_pull(lone);
    return n;
}

/* What was sent is this many frames of at most `mtu` bytes of IP, each with DF or without. */
static void expect_sent(unsigned frames, size_t mtu, bool df)
{
    CU_ASSERT_EQUAL(lone->sent, frames);
    for (unsigned i = 0; i < lone->sent; i++) {
        struct dissected d = lone_sent(lone, i);
        CU_ASSERT(d.ip.total_length <= mtu);
        CU_ASSERT_EQUAL(d.ip.dont_fragment, df);
    }
}

/* A router says so of our datagram. */
static void told(uint16_t mtu, uint16_t source, uint16_t destination)
{
    struct icmp m = {.type = ICMP_UNREACHABLE,
                     .code = ICMP_UNREACHABLE_FRAGMENTATION_NEEDED,
                     .next_hop_mtu = mtu};
    struct probe_quote q = {.protocol = IP_PROTOCOL_UDP,
                            .source = source,
                            .destination = destination,
                            .total_length = 1400};
    probe_error(lone, &m, &q);
}

static void datagrams_carry_df_as_the_socket_says(void)
{
    static const struct {
        int how;
        bool connected, unconnected;
    } df[] = {{IP_PMTUDISC_DONT, false, false},      {IP_PMTUDISC_WANT, true, false},
              {IP_PMTUDISC_DO, true, true},          {IP_PMTUDISC_PROBE, true, true},
              {IP_PMTUDISC_INTERFACE, false, false}, {IP_PMTUDISC_OMIT, false, false}};
    for (unsigned i = 0; i < sizeof df / sizeof *df; i++) {
        begin();
        discover(udp, df[i].how);
        CU_ASSERT_EQUAL(sends(100), 100);
        expect_sent(1, LONE_MTU, df[i].unconnected);
        connects();
        CU_ASSERT_EQUAL(sends(100), 100);
        expect_sent(1, LONE_MTU, df[i].connected);
        CU_ASSERT_EQUAL(sends(LONE_MTU - IP4_HEADER - UDP_HEADER), 1472);
        expect_sent(1, LONE_MTU, df[i].connected);
        end();
    }
}

static void what_is_too_long_is_cut_or_refused(void)
{
    static const struct {
        int how;
        bool refused;
    } too_long[] = {{IP_PMTUDISC_DONT, false}, {IP_PMTUDISC_WANT, false},
                    {IP_PMTUDISC_DO, true},    {IP_PMTUDISC_PROBE, true},
                    {IP_PMTUDISC_OMIT, false}, {IP_PMTUDISC_INTERFACE, true}};
    for (unsigned i = 0; i < sizeof too_long / sizeof *too_long; i++) {
        begin();
        discover(udp, too_long[i].how);
        connects();
        if (too_long[i].refused) {
            CU_ASSERT(sends(1473) == -1 && errno == EMSGSIZE);
            expect_sent(0, 0, false);
        } else {
            CU_ASSERT_EQUAL(sends(1473), 1473);
            expect_sent(2, LONE_MTU, false);
        }
        end();
    }
}

static void icmp_narrows_the_path_of_a_connected_socket(void) /* RFC 1191 3 */
{
    begin();
    connects();
    CU_ASSERT_EQUAL(path_mtu(), LONE_MTU);
    sends(1400);
    told(1000, PORT, PEER_PORT);
    CU_ASSERT_EQUAL(path_mtu(), 1000);
    CU_ASSERT(sends(1400) == -1 && errno == EMSGSIZE); /* told once: RFC 1122 4.1.3.3 */
    CU_ASSERT_EQUAL(sends(1400), 1400);
    expect_sent(2, 1000, false);
    CU_ASSERT_EQUAL(sends(972), 972);
    expect_sent(1, 1000, true);
    discover(udp, IP_PMTUDISC_DO);
    CU_ASSERT(sends(973) == -1 && errno == EMSGSIZE);
    CU_ASSERT_EQUAL(sends(972), 972);
    discover(udp, IP_PMTUDISC_PROBE); /* RFC 4821 9: longer than the path is said to carry */
    CU_ASSERT_EQUAL(sends(1472), 1472);
    expect_sent(1, LONE_MTU, true);
    end();
}

static void icmp_about_what_carried_no_df_is_not_believed(void) /* RFC 5927 7 */
{
    static const int without[] = {IP_PMTUDISC_DONT, IP_PMTUDISC_INTERFACE, IP_PMTUDISC_OMIT,
                                  IP_PMTUDISC_PROBE}; /* or what ICMP says does not count */
    begin();
    sends(1400);
    told(1000, PORT, PEER_PORT); /* not connected */
    told(1000, PORT + 1, PEER_PORT);
    connects();
    CU_ASSERT_EQUAL(path_mtu(), LONE_MTU);
    told(1000, PORT, PEER_PORT + 1);
    for (unsigned i = 0; i < sizeof without / sizeof *without; i++) {
        discover(udp, without[i]);
        told(1000, PORT, PEER_PORT);
        CU_ASSERT_EQUAL(path_mtu(), LONE_MTU);
    }
    end();
}

static void a_datagram_that_grew_too_long_while_it_waited_is_refused(void)
{
    begin();
    discover(udp, IP_PMTUDISC_DO);
    struct sockaddr_in to = lone_address(FORGE_VICTIM + 7, PEER_PORT);
    CU_ASSERT_EQUAL(rill_connect(udp, (struct sockaddr *)&to, sizeof to), 0);
    CU_ASSERT_EQUAL(rill_send(udp, text, 1400, 0), 1400); /* waits for ARP */
    CU_ASSERT_EQUAL(rill_port_mtu(lone->rill, lone->port, 1000), 0);
    lone_forget(lone);
    lone_meet(lone, FORGE_VICTIM + 7, forge_mac(7));
    int error = 0;
    socklen_t size = sizeof error;
    CU_ASSERT_EQUAL(rill_getsockopt(udp, SOL_SOCKET, SO_ERROR, &error, &size), 0);
    CU_ASSERT_EQUAL(error, EMSGSIZE);
    CU_ASSERT_EQUAL(rill_counters(lone->rill)->value[RILL_IpFragFails], 1);
    for (unsigned i = 0; i < lone->sent; i++)
        CU_ASSERT(lone_sent(lone, i).ip.total_length <= 1000);
    CU_ASSERT(sends(1400) == -1 && errno == EMSGSIZE); /* by the call: as in Linux, not counted */
    CU_ASSERT_EQUAL(rill_counters(lone->rill)->value[RILL_IpFragFails], 1);
    end();
}

static void segments_carry_df_as_the_socket_says(void)
{
    static const bool df[] = {
        [IP_PMTUDISC_DONT] = false,      [IP_PMTUDISC_WANT] = true,  [IP_PMTUDISC_DO] = true,
        [IP_PMTUDISC_INTERFACE] = false, [IP_PMTUDISC_OMIT] = false, [IP_PMTUDISC_PROBE] = true};
    for (int how = 0; how < (int)(sizeof df / sizeof *df); how++) {
        begin();
        int listener = lone_listen(PORT);
        discover(listener, how);
        struct remote r = remote_connect(lone, listener, PORT, PEER_PORT);
        lone_forget(lone);
        CU_ASSERT_EQUAL(rill_send(r.fd, text, 100, 0), 100);
        lone_pull(lone);
        expect_sent(1, LONE_MTU, df[how]);
        remote_take(&r, 0);
        discover(r.fd, IP_PMTUDISC_DONT);
        lone_forget(lone);
        CU_ASSERT_EQUAL(rill_send(r.fd, text, 100, MSG_DONTWAIT), 100);
        lone_pass(lone, RILL_SECONDS(1));
        CU_ASSERT(lone->sent > 0 && !lone_sent(lone, 0).ip.dont_fragment);
        rill_close(r.fd);
        rill_close(listener);
        end();
    }
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"datagrams carry DF as the socket says", datagrams_carry_df_as_the_socket_says},
        {"what is too long is cut or refused", what_is_too_long_is_cut_or_refused},
        {"ICMP narrows the path of a connected socket",
         icmp_narrows_the_path_of_a_connected_socket},
        {"ICMP about what carried no DF is not believed",
         icmp_about_what_carried_no_df_is_not_believed},
        {"a datagram that grew too long while it waited is refused",
         a_datagram_that_grew_too_long_while_it_waited_is_refused},
        {"segments carry DF as the socket says", segments_carry_df_as_the_socket_says},
    };
    return UNIT_MAIN("discovery", tests);
}
