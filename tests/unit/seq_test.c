/* Wire numbers and positions: both ways, over the wrap. */
#include "tcp/seq.h"

#include "unit.h"

static void positions_survive_the_way_over_the_wire(void)
{
    static const uint32_t initial[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 12345};
    static const position p[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 1LL << 40};
    static const position off[] = {0, 1, -1, 1 << 30, -(1 << 30), 0x7fffffff, -0x80000000LL};
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 7; j++)
            for (int k = 0; k < 7; k++) {
                seq32 iss = {initial[i]};
                position there = p[j] + off[k];
                CU_ASSERT_EQUAL(seq_unwrap(seq_wrap(there, iss), iss, p[j]), there);
            }
}

static void the_initial_number_is_position_0(void)
{
    seq32 iss = {0xfffffffe};
    CU_ASSERT_EQUAL(seq_wrap(0, iss).n, 0xfffffffe);
    CU_ASSERT_EQUAL(seq_wrap(3, iss).n, 1);
    CU_ASSERT_EQUAL(seq_unwrap((seq32){1}, iss, 0), 3);
    CU_ASSERT_EQUAL(seq_unwrap((seq32){0xfffffffd}, iss, 0), -1);
}

static void the_nearest_position_is_meant(void)
{
    seq32 iss = {0};
    position near = 10LL << 32;
    CU_ASSERT_EQUAL(seq_unwrap((seq32){5}, iss, near), near + 5);
    CU_ASSERT_EQUAL(seq_unwrap((seq32){0xfffffff0}, iss, near), near - 16);
    CU_ASSERT_EQUAL(seq_unwrap((seq32){0x7fffffff}, iss, near), near + 0x7fffffff);
    CU_ASSERT_EQUAL(seq_unwrap((seq32){0x80000000}, iss, near), near - 0x80000000LL);
}

static void after_is_modular(void)
{
    CU_ASSERT(seq_after(1, 0));
    CU_ASSERT(seq_after(0, 0xffffffff));
    CU_ASSERT(seq_after(0x7fffffff, 0));
    CU_ASSERT_FALSE(seq_after(0, 0));
    CU_ASSERT_FALSE(seq_after(0xffffffff, 0));
    CU_ASSERT_FALSE(seq_after(5, 6));
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"positions survive the way over the wire", positions_survive_the_way_over_the_wire},
        {"the initial number is position 0", the_initial_number_is_position_0},
        {"the nearest position is meant", the_nearest_position_is_meant},
        {"after is modular", after_is_modular},
    };
    return UNIT_MAIN("seq", tests);
}
