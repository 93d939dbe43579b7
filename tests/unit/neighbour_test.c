/* The neighbour cache: RFC 4861 7.3, RFC 1122 2.3.2.1, and attacks A01, A02, A05, A06, A09, A10. */
#include "link/neighbour.h"

#include "unit.h"

#define PORT 1
#define LIMIT 1024

static const struct mac mac_1 = {{2, 0, 0, 0, 0, 1}};
static const struct mac mac_2 = {{2, 0, 0, 0, 0, 2}};

static struct memory memory;
static struct random dice;
static struct neighbours cache;

static struct rill_address host(uint32_t n)
{
    return rill_address_ip4(0x0a000000 + n);
}

static void begin(unsigned limit)
{
    memory = (struct memory){.budget = 1 << 24};
    random_seed(&dice, 1);
    CU_ASSERT_FATAL(neighbours_init(&cache, &memory, &dice, limit));
}

static void finish(void)
{
    neighbours_check(&cache);
    neighbours_end(&cache);
    CU_ASSERT_EQUAL(memory.used, 0);
}

static struct neighbour_claim claim_of(struct rill_address address, struct mac mac)
{
    return (struct neighbour_claim){.port = PORT, .address = address, .mac = mac, .on_link = true};
}

static enum rill_drop hear(struct neighbour_claim claim, rill_time now, struct neighbour **taken)
{
    enum rill_drop drop = neighbour_learn(&cache, &claim, now, taken);
    neighbours_check(&cache);
    return drop;
}

static enum rill_drop reply_comes(struct rill_address from, struct mac mac, rill_time now)
{
    struct neighbour *taken;
    struct neighbour_claim claim = claim_of(from, mac);
    claim.reply = claim.for_us = true;
    return hear(claim, now, &taken);
}

static enum rill_drop request_comes(struct rill_address from, struct mac mac, rill_time now)
{
    struct neighbour *taken;
    struct neighbour_claim claim = claim_of(from, mac);
    claim.for_us = true;
    return hear(claim, now, &taken);
}

static enum rill_drop announcement_comes(struct rill_address from, struct mac mac, rill_time now)
{
    struct neighbour *taken;
    struct neighbour_claim claim = claim_of(from, mac);
    claim.announces = true;
    return hear(claim, now, &taken);
}

/* Runs timers and sends requests second by second; returns how many requests went out and counts
 * failures. */
static unsigned pump(rill_time from, rill_time to, unsigned *failures)
{
    unsigned sent = 0;
    for (rill_time now = from; now <= to; now += RILL_MILLISECONDS(100)) {
        struct neighbour_request request;
        while (neighbour_expire(&cache, now))
            ++*failures;
        while (neighbour_next_request(&cache, PORT, now, &request))
            sent++;
        neighbours_check(&cache);
    }
    return sent;
}

static bool next_request_goes_to(struct mac mac, rill_time now)
{
    struct neighbour_request request;
    return neighbour_next_request(&cache, PORT, now, &request) &&
           mac_equal(request.destination, mac);
}

/* The host has been asked and has answered at `now`. */
static struct neighbour *primed(uint32_t n, struct mac mac, rill_time now)
{
    struct neighbour *entry = neighbour_use(&cache, PORT, host(n), now);
    CU_ASSERT_FATAL(entry != NULL);
    CU_ASSERT(next_request_goes_to(mac_broadcast, now));
    CU_ASSERT_EQUAL(reply_comes(host(n), mac, now), RILL_DROP_NONE);
    CU_ASSERT_EQUAL(entry->state, NEIGHBOUR_REACHABLE);
    neighbour_use(&cache, PORT, host(n), now);
    return entry;
}

/* ----------------------------------------------------------- resolution */

