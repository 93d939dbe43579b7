/* Routes: longest prefix first. */
#include "ip/route.h"

#include "base/hash.h"
#include "unit.h"

#include <errno.h>

static struct routes table;

static int add(uint32_t destination, unsigned prefix, int port)
{
    struct route r = {.destination = rill_address_ip4(destination),
                      .prefix = prefix_of_ip4(prefix),
                      .port = port,
                      .on_link = true};
    return route_add(&table, &r);
}

static int port_for(uint32_t destination)
{
    const struct route *r = route_find(&table, rill_address_ip4(destination));
    return r ? r->port : -1;
}

static void longest_prefix_wins_in_any_order_of_adding(void)
{
    static const unsigned order[2][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}};
    static const uint32_t destination[4] = {0, 0x0a000000, 0x0a010000, 0x0a010203};
    static const unsigned prefix[4] = {0, 8, 16, 32};
    for (unsigned i = 0; i < 2; i++) {
        table.count = 0;
        for (unsigned k = 0; k < 4; k++)
            CU_ASSERT_EQUAL(add(destination[order[i][k]], prefix[order[i][k]], (int)order[i][k]),
                            0);
        CU_ASSERT_EQUAL(port_for(0x0a010203), 3);
        CU_ASSERT_EQUAL(port_for(0x0a010204), 2);
        CU_ASSERT_EQUAL(port_for(0x0a020203), 1);
        CU_ASSERT_EQUAL(port_for(0x0b000000), 0);
    }
}

static void no_route_is_no_route(void)
{
    table.count = 0;
    CU_ASSERT_EQUAL(port_for(0x0a000001), -1);
    add(0x0a000000, 24, 1);
    CU_ASSERT_EQUAL(port_for(0x0a000100), -1);
    CU_ASSERT_EQUAL(port_for(0x0a0000ff), 1);
}

static void default_of_ip4_is_not_that_of_ip6(void)
{
    table.count = 0;
    add(0, 0, 1);
    struct rill_address ip6 = {{0x20, 0x01, 0x0d, 0xb8, [15] = 1}};
    CU_ASSERT_PTR_NULL(route_find(&table, ip6));
    struct route all = {.prefix = 0, .port = 2};
    CU_ASSERT_EQUAL(route_add(&table, &all), 0);
    CU_ASSERT_EQUAL(route_find(&table, ip6)->port, 2);
    CU_ASSERT_EQUAL(port_for(0x01020304), 1);
}

static void bits_behind_the_prefix_do_not_count(void)
{
    table.count = 0;
    CU_ASSERT_EQUAL(add(0x0a0000ff, 24, 1), 0);
    CU_ASSERT_EQUAL(add(0x0a000001, 24, 2), EEXIST);
    CU_ASSERT(rill_address_equal(table.route[0].destination, rill_address_ip4(0x0a000000)));
    CU_ASSERT_EQUAL(route_remove(&table, rill_address_ip4(0x0a000077), prefix_of_ip4(24)), 0);
    CU_ASSERT_EQUAL(table.count, 0);
}

static void removing_takes_exactly_one(void)
{
    table.count = 0;
    add(0x0a000000, 8, 1);
    add(0x0a000000, 16, 2);
    add(0x0b000000, 8, 3);
    CU_ASSERT_EQUAL(route_remove(&table, rill_address_ip4(0x0a000000), prefix_of_ip4(24)), ESRCH);
    CU_ASSERT_EQUAL(route_remove(&table, rill_address_ip4(0x0a000000), prefix_of_ip4(8)), 0);
    CU_ASSERT_EQUAL(route_remove(&table, rill_address_ip4(0x0a000000), prefix_of_ip4(8)), ESRCH);
    CU_ASSERT_EQUAL(port_for(0x0a000001), 2);
    CU_ASSERT_EQUAL(port_for(0x0a800001), -1);
    CU_ASSERT_EQUAL(port_for(0x0b000001), 3);
}

static void table_is_bounded_and_prefixes_too(void)
{
    struct route wide = {.prefix = 129};
    table.count = 0;
    CU_ASSERT_EQUAL(route_add(&table, &wide), EINVAL);
    for (uint32_t i = 0; i < ROUTES_MAX; i++)
        CU_ASSERT_EQUAL(add(i << 8, 24, 1), 0);
    CU_ASSERT_EQUAL(add(0xff000000, 8, 1), ENOSPC);
}

static void next_hop_is_the_gateway_or_the_destination(void)
{
    struct rill_address far = rill_address_ip4(0x08080808), near = rill_address_ip4(0x0a000001);
    struct route direct = {.on_link = true}, through = {.gateway = near};
    CU_ASSERT(rill_address_equal(route_next_hop(&direct, far), far));
    CU_ASSERT(rill_address_equal(route_next_hop(&through, far), near));
}

/* Against a search that looks at every bit. */
static void random_tables_agree_with_a_plain_search(void)
{
    struct random dice;
    random_seed(&dice, 1);
    for (unsigned round = 0; round < 200; round++) {
        table.count = 0;
        for (int i = 0; i < 50; i++)
            add((uint32_t)random_next(&dice) & 0x3fffffff, (unsigned)random_below(&dice, 12), i);
        for (unsigned k = 0; k < 50; k++) {
            uint32_t to = (uint32_t)random_next(&dice) & 0x3fffffff;
            int best = -1, best_prefix = -1;
            for (unsigned i = 0; i < table.count; i++) {
                int n = (int)table.route[i].prefix - 96;
                uint32_t network = rill_address_to_ip4(table.route[i].destination);
                if ((n == 0 || (network ^ to) >> (32 - n) == 0) && n > best_prefix) {
                    best = table.route[i].port;
                    best_prefix = n;
                }
            }
            CU_ASSERT_EQUAL(port_for(to), best);
        }
    }
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"the longest prefix wins in any order of adding",
         longest_prefix_wins_in_any_order_of_adding},
        {"no route is no route", no_route_is_no_route},
        {"the default of IPv4 is not that of IPv6", default_of_ip4_is_not_that_of_ip6},
        {"bits behind the prefix do not count", bits_behind_the_prefix_do_not_count},
        {"removing takes exactly one", removing_takes_exactly_one},
        {"the table is bounded, and prefixes too", table_is_bounded_and_prefixes_too},
        {"the next hop is the gateway or the destination",
         next_hop_is_the_gateway_or_the_destination},
        {"random tables agree with a plain search", random_tables_agree_with_a_plain_search},
    };
    return UNIT_MAIN("route", tests);
}
