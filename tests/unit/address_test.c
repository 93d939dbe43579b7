/* Our addresses and the kinds of others: RFC 1122 3.2.1.3, RFC 6890, and attacks I04 to I06. */
#include "ip/address.h"

#include "unit.h"

#include <errno.h>

#define A rill_address_ip4

static struct addresses table;

static int add(uint32_t address, unsigned prefix, int port, enum rill_address_state state)
{
    struct local_address l = {
        .address = A(address), .prefix = prefix_of_ip4(prefix), .port = port, .state = state};
    return address_add(&table, &l);
}

/* 127.0.0.1/8 and 127.0.0.2/8 on the loopback port, 10.0.0.5/24 and 10.0.1.5/24 on port 1,
 * 192.0.2.9/31 on port 2, and 10.0.0.6 that is still being probed for. */
static void begin(void)
{
    table.count = 0;
    CU_ASSERT_EQUAL(add(0x7f000001, 8, RILL_LOOPBACK_PORT, RILL_ADDRESS_READY), 0);
    CU_ASSERT_EQUAL(add(0x7f000002, 8, RILL_LOOPBACK_PORT, RILL_ADDRESS_READY), 0);
    CU_ASSERT_EQUAL(add(0x0a000006, 24, 1, RILL_ADDRESS_PROBING), 0);
    CU_ASSERT_EQUAL(add(0x0a000005, 24, 1, RILL_ADDRESS_READY), 0);
    CU_ASSERT_EQUAL(add(0x0a000105, 24, 1, RILL_ADDRESS_READY), 0);
    CU_ASSERT_EQUAL(add(0xc0000209, 31, 2, RILL_ADDRESS_READY), 0);
}

static void addresses_that_no_host_has_cannot_be_added(void)
{
    static const uint32_t none[] = {0,          0x00000001, 0xe0000001, 0xefffffff,
                                    0xf0000001, 0xffffffff, 0x0a0000ff, 0x7f000001};
    table.count = 0;
    for (unsigned i = 0; i < sizeof none / sizeof *none; i++)
        CU_ASSERT_EQUAL(add(none[i], 24, 1, RILL_ADDRESS_READY), EADDRNOTAVAIL);
    CU_ASSERT_EQUAL(add(0x0a0000ff, 31, 1, RILL_ADDRESS_READY), 0); /* RFC 3021 */
    CU_ASSERT_EQUAL(add(0x0a0001ff, 32, 1, RILL_ADDRESS_READY), 0);
    CU_ASSERT_EQUAL(add(0x0a0002ff, 16, 1, RILL_ADDRESS_READY), 0);
    struct local_address wide = {.address = A(0x0a000001), .prefix = 129, .port = 1};
    CU_ASSERT_EQUAL(address_add(&table, &wide), EINVAL);
}

static void an_address_is_added_once(void)
{
    begin();
    CU_ASSERT_EQUAL(add(0x0a000005, 24, 1, RILL_ADDRESS_READY), EEXIST);
    CU_ASSERT_EQUAL(add(0x0a000005, 24, 2, RILL_ADDRESS_READY), EEXIST);
    CU_ASSERT_EQUAL(address_remove(&table, 2, A(0x0a000005)), EADDRNOTAVAIL);
    CU_ASSERT_EQUAL(address_remove(&table, 1, A(0x0a000005)), 0);
    CU_ASSERT_PTR_NULL(address_find(&table, ADDRESS_ANY_PORT, A(0x0a000005)));
    CU_ASSERT_EQUAL(address_find(&table, 1, A(0x0a000006))->state, RILL_ADDRESS_PROBING);
    CU_ASSERT_EQUAL(address_find(&table, 2, A(0xc0000209))->port, 2);
    CU_ASSERT_EQUAL(add(0x0a000005, 24, 2, RILL_ADDRESS_READY), 0);
}

static void table_is_bounded(void)
{
    table.count = 0;
    for (uint32_t i = 0; i < ADDRESSES_MAX; i++)
        CU_ASSERT_EQUAL(add(0x0a000001 + i, 16, 1, RILL_ADDRESS_READY), 0);
    CU_ASSERT_EQUAL(add(0x0a000f01, 16, 1, RILL_ADDRESS_READY), ENOSPC);
}

/* I05 */
static void destinations_have_kinds(void)
{
    static const struct {
        uint32_t address;
        int port;
        enum address_kind kind;
    } rows[] = {
        {0x0a000005, 1, ADDRESS_OURS},
        {0x0a000005, 2, ADDRESS_OTHER}, /* strong host */
        {0x0a000005, ADDRESS_ANY_PORT, ADDRESS_OURS},
        {0x0a000006, 1, ADDRESS_OTHER}, /* not yet */
        {0x0a000007, 1, ADDRESS_OTHER},
        {0x0a0000ff, 1, ADDRESS_BROADCAST},
        {0x0a0001ff, 1, ADDRESS_BROADCAST},
        {0x0a0002ff, 1, ADDRESS_OTHER},
        {0x0a0000ff, 2, ADDRESS_OTHER},
        {0xffffffff, 1, ADDRESS_BROADCAST},
        {0xffffffff, 7, ADDRESS_BROADCAST},
        {0xe0000001, 1, ADDRESS_MULTICAST},
        {0xefffffff, 1, ADDRESS_MULTICAST},
        {0xf0000000, 1, ADDRESS_OTHER},
        {0x7f000001, 1, ADDRESS_LOOPBACK},
        {0x7f000003, RILL_LOOPBACK_PORT, ADDRESS_LOOPBACK},
        {0x7f000001, ADDRESS_ANY_PORT, ADDRESS_OURS},
        {0xc0000208, 2, ADDRESS_OTHER}, /* a /31 has no broadcast address */
        {0, 1, ADDRESS_OTHER},
    };
    begin();
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
        CU_ASSERT_EQUAL(address_kind(&table, rows[i].port, A(rows[i].address)), rows[i].kind);
}

