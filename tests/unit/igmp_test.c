/* IGMP messages: RFC 2236, RFC 3376 4. */
#include "wire/igmp.h"

#include "unit.h"
#include "wire/checksum.h"
#include "wire_unit.h"

/* RFC 2236 2: a report for 224.0.0.251, as Linux sends it. */
static void known_report_is_written_byte_for_byte(void)
{
    static const uint8_t expected[] = {0x16, 0, 0x09, 0x04, 224, 0, 0, 251};
    uint8_t bytes[sizeof expected];
    struct igmp m = {.type = IGMP_V2_REPORT, .group = 0xe00000fb};
    CU_ASSERT_EQUAL(igmp_write(bytes, &m), sizeof expected);
    CU_ASSERT(memcmp(bytes, expected, sizeof expected) == 0);
}

static void the_version_of_a_query_is_told_by_its_length(void)
{
    uint8_t bytes[12], source[4] = {192, 0, 2, 9};
    struct igmp out;
    for (uint8_t version = 1; version <= 3; version++) {
        struct igmp m = {.type = IGMP_QUERY,
                         .version = version,
                         .group = 0xe00000fb,
                         .response = 50,
                         .robustness = 2,
                         .interval = 125};
        size_t length = igmp_write(bytes, &m);
        CU_ASSERT_EQUAL(igmp_parse(&out, span_of(bytes, length)), RILL_DROP_NONE);
        CU_ASSERT_EQUAL(out.version, version);
        CU_ASSERT_EQUAL(out.group, m.group);
        CU_ASSERT_EQUAL(out.response, version == 1 ? 100 : 50);
        CU_ASSERT_EQUAL(out.robustness, version == 3 ? 2 : 0);
        CU_ASSERT_EQUAL(out.interval, version == 3 ? 125 : 0);
    }
    uint8_t longer[16];
    struct igmp m = {.type = IGMP_QUERY, .version = 3, .sources = span_of(source, sizeof source)};
    size_t length = igmp_write(longer, &m);
    CU_ASSERT_EQUAL(igmp_parse(&out, span_of(longer, length)), RILL_DROP_NONE);
    CU_ASSERT(wire_span_equal(out.sources, m.sources));
}

/* RFC 3376 4.1.1: from 128 on the code is a floating-point number. */
static void long_times_are_rounded_down(void)
{
    static const uint32_t row[][2] = {{127, 127},     {128, 128},    {135, 128},  {136, 136},
                                      {255, 248},     {256, 256},    {1000, 992}, {31744, 31744},
                                      {31743, 30720}, {99999, 31744}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        uint8_t bytes[12];
        struct igmp out, m = {.type = IGMP_QUERY, .version = 3, .response = row[i][0]};
        igmp_parse(&out, span_of(bytes, igmp_write(bytes, &m)));
        CU_ASSERT_EQUAL(out.response, row[i][1]);
    }
}

static uint8_t *checked(uint8_t *bytes, size_t length)
{
    wire_put16(bytes + 2, 0);
    wire_put16(bytes + 2, checksum_finish(checksum_add(0, span_of(bytes, length))));
    return bytes;
}

/* RFC 3376 7.1: any other length is ignored. */
static void lengths_that_contradict_are_refused(void)
{
    struct igmp out;
    uint8_t query[20] = {IGMP_QUERY, 100};
    for (size_t length = 0; length < 12; length++) {
        uint8_t *exact = wire_exact(length < 8 ? query : checked(query, length), length);
        CU_ASSERT_EQUAL(igmp_parse(&out, span_of(exact, length)) == RILL_DROP_NONE, length == 8);
        free(exact);
    }
    query[11] = 3; /* sources, where two have room */
    CU_ASSERT_EQUAL(igmp_parse(&out, span_of(checked(query, 20), 20)), RILL_DROP_IGMP_LENGTH);
    query[11] = 2;
    CU_ASSERT_EQUAL(igmp_parse(&out, span_of(checked(query, 20), 20)), RILL_DROP_NONE);
    query[3] ^= 1;
    CU_ASSERT_EQUAL(igmp_parse(&out, span_of(query, 20)), RILL_DROP_IGMP_CHECKSUM);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a known report is written byte for byte", known_report_is_written_byte_for_byte},
        {"the version of a query is told by its length",
         the_version_of_a_query_is_told_by_its_length},
        {"long times are rounded down", long_times_are_rounded_down},
        {"lengths that contradict are refused", lengths_that_contradict_are_refused},
    };
    return UNIT_MAIN("igmp", tests);
}