static void first_use_asks_by_broadcast_and_the_answer_is_taken(void)
{
    begin(LIMIT);
    struct neighbour *n = neighbour_use(&cache, PORT, host(1), 0);
    struct neighbour_request request;
    CU_ASSERT_EQUAL(n->state, NEIGHBOUR_INCOMPLETE);
    CU_ASSERT_FALSE(neighbour_usable(n));
    CU_ASSERT(neighbour_has_request(&cache, PORT));
    CU_ASSERT_FALSE(neighbour_has_request(&cache, PORT + 1));
    CU_ASSERT_FALSE(neighbour_next_request(&cache, PORT + 1, 0, &request));
    CU_ASSERT_FATAL(neighbour_next_request(&cache, PORT, 0, &request));
    CU_ASSERT(rill_address_equal(request.target, host(1)));
    CU_ASSERT(mac_equal(request.destination, mac_broadcast));
    CU_ASSERT_FALSE(neighbour_next_request(&cache, PORT, 0, &request));

    struct neighbour *taken;
    struct neighbour_claim reply = claim_of(host(1), mac_1);
    reply.reply = reply.for_us = true;
    CU_ASSERT_EQUAL(hear(reply, 5, &taken), RILL_DROP_NONE);
    CU_ASSERT_PTR_EQUAL(taken, n);
    CU_ASSERT_PTR_EQUAL(neighbour_find(&cache, PORT, host(1)), n);
    CU_ASSERT_PTR_NULL(neighbour_find(&cache, PORT + 1, host(1)));
    CU_ASSERT_EQUAL(n->state, NEIGHBOUR_REACHABLE);
    CU_ASSERT(neighbour_usable(n) && mac_equal(n->mac, mac_1));
    finish();
}

static void three_requests_a_second_apart_then_failure(void)
{
    begin(LIMIT);
    struct neighbour *n = neighbour_use(&cache, PORT, host(1), 0);
    for (rill_time second = 0; second < 3; second++) {
        rill_time now = RILL_SECONDS(second);
        CU_ASSERT_PTR_NULL(neighbour_expire(&cache, now - 1));
        CU_ASSERT_FALSE(second > 0 && neighbour_has_request(&cache, PORT));
        CU_ASSERT_PTR_NULL(neighbour_expire(&cache, now));
        CU_ASSERT(next_request_goes_to(mac_broadcast, now));
        CU_ASSERT_EQUAL(neighbours_deadline(&cache), now + RILL_SECONDS(1));
    }
    CU_ASSERT_PTR_NULL(neighbour_expire(&cache, RILL_SECONDS(3) - 1));
    CU_ASSERT_PTR_EQUAL(neighbour_expire(&cache, RILL_SECONDS(3)), n);
    CU_ASSERT_EQUAL(n->state, NEIGHBOUR_FAILED);
    CU_ASSERT_PTR_NULL(neighbour_expire(&cache, RILL_SECONDS(4) - 1));
    CU_ASSERT_PTR_EQUAL(neighbour_use(&cache, PORT, host(1), RILL_SECONDS(4) - 1), n);
    CU_ASSERT_FALSE(neighbour_usable(n));
    CU_ASSERT_PTR_NULL(neighbour_expire(&cache, RILL_SECONDS(4)));
    CU_ASSERT_PTR_NULL(neighbour_find(&cache, PORT, host(1)));
    CU_ASSERT_EQUAL(neighbours_deadline(&cache), RILL_NEVER);
    CU_ASSERT_EQUAL(cache.removals, 1);
    finish();
}

/* A06 */
static void a_thousand_sends_to_a_dead_host_ask_once_a_second(void)
{
    begin(LIMIT);
    unsigned failures = 0, sent = 0;
    for (unsigned i = 0; i < 1000; i++) { /* for 20 s */
        rill_time now = RILL_MILLISECONDS(20) * i;
        neighbour_use(&cache, PORT, host(1), now);
        sent += pump(now, now, &failures);
    }
    CU_ASSERT_EQUAL(sent, 15); /* 3 in 4 s */
    CU_ASSERT_EQUAL(failures, 5);
    CU_ASSERT_EQUAL(cache.pool.count, 1);
    finish();
}

static void waiting_nodes_stay_until_their_owner_takes_them(void)
{
    begin(1);
    struct list_node node = {0};
    struct neighbour *n = neighbour_use(&cache, PORT, host(1), 0);
    list_append(&n->waiting[0], &node);
    CU_ASSERT_PTR_NULL(neighbour_use(&cache, PORT, host(2), 0)); /* no room: it is waited for */
    CU_ASSERT_EQUAL(request_comes(host(3), mac_2, 0), RILL_DROP_NONE);
    CU_ASSERT_PTR_NULL(neighbour_find(&cache, PORT, host(3)));
    unsigned failures = 0;
    pump(0, RILL_SECONDS(2), &failures);
    CU_ASSERT_PTR_EQUAL(neighbour_expire(&cache, RILL_SECONDS(3)), n);
    CU_ASSERT_PTR_EQUAL(list_first(&n->waiting[0]), &node);
    list_remove(&node);
    CU_ASSERT_PTR_NOT_NULL(neighbour_use(&cache, PORT, host(2), RILL_SECONDS(3)));
    finish();
}

