/* The cable alone, and rill_cable_run between two stacks that are stand-ins defined here: they
 * answer each frame with one of half its length. */
#include "unit.h"

#include "wire/eth.h"
#include "wire/icmp.h"
#include "wire/tcp_header.h"

#include <rill/cable.h>
#include <rill/trace.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS RILL_MILLISECONDS(1)

enum { MANY = 20000 };

static const struct rill_cable_config perfect;

static struct rill_cable *cable_of(struct rill_cable_config config, uint64_t seed)
{
    struct rill_cable *c = rill_cable_new(&config, &perfect, seed);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    return c;
}

/* Puts a frame that carries its number in its first bytes. */
static void put(struct rill_cable *c, int end, unsigned number, uint32_t length, rill_time now)
{
    uint8_t bytes[2048] = {0};
    memcpy(bytes, &number, sizeof number);
    struct rill_frame f = {.buffer = bytes, .room = sizeof bytes, .length = length};
    rill_cable_put(c, end, &f, now);
}

/* Takes one frame; its number, or -1. */
static int take(struct rill_cable *c, int end, rill_time now)
{
    uint8_t bytes[2048];
    struct rill_frame f = {.buffer = bytes, .room = sizeof bytes, .start = 99, .gso_size = 1};
    if (rill_cable_take(c, end, &f, 1, now) == 0)
        return -1;
    CU_ASSERT_EQUAL(f.start, 0);
    CU_ASSERT_EQUAL(f.gso_size, 0);
    int number;
    memcpy(&number, bytes, sizeof number);
    return number;
}

static void a_perfect_cable_delivers_at_once_and_in_order(void)
{
    struct rill_cable *c = cable_of(perfect, 1);
    CU_ASSERT_EQUAL(rill_cable_deadline(c), RILL_NEVER);
    for (unsigned i = 0; i < 100; i++)
        put(c, 0, i, 60, 5);
    CU_ASSERT_EQUAL(rill_cable_deadline(c), 5);
    CU_ASSERT_EQUAL(take(c, 0, 5), -1);
    for (int i = 0; i < 100; i++)
        CU_ASSERT_EQUAL(take(c, 1, 5), i);
    CU_ASSERT_EQUAL(take(c, 1, 5), -1);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->delivered, 100);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 1)->sent, 0);
    rill_cable_free(c);
}

static void a_frame_arrives_after_the_delay_and_no_sooner(void)
{
    struct rill_cable_config back = {.delay = 3 * MS};
    struct rill_cable *c = rill_cable_new(&perfect, &back, 1);
    put(c, 1, 7, 60, 10);
    CU_ASSERT_EQUAL(rill_cable_deadline(c), 10 + 3 * MS);
    CU_ASSERT_EQUAL(take(c, 0, 10 + 3 * MS - 1), -1);
    CU_ASSERT_EQUAL(take(c, 0, 10 + 3 * MS), 7);
    rill_cable_free(c);
}

static void what_is_too_long_vanishes(void)
{
    struct rill_cable_config narrow = {.mtu = 1280};
    struct rill_cable *c = cable_of(narrow, 1);
    put(c, 0, 1, 1294, 5); /* the Ethernet header does not count */
    put(c, 0, 2, 1295, 5);
    put(c, 1, 3, 1514, 5); /* the other direction is another cable */
    CU_ASSERT_EQUAL(take(c, 1, 5), 1);
    CU_ASSERT_EQUAL(take(c, 1, 5), -1);
    CU_ASSERT_EQUAL(take(c, 0, 5), 3);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->too_long, 1);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->sent, 2);
    rill_cable_free(c);
}

/* Runs MANY frames of 100 bytes, 1 ms apart, and sums up what came when. */
static uint64_t fingerprint(struct rill_cable_config config, uint64_t seed)
{
    struct rill_cable *c = cable_of(config, seed);
    uint64_t sum = 0;
    for (unsigned i = 0; i < MANY; i++)
        put(c, 0, i, 100, i * MS);
    for (rill_time t; (t = rill_cable_deadline(c)) != RILL_NEVER;) {
        uint8_t bytes[2048];
        struct rill_frame f = {.buffer = bytes, .room = sizeof bytes};
        CU_ASSERT_EQUAL_FATAL(rill_cable_take(c, 1, &f, 1, t), 1);
        sum = sum * 1000003 + (uint64_t)t;
        for (uint32_t i = 0; i < f.length; i++)
            sum = sum * 31 + bytes[i];
    }
    rill_cable_free(c);
    return sum;
}

