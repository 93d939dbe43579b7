/* The Internet checksum: known answers, and the plain sum of RFC 1071 as the model of the fast one.
 */
#include "wire/checksum.h"

#include "unit.h"
#include "wire/wire.h"
#include "wire_unit.h"

static void rfc_1071_example_sums_to_ddf2(void)
{
    static const uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    CU_ASSERT_EQUAL(checksum_fold(checksum_add(0, span_of(bytes, 8))), 0xddf2);
    CU_ASSERT_EQUAL(checksum_finish(checksum_add(0, span_of(bytes, 8))), 0x220d);
}

/* RFC 1071 3, last example: nine bytes in two groups, the second at an odd offset. */
static void rfc_1071_odd_groups_sum_like_the_whole(void)
{
    static const uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    struct rill_span group[] = {span_of(bytes, 3), span_of(bytes + 3, 5)};
    CU_ASSERT_EQUAL(checksum_fold(checksum_add_spans(0, group, 2)), 0xddf2);
}

static void known_ip4_header_has_its_published_checksum(void)
{
    static const uint8_t header[] = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                                     0x00, 0x00, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};
    CU_ASSERT_EQUAL(checksum_finish(checksum_add(0, span_of(header, sizeof header))), 0xb861);
}

static void nothing_and_zeros_sum_to_zero_and_ones_to_ffff(void)
{
    uint8_t bytes[64] = {0};
    CU_ASSERT_EQUAL(checksum_fold(checksum_add(0, span_of(NULL, 0))), 0);
    CU_ASSERT_EQUAL(checksum_fold(checksum_add(0, span_of(bytes, sizeof bytes))), 0);
    memset(bytes, 0xff, sizeof bytes);
    CU_ASSERT_EQUAL(checksum_fold(checksum_add(0, span_of(bytes, sizeof bytes))), 0xffff);
}

static void every_length_at_every_alignment_sums_like_the_model(void)
{
    struct random random;
    random_seed(&random, 1);
    for (size_t length = 0; length <= 200; length++)
        for (size_t skew = 0; skew < 8; skew++) {
            uint8_t *buffer = malloc(skew + length); /* ends with the last byte summed */
            wire_draw(&random, buffer, skew + length);
            uint64_t sum = checksum_add(0, span_of(buffer + skew, length));
            CU_ASSERT_EQUAL(checksum_fold(sum), wire_plain_sum(buffer + skew, length));
            free(buffer);
        }
}

static void a_megabyte_of_ones_loses_no_carry(void)
{
    static uint8_t bytes[1 << 20];
    memset(bytes, 0xff, sizeof bytes);
    bytes[sizeof bytes - 1] = 0xfe;
    CU_ASSERT_EQUAL(checksum_fold(checksum_add(UINT64_MAX, span_of(bytes, sizeof bytes))),
                    wire_plain_sum(bytes, sizeof bytes));
}

static void every_copy_copies_and_sums(void)
{
    struct random random;
    random_seed(&random, 2);
    for (size_t length = 0; length <= 150; length++)
        for (size_t skew = 0; skew < 8; skew++) {
            uint8_t *from = malloc(skew + length), *to = malloc(8 + length);
            wire_draw(&random, from, skew + length);
            memset(to, 0xa5, 8 + length);
            uint64_t sum = checksum_copy(0, to + 7 - skew, span_of(from + skew, length));
            CU_ASSERT_EQUAL(checksum_fold(sum), wire_plain_sum(from + skew, length));
            CU_ASSERT(memcmp(to + 7 - skew, from + skew, length) == 0);
            CU_ASSERT_EQUAL(to[7 - skew + length], 0xa5);
            free(from);
            free(to);
        }
}

/* Cuts of any lengths, empty and odd ones in the middle among them. */
static void spans_of_any_lengths_sum_like_the_whole(void)
{
    struct random random;
    random_seed(&random, 3);
    for (unsigned round = 0; round < 5000; round++) {
        uint8_t bytes[300];
        struct rill_span span[6];
        wire_draw(&random, bytes, sizeof bytes);
        size_t used = 0;
        for (unsigned i = 0; i < 6; i++) {
            span[i] = span_of(bytes + used, random_below(&random, round % 2 ? 4 : 50));
            used += span[i].length;
        }
        uint16_t folded = checksum_fold(checksum_add_spans(0, span, 6));
        CU_ASSERT_EQUAL(folded, wire_plain_sum(bytes, used));
    }
}

