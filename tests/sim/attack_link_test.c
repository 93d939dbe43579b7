/* Attacks on Ethernet and ARP, one test for each row E.. and A.. of the attack table, named by it.
 */
#include "../unit/unit.h"
#include "probe.h"
#include "remote.h"

#include <errno.h>
#include <stdlib.h>

static const struct mac attacker = {{2, 0, 0, 0, 0, 0x66}};

/* A stack with a listener that knows its peer. */
static struct lone *begin(int *listener)
{
    struct lone *l = lone_open(NULL);
    *listener = lone_listen(PROBE_OPEN);
    lone_meet(l, FORGE_PEER, forge_mac(2));
    return l;
}

static void end(struct lone *l, int listener)
{
    struct mac mac;
    CU_ASSERT(lone_knows(l, FORGE_PEER, &mac));
    CU_ASSERT(mac_equal(mac, forge_mac(2)));
    rill_close(listener);
    lone_close(l);
}

static void e01_runts(void)
{
    int listener;
    struct lone *l = begin(&listener);
    uint8_t frame[ETH_HEADER] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};
    for (size_t length = 0; length < ETH_HEADER; length++)
        lone_hear(l, frame, length);
    CU_ASSERT_EQUAL(lone_dropped(l, RILL_DROP_ETH_SHORT), ETH_HEADER);
    CU_ASSERT_EQUAL(l->sent, 0);
    end(l, listener); /* cut further inside: hostile_test, every prefix */
}

/* Transmit buffers are poisoned, and lone looks at each byte of padding. */
static void e02_etherleak(void)
{
    int listener;
    struct lone *l = begin(&listener);
    struct forge way = forge_honest();
    struct arp request = probe_claim(&way, ARP_REQUEST, FORGE_PEER);
    uint8_t frame[ETH_MINIMUM];
    int udp = lone_udp(7);
    CU_ASSERT_EQUAL(probe_arp(l, &way, &request), 1);
    CU_ASSERT_EQUAL(probe_syn(l, &way, PROBE_OPEN), 1);
    lone_hear(l, frame, forge_udp(frame, &way, 4000, 7, span_of("1", 1)));
    CU_ASSERT_EQUAL(lone_echo(l, udp), 1);
    CU_ASSERT_EQUAL(l->sent, 3);
    for (unsigned i = 0; i < l->sent; i++)
        CU_ASSERT_EQUAL(l->frame[i].length, ETH_MINIMUM);
    rill_close(udp);
    end(l, listener);
}

static void e03_another_station(void)
{
    int listener;
    struct lone *l = begin(&listener);
    struct forge way = forge_honest();
    way.to = forge_mac(9);
    struct arp reply = probe_claim(&way, ARP_REPLY, 0xc0000209);
    CU_ASSERT_EQUAL(probe_all(l, &way) + probe_arp(l, &way, &reply), 0);
    CU_ASSERT_EQUAL(lone_dropped(l, RILL_DROP_ETH_DESTINATION), PROBES + 1);
    end(l, listener);
}