static void the_seed_decides_all(void)
{
    struct rill_cable_config bad = {.delay = 20 * MS,
                                    .jitter = 5 * MS,
                                    .rate = 10000000,
                                    .loss_ppm = 50000,
                                    .duplicate_ppm = 20000,
                                    .reorder_ppm = 30000,
                                    .corrupt_ppm = 10000};
    CU_ASSERT_EQUAL(fingerprint(bad, 1), fingerprint(bad, 1));
    CU_ASSERT_NOT_EQUAL(fingerprint(bad, 1), fingerprint(bad, 2));
}

/* Which of MANY frames were lost, as a bitmap. */
static void losses(struct rill_cable_config config, bool lost[MANY])
{
    struct rill_cable *c = cable_of(config, 9);
    for (unsigned i = 0; i < MANY; i++) {
        uint64_t before = rill_cable_stats(c, 0)->lost;
        put(c, 0, i, 100, 0);
        lost[i] = rill_cable_stats(c, 0)->lost > before;
    }
    rill_cable_free(c);
}

static void one_probability_does_not_disturb_the_draws_of_another(void)
{
    static bool alone[MANY], together[MANY];
    struct rill_cable_config config = {.loss_ppm = 100000};
    losses(config, alone);
    config.duplicate_ppm = config.corrupt_ppm = config.reorder_ppm = 500000;
    config.jitter = MS;
    losses(config, together);
    CU_ASSERT(memcmp(alone, together, sizeof alone) == 0);
}

/* |count - n p| within four standard deviations. */
static bool is_fair(uint64_t count, double n, double p)
{
    double off = (double)count - n * p;
    return off * off <= 4 * 4 * n * p * (1 - p);
}

static void chances_are_what_the_configuration_says(void)
{
    struct rill_cable_config config = {
        .loss_ppm = 30000, .duplicate_ppm = 100000, .reorder_ppm = 50000, .corrupt_ppm = 200000};
    struct rill_cable *c = cable_of(config, 4);
    for (unsigned i = 0; i < MANY; i++)
        put(c, 0, i, 100, 0);
    const struct rill_cable_stats *s = rill_cable_stats(c, 0);
    CU_ASSERT_EQUAL(s->sent, MANY);
    CU_ASSERT(is_fair(s->lost, MANY, 0.03));
    double left = MANY - (double)s->lost;
    CU_ASSERT(is_fair(s->duplicated, left, 0.1));
    CU_ASSERT(is_fair(s->reordered, left, 0.05));
    CU_ASSERT(is_fair(s->corrupted, left, 0.2));
    uint64_t arrived = 0;
    while (take(c, 1, 1000 * MS) >= 0 || rill_cable_deadline(c) != RILL_NEVER)
        arrived++;
    CU_ASSERT_EQUAL(s->delivered, MANY - s->lost + s->duplicated);
    CU_ASSERT_EQUAL(arrived, s->delivered);
    rill_cable_free(c);
}

static void the_extremes_are_never_and_always(void)
{
    struct rill_cable *c = cable_of((struct rill_cable_config){.loss_ppm = 1000000}, 3);
    for (unsigned i = 0; i < 1000; i++)
        put(c, 0, i, 100, 0);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->lost, 1000);
    rill_cable_change(c, 0, &perfect);
    for (unsigned i = 0; i < 1000; i++)
        put(c, 0, i, 100, 0);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->lost, 1000);
    rill_cable_free(c);
}

static void the_rate_spaces_frames_out(void)
{
    struct rill_cable *c = cable_of((struct rill_cable_config){.rate = 8000000, .delay = MS}, 1);
    for (unsigned i = 0; i < 5; i++)
        put(c, 0, i, 1000, 0); /* 1 ms each */
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL(rill_cable_deadline(c), MS + (i + 1) * MS);
        CU_ASSERT_EQUAL(take(c, 1, MS + (i + 1) * MS), i);
    }
    put(c, 0, 9, 1000, 100 * MS); /* after a pause the rate has nothing saved up */
    CU_ASSERT_EQUAL(rill_cable_deadline(c), 102 * MS);
    rill_cable_free(c);
}

