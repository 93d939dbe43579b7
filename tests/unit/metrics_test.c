/* What is known of destinations: found again, bounded, the least recently used gives way. */
#include "tcp/metrics.h"

#include "unit.h"

#define LIMIT 200 /* more than one chunk of the pool */

static struct memory memory;
static struct lru_cache cache;

static struct rill_address host(unsigned n)
{
    return rill_address_ip4(0x0a000000 + n);
}

static void begin(void)
{
    struct random dice;
    random_seed(&dice, 1);
    memory = (struct memory){.budget = 1 << 20};
    CU_ASSERT_TRUE_FATAL(lru_cache_init(&cache, &memory, &dice, sizeof(struct metrics), LIMIT));
}

static void end(void)
{
    lru_cache_end(&cache);
    CU_ASSERT_EQUAL(memory.used, 0);
}

static void write_mss(unsigned n, uint16_t mss)
{
    struct metrics *m = metrics_for(&cache, host(n));
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    m->mss = mss;
}

static unsigned read_mss(unsigned n)
{
    struct metrics *m = metrics_find(&cache, host(n));
    return m ? m->mss : 0;
}

static void what_was_written_is_found_again(void)
{
    begin();
    CU_ASSERT_PTR_NULL(metrics_find(&cache, host(1)));
    for (unsigned n = 1; n <= LIMIT; n++)
        write_mss(n, (uint16_t)n);
    for (unsigned n = 1; n <= LIMIT; n++)
        CU_ASSERT_EQUAL(read_mss(n), n);
    write_mss(7, 1460);
    CU_ASSERT_EQUAL(read_mss(7), 1460);
    CU_ASSERT_EQUAL(cache.pool.count, LIMIT);
    end();
}

static void a_new_destination_has_no_facts(void)
{
    begin();
    CU_ASSERT_EQUAL(metrics_for(&cache, host(1))->mss, 0);
    for (unsigned n = 2; n <= LIMIT + 1; n++)
        write_mss(n, 9);
    CU_ASSERT_EQUAL(metrics_for(&cache, host(1))->mss, 0); /* another's place */
    end();
}

static void the_least_recently_used_gives_way(void)
{
    begin();
    for (unsigned n = 1; n <= LIMIT; n++)
        write_mss(n, (uint16_t)n);
    CU_ASSERT_EQUAL(read_mss(1), 1); /* reading is using */
    write_mss(2, 2);                 /* and so is writing */
    write_mss(LIMIT + 1, 9);
    CU_ASSERT_EQUAL(read_mss(3), 0);
    CU_ASSERT_EQUAL(read_mss(1), 1);
    CU_ASSERT_EQUAL(read_mss(2), 2);
    CU_ASSERT_EQUAL(read_mss(4), 4);
    CU_ASSERT_EQUAL(cache.pool.count, LIMIT);
    end();
}

static void without_memory_nothing_is_learned_and_nothing_lost(void)
{
    begin();
    memory.fails_in = 1;
    CU_ASSERT_PTR_NULL(metrics_for(&cache, host(1)));
    write_mss(1, 1);
    size_t budget = memory.budget;
    memory.budget = memory.used;
    for (unsigned n = 2; n <= POOL_CHUNK + 1; n++) /* where no chunk can be had the oldest goes */
        write_mss(n, (uint16_t)n);
    CU_ASSERT_EQUAL(read_mss(1), 0);
    CU_ASSERT_EQUAL(read_mss(2), 2);
    memory.budget = budget;
    end();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"what was written is found again", what_was_written_is_found_again},
        {"a new destination has no facts", a_new_destination_has_no_facts},
        {"the least recently used gives way", the_least_recently_used_gives_way},
        {"without memory nothing is learned and nothing lost",
         without_memory_nothing_is_learned_and_nothing_lost},
    };
    return UNIT_MAIN("metrics", tests);
}
