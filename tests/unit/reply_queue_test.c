/* The replies of a port: the queue against a queue of lengths, its end, and its reserve. */
#include "net/reply_queue.h"

#include "base/hash.h"
#include "unit.h"

#include <errno.h>
#include <rill/rill.h>

#define ENTRIES 1024
#define LARGEST \
    (REPLY_QUEUE_SMALL - sizeof(struct queued_reply)) /* payload of the largest small entry */

static struct memory memory;
static struct reply_queue queue;
static size_t length[ENTRIES]; /* the model: the payloads in it, in order */
static unsigned first, count;

static void begin(size_t long_bytes)
{
    memory = (struct memory){.budget = (size_t)1 << 20};
    first = count = 0;
    CU_ASSERT_TRUE_FATAL(reply_queue_init(&queue, &memory, long_bytes));
}

static void end(void)
{
    reply_queue_end(&queue);
    CU_ASSERT_EQUAL(memory.used, 0);
}

static uint8_t byte_of(size_t bytes)
{
    return (uint8_t)(bytes * 31 + 7);
}

/* False: there was no room. An entry lies in the ring whole, and on no other: see drop. */
static bool add(size_t bytes)
{
    struct queued_reply *e = reply_queue_add(&queue, bytes);
    if (!e)
        return false;
    CU_ASSERT_TRUE_FATAL((uint8_t *)e >= queue.bytes);
    CU_ASSERT_TRUE_FATAL(e->payload + bytes <= queue.bytes + queue.room);
    memset(e->payload, byte_of(bytes), bytes);
    length[(first + count++) % ENTRIES] = bytes;
    return true;
}

static void drop(void)
{
    const struct queued_reply *e = reply_queue_first(&queue);
    size_t bytes = length[first];
    CU_ASSERT_PTR_NOT_NULL_FATAL(e);
    CU_ASSERT_TRUE_FATAL(e->payload + bytes <= queue.bytes + queue.room);
    CU_ASSERT_EQUAL_FATAL(e->length, bytes);
    for (size_t i = 0; i < bytes; i++)
        CU_ASSERT_EQUAL_FATAL(e->payload[i], byte_of(bytes));
    first = (first + 1) % ENTRIES;
    count--;
    reply_queue_drop_first(&queue);
}

static void drop_all(void)
{
    while (count)
        drop();
    CU_ASSERT_PTR_NULL(reply_queue_first(&queue));
    CU_ASSERT_EQUAL(queue.used, 0);
}

static unsigned fill(size_t bytes)
{
    unsigned n = 0;
    while (add(bytes))
        n++;
    return n;
}

static void it_is_a_queue(void)
{
    struct random dice;
    random_seed(&dice, 7);
    begin(REPLY_QUEUE_MIN);
    for (int i = 0; i < 100000; i++) {
        if (count && random_below(&dice, 100) < (i / 1000 % 2 ? 60 : 40)) /* fills, and empties */
            drop();
        else
            add(random_below(&dice, random_below(&dice, 10) ? LARGEST : 9000));
    }
    drop_all();
    end();
}

static void an_entry_may_end_exactly_at_the_end_of_the_ring(void)
{
    begin(0);
    CU_ASSERT_EQUAL(fill(LARGEST), RILL_BATCH_MAX + 1);
    CU_ASSERT_EQUAL(queue.next, queue.room);
    for (unsigned i = 0; i < 3 * RILL_BATCH_MAX; i++) { /* thrice around */
        drop();
        CU_ASSERT_TRUE(add(LARGEST));
        CU_ASSERT_FALSE(add(0));
    }
    drop_all();
    end();
}

static void a_tail_that_is_too_short_is_skipped(void)
{
    begin(0);
    CU_ASSERT_TRUE(fill(LARGEST - 8) >= RILL_BATCH_MAX);
    drop();
    drop();
    CU_ASSERT_TRUE(add(LARGEST)); /* at the front: the tail holds less */
    CU_ASSERT_EQUAL(queue.next, REPLY_QUEUE_SMALL);
    drop_all();
    end();
}

/* Wherever the ring's first entry lies: a batch of frames draws a batch of replies. */
static void long_entries_leave_room_for_a_batch_of_small_ones(void)
{
    struct random dice;
    random_seed(&dice, 7);
    for (int i = 0; i < 200; i++) {
        begin(REPLY_QUEUE_MIN);
        for (size_t some = random_below(&dice, 150); some; some--) {
            add(random_below(&dice, 2000));
            if (count > 3)
                drop();
        }
        fill(9000);
        fill(LARGEST + 1); /* the shortest that is long */
        for (int j = 0; j < RILL_BATCH_MAX; j++)
            CU_ASSERT_TRUE_FATAL(add(576 - IP4_HEADER)); /* an ICMP error: RFC 1812 4.3.2.3 */
        drop_all();
        end();
    }
}

static void a_datagram_of_64_kilobytes_finds_room(void)
{
    begin(REPLY_QUEUE_MIN);
    CU_ASSERT_TRUE(add(UINT16_MAX - IP4_HEADER));
    drop_all();
    end();
    begin(REPLY_QUEUE_MIN - 4096);
    CU_ASSERT_FALSE(add(UINT16_MAX - IP4_HEADER));
    end();
}

static void less_memory_than_that_is_refused(void)
{
    struct rill_config c;
    rill_config_init(&c);
    c.echo_memory = REPLY_QUEUE_MIN - 1;
    errno = 0;
    CU_ASSERT_PTR_NULL(rill_new(&c, 0));
    CU_ASSERT_EQUAL(errno, EINVAL);
    c.echo_memory = REPLY_QUEUE_MIN;
    struct rill *rill = rill_new(&c, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(rill);
    rill_free(rill);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"it is a queue", it_is_a_queue},
        {"an entry may end exactly at the end of the ring",
         an_entry_may_end_exactly_at_the_end_of_the_ring},
        {"a tail that is too short is skipped", a_tail_that_is_too_short_is_skipped},
        {"long entries leave room for a batch of small ones",
         long_entries_leave_room_for_a_batch_of_small_ones},
        {"a datagram of 64 kilobytes finds room", a_datagram_of_64_kilobytes_finds_room},
        {"less memory than that is refused", less_memory_than_that_is_refused},
    };
    return UNIT_MAIN("reply_queue", tests);
}
