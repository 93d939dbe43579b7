/* The exchange of frames between cores, with stand-ins: the first byte of a frame says whose it is,
 * and each core's device has whatever the test has put there, so that frames arrive at the wrong
 * core as often as it pleases. */
#include "exchange.h"
#include "handover.h"
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { CORES = 3, ROOM = 2000, BATCH = 8, ALL = 0xff };

int rill_core_of(const struct rill *stack, const struct rill_frame *f)
{
    (void)stack;
    uint8_t whose = f->buffer[f->start];
    return whose == ALL ? RILL_CORE_ALL : whose;
}

/* ---- A device of frames that are numbered ---- */

struct queue {
    struct rill_device device;
    uint8_t whose[64];
    unsigned count, next;
    unsigned reads;
    int error; /* once it is empty */
};

static int queue_read(struct rill_device *device, struct rill_frame *frame, unsigned max)
{
    struct queue *q = (struct queue *)device;
    unsigned n = 0;
    q->reads++;
    for (; n < max && q->next < q->count; n++, q->next++) {
        frame[n].start = 10;
        frame[n].length = 100;
        frame[n].gso_size = (uint16_t)q->next;
        frame[n].checksum_good = true;
        memset(frame[n].buffer + 10, q->whose[q->next], 100);
    }
    errno = q->error;
    return n == 0 && q->error ? -1 : (int)n;
}

static void queue_close(struct rill_device *device)
{
    (void)device;
}

static struct queue queue[CORES];
static struct exchange *exchange;
static struct rill_device *core[CORES];

static void begin(void)
{
    static const struct rill_device_ops ops = {.read = queue_read, .close = queue_close};
    exchange = exchange_new(CORES);
    CU_ASSERT_PTR_NOT_NULL_FATAL(exchange);
    for (unsigned i = 0; i < CORES; i++) {
        queue[i] = (struct queue){.device.ops = &ops};
        core[i] = exchange_device(exchange, i, &queue[i].device);
    }
}

static void end(void)
{
    for (unsigned i = 0; i < CORES; i++)
        core[i]->ops->close(core[i]);
    exchange_free(exchange);
}

static void arrive(unsigned at, uint8_t whose)
{
    queue[at].whose[queue[at].count++] = whose;
}

static uint8_t memory[BATCH][ROOM];
static struct rill_frame frame[BATCH];

static int read_some(unsigned i, unsigned max)
{
    for (unsigned n = 0; n < BATCH; n++)
        frame[n] = (struct rill_frame){.buffer = memory[n], .room = ROOM};
    return core[i]->ops->read(core[i], frame, max);
}

static int read_core(unsigned i)
{
    return read_some(i, BATCH);
}

