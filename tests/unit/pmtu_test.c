/* Path MTU: RFC 1191, and attack C01. */
#include "ip/pmtu.h"

#include "unit.h"

#define MTU 1500

static void nothing_claimed_leaves_the_ports_mtu(void)
{
    struct pmtu p = {0};
    CU_ASSERT_EQUAL(pmtu_current(&p, MTU, 0), MTU);
    CU_ASSERT(pmtu_discovers(&p, 0));
}

static void claim_lowers_and_is_forgotten_after_ten_minutes(void)
{
    struct pmtu p = {0};
    CU_ASSERT(pmtu_claim(&p, MTU, 1000, MTU, 5));
    CU_ASSERT_EQUAL(pmtu_current(&p, MTU, 5), 1000);
    CU_ASSERT_EQUAL(pmtu_current(&p, MTU, 5 + RILL_SECONDS(600) - 1), 1000);
    CU_ASSERT_EQUAL(pmtu_current(&p, MTU, 5 + RILL_SECONDS(600)), MTU);
    CU_ASSERT(pmtu_claim(&p, MTU, 1400, MTU, 5 + RILL_SECONDS(600)));
    CU_ASSERT_EQUAL(pmtu_current(&p, MTU, 5 + RILL_SECONDS(600)), 1400);
}

static void claim_never_raises(void)
{
    struct pmtu p = {0};
    CU_ASSERT_FALSE(pmtu_claim(&p, MTU, MTU, MTU, 0));
    CU_ASSERT_FALSE(pmtu_claim(&p, MTU, 9000, MTU, 0));
    CU_ASSERT(pmtu_claim(&p, MTU, 1000, MTU, 0));
    CU_ASSERT_FALSE(pmtu_claim(&p, MTU, 1000, MTU, 1));
    CU_ASSERT_FALSE(pmtu_claim(&p, MTU, 1200, MTU, 1));
    CU_ASSERT_EQUAL(pmtu_current(&p, MTU, RILL_SECONDS(600) - 1), 1000);
    CU_ASSERT_EQUAL(pmtu_current(&p, MTU, RILL_SECONDS(600)), MTU); /* nor lives longer for it */
    CU_ASSERT_EQUAL(pmtu_current(&p, 800, 1), 800); /* the port itself has become smaller */
}

/* C01 */
static void claims_below_the_floor_stop_at_it_and_end_discovery(void)
{
    static const uint16_t claims[] = {68, 300, 508, 551};
    for (unsigned i = 0; i < 4; i++) {
        struct pmtu p = {0};
        CU_ASSERT(pmtu_claim(&p, MTU, claims[i], MTU, 0));
        CU_ASSERT_EQUAL(pmtu_current(&p, MTU, 0), 552);
        CU_ASSERT_FALSE(pmtu_discovers(&p, 0));
        CU_ASSERT(pmtu_discovers(&p, RILL_SECONDS(600)));
    }
    struct pmtu p = {0};
    CU_ASSERT(pmtu_claim(&p, MTU, 552, MTU, 0));
    CU_ASSERT(pmtu_discovers(&p, 0));
    CU_ASSERT(pmtu_claim(&p, MTU, 300, MTU, 0)); /* no less room, but DF must go */
    CU_ASSERT_EQUAL(pmtu_current(&p, MTU, 0), 552);
    CU_ASSERT_FALSE(pmtu_discovers(&p, 0));
    CU_ASSERT_FALSE(pmtu_claim(&p, MTU, 300, MTU, 0));
}

static void impossible_claims_are_ignored(void)
{
    for (uint16_t claim = 1; claim < 68; claim++) {
        struct pmtu p = {0};
        CU_ASSERT_FALSE(pmtu_claim(&p, MTU, claim, MTU, 0));
        CU_ASSERT_EQUAL(pmtu_current(&p, MTU, 0), MTU);
        CU_ASSERT(pmtu_discovers(&p, 0));
    }
}

static void small_port_keeps_its_mtu_under_a_smaller_claim(void)
{
    struct pmtu p = {0};
    CU_ASSERT(pmtu_claim(&p, 400, 300, 400, 0));
    CU_ASSERT_EQUAL(pmtu_current(&p, 400, 0), 400);
    CU_ASSERT_FALSE(pmtu_discovers(&p, 0));
}

/* RFC 1191 7.1 */
static void old_routers_cost_one_plateau(void)
{
    static const uint16_t rows[][2] = {{65535, 32000}, {32000, 17914}, {9000, 8166}, {4352, 2002},
                                       {1500, 1492},   {1492, 1006},   {1006, 552},  {600, 552}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pmtu p = {0};
        CU_ASSERT(pmtu_claim(&p, 65535, 0, rows[i][0], 0));
        CU_ASSERT_EQUAL(pmtu_current(&p, 65535, 0), rows[i][1]);
    }
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"nothing claimed leaves the port's MTU", nothing_claimed_leaves_the_ports_mtu},
        {"a claim lowers and is forgotten after ten minutes",
         claim_lowers_and_is_forgotten_after_ten_minutes},
        {"a claim never raises", claim_never_raises},
        {"claims below the floor stop at it and end discovery (C01)",
         claims_below_the_floor_stop_at_it_and_end_discovery},
        {"impossible claims are ignored", impossible_claims_are_ignored},
        {"a small port keeps its MTU under a smaller claim",
         small_port_keeps_its_mtu_under_a_smaller_claim},
        {"old routers cost one plateau", old_routers_cost_one_plateau},
    };
    return UNIT_MAIN("pmtu", tests);
}