/* ---------------------------------------------------------------- aging */

static void reachable_turns_stale_after_15_to_45_seconds(void)
{
    rill_time least = RILL_NEVER, most = 0;
    begin(LIMIT);
    for (uint32_t i = 1; i <= 200; i++) {
        primed(i, mac_1, 0);
        struct neighbour *n = neighbour_find(&cache, PORT, host(i));
        rill_time lasts = heap_time_of(&cache.timers, &n->timer) - n->confirmed;
        least = min_of(least, lasts);
        most = max_of(most, lasts);
    }
    CU_ASSERT(least >= RILL_SECONDS(15) && least < RILL_SECONDS(17));
    CU_ASSERT(most <= RILL_SECONDS(45) && most > RILL_SECONDS(43));
    CU_ASSERT_EQUAL(neighbours_deadline(&cache), least);
    CU_ASSERT_PTR_NULL(neighbour_expire(&cache, most));
    for (uint32_t i = 1; i <= 200; i++)
        CU_ASSERT_EQUAL(neighbour_find(&cache, PORT, host(i))->state, NEIGHBOUR_STALE);
    CU_ASSERT_EQUAL(neighbours_deadline(&cache), RILL_NEVER);
    finish();
}

static void stale_in_use_is_delayed_then_probed_then_resolved_anew(void)
{
    begin(LIMIT);
    struct neighbour *n = primed(1, mac_1, 0);
    rill_time t = RILL_SECONDS(50);
    neighbour_expire(&cache, t);
    neighbour_use(&cache, PORT, host(1), t);
    CU_ASSERT_EQUAL(n->state, NEIGHBOUR_DELAY);
    CU_ASSERT(neighbour_usable(n));
    neighbour_expire(&cache, t + RILL_SECONDS(5) - 1);
    CU_ASSERT_EQUAL(n->state, NEIGHBOUR_DELAY);
    for (unsigned i = 5; i < 8; i++) {
        neighbour_expire(&cache, t + RILL_SECONDS(i));
        CU_ASSERT_EQUAL(n->state, NEIGHBOUR_PROBE);
        CU_ASSERT(neighbour_usable(n));
        CU_ASSERT(next_request_goes_to(mac_1, t + RILL_SECONDS(i)));
    }
    CU_ASSERT_PTR_NULL(neighbour_expire(&cache, t + RILL_SECONDS(8)));
    CU_ASSERT_EQUAL(n->state, NEIGHBOUR_INCOMPLETE);
    CU_ASSERT(next_request_goes_to(mac_broadcast, t + RILL_SECONDS(8)));
    CU_ASSERT_EQUAL(reply_comes(host(1), mac_2, t + RILL_SECONDS(8)), RILL_DROP_NONE);
    CU_ASSERT(n->state == NEIGHBOUR_REACHABLE && mac_equal(n->mac, mac_2));
    finish();
}

static void answer_to_a_probe_makes_reachable_also_with_another_mac(void)
{
    for (unsigned other = 0; other < 2; other++) {
        begin(LIMIT);
        struct neighbour *n = primed(1, mac_1, 0);
        neighbour_expire(&cache, RILL_SECONDS(50));
        neighbour_use(&cache, PORT, host(1), RILL_SECONDS(50));
        neighbour_expire(&cache, RILL_SECONDS(55));
        CU_ASSERT(next_request_goes_to(mac_1, RILL_SECONDS(55)));
        struct mac answer = other ? mac_2 : mac_1;
        CU_ASSERT_EQUAL(reply_comes(host(1), answer, RILL_SECONDS(55)), RILL_DROP_NONE);
        CU_ASSERT(n->state == NEIGHBOUR_REACHABLE && mac_equal(n->mac, answer));
        finish();
    }
}

/* ------------------------------------------------------------- learning */

