/* Fuzz target: an IGMP message that parses lies inside, and a query is written and parsed again to
 * the same; then it reaches a host that is in a few groups, whose reports fit and parse. The
 * checksum is made good first, so that the fuzzer gets past it. */
#include "ip/igmp.h"

#include "wire/checksum.h"

#include "../unit/wire_unit.h"

#define PORT 1
#define ROOM 100 /* bytes of a report: several are needed */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A query's codes are rounded at the first writing only. */
static void check_round_trip(const struct igmp *m)
{
    struct igmp once, twice;
    uint8_t *written = malloc(IGMP_HEADER + 4 + m->sources.length);
    assert(written != NULL);
    size_t length = igmp_write(written, m);
    assert(igmp_parse(&once, span_of(written, length)) == RILL_DROP_NONE);
    assert(once.version == m->version && once.group == m->group);
    assert(once.response <= m->response && once.interval <= m->interval);
    assert(wire_span_equal(once.sources, m->sources));
    struct igmp copy = once;
    copy.sources = m->sources;
    length = igmp_write(written, &copy);
    assert(igmp_parse(&twice, span_of(written, length)) == RILL_DROP_NONE);
    assert(twice.response == once.response && twice.interval == once.interval);
    free(written);
}

static void pull_until(struct groups *gs, rill_time end)
{
    uint8_t report[ROOM];
    uint32_t to;
    rill_time now = 0;
    for (unsigned i = 0; i < 1000 && groups_deadline(gs) <= end; i++) {
        struct igmp again;
        now = max_of(now, groups_deadline(gs));
        size_t length = igmp_next(gs, PORT, sizeof report, now, report, &to);
        assert(length <= sizeof report);
        assert(!length || igmp_parse(&again, span_of(report, length)) == RILL_DROP_NONE);
    }
    assert(groups_deadline(gs) > end);
}

static void play(const struct igmp *m, struct rill_span rest)
{
    struct memory memory = {.budget = 1 << 20};
    struct random random;
    struct groups groups;
    random_seed(&random, 1);
    groups_init(&groups, &memory, &random);
    for (size_t i = 0; i < rest.length && i < 64; i++) {
        struct source_filter f = {.exclude = rest.at[i] & 1, .count = rest.at[i] >> 2 & 31};
        for (unsigned j = 0; j < f.count; j++)
            f.source[j] = rest.at[i] + j;
        assert(igmp_set(&groups, PORT, IGMP_ALL_SYSTEMS + i % 4, &f, 0) == 0);
    }
    pull_until(&groups, RILL_SECONDS(1));
    igmp_receive(&groups, PORT, m, RILL_SECONDS(2));
    pull_until(&groups, RILL_SECONDS(100000));
    groups_end(&groups);
    assert(memory.used == 0);
}

static void check(struct rill_span in)
{
    struct igmp m;
    if (igmp_parse(&m, in) != RILL_DROP_NONE)
        return;
    assert(m.sources.length % 4 == 0 && m.sources.length <= in.length);
    if (m.type == IGMP_QUERY)
        check_round_trip(&m);
    play(&m, in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(span_of(data, size));
    if (size < IGMP_HEADER)
        return 0;
    uint8_t *message = wire_exact(data, size);
    wire_put16(message + 2, 0);
    wire_put16(message + 2, checksum_finish(checksum_add(0, span_of(message, size))));
    check(span_of(message, size));
    free(message);
    return 0;
}
