/* Cutting a payload: RFC 791 3.2. */
#include "ip/fragment.h"

#include "unit.h"

static void payload_that_fits_is_one_piece(void)
{
    for (size_t total = 0; total <= 1480; total += 37) {
        struct fragments f;
        struct fragment one;
        fragments_start(&f, total, 20, 1500);
        CU_ASSERT(fragments_next(&f, &one));
        CU_ASSERT(one.offset == 0 && one.length == total && !one.more);
        CU_ASSERT_FALSE(fragments_next(&f, &one));
    }
}

static void pieces_follow_each_other_and_fit(void)
{
    for (size_t mtu = 68; mtu <= 1500; mtu += 1) {
        for (size_t header = 20; header <= 60; header += 20) {
            struct fragments f;
            struct fragment piece = {.more = true};
            size_t total = 3001, at = 0, count = 0;
            fragments_start(&f, total, header, mtu);
            while (fragments_next(&f, &piece)) {
                CU_ASSERT_EQUAL(piece.offset, at);
                CU_ASSERT(piece.length > 0 && header + piece.length <= mtu);
                CU_ASSERT(!piece.more || piece.length % 8 == 0);
                CU_ASSERT(!piece.more || header + piece.length + 8 > mtu); /* as large as can be */
                at += piece.length;
                count++;
            }
            CU_ASSERT_EQUAL(at, total);
            CU_ASSERT_FALSE(piece.more);
            CU_ASSERT(count > 1);
        }
    }
}

static void one_byte_too_many_makes_two_pieces(void)
{
    struct fragments f;
    struct fragment piece;
    fragments_start(&f, 1481, 20, 1500);
    CU_ASSERT(fragments_next(&f, &piece) && piece.more && piece.length == 1480);
    CU_ASSERT(fragments_next(&f, &piece) && !piece.more && piece.length == 1);
    CU_ASSERT_FALSE(fragments_next(&f, &piece));
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a payload that fits is one piece", payload_that_fits_is_one_piece},
        {"pieces follow each other and fit", pieces_follow_each_other_and_fit},
        {"one byte too many makes two pieces", one_byte_too_many_makes_two_pieces},
    };
    return UNIT_MAIN("fragment", tests);
}