static void request_to_us_makes_a_stale_entry(void)
{
    begin(LIMIT);
    CU_ASSERT_EQUAL(request_comes(host(1), mac_1, 0), RILL_DROP_NONE);
    struct neighbour *n = neighbour_find(&cache, PORT, host(1));
    CU_ASSERT_FATAL(n != NULL);
    CU_ASSERT(n->state == NEIGHBOUR_STALE && mac_equal(n->mac, mac_1));
    CU_ASSERT_FALSE(neighbour_has_request(&cache, PORT));
    CU_ASSERT_EQUAL(request_comes(host(1), mac_2, 1), RILL_DROP_NONE);
    CU_ASSERT(n->state == NEIGHBOUR_STALE && mac_equal(n->mac, mac_2));
    finish();
}

static void request_to_us_resolves_whom_we_ask_for(void)
{
    begin(LIMIT);
    struct neighbour *n = neighbour_use(&cache, PORT, host(1), 0);
    CU_ASSERT_EQUAL(request_comes(host(1), mac_1, 0), RILL_DROP_NONE);
    CU_ASSERT(n->state == NEIGHBOUR_STALE && mac_equal(n->mac, mac_1));
    CU_ASSERT_FALSE(neighbour_has_request(&cache, PORT));
    finish();
}

static void nothing_else_makes_an_entry(void)
{
    begin(LIMIT);
    struct neighbour *taken;
    struct neighbour_claim overheard = claim_of(host(1), mac_1);
    CU_ASSERT_EQUAL(reply_comes(host(1), mac_1, 0), RILL_DROP_ARP_UNSOLICITED);
    CU_ASSERT_EQUAL(announcement_comes(host(1), mac_1, 0), RILL_DROP_NONE);
    CU_ASSERT_EQUAL(hear(overheard, 0, &taken), RILL_DROP_NONE);
    CU_ASSERT_PTR_NULL(taken);
    CU_ASSERT_EQUAL(cache.pool.count, 0);
    finish();
}

static void reply_before_the_request_left_is_unsolicited(void)
{
    begin(LIMIT);
    struct neighbour *n = neighbour_use(&cache, PORT, host(1), 0);
    CU_ASSERT_EQUAL(reply_comes(host(1), mac_2, 0), RILL_DROP_ARP_UNSOLICITED);
    CU_ASSERT_EQUAL(n->state, NEIGHBOUR_INCOMPLETE);
    finish();
}

static void late_answer_revives_the_failed(void)
{
    begin(LIMIT);
    unsigned failures = 0;
    struct neighbour *n = neighbour_use(&cache, PORT, host(1), 0);
    pump(0, RILL_SECONDS(3), &failures);
    CU_ASSERT_EQUAL(n->state, NEIGHBOUR_FAILED);
    CU_ASSERT_EQUAL(reply_comes(host(1), mac_1, RILL_SECONDS(3)), RILL_DROP_NONE);
    CU_ASSERT_EQUAL(n->state, NEIGHBOUR_REACHABLE);
    finish();
}

static void unsolicited_reply_changes_not_even_what_is_stale(void)
{
    begin(LIMIT);
    struct neighbour *n = primed(1, mac_1, 0);
    neighbour_expire(&cache, RILL_SECONDS(50));
    CU_ASSERT_EQUAL(n->state, NEIGHBOUR_STALE);
    CU_ASSERT_EQUAL(reply_comes(host(1), mac_2, RILL_SECONDS(50)), RILL_DROP_ARP_UNSOLICITED);
    CU_ASSERT(mac_equal(n->mac, mac_1));
    CU_ASSERT(next_request_goes_to(mac_1, RILL_SECONDS(50)));
    finish();
}

static void requests_are_a_second_apart_whatever_their_reason(void)
{
    begin(LIMIT);
    struct neighbour *n = neighbour_use(&cache, PORT, host(1), 0);
    CU_ASSERT(next_request_goes_to(mac_broadcast, 0));
    request_comes(host(1), mac_1, RILL_MILLISECONDS(100));
    reply_comes(host(1), mac_2, RILL_MILLISECONDS(200)); /* a dispute at once */
    CU_ASSERT_EQUAL(n->state, NEIGHBOUR_PROBE);
    CU_ASSERT_FALSE(neighbour_has_request(&cache, PORT));
    CU_ASSERT_EQUAL(neighbours_deadline(&cache), RILL_SECONDS(1));
    neighbour_expire(&cache, RILL_SECONDS(1));
    CU_ASSERT(next_request_goes_to(mac_1, RILL_SECONDS(1)));
    finish();
}