static void a_full_queue_drops_the_tail(void)
{
    struct rill_cable *c = cable_of((struct rill_cable_config){.rate = 8000000, .queue = 3000}, 1);
    for (unsigned i = 0; i < 10; i++)
        put(c, 0, i, 1000, 0);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->overflowed, 7);
    put(c, 0, 10, 1000, MS); /* one has left */
    put(c, 0, 11, 1000, MS);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->overflowed, 8);
    for (int expected[] = {0, 1, 2, 10}, i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(take(c, 1, 10 * MS), expected[i]);
    CU_ASSERT_EQUAL(take(c, 1, 10 * MS), -1);
    rill_cable_free(c);
}

static void a_frame_larger_than_the_queue_passes_an_idle_cable(void)
{
    struct rill_cable *c = cable_of((struct rill_cable_config){.rate = 8000000, .queue = 100}, 1);
    put(c, 0, 1, 1000, 0);
    put(c, 0, 2, 1000, 0);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->overflowed, 1);
    rill_cable_free(c);
}

static void what_waits_for_the_rate_keeps_its_bytes_when_the_rate_changes(void)
{
    struct rill_cable_config slow = {.rate = 80000, .queue = 3000}, fast = slow;
    struct rill_cable *c = cable_of(slow, 1);
    for (unsigned i = 0; i < 2; i++)
        put(c, 0, i, 1000, 0);
    fast.rate = 8000000;
    rill_cable_change(c, 0, &fast);
    put(c, 0, 2, 1000, 0);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->overflowed, 0);
    put(c, 0, 3, 1000, 0);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->overflowed, 1);
    rill_cable_free(c);
}

static void jitter_keeps_order_and_its_bounds(void)
{
    struct rill_cable *c = cable_of((struct rill_cable_config){.delay = MS, .jitter = 50 * MS}, 5);
    int next = 0, early = 0, late = 0;
    for (unsigned i = 0; i < 1000; i++) {
        put(c, 0, i, 100, i * 200 * MS);
        rill_time took = rill_cable_deadline(c) - i * 200 * MS;
        CU_ASSERT(took >= MS && took <= 51 * MS);
        early += took < 13 * MS;
        late += took > 39 * MS;
        CU_ASSERT_EQUAL(take(c, 1, i * 200 * MS + took), next++);
    }
    CU_ASSERT(early > 150 && late > 150);
    for (unsigned i = 0; i < 1000; i++)
        put(c, 0, i, 100, 300000 * MS);
    for (int i = 0; i < 1000; i++)
        CU_ASSERT_EQUAL(take(c, 1, 400000 * MS), i);
    rill_cable_free(c);
}

static void a_reordered_frame_is_passed_by_others(void)
{
    struct rill_cable_config late = {.delay = 10 * MS, .reorder_ppm = 1000000}, straight = late;
    struct rill_cable *c = cable_of(late, 1);
    put(c, 0, 1, 100, 0);
    straight.reorder_ppm = 0;
    rill_cable_change(c, 0, &straight);
    put(c, 0, 2, 100, MS);
    CU_ASSERT_EQUAL(take(c, 1, 11 * MS), 2);
    CU_ASSERT_EQUAL(rill_cable_deadline(c), 16 * MS); /* delay + delay / 2 + 1 ms */
    CU_ASSERT_EQUAL(take(c, 1, 16 * MS), 1);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->reordered, 1);
    rill_cable_free(c);
}

