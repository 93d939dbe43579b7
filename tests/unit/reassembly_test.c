/* Reassembly: RFC 791, RFC 815, RFC 5722, and attacks F01 to F11. */
#include "ip/reassembly.h"

#include "unit.h"

#define TIME RILL_SECONDS(30)
#define LIMIT (4u << 20)

static struct memory memory;
static struct random dice;
static struct reassembly table;
static struct reassembly_result result;

static void begin(size_t limit)
{
    memory = (struct memory){.budget = 1 << 26};
    random_seed(&dice, 1);
    reassembly_init(&table, &memory, &dice, limit, TIME);
}

static void finish(void)
{
    reassembly_check(&table);
    reassembly_end(&table);
    CU_ASSERT_EQUAL(table.used, 0);
    CU_ASSERT_EQUAL(memory.used, 0);
}

/* The byte at a place of a datagram, different for each `pattern`. */
static uint8_t byte_of(unsigned pattern, size_t at)
{
    return (uint8_t)(at * 31 + at / 256 + pattern * 101 + 7);
}

static struct ip4 header_of(uint16_t id, size_t from, bool more)
{
    return (struct ip4){.id = id,
                        .fragment_offset = (uint16_t)from,
                        .more_fragments = more,
                        .ttl = 64,
                        .protocol = IP_PROTOCOL_UDP,
                        .source = 0xc0000201,
                        .destination = 0xc0000202};
}

/* A fragment [from, to) whose bytes follow the pattern. */
static enum rill_drop comes(struct ip4 header, size_t to, unsigned pattern, rill_time now)
{
    static uint8_t bytes[65536];
    size_t length = to - header.fragment_offset;
    for (size_t i = 0; i < length; i++)
        bytes[i] = byte_of(pattern, header.fragment_offset + i);
    header.total_length = (uint16_t)(IP4_HEADER + header.options.length + length);
    return reassembly_take(&table, &header, span_of(bytes, length), now, &result);
}

static enum rill_drop piece(size_t from, size_t to, bool more)
{
    return comes(header_of(1, from, more), to, 0, 0);
}