static void announcement_updates_only_what_is_stale(void)
{
    begin(LIMIT);
    struct neighbour *n = primed(1, mac_1, 0);
    neighbour_expire(&cache, RILL_SECONDS(50));
    CU_ASSERT_EQUAL(announcement_comes(host(1), mac_2, RILL_SECONDS(50)), RILL_DROP_NONE);
    CU_ASSERT(n->state == NEIGHBOUR_STALE && mac_equal(n->mac, mac_2));
    struct neighbour *asked = neighbour_use(&cache, PORT, host(2), 0);
    announcement_comes(host(2), mac_2, 0);
    CU_ASSERT_EQUAL(asked->state, NEIGHBOUR_INCOMPLETE);
    finish();
}

/* A01: whatever comes, the MAC in use stays until it is proved dead. */
static void mac_in_use_is_not_overwritten_but_asked(void)
{
    enum rill_drop (*const comes[])(struct rill_address, struct mac,
                                    rill_time) = {reply_comes, request_comes, announcement_comes};
    for (unsigned i = 0; i < 3; i++) {
        begin(LIMIT);
        struct neighbour *n = primed(1, mac_1, 0);
        comes[i](host(1), mac_2, RILL_SECONDS(1) - 1); /* lock time: not even a probe */
        CU_ASSERT(n->state == NEIGHBOUR_REACHABLE && mac_equal(n->mac, mac_1));
        rill_time t = RILL_SECONDS(2);
        comes[i](host(1), mac_2, t);
        CU_ASSERT(n->state == NEIGHBOUR_PROBE && mac_equal(n->mac, mac_1));
        CU_ASSERT(neighbour_usable(n));
        CU_ASSERT(next_request_goes_to(mac_1, t));
        CU_ASSERT_EQUAL(reply_comes(host(1), mac_2, t), RILL_DROP_ARP_UNSOLICITED);
        CU_ASSERT(n->state == NEIGHBOUR_PROBE && mac_equal(n->mac, mac_1));
        CU_ASSERT_EQUAL(reply_comes(host(1), mac_1, t), RILL_DROP_NONE);
        CU_ASSERT(n->state == NEIGHBOUR_REACHABLE && mac_equal(n->mac, mac_1));
        finish();
    }
}

static void disputed_mac_that_is_silent_gives_way(void)
{
    begin(LIMIT);
    unsigned failures = 0;
    struct neighbour *n = primed(1, mac_1, 0);
    reply_comes(host(1), mac_2, RILL_SECONDS(2));
    CU_ASSERT_EQUAL(pump(RILL_SECONDS(2), RILL_SECONDS(5) - 1, &failures), 3);
    neighbour_expire(&cache, RILL_SECONDS(5));
    CU_ASSERT_EQUAL(n->state, NEIGHBOUR_INCOMPLETE);
    CU_ASSERT(next_request_goes_to(mac_broadcast, RILL_SECONDS(5)));
    CU_ASSERT_EQUAL(reply_comes(host(1), mac_2, RILL_SECONDS(5)), RILL_DROP_NONE);
    CU_ASSERT(n->state == NEIGHBOUR_REACHABLE && mac_equal(n->mac, mac_2));
    CU_ASSERT_EQUAL(failures, 0);
    finish();
}

static void disputes_by_the_thousand_cost_one_request_a_second(void)
{
    begin(LIMIT);
    unsigned failures = 0, sent = 0;
    struct neighbour *n = primed(1, mac_1, 0);
    for (unsigned i = 0; i < 1000; i++) { /* for 10 s; the old one always answers */
        rill_time now = RILL_MILLISECONDS(10) * i;
        reply_comes(host(1), mac_2, now);
        sent += pump(now, now, &failures);
        reply_comes(host(1), mac_1, now);
    }
    CU_ASSERT(sent >= 5 && sent <= 10);
    CU_ASSERT(mac_equal(n->mac, mac_1));
    finish();
}