static void a_duplicate_is_the_same_frame_again(void)
{
    struct rill_cable *c = cable_of((struct rill_cable_config){.duplicate_ppm = 1000000}, 1);
    put(c, 0, 5, 100, 0);
    put(c, 0, 6, 100, 0);
    for (int expected[] = {5, 5, 6, 6}, i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(take(c, 1, 0), expected[i]);
    CU_ASSERT_EQUAL(take(c, 1, 0), -1);
    rill_cable_free(c);
}

static void corruption_flips_exactly_one_bit(void)
{
    struct rill_cable *c = cable_of((struct rill_cable_config){.corrupt_ppm = 1000000}, 1);
    bool seen[64] = {false};
    for (unsigned i = 0; i < 2000; i++) {
        uint8_t sent[8] = {1, 2, 3, 4, 5, 6, 7, 8}, got[8];
        struct rill_frame f = {.buffer = sent, .room = 8, .length = 8};
        rill_cable_put(c, 0, &f, 0);
        struct rill_frame g = {.buffer = got, .room = 8};
        CU_ASSERT_EQUAL_FATAL(rill_cable_take(c, 1, &g, 1, 0), 1);
        unsigned flipped = 0;
        for (unsigned b = 0; b < 64; b++) {
            bool differs = ((got[b / 8] ^ (b / 8 + 1)) >> b % 8 & 1) != 0;
            flipped += differs;
            seen[b] = seen[b] || differs;
        }
        CU_ASSERT_EQUAL(flipped, 1);
        CU_ASSERT_EQUAL(sent[0], 1); /* of the copy only */
    }
    for (unsigned b = 0; b < 64; b++)
        CU_ASSERT(seen[b]);
    rill_cable_free(c);
}

static void a_superframe_is_lost_by_segments(void)
{
    static uint8_t bytes[54 + 64000] = {
        [12] = 8, [14] = 0x45, [14 + 9] = 6, [34 + 12] = 0x50, /* Ethernet, IPv4, TCP */
    };
    struct rill_cable *c = cable_of((struct rill_cable_config){.loss_ppm = 250000}, 2);
    struct rill_frame f = {.buffer = bytes, .room = sizeof bytes, .length = sizeof bytes};
    f.header_length = 54;
    f.gso_size = 1000;
    for (int i = 0; i < 100; i++)
        rill_cable_put(c, 0, &f, 0);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->sent, 6400);
    CU_ASSERT(is_fair(rill_cable_stats(c, 0)->lost, 6400, 0.25));
    struct rill_frame g = {.buffer = malloc(1054), .room = 1054};
    CU_ASSERT_EQUAL(rill_cable_take(c, 1, &g, 1, 0), 1);
    CU_ASSERT_EQUAL(g.length, 1054);
    free(g.buffer);
    rill_cable_free(c);
}

/* ---- Bursts, queues that signal, what is told ---- */

static void bursts_lose_in_a_row(void)
{
    static bool lost[MANY];
    struct rill_cable_config c = {.burst_begin_ppm = 10000, .burst_end_ppm = 250000};
    unsigned all = 0, again = 0;
    losses(c, lost);
    for (unsigned i = 1; i < MANY; i++) {
        all += lost[i];
        again += lost[i] && lost[i - 1];
    }
    /* one in 100 begins one, and four more follow on average */
    CU_ASSERT(is_fair(again, all, 0.8));
    CU_ASSERT(all > MANY / 40 && all < MANY / 15);
}

static void a_burst_is_over_when_bursts_are_switched_off(void)
{
    struct rill_cable_config for_ever = {.burst_begin_ppm = 1000000};
    struct rill_cable *c = cable_of(for_ever, 1);
    put(c, 0, 1, 100, 0);
    rill_cable_change(c, 0, &perfect);
    put(c, 0, 2, 100, 0);
    CU_ASSERT_EQUAL(take(c, 1, 0), 2);
    rill_cable_free(c);
}

static void a_cut_cable_lets_nothing_through(void)
{
    struct rill_cable *c = cable_of((struct rill_cable_config){.cut = true, .delay = MS}, 1);
    put(c, 0, 1, 100, 0);
    put(c, 1, 2, 100, 0);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->cut, 1);
    CU_ASSERT_EQUAL(take(c, 1, 10 * MS), -1);
    CU_ASSERT_EQUAL(take(c, 0, 10 * MS), 2);
    rill_cable_free(c);
}

enum { TEXT_AT = 54 };

/* A TCP segment with its checksums right. */
static uint32_t segment(uint8_t bytes[2048], uint8_t ecn, uint32_t text)
{
    struct eth eth = {
        .destination = {{2, 0, 0, 0, 0, 2}}, .source = {{2, 0, 0, 0, 0, 1}}, .type = 0x800};
    struct ip4 ip = {.tos = ecn,
                     .total_length = (uint16_t)(40 + text),
                     .dont_fragment = true,
                     .ttl = 64,
                     .protocol = IP_PROTOCOL_TCP,
                     .source = 0x0a000001,
                     .destination = 0x0a000002};
    struct tcp_header tcp = {.source = 1, .destination = 2, .flags = TCP_ACK};
    memset(bytes, 0x55, 2048);
    size_t n = eth_write(bytes, &eth);
    n += ip4_write(bytes + n, &ip);
    n += tcp_header_write(bytes + n, &tcp);
    CU_ASSERT_EQUAL(n, TEXT_AT);
    uint64_t sum = checksum_pseudo(rill_address_ip4(ip.source), rill_address_ip4(ip.destination),
                                   IP_PROTOCOL_TCP, 20 + text);
    sum = checksum_add(sum, span_of(bytes + 34, 20 + text));
    tcp_checksum_put(bytes + 34, checksum_finish(sum));
    return TEXT_AT + text;
}