static void e04_group_source(void)
{
    static const struct mac sources[] = {{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
                                         {{1, 0, 0x5e, 0, 0, 1}},
                                         {{2, 0, 0, 0, 0, 1}},
                                         {{0}}};
    int listener;
    struct lone *l = begin(&listener);
    struct forge way = forge_honest();
    struct mac mac;
    way.ip.source = 0xc0000209;
    for (unsigned i = 0; i < 4; i++) {
        way.from = sources[i];
        struct arp request = probe_claim(&way, ARP_REQUEST, 0xc0000209);
        CU_ASSERT_EQUAL(probe_all(l, &way) + probe_arp(l, &way, &request), 0);
    }
    CU_ASSERT_EQUAL(lone_dropped(l, RILL_DROP_ETH_SOURCE), 4 * (PROBES + 1));
    CU_ASSERT_FALSE(lone_knows(l, 0xc0000209, &mac));
    end(l, listener);
}

static void e05_link_broadcast(void)
{
    int listener;
    struct lone *l = begin(&listener);
    struct forge way = forge_honest();
    way.to = mac_broadcast;
    CU_ASSERT_EQUAL(probe_all(l, &way), 0);
    way.to = mac_of_ip4_group(0xe0000001);
    CU_ASSERT_EQUAL(probe_all(l, &way), 0);
    end(l, listener);
}

/* Tags nested up to 20 deep around a good request, cut at every byte. */
static void e06_vlan_tags(void)
{
    int listener;
    struct lone *l = begin(&listener);
    uint8_t frame[256];
    struct forge way = forge_honest();
    for (size_t tags = 1; tags <= 20; tags++) {
        struct icmp echo = {.type = ICMP_ECHO};
        size_t length = forge_icmp(frame, &way, &echo, span_of(NULL, 0)) + 4 * tags;
        memmove(frame + 12 + 4 * tags, frame + 12, length - 4 * tags - 12);
        for (size_t i = 0; i < tags; i++)
            wire_put32(frame + 12 + 4 * i, i % 2 ? 0x88a80001 : 0x81000001);
        for (; length > ETH_HEADER; length--)
            lone_hear(l, frame, length);
    }
    wire_put16(frame + 12, 46); /* a length field is no type */
    lone_hear(l, frame, ETH_MINIMUM);
    CU_ASSERT_EQUAL(l->sent, 0);
    CU_ASSERT_EQUAL(lone_dropped(l, RILL_DROP_ETH_TYPE), lone_drops(l));
    end(l, listener);
}

static void e07_oversize(void)
{
    int listener;
    struct lone *l = begin(&listener);
    struct forge way = forge_honest();
    uint8_t *frame = malloc(65536 + ETH_HEADER);
    struct icmp echo = {.type = ICMP_ECHO};
    CU_ASSERT_PTR_NOT_NULL_FATAL(frame);
    memset(frame, 0, 65536 + ETH_HEADER);
    for (size_t size = LONE_MTU + ETH_HEADER + 1; size <= 65535 + ETH_HEADER; size += 97) {
        size_t headers = ETH_HEADER + IP4_HEADER + ICMP_HEADER;
        uint8_t *data = frame + headers;
        size_t length = forge_icmp(frame, &way, &echo, span_of(data, size - headers));
        lone_hear(l, frame, length);
    }
    CU_ASSERT_EQUAL(l->sent, 0);
    CU_ASSERT_EQUAL(lone_dropped(l, RILL_DROP_ETH_LONG), lone_drops(l));
    free(frame);
    end(l, listener);
}

/* The old MAC is believed until it has been asked and stays silent. */
static void a01_poisoning(void)
{
    int listener;
    struct mac mac;
    struct lone *l = begin(&listener);
    struct forge way = forge_honest();
    way.from = attacker;
    struct arp reply = probe_claim(&way, ARP_REPLY, FORGE_PEER);
    lone_pass(l, RILL_SECONDS(2));
    probe_arp(l, &way, &reply);
    CU_ASSERT(lone_knows(l, FORGE_PEER, &mac) && mac_equal(mac, forge_mac(2)));
    lone_forget(l);
    lone_pass(l, RILL_SECONDS(10)); /* disputed and in use: the old one is asked */
    CU_ASSERT_FATAL(lone_count(l, DISSECTED_ARP, NULL) > 0);
    struct dissected asked = lone_sent(l, 0);
    CU_ASSERT(mac_equal(asked.eth.destination, forge_mac(2)));
    CU_ASSERT_FALSE(lone_knows(l, FORGE_PEER, &mac)); /* it was silent */
    lone_pass(l, RILL_SECONDS(2));
    CU_ASSERT_FALSE(lone_knows(l, FORGE_PEER, &mac)); /* asks everybody */
    probe_arp(l, &way, &reply);
    CU_ASSERT(lone_knows(l, FORGE_PEER, &mac) && mac_equal(mac, attacker));
    rill_close(listener);
    lone_close(l);
}

static void a02_group_sender(void)
{
    static const struct mac senders[] = {
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}, {{1, 0, 0x5e, 0, 0, 0xfb}}, {{0}}};
    int listener;
    struct mac mac;
    struct lone *l = begin(&listener);
    struct forge way = forge_honest();
    CU_ASSERT_FALSE(lone_knows(l, 0xc0000209, &mac)); /* it is being asked for */
    for (unsigned i = 0; i < 3; i++)
        for (uint16_t operation = ARP_REQUEST; operation <= ARP_REPLY; operation++) {
            struct arp claim = probe_claim(&way, operation, 0xc0000209);
            claim.sender_mac = senders[i];
            CU_ASSERT_EQUAL(probe_arp(l, &way, &claim), 0);
        }
    CU_ASSERT_FALSE(lone_knows(l, 0xc0000209, &mac));
    end(l, listener);
}

static void a03_our_address_claimed(void)
{
    int listener;
    struct lone *l = begin(&listener);
    struct forge way = forge_honest();
    way.from = attacker;
    struct arp claim = probe_claim(&way, ARP_REQUEST, FORGE_VICTIM);
    lone_pass(l, RILL_SECONDS(20));
    lone_forget(l);
    for (unsigned i = 0; i < 5; i++) {
        claim.operation = i % 2 ? ARP_REPLY : ARP_REQUEST;
        probe_arp(l, &way, &claim);
        lone_pass(l, RILL_MILLISECONDS(200));
    }
    CU_ASSERT_EQUAL(l->sent, 1);
    claim.operation = 4; /* RARP */
    probe_arp(l, &way, &claim);
    CU_ASSERT_EQUAL(l->sent, 1);
    lone_pass(l, RILL_SECONDS(11));
    claim.operation = ARP_REQUEST;
    probe_arp(l, &way, &claim);
    CU_ASSERT_EQUAL(l->sent, 2);
    CU_ASSERT_EQUAL(rill_address_state(l->rill, rill_address_ip4(FORGE_VICTIM)),
                    RILL_ADDRESS_READY);
    way = forge_honest();
    CU_ASSERT_EQUAL(probe_echo(l, &way), 1);
    end(l, listener);
}