/* The result is whole: `length` bytes of the pattern. */
static bool delivered(size_t length, unsigned pattern)
{
    if (!result.complete || result.payload.length != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (result.payload.at[i] != byte_of(pattern, i))
            return false;
    return true;
}

/* --------------------------------------------------------------- normal */

static void fragments_in_any_order_make_the_datagram(void)
{
    static const unsigned order[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                         {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    begin(LIMIT);
    for (unsigned i = 0; i < 6; i++) {
        for (unsigned k = 0; k < 3; k++) {
            size_t from = 1480 * order[i][k];
            CU_ASSERT_FALSE(k > 0 && result.complete);
            CU_ASSERT_EQUAL(piece(from, order[i][k] == 2 ? 3001 : from + 1480, order[i][k] < 2),
                            RILL_DROP_NONE);
        }
        CU_ASSERT(delivered(3001, 0));
        CU_ASSERT_EQUAL(result.header.total_length, 3021);
        CU_ASSERT_FALSE(result.header.more_fragments);
        CU_ASSERT_EQUAL(result.header.fragment_offset, 0);
    }
    finish();
}

static void header_is_that_of_the_first_fragment_with_its_options(void)
{
    static const uint8_t options[8] = {1, 1, 1, 1, 1, 1, 1, 0};
    begin(LIMIT);
    struct ip4 last = header_of(1, 8, false), first = header_of(1, 0, true);
    first.options = span_of(options, sizeof options);
    first.ttl = 33;
    comes(last, 16, 0, 0);
    comes(first, 8, 0, 0);
    CU_ASSERT(delivered(16, 0));
    CU_ASSERT_EQUAL(result.header.ttl, 33);
    CU_ASSERT_EQUAL(result.header.total_length, 44);
    CU_ASSERT_EQUAL_FATAL(result.header.options.length, sizeof options);
    CU_ASSERT(memcmp(result.header.options.at, options, sizeof options) == 0);
    finish();
}

static void largest_ping_is_put_together(void)
{
    begin(REASSEMBLY_MIN);
    for (size_t from = 0; from < 65515; from += 1480)
        CU_ASSERT_EQUAL(piece(from, min_of(from + 1480, 65515), from + 1480 < 65515),
                        RILL_DROP_NONE);
    CU_ASSERT(delivered(65515, 0));
    CU_ASSERT_EQUAL(result.header.total_length, 65535);
    finish();
}

static void largest_ping_is_put_together_backwards(void)
{
    begin(REASSEMBLY_MIN);
    for (size_t i = 45; i-- > 0;)
        CU_ASSERT_EQUAL(piece(1480 * i, min_of(1480 * (i + 1), 65515), i < 44), RILL_DROP_NONE);
    CU_ASSERT(delivered(65515, 0));
    finish();
}

/* F10 */
static void only_fragments_of_one_datagram_are_joined(void)
{
    begin(LIMIT);
    struct ip4 other[4];
    for (unsigned i = 0; i < 4; i++)
        other[i] = header_of(1, 8, false);
    other[0].id = 2;
    other[1].source++;
    other[2].destination++;
    other[3].protocol = IP_PROTOCOL_TCP;
    for (unsigned i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(comes(other[i], 16, 1 + i, 0), RILL_DROP_NONE);
    piece(0, 8, true);
    CU_ASSERT_FALSE(result.complete);
    piece(8, 16, false);
    CU_ASSERT(delivered(16, 0));
    finish();
}

/* F10, F13: so many that some keys which differ in the protocol only share a hash chain. */
static void chains_do_not_join_protocols(void)
{
    begin(1 << 26);
    for (unsigned i = 0; i < 3000; i++)
        CU_ASSERT_EQUAL(comes(header_of((uint16_t)i, 0, true), 8, 0, 0), RILL_DROP_NONE);
    for (unsigned i = 0; i < 3000; i++) {
        struct ip4 h = header_of((uint16_t)i, 8, false);
        h.protocol = IP_PROTOCOL_TCP;
        CU_ASSERT_EQUAL(comes(h, 16, 0, 0), RILL_DROP_NONE);
        CU_ASSERT_FALSE(result.complete);
    }
    finish();
}

/* RFC 3168 5.3 */
static void congestion_mark_on_one_marks_the_whole(void)
{
    static const struct {
        uint8_t first, second, whole;
        enum rill_drop drop;
    } rows[] = {{2, 2, 2, RILL_DROP_NONE},
                {0, 0, 0, RILL_DROP_NONE},
                {2, 3, 3, RILL_DROP_NONE},
                {3, 2, 3, RILL_DROP_NONE},
                {0, 3, 0, RILL_DROP_FRAGMENT_ODD}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin(LIMIT);
        struct ip4 first = header_of(1, 0, true), second = header_of(1, 8, false);
        first.tos = rows[i].first;
        second.tos = rows[i].second;
        comes(first, 8, 0, 0);
        CU_ASSERT_EQUAL(comes(second, 16, 0, 0), rows[i].drop);
        CU_ASSERT_EQUAL(result.complete, rows[i].drop == RILL_DROP_NONE);
        CU_ASSERT(!result.complete || result.header.tos == rows[i].whole);
        finish();
    }
}

/* -------------------------------------------------------------- attacks */

/* F01 */
static void nothing_beyond_65535_bytes_is_kept(void)
{
    begin(LIMIT);
    CU_ASSERT_EQUAL(piece(65512, 65516, false), RILL_DROP_FRAGMENT_TOO_LONG);
    CU_ASSERT_EQUAL(table.used, 0);
    piece(0, 1480, true);
    CU_ASSERT_EQUAL(piece(65512, 65516, false), RILL_DROP_FRAGMENT_TOO_LONG);
    CU_ASSERT_EQUAL(piece(1480, 2000, false), RILL_DROP_FRAGMENT_TOO_LONG); /* poisoned */
    CU_ASSERT_FALSE(result.complete);
    finish();
}

static void long_first_header_leaves_less_room(void)
{
    static const uint8_t options[4] = {1, 1, 1, 0};
    begin(LIMIT);
    struct ip4 first = header_of(1, 0, true);
    first.options = span_of(options, sizeof options);
    piece(8, 65515, false);
    CU_ASSERT_EQUAL(comes(first, 8, 0, 0), RILL_DROP_FRAGMENT_TOO_LONG);
    CU_ASSERT_FALSE(result.complete);
    finish();
}

/* F08 */
static void odd_fragments_are_dropped_and_change_nothing(void)
{
    begin(LIMIT);
    struct ip4 whole_only = header_of(1, 8, false);
    whole_only.dont_fragment = true;
    piece(0, 8, true);
    for (size_t to = 9; to < 16; to++)
        CU_ASSERT_EQUAL(piece(8, to, true), RILL_DROP_FRAGMENT_ODD);
    CU_ASSERT_EQUAL(piece(8, 8, true), RILL_DROP_FRAGMENT_ODD);
    CU_ASSERT_EQUAL(piece(8, 8, false), RILL_DROP_FRAGMENT_ODD);
    CU_ASSERT_EQUAL(comes(whole_only, 16, 0, 0), RILL_DROP_FRAGMENT_ODD);
    CU_ASSERT_EQUAL(piece(8, 13, false), RILL_DROP_NONE);
    CU_ASSERT(delivered(13, 0));
    finish();
}

static void exact_duplicate_is_ignored(void)
{
    begin(LIMIT);
    piece(0, 16, true);
    CU_ASSERT_EQUAL(piece(0, 16, true), RILL_DROP_FRAGMENT_DUPLICATE);
    piece(16, 24, true);
    CU_ASSERT_EQUAL(piece(16, 24, true), RILL_DROP_FRAGMENT_DUPLICATE);
    piece(24, 32, false);
    CU_ASSERT(delivered(32, 0));
    finish();
}

/* F03, F07: the nine ways of Allen in which a fragment can overlap [16, 40), with other bytes. */
static void overlap_with_other_bytes_poisons_the_datagram(void)
{
    static const size_t overlap[9][2] = {{8, 24},  {8, 40},  {8, 48},  {16, 24}, {16, 40},
                                         {16, 48}, {24, 32}, {32, 40}, {32, 48}};
    for (unsigned i = 0; i < 9; i++) {
        begin(LIMIT);
        piece(16, 40, true);
        CU_ASSERT_EQUAL(comes(header_of(1, overlap[i][0], true), overlap[i][1], 1, 0),
                        RILL_DROP_FRAGMENT_OVERLAP);
        for (size_t from = 0; from < 48; from += 8) { /* nor does it start afresh */
            CU_ASSERT_EQUAL(piece(from, from + 8, from < 40), RILL_DROP_FRAGMENT_OVERLAP);
            CU_ASSERT_FALSE(result.complete);
        }
        finish();
    }
}

/* Bytes not yet held must not be taken for equal ones. */
static void partial_overlap_poisons_even_with_equal_bytes(void)
{
    static const uint8_t zeros[16];
    struct ip4 first = header_of(1, 0, true), second = header_of(1, 8, true);
    begin(LIMIT);
    reassembly_take(&table, &first, span_of(zeros, 16), 0, &result);
    CU_ASSERT_EQUAL(reassembly_take(&table, &second, span_of(zeros, 16), 0, &result),
                    RILL_DROP_FRAGMENT_OVERLAP);
    finish();
}

static void poisoned_key_is_free_again_after_the_time_out(void)
{
    struct reassembly_expired expired;
    begin(LIMIT);
    piece(0, 16, true);
    comes(header_of(1, 8, true), 24, 1, 0);
    CU_ASSERT_EQUAL(reassembly_deadline(&table), TIME);
    CU_ASSERT_FALSE(reassembly_expire(&table, TIME - 1, &expired));
    CU_ASSERT_EQUAL(comes(header_of(1, 0, true), 16, 0, TIME - 1), RILL_DROP_FRAGMENT_OVERLAP);
    CU_ASSERT_FALSE(reassembly_expire(&table, TIME, &expired)); /* goes without a word */
    CU_ASSERT_EQUAL(table.used, 0);
    comes(header_of(1, 0, true), 16, 0, TIME);
    comes(header_of(1, 16, false), 20, 0, TIME);
    CU_ASSERT(delivered(20, 0));
    finish();
}

/* F09 */
static void two_ends_poison_the_datagram(void)
{
    begin(LIMIT);
    piece(1200, 1210, false);
    CU_ASSERT_EQUAL(piece(1600, 1610, false), RILL_DROP_FRAGMENT_ENDS);
    finish();
    begin(LIMIT);
    piece(1600, 1610, false);
    CU_ASSERT_EQUAL(piece(1200, 1210, false), RILL_DROP_FRAGMENT_ENDS);
    finish();
    begin(LIMIT);
    piece(1200, 1210, false);
    CU_ASSERT_EQUAL(piece(1208, 1216, true), RILL_DROP_FRAGMENT_ENDS);
    CU_ASSERT_EQUAL(piece(0, 1200, true), RILL_DROP_FRAGMENT_ENDS);
    CU_ASSERT_FALSE(result.complete);
    finish();
}

/* F02. The same rules over sets of eight blocks of 8 bytes: a model to compare with. */
struct model {
    unsigned held; /* a bit for each block */
    unsigned end;  /* in blocks, 0: unknown */
    bool dead;
};

static unsigned model_blocks(unsigned from, unsigned to)
{
    return (1u << to) - (1u << from);
}

/* True where the datagram became whole. */
static bool model_take(struct model *m, unsigned from, unsigned to, bool more, bool same)
{
    unsigned blocks = model_blocks(from, to);
    unsigned old = m->held & blocks;
    bool ends = !more && ((m->end && m->end != to) || m->held >> to);
    if (m->dead || ends || (m->end && to > m->end) || (old && (old != blocks || !same))) {
        m->dead = true;
        return false;
    }
    if (old) /* nothing new, so not even an end is learned */
        return false;
    m->held |= blocks;
    if (!more)
        m->end = to;
    return m->end && m->held == model_blocks(0, m->end);
}

static void one_sequence(const unsigned from[3], const unsigned to[3], unsigned last, bool same,
                         uint16_t id)
{
    struct model m = {0};
    for (unsigned k = 0; k < 3; k++) {
        bool more = !(last >> k & 1);
        bool whole = model_take(&m, from[k], to[k], more, same);
        enum rill_drop drop =
            comes(header_of(id, from[k] * 8, more), to[k] * 8, same ? 0 : k, RILL_SECONDS(id));
        if (result.complete != whole || (whole && same && !delivered(m.end * 8, 0)) ||
            (m.dead && drop == RILL_DROP_NONE))
            CU_FAIL("differs from the model");
        if (whole)
            return;
    }
}

/* All pairs of start and end, all marks of the end, with equal and with other bytes. */
static void any_three_fragments_give_the_exact_original_or_nothing(void)
{
    unsigned from[36], to[36], ranges = 0;
    for (unsigned a = 0; a < 8; a++)
        for (unsigned b = a + 1; b <= 8; b++, ranges++)
            from[ranges] = a, to[ranges] = b;
    CU_ASSERT_EQUAL(ranges, 36);
    for (unsigned n = 0; n < 36 * 36 * 36; n++) {
        unsigned i = n / 1296, j = n / 36 % 36, k = n % 36;
        begin(LIMIT);
        for (unsigned last = 0; last < 16; last++)
            one_sequence((unsigned[]){from[i], from[j], from[k]}, (unsigned[]){to[i], to[j], to[k]},
                         last & 7, last & 8, (uint16_t)last);
        reassembly_end(&table);
    }
    CU_ASSERT_EQUAL(memory.used, 0);
}

/* F04 */
static void flood_of_tiny_fragments_stays_within_the_bound(void)
{
    begin(1 << 20);
    for (unsigned i = 0; i < 300000; i++) {
        struct ip4 h = header_of((uint16_t)random_next(&dice), 8 * random_below(&dice, 8000), true);
        h.source = 0x0a000000 + (uint32_t)random_below(&dice, 1000);
        comes(h, h.fragment_offset + 8u, 0, 0);
        if (table.used > table.limit || i % 10000 == 0)
            reassembly_check(&table);
    }
    piece(0, 16, true); /* and there is still room for others */
    piece(16, 24, false);
    CU_ASSERT(delivered(24, 0));
    CU_ASSERT(table.evicted > 0);
    finish();
}

static void too_many_holes_end_the_datagram(void)
{
    begin(LIMIT);
    size_t from = 8;
    while (from < 60000 && piece(from, from + 8, true) == RILL_DROP_NONE)
        from += 16;
    CU_ASSERT_EQUAL(from, 8 + 16 * RANGES_MAX);
    CU_ASSERT_EQUAL(piece(0, 8, true), RILL_DROP_FRAGMENT_MEMORY);
    finish();
}

/* F05 */
static void source_that_floods_pushes_out_only_its_own(void)
{
    begin(1 << 20);
    piece(0, 16, true); /* a bystander */
    for (unsigned i = 0; i < 10000; i++) {
        struct ip4 h = header_of((uint16_t)i, 0, true);
        h.source = 0x0a000001;
        CU_ASSERT_EQUAL(comes(h, 1480, 0, 0), RILL_DROP_NONE);
    }
    CU_ASSERT(table.used <= (1 << 20) / REASSEMBLY_SHARE + 8192);
    piece(16, 24, false);
    CU_ASSERT(delivered(24, 0));
    finish();
}

static void oldest_gives_way_when_all_sources_together_are_too_many(void)
{
    begin(REASSEMBLY_MIN);
    for (uint32_t i = 0; i < 1000; i++) {
        struct ip4 h = header_of(7, 0, true);
        h.source += i;
        CU_ASSERT_EQUAL(comes(h, 16, 0, i), RILL_DROP_NONE);
    }
    struct ip4 first = header_of(7, 16, false), newest = first;
    newest.source += 999;
    comes(newest, 24, 0, 1000);
    CU_ASSERT(delivered(24, 0));
    comes(first, 24, 0, 1000);
    CU_ASSERT_FALSE(result.complete);
    finish();
}

static void time_out_tells_what_came_first(void)
{
    struct reassembly_expired expired;
    begin(LIMIT);
    comes(header_of(1, 8, false), 16, 0, 5);
    comes(header_of(2, 16, false), 24, 0, 7);
    comes(header_of(1, 0, true), 8, 0, 9); /* whole: does not time out */
    comes(header_of(3, 24, false), 32, 0, 10);
    comes(header_of(3, 0, true), 16, 0, 11);
    CU_ASSERT_EQUAL(reassembly_deadline(&table), 7 + TIME);
    CU_ASSERT_FALSE(reassembly_expire(&table, 6 + TIME, &expired));
    CU_ASSERT(reassembly_expire(&table, 10 + TIME, &expired));
    CU_ASSERT_EQUAL(expired.header.id, 2);
    CU_ASSERT_FALSE(expired.has_first);
    CU_ASSERT(reassembly_expire(&table, 10 + TIME, &expired));
    CU_ASSERT_EQUAL(expired.header.id, 3);
    CU_ASSERT(expired.has_first);
    CU_ASSERT_EQUAL(expired.header.fragment_offset, 0);
    CU_ASSERT(expired.header.more_fragments);
    CU_ASSERT_EQUAL_FATAL(expired.payload.length, 16);
    CU_ASSERT_EQUAL(expired.payload.at[15], byte_of(0, 15));
    CU_ASSERT_FALSE(reassembly_expire(&table, 10 + TIME, &expired));
    CU_ASSERT_EQUAL(reassembly_deadline(&table), RILL_NEVER);
    CU_ASSERT_EQUAL(table.used, 0);
    finish();
}

/* What is delivered consists of whole pieces, each with the bytes of one fragment. */
static bool delivered_in_pieces(size_t pieces, size_t scale)
{
    if (result.payload.length != pieces * scale)
        return false;
    for (size_t i = 0; i < pieces * scale; i++) {
        unsigned pattern = result.payload.at[i - i % scale] != byte_of(0, i - i % scale);
        if (result.payload.at[i] != byte_of(pattern, i))
            return false;
    }
    return true;
}

/* F11: true and, now and then, false fragments of a few datagrams, in room for hardly one. */
static void random_streams_in_little_room_deliver_no_mixture(void)
{
    unsigned whole = 0;
    begin(REASSEMBLY_MIN);
    for (unsigned i = 0; i < 200000; i++) {
        unsigned n = (unsigned)random_below(&dice, 64);
        size_t pieces = 2 + n % 4, at = random_below(&dice, pieces);
        size_t scale = n % 7 == 0 ? 8000 : 1480;
        struct ip4 h = header_of((uint16_t)n, at * scale, at + 1 < pieces);
        rill_time now = RILL_MILLISECONDS(10) * i;
        h.source += n;
        comes(h, (at + 1) * scale, random_below(&dice, 50) == 0, now);
        whole += result.complete;
        CU_ASSERT(!result.complete || delivered_in_pieces(pieces, scale));
        struct reassembly_expired expired;
        while (reassembly_expire(&table, now, &expired))
            CU_ASSERT_EQUAL(expired.has_first, expired.payload.length > 0);
        if (i % 100 == 0)
            reassembly_check(&table);
    }
    CU_ASSERT(whole > 1000);
    finish();
}

static void failing_allocation_costs_the_datagram_at_most(void)
{
    unsigned whole = 0;
    for (uint64_t n = 1; n < 12; n++) {
        begin(LIMIT);
        memory.fails_in = n;
        for (size_t from = 8; from < 9000; from += 3000) /* holes, and a buffer that grows */
            piece(from, from + 1000, true);
        for (size_t from = 1008; from < 9000; from += 3000)
            piece(from, from + 2000, true);
        piece(9008, 9010, false);
        piece(0, 8, true);
        CU_ASSERT(!result.complete || delivered(9010, 0));
        CU_ASSERT(result.complete || memory.refused == 1);
        whole += result.complete;
        finish();
    }
    CU_ASSERT(whole > 0 && whole < 11);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"fragments in any order make the datagram", fragments_in_any_order_make_the_datagram},
        {"the header is that of the first fragment, with its options",
         header_is_that_of_the_first_fragment_with_its_options},
        {"the largest ping is put together", largest_ping_is_put_together},
        {"the largest ping is put together backwards", largest_ping_is_put_together_backwards},
        {"only fragments of one datagram are joined (F10)",
         only_fragments_of_one_datagram_are_joined},
        {"chains do not join protocols", chains_do_not_join_protocols},
        {"a congestion mark on one marks the whole", congestion_mark_on_one_marks_the_whole},
        {"nothing beyond 65,535 bytes is kept (F01)", nothing_beyond_65535_bytes_is_kept},
        {"a long first header leaves less room", long_first_header_leaves_less_room},
        {"odd fragments are dropped and change nothing (F08)",
         odd_fragments_are_dropped_and_change_nothing},
        {"an exact duplicate is ignored", exact_duplicate_is_ignored},
        {"an overlap with other bytes poisons the datagram (F03, F07)",
         overlap_with_other_bytes_poisons_the_datagram},
        {"a partial overlap poisons even with equal bytes",
         partial_overlap_poisons_even_with_equal_bytes},
        {"a poisoned key is free again after the time-out",
         poisoned_key_is_free_again_after_the_time_out},
        {"two ends poison the datagram (F09)", two_ends_poison_the_datagram},
        {"any three fragments give the exact original or nothing (F02)",
         any_three_fragments_give_the_exact_original_or_nothing},
        {"a flood of tiny fragments stays within the bound (F04)",
         flood_of_tiny_fragments_stays_within_the_bound},
        {"too many holes end the datagram", too_many_holes_end_the_datagram},
        {"a source that floods pushes out only its own (F05)",
         source_that_floods_pushes_out_only_its_own},
        {"the oldest gives way when all sources together are too many",
         oldest_gives_way_when_all_sources_together_are_too_many},
        {"the time-out tells what came first", time_out_tells_what_came_first},
        {"random streams in little room deliver no mixture (F11)",
         random_streams_in_little_room_deliver_no_mixture},
        {"a failing allocation costs the datagram at most",
         failing_allocation_costs_the_datagram_at_most},
    };
    return UNIT_MAIN("reassembly", tests);
}