static void put_segment(struct rill_cable *c, uint8_t ecn, uint32_t text, rill_time now)
{
    uint8_t bytes[2048];
    struct rill_frame f = {
        .buffer = bytes, .room = sizeof bytes, .length = segment(bytes, ecn, text)};
    rill_cable_put(c, 0, &f, now);
}

/* All checksums of what arrives at an end are right; returns its TOS, -1: nothing has arrived. */
static int take_good(struct rill_cable *c, int end, uint8_t bytes[2048], rill_time now)
{
    struct ip4 ip;
    struct rill_span payload;
    struct rill_frame f = {.buffer = bytes, .room = 2048};
    if (rill_cable_take(c, end, &f, 1, now) == 0)
        return -1;
    CU_ASSERT_EQUAL(ip4_parse(&ip, span_of(bytes + 14, f.length - 14), &payload), RILL_DROP_NONE);
    if (ip.protocol == IP_PROTOCOL_TCP)
        CU_ASSERT(tcp_checksum_good(rill_address_ip4(ip.source), rill_address_ip4(ip.destination),
                                    payload));
    return ip.tos;
}

static void what_is_forged_differs_in_one_bit_of_text(void)
{
    struct rill_cable *c = cable_of((struct rill_cable_config){.forge_ppm = 1000000}, 1);
    uint8_t bytes[2048];
    for (uint32_t text = 1; text < 100; text++) {
        unsigned flipped = 0;
        put_segment(c, 0, text, 0);
        CU_ASSERT_EQUAL(take_good(c, 1, bytes, 0), 0);
        for (uint32_t i = 0; i < text; i++)
            flipped += (unsigned)__builtin_popcount(bytes[TEXT_AT + i] ^ 0x55u);
        CU_ASSERT_EQUAL(flipped, 1);
    }
    put_segment(c, 0, 0, 0); /* nothing to forge */
    CU_ASSERT_EQUAL(take_good(c, 1, bytes, 0), 0);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->forged, 99);
    rill_cable_free(c);
}

/* RFC 1191 4: next-hop MTU, IP header and 8 bytes of the datagram. */
static void what_is_too_long_is_told_where_that_is_asked_for(void)
{
    uint8_t bytes[2048];
    struct icmp icmp;
    struct rill_span quote;
    struct rill_cable *c = cable_of((struct rill_cable_config){.mtu = 600, .reports_mtu = true}, 1);
    put_segment(c, 0, 560, 0); /* fits */
    put_segment(c, 0, 561, 0);
    CU_ASSERT_EQUAL(take_good(c, 1, bytes, 0), 0);
    CU_ASSERT_EQUAL(take_good(c, 1, bytes, 0), -1);
    CU_ASSERT_EQUAL(take_good(c, 0, bytes, 0), 0);
    CU_ASSERT_EQUAL(icmp_parse(&icmp, span_of(bytes + 34, 36), &quote), RILL_DROP_NONE);
    CU_ASSERT_EQUAL(icmp.type, ICMP_UNREACHABLE);
    CU_ASSERT_EQUAL(icmp.code, ICMP_UNREACHABLE_FRAGMENTATION_NEEDED);
    CU_ASSERT_EQUAL(icmp.next_hop_mtu, 600);
    CU_ASSERT_EQUAL(quote.length, 28);
    rill_cable_free(c);
}

/* RFC 791 3.2: pieces of a multiple of 8 bytes, whose payloads are the whole one's. */
static void what_may_be_cut_arrives_in_fragments(void)
{
    uint8_t whole[2048], piece[2048];
    struct ip4 ip;
    struct rill_span payload;
    struct rill_cable *c = cable_of((struct rill_cable_config){.mtu = 599, .reports_mtu = true}, 1);
    uint32_t length = segment(whole, 0, 1300), text = length - 34, at = 0;
    ip4_parse(&ip, span_of(whole + 14, length - 14), &payload);
    ip.dont_fragment = false;
    ip4_write(whole + 14, &ip);
    rill_cable_put(c, 0, &(struct rill_frame){.buffer = whole, .length = length}, 0);
    for (;;) {
        struct rill_frame f = {.buffer = piece, .room = sizeof piece};
        if (rill_cable_take(c, 1, &f, 1, 0) == 0)
            break;
        CU_ASSERT_EQUAL(ip4_parse(&ip, span_of(piece + 14, f.length - 14), &payload),
                        RILL_DROP_NONE);
        CU_ASSERT_EQUAL(ip.fragment_offset, at);
        CU_ASSERT(ip.total_length <= 599);
        CU_ASSERT(memcmp(payload.at, whole + 34 + at, payload.length) == 0);
        at += (uint32_t)payload.length;
        CU_ASSERT_EQUAL(ip.more_fragments, at < text);
    }
    CU_ASSERT_EQUAL(at, text);
    CU_ASSERT_EQUAL(take(c, 0, 0), -1); /* and nobody is told */
    rill_cable_free(c);
}

