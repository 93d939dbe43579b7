/* Address conflict detection: RFC 5227, and attack A03. */
#include "link/claim.h"

#include "unit.h"

#define ADDRESS 0xc0000201

static const struct mac own = {{2, 0, 0, 0, 0, 1}};
static const struct mac other = {{2, 0, 0, 0, 0, 2}};

static struct random dice;

static struct claim claim_made(bool probe, uint64_t seed)
{
    struct claim c;
    random_seed(&dice, seed);
    claim_start(&c, ADDRESS, probe, &dice, 0);
    return c;
}

/* The next packet, at the very moment when it is due; not a nanosecond before. */
static struct arp next_packet(struct claim *c, rill_time *when)
{
    struct arp arp = {0};
    *when = claim_deadline(c);
    CU_ASSERT_FALSE(claim_next(c, own, &dice, *when - 1, &arp));
    CU_ASSERT(claim_next(c, own, &dice, *when, &arp));
    CU_ASSERT_EQUAL(arp.operation, ARP_REQUEST);
    CU_ASSERT(mac_equal(arp.sender_mac, own));
    CU_ASSERT(mac_is_zero(arp.target_mac));
    CU_ASSERT_EQUAL(arp.target, ADDRESS);
    return arp;
}

static struct claim claim_ready(void)
{
    struct claim c = claim_made(false, 1);
    rill_time when;
    next_packet(&c, &when);
    next_packet(&c, &when);
    CU_ASSERT_EQUAL(c.state, CLAIM_READY);
    return c;
}

static struct arp packet(uint16_t operation, struct mac mac, uint32_t sender, uint32_t target)
{
    return (struct arp){
        .operation = operation, .sender_mac = mac, .sender = sender, .target = target};
}

static void three_probes_then_two_announcements(void)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct claim c = claim_made(true, seed);
        rill_time when, before = 0;
        for (unsigned i = 0; i < CLAIM_PROBE_NUM; i++) {
            CU_ASSERT_FALSE(claim_usable(&c));
            CU_ASSERT_EQUAL(next_packet(&c, &when).sender, 0);
            CU_ASSERT(when - before >= (i ? CLAIM_PROBE_MIN : 0));
            CU_ASSERT(when - before <= (i ? CLAIM_PROBE_MAX : CLAIM_PROBE_WAIT));
            CU_ASSERT_EQUAL(c.state, CLAIM_PROBING);
            before = when;
        }
        for (unsigned i = 0; i < CLAIM_ANNOUNCE_NUM; i++) {
            CU_ASSERT_EQUAL(next_packet(&c, &when).sender, ADDRESS);
            CU_ASSERT_EQUAL(when - before, i ? CLAIM_ANNOUNCE_INTERVAL : CLAIM_ANNOUNCE_WAIT);
            CU_ASSERT(claim_usable(&c));
            before = when;
        }
        CU_ASSERT_EQUAL(c.state, CLAIM_READY);
        CU_ASSERT_EQUAL(claim_deadline(&c), RILL_NEVER);
    }
}

static void probe_times_are_drawn(void)
{
    struct claim a = claim_made(true, 1), b = claim_made(true, 2);
    CU_ASSERT_NOT_EQUAL(claim_deadline(&a), claim_deadline(&b));
}

static void without_probing_it_is_announced_and_used_at_once(void)
{
    struct claim c = claim_made(false, 1);
    rill_time when;
    CU_ASSERT(claim_usable(&c));
    CU_ASSERT_EQUAL(next_packet(&c, &when).sender, ADDRESS);
    CU_ASSERT_EQUAL(when, 0);
    CU_ASSERT_EQUAL(next_packet(&c, &when).sender, ADDRESS);
    CU_ASSERT_EQUAL(when, CLAIM_ANNOUNCE_INTERVAL);
    CU_ASSERT_EQUAL(claim_deadline(&c), RILL_NEVER);
}

static void whoever_has_it_or_probes_for_it_wins_while_we_probe(void)
{
    const struct arp heard[] = {
        packet(ARP_REPLY, other, ADDRESS, 0),
        packet(ARP_REQUEST, other, ADDRESS, 0x0a000001),
        packet(ARP_REQUEST, other, ADDRESS, ADDRESS),
        packet(ARP_REQUEST, other, 0, ADDRESS),
    };
    for (unsigned i = 0; i < sizeof heard / sizeof *heard; i++) {
        struct claim c = claim_made(true, 1);
        struct arp out;
        CU_ASSERT_EQUAL(claim_receive(&c, &heard[i], own, 5), CLAIM_LOST);
        CU_ASSERT_EQUAL(c.state, CLAIM_CONFLICT);
        CU_ASSERT_FALSE(claim_usable(&c));
        CU_ASSERT_EQUAL(claim_deadline(&c), RILL_NEVER);
        CU_ASSERT_FALSE(claim_next(&c, own, &dice, RILL_SECONDS(100), &out));
        CU_ASSERT_EQUAL(claim_receive(&c, &heard[i], own, 6), CLAIM_UNAFFECTED);
    }
}

