/* What an ICMP error quotes is what the wire would have shown, though a device without one had left
 * the checksum to us (rill_frame.checksum_partial). */
#include "../unit/unit.h"
#include "lone.h"

#define NOBODY 7
#define TEXT 1400
#define TCP_CHECKSUM_OFFSET 16

static uint8_t text[TEXT];

/* As a device hands it over that leaves the sum at `start`, of so many bytes, to us: there stands
 * the pseudo-header's alone. */
static void hear_partial(struct lone *l, uint8_t *frame, size_t length, struct rill_frame how)
{
    how.buffer = frame;
    how.room = how.length = (uint32_t)length;
    how.checksum_good = how.checksum_partial = true;
    lone_forget(l);
    rill_receive(l->rill, l->port, &how, 1, l->now);
    lone_pull(l);
}

static void leave_pseudo_sum(uint8_t *transport, size_t length, uint8_t protocol, size_t offset)
{
    uint64_t sum = checksum_pseudo(rill_address_ip4(FORGE_PEER), rill_address_ip4(FORGE_VICTIM),
                                   protocol, (uint32_t)length);
    wire_put16(transport + offset, checksum_fold(sum));
}

static void expect_quoted(const struct lone *l, const uint8_t *ip, size_t length)
{
    struct dissected d;
    CU_ASSERT_EQUAL(lone_count(l, DISSECTED_ICMP, &d), 1);
    size_t quoted = min_of(length, 576u - IP4_HEADER - ICMP_HEADER);
    CU_ASSERT_EQUAL_FATAL(d.payload.length, quoted);
    CU_ASSERT(memcmp(d.payload.at, ip, quoted) == 0);
}

/* `joined`: a superframe. Returns the sum that is right. */
static uint16_t of_a_datagram(struct lone *l, size_t length, uint16_t joined)
{
    static uint8_t frame[1500], whole[1500];
    struct forge way = forge_honest();
    size_t n = forge_udp(whole, &way, 4000, NOBODY, span_of(text, length));
    uint16_t sum = wire_get16(whole + 34 + UDP_CHECKSUM_OFFSET);
    if (sum == 0) /* RFC 768 */
        udp_checksum_put(whole + 34, 0xffff);
    memcpy(frame, whole, n);
    leave_pseudo_sum(frame + 34, UDP_HEADER + length, IP_PROTOCOL_UDP, UDP_CHECKSUM_OFFSET);
    hear_partial(l, frame, n,
                 (struct rill_frame){.checksum_start = 34,
                                     .checksum_offset = UDP_CHECKSUM_OFFSET,
                                     .gso_size = joined});
    expect_quoted(l, whole + ETH_HEADER, IP4_HEADER + UDP_HEADER + length);
    return sum;
}

static struct lone *begin(void)
{
    struct lone *l = lone_open(NULL);
    for (size_t i = 0; i < TEXT; i++)
        text[i] = (uint8_t)(i * 7 + i / 256);
    lone_meet(l, FORGE_PEER, forge_mac(2));
    return l;
}

static void a_port_that_is_nobodys(void)
{
    struct lone *l = begin();
    of_a_datagram(l, 21, 0);
    of_a_datagram(l, 1301, 0); /* longer than what is quoted */
    of_a_datagram(l, 1300, 400);
    lone_close(l);
}

static void a_sum_of_zero(void)
{
    struct lone *l = begin();
    memset(text, 0, 20);
    wire_put16(text, of_a_datagram(l, 20, 0)); /* what makes up for all the rest */
    CU_ASSERT_EQUAL(of_a_datagram(l, 20, 0), 0);
    lone_close(l);
}

/* The sum may be that of a header further in, as a tunnel's is, or lie behind what is quoted: of a
 * protocol that is not ours we know nothing else. */
static void a_tunnel_that_is_not_ours(void)
{
    enum { GRE = 47, INNER = 24, BEHIND = 700 };
    struct lone *l = begin();
    struct forge way = forge_honest();
    uint8_t whole[1500], frame[1500];
    way.ip.protocol = GRE;
    size_t n = forge_ip4(whole, &way, span_of(text, 1000));
    uint8_t *inner = whole + 34 + INNER;
    memcpy(frame, whole, n);
    uint64_t sum = checksum_add(0, span_of(inner, 1000 - INNER));
    wire_put16(inner + TCP_CHECKSUM_OFFSET, checksum_finish(sum));
    hear_partial(
        l, frame, n,
        (struct rill_frame){.checksum_start = 34 + INNER, .checksum_offset = TCP_CHECKSUM_OFFSET});
    expect_quoted(l, whole + ETH_HEADER, IP4_HEADER + 1000);
    hear_partial(l, whole, n, (struct rill_frame){.checksum_start = 34 + BEHIND});
    expect_quoted(l, whole + ETH_HEADER, IP4_HEADER + 1000);
    hear_partial(l, whole, n,
                 (struct rill_frame){.checksum_start = 20}); /* in the IP header: none */
    expect_quoted(l, whole + ETH_HEADER, IP4_HEADER + 1000);
    lone_close(l);
}

static const struct unit_test tests[] = {
    {"a port that is nobody's", a_port_that_is_nobodys},
    {"a sum of zero", a_sum_of_zero},
    {"a tunnel that is not ours", a_tunnel_that_is_not_ours},
};

int main(void)
{
    return UNIT_MAIN("quotation", tests);
}