static void a04_probe(void)
{
    int listener;
    struct lone *l = begin(&listener);
    struct forge way = forge_honest();
    way.from = forge_mac(9);
    struct arp probe = probe_claim(&way, ARP_REQUEST, 0);
    size_t used = rill_memory_used(l->rill);
    CU_ASSERT_EQUAL(probe_arp(l, &way, &probe), 1);
    CU_ASSERT(mac_equal(lone_sent(l, 0).eth.destination, way.from));
    CU_ASSERT_EQUAL(rill_memory_used(l->rill), used);
    end(l, listener);
}

/* All on a link of 16 million stations. */
static void a05_flood(void)
{
    int listener;
    struct lone *l = begin(&listener);
    size_t used = 0;
    rill_route_add(l->rill, rill_address_ip4(0x0a000000), 8, l->port, (struct rill_address){{0}});
    for (uint32_t i = 0; i < 100000; i++) {
        struct forge way = forge_honest();
        wire_put32(way.from.byte + 2, 0x10000 + i);
        struct arp request = probe_claim(&way, ARP_REQUEST, 0x0a010000 + i);
        probe_arp(l, &way, &request);
        if (i == 5000)
            used = rill_memory_used(l->rill);
        lone_forget(l);
    }
    CU_ASSERT_EQUAL(rill_memory_used(l->rill), used);
    end(l, listener);
}

/* A device that takes no frames meanwhile: what it is to send has its room, and no more. */
static void a05_unsent_answers(void)
{
    int listener;
    struct lone *l = begin(&listener);
    struct forge way = forge_honest();
    struct arp request = probe_claim(&way, ARP_REQUEST, FORGE_PEER);
    uint8_t frame[ETH_MINIMUM];
    unsigned asked = 0;
    for (; asked < 10000 && !lone_dropped(l, RILL_DROP_REPLY_QUEUE_FULL); asked++) {
        struct rill_frame f = {.buffer = frame, .room = sizeof frame};
        f.length = (uint32_t)forge_arp(frame, &way, &request);
        rill_receive(l->rill, l->port, &f, 1, l->now);
    }
    CU_ASSERT(asked > RILL_BATCH_MAX);
    lone_pull(l);
    CU_ASSERT_EQUAL(l->sent, asked - lone_dropped(l, RILL_DROP_REPLY_QUEUE_FULL));
    lone_forget(l);
    CU_ASSERT_EQUAL(probe_arp(l, &way, &request), 1);
    end(l, listener);
}

static void a06_absent_host(void)
{
    int listener, fd = -1;
    struct lone *l = begin(&listener);
    struct sockaddr_in to = lone_address(0xc0000209, 9);
    size_t used = rill_memory_used(l->rill);
    fd = lone_udp(0);
    rill_connect(fd, (struct sockaddr *)&to, sizeof to);
    for (unsigned i = 0; i < 1000; i++) {
        rill_send(fd, "?", 1, 0);
        lone_pass(l, RILL_MICROSECONDS(2500));
    }
    CU_ASSERT(lone_count(l, DISSECTED_ARP, NULL) <= 3);
    CU_ASSERT_EQUAL(l->sent, lone_count(l, DISSECTED_ARP, NULL));
    CU_ASSERT(rill_memory_used(l->rill) < used + 512 * 1024);
    lone_pass(l, RILL_SECONDS(4));
    char byte;
    CU_ASSERT(rill_recv(fd, &byte, 1, 0) == -1 && errno == EHOSTUNREACH);
    rill_close(fd);
    end(l, listener);
}

/* Every hardware and every protocol length, in bodies that are cut, whole and long. */
static void a07_malformed(void)
{
    static const size_t lengths[] = {ETH_HEADER + 27, ETH_HEADER + 28, 200};
    int listener;
    struct lone *l = begin(&listener);
    struct forge way = forge_honest();
    struct arp request = probe_claim(&way, ARP_REQUEST, FORGE_PEER);
    for (unsigned field = 0; field < 2; field++)
        for (unsigned value = 0; value < 256; value++)
            for (unsigned i = 0; i < 3; i++) {
                uint8_t frame[256] = {0};
                bool right = value == (field ? 4 : 6) && lengths[i] >= ETH_HEADER + ARP_SIZE;
                forge_arp(frame, &way, &request);
                frame[ETH_HEADER + 4 + field] = (uint8_t)value;
                lone_forget(l);
                lone_hear(l, frame, lengths[i]);
                CU_ASSERT_EQUAL(l->sent, right);
            }
    end(l, listener);
}