static void a_step_marks_whoever_finds_the_queue_long(void) /* RFC 8257 3.1 */
{
    struct rill_cable_config step = {
        .rate = 8000000, .discipline = RILL_CABLE_STEP, .threshold = 3000};
    struct rill_cable *c = cable_of(step, 1);
    uint8_t bytes[2048];
    for (int i = 0; i < 6; i++)
        put_segment(c, ECN_ECT0, 946, 0);
    put_segment(c, 0, 946, 0);
    for (int i = 0; i < 4; i++) /* found 0 to 3,000 bytes waiting */
        CU_ASSERT_EQUAL(take_good(c, 1, bytes, 100 * MS), ECN_ECT0);
    for (int i = 4; i < 6; i++)
        CU_ASSERT_EQUAL(take_good(c, 1, bytes, 100 * MS), ECN_CE);
    CU_ASSERT_EQUAL(take_good(c, 1, bytes, 100 * MS), 0); /* it never drops */
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->marked, 2);
    rill_cable_free(c);
}

/* Sends so many times the rate for five seconds; what has been signalled by then. */
static struct rill_cable_stats overload(enum rill_cable_discipline discipline, uint8_t ecn,
                                        rill_time gap)
{
    struct rill_cable_config config = {
        .rate = 8000000, .queue = 200000, .discipline = discipline}; /* a frame takes 1 ms */
    struct rill_cable *c = cable_of(config, 1);
    uint8_t bytes[2048];
    for (rill_time t = 0; t < RILL_SECONDS(5); t += gap) {
        put_segment(c, ecn, 946, t);
        while (take_good(c, 1, bytes, t) >= 0)
            ;
    }
    struct rill_cable_stats s = *rill_cable_stats(c, 0);
    rill_cable_free(c);
    return s;
}

static void codel_signals_a_standing_queue_only(void) /* RFC 8289 */
{
    CU_ASSERT_EQUAL(overload(RILL_CABLE_CODEL, 0, MS).refused, 0);
    struct rill_cable_stats dropped = overload(RILL_CABLE_CODEL, 0, MS * 9 / 10);
    struct rill_cable_stats marked = overload(RILL_CABLE_CODEL, ECN_ECT0, MS * 9 / 10);
    /* count grows as long as the queue stands: interval / sqrt(1) + ... + interval / sqrt(n) = 4.8
     * s at n = 600 without an effect on the sender */
    CU_ASSERT(dropped.refused > 200 && dropped.refused < 700);
    CU_ASSERT_EQUAL(dropped.marked, 0);
    CU_ASSERT(marked.marked > 200);
    CU_ASSERT_EQUAL(marked.refused, 0);
}

/* The first signal comes an interval after the first frame that has waited for target; the second
 * an interval later, the third after interval / sqrt(2). */
static void codel_keeps_the_rfcs_times(void)
{
    struct rill_cable_config config = {
        .rate = 8000000, .queue = 1000000, .discipline = RILL_CABLE_CODEL};
    struct rill_cable *c = cable_of(config, 1);
    rill_time at[3] = {0};
    uint8_t bytes[2048];
    for (unsigned i = 0; i < 400; i++)
        put_segment(c, ECN_ECT0, 946, 0); /* leave at 0 ms, 1 ms, ... */
    for (unsigned i = 0, seen = 0; i < 400 && seen < 3; i++)
        if (take_good(c, 1, bytes, (i + 1) * MS) == ECN_CE)
            at[seen++] = i * MS;
    CU_ASSERT_EQUAL(at[0], 105 * MS);
    CU_ASSERT_EQUAL(at[1], 205 * MS);
    CU_ASSERT_EQUAL(at[2], 276 * MS);
    rill_cable_free(c);
}

