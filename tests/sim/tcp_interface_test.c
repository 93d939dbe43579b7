/* What TCP asks of IP and the application of both (RFC 9293 3.9). */
#include "../unit/unit.h"
#include "wire/ip4.h"
#include "wire_peer.h"

#include <errno.h>
#include <netinet/in.h>

static struct peer w;

static void establish(void)
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
}

static void every_segment_is_summed_and_from_the_flows_own_address(
    void) /* MUST-2, MUST-45: wire_peer checks each */
{
    establish();
    app_sends(&w, 5000);
    peer_takes_all(&w);
    peer_waits(&w, RILL_SECONDS(10));
    peer_expects(&w, TCP_ACK, 1, 1, PEER_MSS);
    app_aborts(&w);
    CU_ASSERT(peer_takes_all(&w) > 0);
    CU_ASSERT_EQUAL(w.got.flags & TCP_RST, TCP_RST);
    peer_close(&w);
}

static void the_ds_field_and_the_ttl_are_the_apps(void) /* MUST-48, MUST-49, SHLD-21, SHLD-22 */
{
    establish();
    app_sends(&w, 10);
    peer_expects(&w, TCP_ACK, 1, 1, 10);
    CU_ASSERT_EQUAL(w.got.tos, 0);
    CU_ASSERT_EQUAL(w.got.ttl, 64);
    peer_sends(&w, TCP_ACK, 1, 11);
    app_sets(&w, IPPROTO_IP, IP_TOS, 0xb8);
    app_sets(&w, IPPROTO_IP, IP_TTL, 7);
    app_sends(&w, 10);
    peer_expects(&w, TCP_ACK, 11, 1, 10);
    CU_ASSERT_EQUAL(w.got.tos, 0xb8);
    CU_ASSERT_EQUAL(w.got.ttl, 7);
    peer_close(&w);
}

static void connect_from(uint32_t bound, uint32_t expected)
{
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(bound)};
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(w.address)};
    struct sockaddr_in name;
    socklen_t length = sizeof name;
    rill_use(w.rill);
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bound)
        CU_ASSERT_EQUAL(rill_bind(fd, (struct sockaddr *)&from, sizeof from), 0);
    CU_ASSERT_EQUAL(rill_connect(fd, (struct sockaddr *)&to, sizeof to), -1);
    CU_ASSERT_EQUAL(errno, EINPROGRESS);
    CU_ASSERT_EQUAL(rill_getsockname(fd, (struct sockaddr *)&name, &length), 0);
    CU_ASSERT_EQUAL(ntohl(name.sin_addr.s_addr), expected);
    rill_close(fd);
}

static void the_source_is_the_apps_choice_or_the_routes(void) /* MUST-43, MUST-44 */
{
    peer_open(&w);
    uint32_t second = w.rill_address + 100;
    CU_ASSERT_EQUAL(rill_address_add(w.rill, w.port, rill_address_ip4(second), 24, false), 0);
    connect_from(0, w.rill_address);
    connect_from(w.rill_address, w.rill_address);
    connect_from(second, second);
    peer_close(&w);
}

/* A SYN under an IPv4 header with a Record Route option and a NOP. */
static size_t syn_with_options(uint8_t *at)
{
    static const uint8_t options[8] = {7, 7, 4, 0, 0, 0, 0, 1};
    struct tcp_header h = {.source = w.peer_port,
                           .destination = w.rill_port,
                           .seq = {w.iss},
                           .flags = TCP_SYN,
                           .window = 65535,
                           .options = peer_plain};
    uint8_t segment[TCP_HEADER_MAX];
    size_t length = tcp_header_write(segment, &h);
    uint64_t sum = checksum_pseudo(rill_address_ip4(w.address), rill_address_ip4(w.rill_address),
                                   IP_PROTOCOL_TCP, (uint32_t)length);
    tcp_checksum_put(segment, checksum_finish(checksum_add(sum, span_of(segment, length))));
    struct ip4 ip = {.total_length = (uint16_t)(IP4_HEADER + sizeof options + length),
                     .ttl = 64,
                     .protocol = IP_PROTOCOL_TCP,
                     .source = w.address,
                     .destination = w.rill_address,
                     .options = span_of(options, sizeof options)};
    size_t header = ip4_write(at, &ip);
    memcpy(at + header, segment, length);
    return header + length;
}

static void ip_options_that_mean_nothing_to_tcp_are_passed_over(void) /* MUST-50 */
{
    uint8_t datagram[128];
    peer_open(&w);
    app_listens(&w);
    peer_puts_ip4(&w, span_of(datagram, syn_with_options(datagram)));
    peer_expects(&w, TCP_SYN | TCP_ACK, 0, 1, 0);
    peer_close(&w);
}

static void bytes_behind_the_end_of_options_are_zero(
    void) /* MUST-68, MUST-69: no option of rill's has a tail */
{
    struct tcp_options o = peer_full;
    o.has_fast_open = true;
    o.fast_open.length = 4;
    struct tcp_header h = {.flags = TCP_SYN, .options = o}, back;
    uint8_t at[TCP_HEADER_MAX];
    memset(at, 0xff, sizeof at);
    size_t length = tcp_header_write(at, &h);
    struct rill_span text;
    CU_ASSERT_EQUAL(tcp_header_parse(&back, span_of(at, length), &text), RILL_DROP_NONE);
    CU_ASSERT_EQUAL(back.options.fast_open.length, 4);
    size_t i = TCP_HEADER;
    while (i < length && at[i] != 0) {
        CU_ASSERT(at[i] == 1 || at[i + 1] >= 2);
        i += at[i] == 1 ? 1 : at[i + 1];
    }
    for (; i < length; i++)
        CU_ASSERT_EQUAL(at[i], 0);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"MUST-2, 45: every segment is summed, and from the flow's own address",
         every_segment_is_summed_and_from_the_flows_own_address},
        {"MUST-48, 49: the DS field and the TTL are the app's",
         the_ds_field_and_the_ttl_are_the_apps},
        {"MUST-43, 44: the source is the app's choice, or the route's",
         the_source_is_the_apps_choice_or_the_routes},
        {"MUST-50: IP options that mean nothing to TCP are passed over",
         ip_options_that_mean_nothing_to_tcp_are_passed_over},
        {"MUST-68, 69: bytes behind the end of options are zero",
         bytes_behind_the_end_of_options_are_zero},
    };
    return UNIT_MAIN("tcp_interface", tests);
}