static void a08_trailer(void)
{
    int listener;
    struct lone *l = begin(&listener);
    uint8_t frame[LONE_MTU + ETH_HEADER];
    struct forge way = forge_honest();
    struct arp request = probe_claim(&way, ARP_REQUEST, FORGE_PEER);
    memset(frame, 'S', sizeof frame);
    forge_eth(frame, &way, ETH_TYPE_ARP, span_of(NULL, 0));
    arp_write(frame + ETH_HEADER, &request);
    lone_hear(l, frame, sizeof frame);
    CU_ASSERT_EQUAL_FATAL(l->sent, 1);
    CU_ASSERT_EQUAL(l->frame[0].length, ETH_MINIMUM);
    CU_ASSERT_PTR_NULL(memchr(l->frame[0].bytes, 'S', ETH_MINIMUM));
    end(l, listener);
}

static void a09_off_link_sender(void)
{
    static const uint32_t senders[] = {0xe0000001, 0xffffffff, 0xc00002ff, 0x7f000001, 0xc6336407};
    int listener;
    struct lone *l = begin(&listener);
    size_t used = rill_memory_used(l->rill);
    for (unsigned i = 0; i < 5; i++)
        for (uint16_t operation = ARP_REQUEST; operation <= ARP_REPLY; operation++) {
            struct forge way = forge_honest();
            way.from = attacker;
            struct arp claim = probe_claim(&way, operation, senders[i]);
            probe_arp(l, &way, &claim);
            struct mac mac = {{0}};
            lone_knows(l, 0xc6336407, &mac); /* its way is the gateway, who is not known */
            CU_ASSERT_FALSE(mac_equal(mac, attacker));
        }
    CU_ASSERT(rill_memory_used(l->rill) < used + 16 * 1024);
    end(l, listener);
}

static void a10_static_entry(void)
{
    int listener;
    struct lone *l = begin(&listener);
    struct forge way = forge_honest();
    struct mac fixed = forge_mac(9), mac;
    way.from = attacker;
    rill_neighbour_add(l->rill, l->port, rill_address_ip4(0xc0000209), fixed.byte);
    for (uint16_t operation = ARP_REQUEST; operation <= ARP_REPLY; operation++) {
        struct arp claim = probe_claim(&way, operation, 0xc0000209);
        probe_arp(l, &way, &claim);
        lone_pass(l, RILL_SECONDS(100));
        CU_ASSERT(lone_knows(l, 0xc0000209, &mac) && mac_equal(mac, fixed));
    }
    rill_close(listener);
    lone_close(l);
}

static void a11_learning_from_ip(void)
{
    int listener;
    struct lone *l = begin(&listener);
    struct forge way = forge_honest();
    struct mac mac;
    way.from = attacker;
    CU_ASSERT(probe_all(l, &way) > 0);
    for (unsigned i = 0; i < l->sent; i++)
        CU_ASSERT(mac_equal(lone_sent(l, i).eth.destination, forge_mac(2)));
    way.ip.source = 0xc0000209;
    probe_echo(l, &way);
    CU_ASSERT_FALSE(lone_knows(l, 0xc0000209, &mac));
    end(l, listener);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"E01 runts are dropped unread", e01_runts},
        {"E02 padding is zero", e02_etherleak},
        {"E03 a frame for another station is nothing to us", e03_another_station},
        {"E04 a group source is never answered or learned", e04_group_source},
        {"E05 unicast inside a link broadcast is not answered", e05_link_broadcast},
        {"E06 tags and length fields are no types", e06_vlan_tags},
        {"E07 oversize frames are dropped whole", e07_oversize},
        {"A01 an unsolicited reply moves nothing that answers", a01_poisoning},
        {"A02 a group or null sender is never learned", a02_group_sender},
        {"A03 our address is defended once in ten seconds", a03_our_address_claimed},
        {"A04 a probe is answered and not learned", a04_probe},
        {"A05 a flood leaves the live peer known", a05_flood},
        {"A05 answers that are not sent have a limit", a05_unsent_answers},
        {"A06 an absent host costs three requests", a06_absent_host},
        {"A07 only lengths 6 and 4 are ARP for us", a07_malformed},
        {"A08 a trailer is not echoed", a08_trailer},
        {"A09 an off-link sender is not learned", a09_off_link_sender},
        {"A10 a fixed entry stays", a10_static_entry},
        {"A11 nothing is learned from IP", a11_learning_from_ip},
    };
    return UNIT_MAIN("attack_link", tests);
}