static bool rings(unsigned i)
{
    struct pollfd p = {.fd = exchange_bell(exchange, i), .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

static bool holds(const struct rill_frame *f, uint8_t whose, uint16_t number)
{
    const uint8_t *at = f->buffer + f->start;
    return f->length == 100 && at[0] == whose && at[99] == whose && f->gso_size == number &&
           f->checksum_good;
}

/* ---------------------------------------------------------------- */

static void a_core_keeps_its_own_in_order(void)
{
    begin();
    arrive(1, 0);
    arrive(1, 1);
    arrive(1, 2);
    arrive(1, 1);
    CU_ASSERT_EQUAL(read_core(1), 2);
    CU_ASSERT(holds(&frame[0], 1, 1));
    CU_ASSERT(holds(&frame[1], 1, 3));
    for (unsigned i = 0; i < 4; i++) { /* the others are empty, and none has lost its buffer */
        CU_ASSERT_EQUAL(frame[i].length, i < 2 ? 100 : 0);
        for (unsigned n = 0; n < i; n++)
            CU_ASSERT(frame[i].buffer != frame[n].buffer);
    }
    CU_ASSERT_FALSE(rings(1));
    end();
}

static void a_frame_read_by_the_wrong_core_reaches_its_own_whole(void)
{
    begin();
    arrive(0, 2);
    CU_ASSERT_EQUAL(read_core(0), 0);
    CU_ASSERT_FALSE(rings(1));
    CU_ASSERT(rings(2));
    CU_ASSERT_EQUAL(read_core(1), 0);
    CU_ASSERT_EQUAL(read_core(2), 1);
    CU_ASSERT(holds(&frame[0], 2, 0));
    CU_ASSERT_FALSE(rings(2));
    CU_ASSERT_EQUAL(read_core(2), 0);
    end();
}

static void what_is_for_all_reaches_all(void)
{
    begin();
    arrive(2, ALL);
    CU_ASSERT_EQUAL(read_core(2), 1);
    CU_ASSERT(holds(&frame[0], ALL, 0));
    for (unsigned i = 0; i < 2; i++) {
        CU_ASSERT(rings(i));
        CU_ASSERT_EQUAL(read_core(i), 1);
        CU_ASSERT(holds(&frame[0], ALL, 0));
    }
    CU_ASSERT_EQUAL(read_core(2), 0);
    end();
}

/* Half of the room is the queue's. */
static void neither_the_queue_nor_the_others_keep_each_other_waiting(void)
{
    begin();
    for (unsigned i = 0; i < 2 * BATCH; i++)
        arrive(0, 1);
    for (unsigned i = 0; i < 2 * BATCH; i++)
        arrive(1, 1);
    while (queue[0].next < queue[0].count)
        read_core(0);
    CU_ASSERT_EQUAL(read_core(1), BATCH);
    CU_ASSERT_EQUAL(queue[1].next, BATCH / 2);
    CU_ASSERT(rings(1)); /* there is more */
    unsigned sum = BATCH;
    for (int n; (n = read_core(1)) > 0;)
        sum += (unsigned)n;
    CU_ASSERT_EQUAL(sum, 4 * BATCH);
    CU_ASSERT_FALSE(rings(1));
    end();
}

static void one_frame_at_a_time_they_take_turns(void)
{
    begin();
    for (unsigned i = 0; i < 3; i++)
        arrive(0, 1);
    read_core(0);
    for (unsigned i = 0; i < 2; i++)
        arrive(1, 1);
    for (unsigned i = 1; i <= 5; i++) {
        CU_ASSERT_EQUAL(read_some(1, 1), 1);
        CU_ASSERT_EQUAL(queue[1].next, i / 2);
        CU_ASSERT_EQUAL(queue[1].reads, i / 2);
    }
    CU_ASSERT_EQUAL(read_some(1, 1), 0);
    end();
}

static void what_is_not_ours_is_no_end(void)
{
    begin();
    arrive(1, 0);
    arrive(1, 2);
    arrive(1, 1);
    CU_ASSERT_EQUAL(read_some(1, 1), 1);
    CU_ASSERT(holds(&frame[0], 1, 2));
    CU_ASSERT(rings(0));
    CU_ASSERT(rings(2));
    end();
}

/* The loop takes a read that does not fill the room for the last one. */
static void a_short_read_means_that_there_is_no_more(void)
{
    begin();
    for (unsigned i = 0; i < BATCH + 2; i++)
        arrive(0, 1);
    for (int i = 0; i < 2; i++)
        read_core(0);
    CU_ASSERT_EQUAL(read_core(1), BATCH);
    CU_ASSERT_EQUAL(read_core(1), 2);
    for (unsigned i = 0; i < 2 * BATCH; i++)
        arrive(1, i % 2);
    CU_ASSERT_EQUAL(read_core(1), BATCH);
    for (unsigned i = 0; i < BATCH; i++)
        CU_ASSERT(holds(&frame[i], 1, (uint16_t)(2 * i + 1)));
    CU_ASSERT_EQUAL(read_core(1), 0);
    end();
}

static void a_device_that_has_gone_is_told_after_what_others_gave(void)
{
    begin();
    arrive(0, 1);
    read_core(0);
    queue[1].error = ENODEV;
    CU_ASSERT_EQUAL(read_core(1), 1);
    errno = 0;
    CU_ASSERT_EQUAL(read_core(1), -1);
    CU_ASSERT_EQUAL(errno, ENODEV);
    end();
}

static void a_full_ring_loses_the_frame_and_recovers(void)
{
    struct handover h;
    struct rill_frame in = {.buffer = memory[0], .length = 500};
    struct rill_frame out = {.buffer = memory[1], .room = ROOM};
    unsigned put = 0, taken = 0;
    CU_ASSERT_FATAL(handover_init(&h, 4096));
    for (unsigned round = 0; round < 5; round++) {
        while (handover_put(&h, &in))
            put++;
        while (handover_take(&h, &out))
            taken++;
    }
    CU_ASSERT(put >= 5 * 6);
    CU_ASSERT_EQUAL(put, taken);
    handover_end(&h);
}

static void a_frame_that_does_not_fit_the_reader_is_lost_alone(void)
{
    struct handover h;
    struct rill_frame in = {.buffer = memory[0], .length = 500};
    struct rill_frame out = {.buffer = memory[1], .room = 400};
    CU_ASSERT_FATAL(handover_init(&h, 4096));
    CU_ASSERT(handover_put(&h, &in));
    in.length = 300;
    CU_ASSERT(handover_put(&h, &in));
    CU_ASSERT(handover_take(&h, &out));
    CU_ASSERT_EQUAL(out.length, 300);
    CU_ASSERT_FALSE(handover_take(&h, &out));
    handover_end(&h);
}

/* ---- Two threads ---- */

enum { PASSED = 50000 };

static struct handover line;

static void *write_all(void *nothing)
{
    static uint8_t bytes[700];
    for (uint32_t i = 0; i < PASSED; i++) {
        struct rill_frame f = {.buffer = bytes, .length = i % 700, .number = i};
        memset(bytes, (uint8_t)i, f.length);
        while (!handover_put(&line, &f))
            sched_yield();
    }
    return nothing;
}

static bool is_whole(const struct rill_frame *f, uint32_t i)
{
    bool good = f->number == i && f->length == i % 700;
    for (uint32_t at = 0; at < f->length; at++)
        good = good && f->buffer[at] == (uint8_t)i;
    return good;
}

static void frames_pass_between_two_threads_whole_and_in_order(void)
{
    pthread_t writer;
    unsigned good = 0;
    CU_ASSERT_FATAL(handover_init(&line, 4096));
    CU_ASSERT_EQUAL_FATAL(pthread_create(&writer, NULL, write_all, NULL), 0);
    for (uint32_t i = 0; i < PASSED; i++) {
        struct rill_frame f = {.buffer = memory[0], .room = ROOM};
        while (!handover_take(&line, &f))
            sched_yield();
        good += is_whole(&f, i);
    }
    pthread_join(writer, NULL);
    CU_ASSERT_EQUAL(good, PASSED);
    handover_end(&line);
}

static const struct unit_test tests[] = {
    {"a core keeps its own in order", a_core_keeps_its_own_in_order},
    {"a frame read by the wrong core reaches its own whole",
     a_frame_read_by_the_wrong_core_reaches_its_own_whole},
    {"what is for all reaches all", what_is_for_all_reaches_all},
    {"neither the queue nor the others keep each other waiting",
     neither_the_queue_nor_the_others_keep_each_other_waiting},
    {"one frame at a time they take turns", one_frame_at_a_time_they_take_turns},
    {"what is not ours is no end", what_is_not_ours_is_no_end},
    {"a short read means that there is no more", a_short_read_means_that_there_is_no_more},
    {"a device that has gone is told after what others gave",
     a_device_that_has_gone_is_told_after_what_others_gave},
    {"a full ring loses the frame and recovers", a_full_ring_loses_the_frame_and_recovers},
    {"a frame that does not fit the reader is lost alone",
     a_frame_that_does_not_fit_the_reader_is_lost_alone},
    {"frames pass between two threads whole and in order",
     frames_pass_between_two_threads_whole_and_in_order},
};

int main(void)
{
    return UNIT_MAIN("exchange", tests);
}