static void even_parts_may_be_summed_one_after_another(void)
{
    uint8_t bytes[101];
    struct random random;
    random_seed(&random, 4);
    wire_draw(&random, bytes, sizeof bytes);
    for (size_t cut = 0; cut <= 100; cut += 2) {
        uint64_t sum = checksum_add(0, span_of(bytes + cut, sizeof bytes - cut));
        sum = checksum_add(sum, span_of(bytes, cut));
        CU_ASSERT_EQUAL(checksum_fold(sum), wire_plain_sum(bytes, sizeof bytes));
    }
}

static void mapped_pseudo_header_sums_like_the_12_bytes_of_ip4(void)
{
    struct random random;
    random_seed(&random, 5);
    for (unsigned round = 0; round < 2000; round++) {
        uint32_t source = (uint32_t)random_next(&random),
                 destination = (uint32_t)random_next(&random);
        uint16_t length = (uint16_t)random_next(&random);
        uint8_t protocol = round % 2 ? 6 : 17, pseudo[12] = {0};
        wire_put32(pseudo, source);
        wire_put32(pseudo + 4, destination);
        pseudo[9] = protocol;
        wire_put16(pseudo + 10, length);
        uint64_t sum = checksum_pseudo(rill_address_ip4(source), rill_address_ip4(destination),
                                       protocol, length);
        CU_ASSERT_EQUAL(checksum_fold(sum), wire_plain_sum(pseudo, 12));
    }
}

/* RFC 8200 8.1, with a length that needs its 32 bits. */
static void ip6_pseudo_header_sums_its_40_bytes(void)
{
    uint8_t pseudo[40] = {0};
    struct random random;
    random_seed(&random, 6);
    wire_draw(&random, pseudo, 32);
    wire_put32(pseudo + 32, 0x00012345);
    pseudo[39] = 6;
    struct rill_address source, destination;
    memcpy(source.byte, pseudo, 16);
    memcpy(destination.byte, pseudo + 16, 16);
    CU_ASSERT_EQUAL(checksum_fold(checksum_pseudo(source, destination, 6, 0x00012345)),
                    wire_plain_sum(pseudo, 40));
}

/* RFC 1624 4: the case in which RFC 1141 gave 0xffff. */
static void rfc_1624_example_updates_to_0000(void)
{
    CU_ASSERT_EQUAL(checksum_update(0xdd2f, 0x5555, 0x3285), 0x0000);
}

static void update_gives_what_summing_anew_gives(void)
{
    struct random random;
    random_seed(&random, 7);
    for (unsigned round = 0; round < 20000; round++) {
        uint8_t bytes[20];
        wire_draw(&random, bytes, sizeof bytes);
        bytes[0] = 0x45; /* as in any real header: not all words are zero */
        size_t word = 2 + 2 * random_below(&random, 9);
        uint16_t old_word = wire_get16(bytes + word);
        uint16_t new_word =
            round % 3 ? (uint16_t)random_next(&random) : (uint16_t)(round % 2 ? 0 : 0xffff);
        uint16_t before = checksum_finish(checksum_add(0, span_of(bytes, sizeof bytes)));
        wire_put16(bytes + word, new_word);
        uint16_t after = checksum_finish(checksum_add(0, span_of(bytes, sizeof bytes)));
        CU_ASSERT_EQUAL(checksum_update(before, old_word, new_word), after);
    }
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"RFC 1071's example sums to ddf2", rfc_1071_example_sums_to_ddf2},
        {"RFC 1071's odd groups sum like the whole", rfc_1071_odd_groups_sum_like_the_whole},
        {"a known IPv4 header has its published checksum",
         known_ip4_header_has_its_published_checksum},
        {"nothing and zeros sum to 0, ones to ffff",
         nothing_and_zeros_sum_to_zero_and_ones_to_ffff},
        {"every length at every alignment sums like the model",
         every_length_at_every_alignment_sums_like_the_model},
        {"a megabyte of ones loses no carry", a_megabyte_of_ones_loses_no_carry},
        {"every copy copies and sums", every_copy_copies_and_sums},
        {"spans of any lengths sum like the whole", spans_of_any_lengths_sum_like_the_whole},
        {"even parts may be summed one after another", even_parts_may_be_summed_one_after_another},
        {"a mapped pseudo-header sums like the 12 bytes of IPv4",
         mapped_pseudo_header_sums_like_the_12_bytes_of_ip4},
        {"an IPv6 pseudo-header sums its 40 bytes", ip6_pseudo_header_sums_its_40_bytes},
        {"RFC 1624's example updates to 0000", rfc_1624_example_updates_to_0000},
        {"an update gives what summing anew gives", update_gives_what_summing_anew_gives},
    };
    return UNIT_MAIN("checksum", tests);
}