static void other_packets_mean_nothing(void)
{
    const struct arp heard[] = {
        packet(ARP_REQUEST, own, 0, ADDRESS),            /* our own probe, come back */
        packet(ARP_REQUEST, own, ADDRESS, ADDRESS),      /* our own announcement */
        packet(ARP_REQUEST, other, 0x0a000001, ADDRESS), /* somebody asks for it */
        packet(ARP_REPLY, other, 0x0a000001, 0x0a000002),
        packet(ARP_REQUEST, other, 0, 0x0a000002), /* a probe for something else */
        packet(ARP_REPLY, other, 0, ADDRESS),      /* no probe: those are requests */
    };
    for (unsigned i = 0; i < sizeof heard / sizeof *heard; i++) {
        struct claim probing = claim_made(true, 1), ready = claim_ready();
        CU_ASSERT_EQUAL(claim_receive(&probing, &heard[i], own, 5), CLAIM_UNAFFECTED);
        CU_ASSERT_EQUAL(probing.state, CLAIM_PROBING);
        CU_ASSERT_EQUAL(claim_receive(&ready, &heard[i], own, RILL_SECONDS(5)), CLAIM_UNAFFECTED);
        CU_ASSERT_EQUAL(claim_deadline(&ready), RILL_NEVER);
    }
}

static void probe_for_an_address_in_use_is_no_dispute(void)
{
    struct claim c = claim_ready();
    struct arp probe = packet(ARP_REQUEST, other, 0, ADDRESS); /* our reply is the answer to it */
    CU_ASSERT_EQUAL(claim_receive(&c, &probe, own, RILL_SECONDS(5)), CLAIM_UNAFFECTED);
    CU_ASSERT_EQUAL(claim_deadline(&c), RILL_NEVER);
}

/* A03 */
static void defends_once_in_ten_seconds_and_never_gives_up(void)
{
    struct claim c = claim_ready();
    struct arp claim = packet(ARP_REPLY, other, ADDRESS, ADDRESS), out;
    unsigned defences = 0;
    for (unsigned i = 0; i < 310; i++) { /* 31 s, ten a second */
        rill_time now = RILL_SECONDS(5) + RILL_MILLISECONDS(100) * i;
        CU_ASSERT_EQUAL(claim_receive(&c, &claim, own, now), CLAIM_DISPUTED);
        CU_ASSERT(claim_usable(&c));
        while (claim_next(&c, own, &dice, now, &out)) {
            CU_ASSERT_EQUAL(out.sender, ADDRESS);
            CU_ASSERT_EQUAL(out.target, ADDRESS);
            defences++;
        }
        CU_ASSERT_EQUAL(defences, 1 + i / 100);
    }
}

static void dispute_while_announcing_loses_no_announcement(void)
{
    struct claim c = claim_made(false, 1);
    struct arp claim = packet(ARP_REPLY, other, ADDRESS, ADDRESS);
    rill_time when;
    next_packet(&c, &when);
    CU_ASSERT_EQUAL(claim_receive(&c, &claim, own, RILL_SECONDS(1)), CLAIM_DISPUTED);
    next_packet(&c, &when);
    CU_ASSERT_EQUAL(when, RILL_SECONDS(1));
    next_packet(&c, &when);
    CU_ASSERT_EQUAL(when, RILL_SECONDS(2));
    CU_ASSERT_EQUAL(c.state, CLAIM_READY);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"three probes, then two announcements", three_probes_then_two_announcements},
        {"probe times are drawn", probe_times_are_drawn},
        {"without probing it is announced and used at once",
         without_probing_it_is_announced_and_used_at_once},
        {"whoever has it or probes for it wins while we probe",
         whoever_has_it_or_probes_for_it_wins_while_we_probe},
        {"other packets mean nothing", other_packets_mean_nothing},
        {"a probe for an address in use is no dispute", probe_for_an_address_in_use_is_no_dispute},
        {"defends once in ten seconds and never gives up (A03)",
         defends_once_in_ten_seconds_and_never_gives_up},
        {"a dispute while announcing loses no announcement",
         dispute_while_announcing_loses_no_announcement},
    };
    return UNIT_MAIN("claim", tests);
}