/* I04, I06 */
static void martian_sources_are_known(void)
{
    static const uint32_t martian[] = {0,          0x00ffffff, 0x7f000001, 0x7fffffff,
                                       0xe0000001, 0xf0000001, 0xffffffff, 0x0a0000ff,
                                       0x0a0001ff, 0x0a000005, 0xc0000209};
    static const uint32_t good[] = {0x0a000007, 0x01000000, 0x08080808, 0xdfffffff,
                                    0x80000001, 0x0a0002ff, 0xc0000208};
    begin();
    for (unsigned i = 0; i < sizeof martian / sizeof *martian; i++)
        CU_ASSERT(address_martian_source(&table, 1, A(martian[i])));
    for (unsigned i = 0; i < sizeof good / sizeof *good; i++)
        CU_ASSERT_FALSE(address_martian_source(&table, 1, A(good[i])));
}

static void loopback_port_carries_our_own_sources(void)
{
    begin();
    CU_ASSERT_FALSE(address_martian_source(&table, RILL_LOOPBACK_PORT, A(0x7f000001)));
    CU_ASSERT_FALSE(address_martian_source(&table, RILL_LOOPBACK_PORT, A(0x0a000005)));
    CU_ASSERT(address_martian_source(&table, RILL_LOOPBACK_PORT, A(0)));
    CU_ASSERT(address_martian_source(&table, RILL_LOOPBACK_PORT, A(0xe0000001)));
    CU_ASSERT(address_martian_source(&table, RILL_LOOPBACK_PORT, A(0x7fffffff)));
}

/* A09 */
static void on_link_are_the_hosts_of_the_ports_subnets(void)
{
    begin();
    CU_ASSERT(address_on_link(&table, 1, A(0x0a000007)));
    CU_ASSERT(address_on_link(&table, 1, A(0x0a000107)));
    CU_ASSERT(address_on_link(&table, 2, A(0xc0000208)));
    CU_ASSERT_FALSE(address_on_link(&table, 2, A(0x0a000007)));
    CU_ASSERT_FALSE(address_on_link(&table, 1, A(0x0a000207)));
    CU_ASSERT_FALSE(address_on_link(&table, 1, A(0x0a0000ff)));
    CU_ASSERT_FALSE(address_on_link(&table, 1, A(0x0a000000)));
    CU_ASSERT_FALSE(address_on_link(&table, 1, A(0x0a000005)));
    CU_ASSERT_FALSE(address_on_link(&table, 1, A(0x0a000006))); /* ours, if all goes well */
}

static uint32_t source_for(int port, uint32_t destination, uint32_t next_hop)
{
    const struct local_address *l = address_source(&table, port, A(destination), A(next_hop));
    return l ? rill_address_to_ip4(l->address) : 0;
}

static void source_is_the_nearest_ready_address(void)
{
    begin();
    CU_ASSERT_EQUAL(source_for(1, 0x0a000007, 0x0a000007), 0x0a000005);
    CU_ASSERT_EQUAL(source_for(1, 0x0a000107, 0x0a000107), 0x0a000105);
    CU_ASSERT_EQUAL(source_for(1, 0x08080808, 0x0a000101), 0x0a000105); /* the gateway's subnet */
    CU_ASSERT_EQUAL(source_for(1, 0x08080808, 0x08080808), 0x0a000005);
    CU_ASSERT_EQUAL(source_for(2, 0x0a000007, 0x0a000007), 0xc0000209);
    CU_ASSERT_EQUAL(source_for(0, 0x7f000009, 0x7f000009), 0x7f000001);
    CU_ASSERT_EQUAL(source_for(0, 0x7f000002, 0x7f000002), 0x7f000002);
    CU_ASSERT_EQUAL(source_for(0, 0x0a000105, 0x0a000105), 0x0a000105); /* to ourselves */
    CU_ASSERT_EQUAL(source_for(3, 0x08080808, 0x08080808), 0);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"addresses that no host has cannot be added", addresses_that_no_host_has_cannot_be_added},
        {"an address is added once", an_address_is_added_once},
        {"the table is bounded", table_is_bounded},
        {"destinations have kinds (I05)", destinations_have_kinds},
        {"martian sources are known (I04, I06)", martian_sources_are_known},
        {"the loopback port carries our own sources", loopback_port_carries_our_own_sources},
        {"on link are the hosts of the port's subnets (A09)",
         on_link_are_the_hosts_of_the_ports_subnets},
        {"the source is the nearest ready address", source_is_the_nearest_ready_address},
    };
    return UNIT_MAIN("address", tests);
}