static void red_signals_by_chance_the_more_the_longer_the_queue(void)
{
    CU_ASSERT_EQUAL(overload(RILL_CABLE_RED, 0, 2 * MS).refused, 0);
    struct rill_cable_stats little = overload(RILL_CABLE_RED, 0, MS * 98 / 100);
    struct rill_cable_stats much = overload(RILL_CABLE_RED, 0, MS / 2);
    CU_ASSERT(little.refused > 0);
    CU_ASSERT_EQUAL(little.overflowed, 0);
    CU_ASSERT(much.refused > 10 * little.refused);
    CU_ASSERT(overload(RILL_CABLE_RED, ECN_ECT0, MS * 98 / 100).marked > 0);
}

static void waiting_frames_leave_under_the_new_rate(void)
{
    struct rill_cable_config slow = {.rate = 8000}, fast = {.rate = 8000000};
    struct rill_cable *c = cable_of(slow, 1);
    for (unsigned i = 0; i < 3; i++)
        put(c, 0, i, 1000, 0); /* a second each */
    rill_cable_change(c, 0, &fast);
    CU_ASSERT_EQUAL(take(c, 1, RILL_SECONDS(1)), 0); /* it was leaving */
    CU_ASSERT_EQUAL(take(c, 1, RILL_SECONDS(1)), 1);
    CU_ASSERT_EQUAL(take(c, 1, RILL_SECONDS(1)), 2);
    rill_cable_free(c);
}

/* ---- rill_cable_run, between stand-ins for stacks ---- */

struct rill {
    uint32_t pending; /* length of the frame to send; 0: none */
    rill_time wake;   /* something to send then; RILL_NEVER */
    unsigned received;
    rill_time last; /* time of the last call */
    bool is_stuck;  /* says that it has something to do and does nothing */
};

void rill_receive(struct rill *s, int port, const struct rill_frame *f, unsigned n, rill_time now)
{
    CU_ASSERT_EQUAL(port, 3);
    s->received += n;
    s->pending = f[n - 1].length / 2;
    s->last = now;
}

unsigned rill_transmit(struct rill *s, int port, struct rill_frame *f, unsigned max, rill_time now)
{
    s->last = now;
    if (port == RILL_LOOPBACK_PORT || max == 0)
        return 0;
    if (now >= s->wake) {
        s->wake = RILL_NEVER;
        s->pending = 1024;
    }
    if (s->pending < 2)
        return 0;
    memset(f->buffer, 0, s->pending);
    f->length = s->pending;
    s->pending = 0;
    return 1;
}

/* It keeps no trace. */
unsigned rill_trace_read(const struct rill *s, uint64_t *place, struct rill_trace_record *out,
                         unsigned max, uint64_t *lost)
{
    (void)s, (void)place, (void)out, (void)max, (void)lost;
    return 0;
}

rill_time rill_deadline(const struct rill *s)
{
    return s->is_stuck ? s->last : s->wake;
}

static const int ports[2] = {3, 3};

static void time_jumps_from_event_to_event(void)
{
    struct rill a = {.wake = 100 * MS}, b = {.wake = RILL_NEVER};
    struct rill *ends[2] = {&a, &b};
    struct rill_cable_config ten = {.delay = 10 * MS};
    struct rill_cable *c = rill_cable_new(&ten, &ten, 1);
    rill_time end = rill_cable_run(c, ends, ports, 0, RILL_NEVER, NULL, NULL);
    /* 1024 at 100 ms, and then halves until 2: ten frames */
    CU_ASSERT_EQUAL(end, 100 * MS + 10 * 10 * MS);
    CU_ASSERT_EQUAL(a.received + b.received, 10);
    rill_cable_free(c);
}

static void a_run_ends_at_its_time_with_both_clocks_there(void)
{
    struct rill a = {.wake = 100 * MS}, b = {.wake = RILL_NEVER};
    struct rill *ends[2] = {&a, &b};
    struct rill_cable_config ten = {.delay = 10 * MS};
    struct rill_cable *c = rill_cable_new(&ten, &ten, 1);
    CU_ASSERT_EQUAL(rill_cable_run(c, ends, ports, 0, 125 * MS, NULL, NULL), 125 * MS);
    CU_ASSERT_EQUAL(a.received + b.received, 2);
    CU_ASSERT_EQUAL(a.last, 125 * MS);
    CU_ASSERT_EQUAL(b.last, 125 * MS);
    CU_ASSERT_EQUAL(rill_cable_run(c, ends, ports, 125 * MS, 130 * MS, NULL, NULL), 130 * MS);
    CU_ASSERT_EQUAL(a.received + b.received, 3); /* what is due at the end is done */
    rill_cable_free(c);
}

