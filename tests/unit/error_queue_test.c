#include "base/error_queue.h"

#include "unit.h"

static struct memory memory;
static struct error_queue queue;

static void begin(void)
{
    memory = (struct memory){.budget = 1 << 20};
    errors_init(&queue);
}

static void end(void)
{
    errors_clear(&queue, &memory);
    CU_ASSERT_EQUAL(memory.used, 0);
}

static bool add(uint8_t error, const char *text, size_t limit)
{
    struct error_report report = {.error = error, .info = 1400};
    return errors_add(&queue, &memory, &report, span_of(text, strlen(text)), limit);
}

static void reports_come_out_in_their_order_with_their_bytes(void)
{
    begin();
    CU_ASSERT_PTR_NULL(errors_first(&queue));
    CU_ASSERT_TRUE(add(1, "one", 4096));
    CU_ASSERT_TRUE(add(2, "", 4096));
    const struct error_report *e = errors_first(&queue);
    CU_ASSERT_EQUAL(e->error, 1);
    CU_ASSERT_EQUAL(e->info, 1400);
    CU_ASSERT_EQUAL(e->length, 3);
    CU_ASSERT_EQUAL(memcmp(error_payload(e).at, "one", 3), 0);
    errors_drop_first(&queue, &memory);
    CU_ASSERT_EQUAL(errors_first(&queue)->error, 2);
    CU_ASSERT_EQUAL(errors_first(&queue)->length, 0);
    errors_drop_first(&queue, &memory);
    CU_ASSERT_PTR_NULL(errors_first(&queue));
    CU_ASSERT_EQUAL(queue.bytes, 0);
    end();
}

static void the_queue_stays_below_its_limit_and_refuses_the_newest(void)
{
    const size_t one = sizeof(struct error_report) + 1;
    begin();
    CU_ASSERT_FALSE(add(1, "x", one)); /* the limit itself is too much already, as in Linux */
    CU_ASSERT_TRUE(add(1, "x", one + 1));
    CU_ASSERT_FALSE(add(2, "x", 2 * one));
    CU_ASSERT_TRUE(add(3, "x", 2 * one + 1));
    CU_ASSERT_EQUAL(queue.bytes, 2 * one);
    errors_drop_first(&queue, &memory);
    CU_ASSERT_EQUAL(errors_first(&queue)->error, 3);
    end();
}

static void without_memory_nothing_has_changed(void)
{
    begin();
    CU_ASSERT_TRUE(add(1, "x", 4096));
    memory.fails_in = 1;
    CU_ASSERT_FALSE(add(2, "x", 4096));
    CU_ASSERT_EQUAL(errors_first(&queue)->error, 1);
    errors_drop_first(&queue, &memory);
    CU_ASSERT_PTR_NULL(errors_first(&queue));
    end();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"reports come out in their order with their bytes",
         reports_come_out_in_their_order_with_their_bytes},
        {"the queue stays below its limit and refuses the newest",
         the_queue_stays_below_its_limit_and_refuses_the_newest},
        {"without memory nothing has changed", without_memory_nothing_has_changed},
    };
    return UNIT_MAIN("error_queue", tests);
}