/* A02, A09 */
static void senders_that_no_neighbour_has_are_not_learned(void)
{
    static const struct mac bad_macs[] = {
        {{0}}, {{1, 0, 0x5e, 0, 0, 1}}, {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}};
    static const uint32_t bad_addresses[] = {0,          0x00000001, 0x7f000001, 0xe0000001,
                                             0xefffffff, 0xf0000001, 0xffffffff};
    begin(LIMIT);
    neighbour_use(&cache, PORT, host(1), 0);
    CU_ASSERT(next_request_goes_to(mac_broadcast, 0));
    for (unsigned i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(reply_comes(host(1), bad_macs[i], 0), RILL_DROP_ARP_SENDER);
        CU_ASSERT_EQUAL(request_comes(host(2), bad_macs[i], 0), RILL_DROP_ARP_SENDER);
    }
    for (unsigned i = 0; i < 7; i++)
        CU_ASSERT_EQUAL(request_comes(rill_address_ip4(bad_addresses[i]), mac_1, 0),
                        RILL_DROP_ARP_SENDER);
    struct neighbour *taken;
    struct neighbour_claim distant = claim_of(host(3), mac_1);
    distant.for_us = true;
    distant.on_link = false;
    CU_ASSERT_EQUAL(hear(distant, 0, &taken), RILL_DROP_ARP_SENDER);
    CU_ASSERT_EQUAL(cache.pool.count, 1);
    CU_ASSERT_EQUAL(neighbour_find(&cache, PORT, host(1))->state, NEIGHBOUR_INCOMPLETE);
    finish();
}

/* A10 */
static void fixed_entry_neither_ages_nor_learns_nor_makes_room(void)
{
    begin(4);
    struct neighbour *waiting = neighbour_use(&cache, PORT, host(1), 0);
    struct neighbour *n = neighbour_add_static(&cache, PORT, host(1), mac_1);
    CU_ASSERT_PTR_EQUAL(n, waiting);
    CU_ASSERT(neighbour_usable(n));
    CU_ASSERT_FALSE(neighbour_has_request(&cache, PORT));
    for (uint32_t i = 0; i < 100; i++) {
        rill_time now = RILL_SECONDS(10) * i;
        request_comes(host(100 + i), mac_2, now);
        request_comes(host(1), mac_2, now);
        reply_comes(host(1), mac_2, now);
        announcement_comes(host(1), mac_2, now);
        neighbour_expire(&cache, now);
        neighbour_use(&cache, PORT, host(1), now);
    }
    CU_ASSERT_PTR_EQUAL(neighbour_find(&cache, PORT, host(1)), n);
    CU_ASSERT(n->state == NEIGHBOUR_REACHABLE && mac_equal(n->mac, mac_1));
    neighbour_add_static(&cache, PORT, host(1), mac_2);
    CU_ASSERT(mac_equal(n->mac, mac_2));
    finish();
}

/* ------------------------------------------------------------- flooding */

/* A05 */
static void live_peers_survive_a_flood_of_requests(void)
{
    begin(LIMIT);
    struct neighbour *asked = primed(1, mac_1, 0);
    request_comes(host(2), mac_2, 0); /* known from its request, answered once */
    neighbour_use(&cache, PORT, host(2), 0);
    size_t used_when_full = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        struct neighbour *taken;
        struct neighbour_claim claim = claim_of(host(1000 + i), mac_2);
        claim.for_us = true;
        neighbour_learn(&cache, &claim, RILL_SECONDS(10), &taken);
        if (i == LIMIT)
            used_when_full = memory.used;
    }
    neighbours_check(&cache);
    CU_ASSERT_EQUAL(memory.used, used_when_full); /* it stopped growing when the cache was full */
    CU_ASSERT_EQUAL(cache.pool.count, LIMIT);
    CU_ASSERT_PTR_EQUAL(neighbour_find(&cache, PORT, host(1)), asked);
    CU_ASSERT(neighbour_usable(asked) && mac_equal(asked->mac, mac_1));
    CU_ASSERT_PTR_NOT_NULL(neighbour_find(&cache, PORT, host(2)));
    finish();
}