static bool has_received_four(void *context)
{
    const struct rill *s = context;
    return s->received == 4;
}

static void a_run_ends_when_it_is_told_to(void)
{
    struct rill a = {.wake = 0}, b = {.wake = RILL_NEVER};
    struct rill *ends[2] = {&a, &b};
    struct rill_cable_config ten = {.delay = 10 * MS};
    struct rill_cable *c = rill_cable_new(&ten, &ten, 1);
    CU_ASSERT_EQUAL(rill_cable_run(c, ends, ports, 0, RILL_NEVER, has_received_four, &b), 70 * MS);
    CU_ASSERT_EQUAL(b.received, 4);
    rill_cable_free(c);
}

/* In a child, which ends as a failed assertion does. */
static void a_stack_that_is_busy_without_end_is_caught(void)
{
    pid_t child = fork();
    if (child == 0) {
        close(STDERR_FILENO);
        struct rill a = {.wake = RILL_NEVER, .is_stuck = true}, b = {.wake = RILL_NEVER};
        struct rill *ends[2] = {&a, &b};
        rill_cable_run(rill_cable_new(&perfect, &perfect, 1), ends, ports, 0, MS, NULL, NULL);
        _exit(0);
    }
    int status = 0;
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static const struct unit_test tests[] = {
    {"a perfect cable delivers at once and in order",
     a_perfect_cable_delivers_at_once_and_in_order},
    {"a frame arrives after the delay and no sooner",
     a_frame_arrives_after_the_delay_and_no_sooner},
    {"what is too long vanishes", what_is_too_long_vanishes},
    {"the seed decides all", the_seed_decides_all},
    {"one probability does not disturb the draws of another",
     one_probability_does_not_disturb_the_draws_of_another},
    {"chances are what the configuration says", chances_are_what_the_configuration_says},
    {"the extremes are never and always", the_extremes_are_never_and_always},
    {"the rate spaces frames out", the_rate_spaces_frames_out},
    {"a full queue drops the tail", a_full_queue_drops_the_tail},
    {"a frame larger than the queue passes an idle cable",
     a_frame_larger_than_the_queue_passes_an_idle_cable},
    {"what waits for the rate keeps its bytes when the rate changes",
     what_waits_for_the_rate_keeps_its_bytes_when_the_rate_changes},
    {"jitter keeps order and its bounds", jitter_keeps_order_and_its_bounds},
    {"a reordered frame is passed by others", a_reordered_frame_is_passed_by_others},
    {"a duplicate is the same frame again", a_duplicate_is_the_same_frame_again},
    {"corruption flips exactly one bit", corruption_flips_exactly_one_bit},
    {"a superframe is lost by segments", a_superframe_is_lost_by_segments},
    {"bursts lose in a row", bursts_lose_in_a_row},
    {"a burst is over when bursts are switched off", a_burst_is_over_when_bursts_are_switched_off},
    {"a cut cable lets nothing through", a_cut_cable_lets_nothing_through},
    {"what is forged differs in one bit of text", what_is_forged_differs_in_one_bit_of_text},
    {"what is too long is told where that is asked for",
     what_is_too_long_is_told_where_that_is_asked_for},
    {"what may be cut arrives in fragments", what_may_be_cut_arrives_in_fragments},
    {"a step marks whoever finds the queue long", a_step_marks_whoever_finds_the_queue_long},
    {"CoDel signals a standing queue only", codel_signals_a_standing_queue_only},
    {"CoDel keeps the RFC's times", codel_keeps_the_rfcs_times},
    {"RED signals by chance, the more the longer the queue",
     red_signals_by_chance_the_more_the_longer_the_queue},
    {"waiting frames leave under the new rate", waiting_frames_leave_under_the_new_rate},
    {"time jumps from event to event", time_jumps_from_event_to_event},
    {"a run ends at its time with both clocks there",
     a_run_ends_at_its_time_with_both_clocks_there},
    {"a run ends when it is told to", a_run_ends_when_it_is_told_to},
    {"a stack that is busy without end is caught", a_stack_that_is_busy_without_end_is_caught},
};

int main(void)
{
    return UNIT_MAIN("cable", tests);
}