static void our_own_traffic_pushes_out_only_what_is_idle(void)
{
    begin(4);
    for (uint32_t i = 1; i <= 4; i++)
        primed(i, mac_1, RILL_SECONDS(i));
    CU_ASSERT_PTR_NULL(neighbour_use(&cache, PORT, host(5), RILL_SECONDS(60)));
    neighbour_use(&cache, PORT, host(1), RILL_SECONDS(61));
    CU_ASSERT_PTR_NOT_NULL(neighbour_use(&cache, PORT, host(5), RILL_SECONDS(62)));
    CU_ASSERT_PTR_NULL(neighbour_find(&cache, PORT, host(2))); /* least recently used */
    CU_ASSERT_PTR_NOT_NULL(neighbour_find(&cache, PORT, host(1)));
    request_comes(host(6), mac_2,
                  RILL_SECONDS(600)); /* others may not even push out what is idle, but 5 */
    CU_ASSERT_PTR_NULL(neighbour_find(&cache, PORT, host(5)));
    request_comes(host(7), mac_2, RILL_SECONDS(600));
    CU_ASSERT_PTR_NULL(neighbour_find(&cache, PORT, host(6)));
    CU_ASSERT_PTR_NOT_NULL(neighbour_find(&cache, PORT, host(1)));
    finish();
}

static void every_failing_allocation_leaves_the_cache_whole(void)
{
    for (uint64_t n = 1; n < 6; n++) {
        memory = (struct memory){.budget = 1 << 24, .fails_in = n};
        random_seed(&dice, 1);
        if (neighbours_init(&cache, &memory, &dice, LIMIT)) {
            struct neighbour *entry = neighbour_use(&cache, PORT, host(1), 0);
            CU_ASSERT(entry != NULL || memory.refused == 1);
            finish();
        }
        CU_ASSERT_EQUAL(memory.used, 0);
    }
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"the first use asks by broadcast and the answer is taken",
         first_use_asks_by_broadcast_and_the_answer_is_taken},
        {"three requests a second apart, then failure", three_requests_a_second_apart_then_failure},
        {"a thousand sends to a dead host ask once a second (A06)",
         a_thousand_sends_to_a_dead_host_ask_once_a_second},
        {"waiting nodes stay until their owner takes them",
         waiting_nodes_stay_until_their_owner_takes_them},
        {"reachable turns stale after 15 to 45 seconds",
         reachable_turns_stale_after_15_to_45_seconds},
        {"stale in use is delayed, then probed, then resolved anew",
         stale_in_use_is_delayed_then_probed_then_resolved_anew},
        {"the answer to a probe makes reachable, also with another MAC",
         answer_to_a_probe_makes_reachable_also_with_another_mac},
        {"a request to us makes a stale entry", request_to_us_makes_a_stale_entry},
        {"a request to us resolves whom we ask for", request_to_us_resolves_whom_we_ask_for},
        {"nothing else makes an entry", nothing_else_makes_an_entry},
        {"a reply before the request left is unsolicited",
         reply_before_the_request_left_is_unsolicited},
        {"a late answer revives the failed", late_answer_revives_the_failed},
        {"an unsolicited reply changes not even what is stale (A01)",
         unsolicited_reply_changes_not_even_what_is_stale},
        {"requests are a second apart, whatever their reason",
         requests_are_a_second_apart_whatever_their_reason},
        {"an announcement updates only what is stale", announcement_updates_only_what_is_stale},
        {"a MAC in use is not overwritten, but asked (A01)",
         mac_in_use_is_not_overwritten_but_asked},
        {"a disputed MAC that is silent gives way", disputed_mac_that_is_silent_gives_way},
        {"disputes by the thousand cost one request a second",
         disputes_by_the_thousand_cost_one_request_a_second},
        {"senders that no neighbour has are not learned (A02, A09)",
         senders_that_no_neighbour_has_are_not_learned},
        {"a fixed entry neither ages nor learns nor makes room (A10)",
         fixed_entry_neither_ages_nor_learns_nor_makes_room},
        {"live peers survive a flood of requests (A05)", live_peers_survive_a_flood_of_requests},
        {"our own traffic pushes out only what is idle",
         our_own_traffic_pushes_out_only_what_is_idle},
        {"every failing allocation leaves the cache whole",
         every_failing_allocation_leaves_the_cache_whole},
    };
    return UNIT_MAIN("neighbour", tests);
}
