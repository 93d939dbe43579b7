/* The cable alone, and rill_cable_run between two stacks that are stand-ins defined here: they
 * answer each frame with one of half its length. */
#include "unit.h"

#include <rill/cable.h>
#include <rill/trace.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS RILL_MILLISECONDS(1)

enum { MANY = 20000 };

static const struct rill_cable_config perfect;

static struct rill_cable *cable_of(struct rill_cable_config config, uint64_t seed)
{
    struct rill_cable *c = rill_cable_new(&config, &perfect, seed);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    return c;
}

/* Puts a frame that carries its number in its first bytes. */
static void put(struct rill_cable *c, int end, unsigned number, uint32_t length, rill_time now)
{
    uint8_t bytes[2048] = {0};
    memcpy(bytes, &number, sizeof number);
    struct rill_frame f = {.buffer = bytes, .room = sizeof bytes, .length = length};
    rill_cable_put(c, end, &f, now);
}

/* Takes one frame; its number, or -1. */
static int take(struct rill_cable *c, int end, rill_time now)
{
    uint8_t bytes[2048];
    struct rill_frame f = {.buffer = bytes, .room = sizeof bytes, .start = 99, .gso_size = 1};
    if (rill_cable_take(c, end, &f, 1, now) == 0)
        return -1;
    CU_ASSERT_EQUAL(f.start, 0);
    CU_ASSERT_EQUAL(f.gso_size, 0);
    int number;
    memcpy(&number, bytes, sizeof number);
    return number;
}

static void a_perfect_cable_delivers_at_once_and_in_order(void)
{
    struct rill_cable *c = cable_of(perfect, 1);
    CU_ASSERT_EQUAL(rill_cable_deadline(c), RILL_NEVER);
    for (unsigned i = 0; i < 100; i++)
        put(c, 0, i, 60, 5);
    CU_ASSERT_EQUAL(rill_cable_deadline(c), 5);
    CU_ASSERT_EQUAL(take(c, 0, 5), -1);
    for (int i = 0; i < 100; i++)
        CU_ASSERT_EQUAL(take(c, 1, 5), i);
    CU_ASSERT_EQUAL(take(c, 1, 5), -1);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->delivered, 100);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 1)->sent, 0);
    rill_cable_free(c);
}

static void a_frame_arrives_after_the_delay_and_no_sooner(void)
{
    struct rill_cable_config back = {.delay = 3 * MS};
    struct rill_cable *c = rill_cable_new(&perfect, &back, 1);
    put(c, 1, 7, 60, 10);
    CU_ASSERT_EQUAL(rill_cable_deadline(c), 10 + 3 * MS);
    CU_ASSERT_EQUAL(take(c, 0, 10 + 3 * MS - 1), -1);
    CU_ASSERT_EQUAL(take(c, 0, 10 + 3 * MS), 7);
    rill_cable_free(c);
}

static void what_is_too_long_vanishes(void)
{
    struct rill_cable_config narrow = {.mtu = 1280};
    struct rill_cable *c = cable_of(narrow, 1);
    put(c, 0, 1, 1294, 5); /* the Ethernet header does not count */
    put(c, 0, 2, 1295, 5);
    put(c, 1, 3, 1514, 5); /* the other direction is another cable */
    CU_ASSERT_EQUAL(take(c, 1, 5), 1);
    CU_ASSERT_EQUAL(take(c, 1, 5), -1);
    CU_ASSERT_EQUAL(take(c, 0, 5), 3);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->too_long, 1);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->sent, 2);
    rill_cable_free(c);
}

/* Runs MANY frames of 100 bytes, 1 ms apart, and sums up what came when. */
static uint64_t fingerprint(struct rill_cable_config config, uint64_t seed)
{
    struct rill_cable *c = cable_of(config, seed);
    uint64_t sum = 0;
    for (unsigned i = 0; i < MANY; i++)
        put(c, 0, i, 100, i * MS);
    for (rill_time t; (t = rill_cable_deadline(c)) != RILL_NEVER;) {
        uint8_t bytes[2048];
        struct rill_frame f = {.buffer = bytes, .room = sizeof bytes};
        CU_ASSERT_EQUAL_FATAL(rill_cable_take(c, 1, &f, 1, t), 1);
        sum = sum * 1000003 + (uint64_t)t;
        for (uint32_t i = 0; i < f.length; i++)
            sum = sum * 31 + bytes[i];
    }
    rill_cable_free(c);
    return sum;
}

static void the_seed_decides_all(void)
{
    struct rill_cable_config bad = {.delay = 20 * MS,
                                    .jitter = 5 * MS,
                                    .rate = 10000000,
                                    .loss_ppm = 50000,
                                    .duplicate_ppm = 20000,
                                    .reorder_ppm = 30000,
                                    .corrupt_ppm = 10000};
    CU_ASSERT_EQUAL(fingerprint(bad, 1), fingerprint(bad, 1));
    CU_ASSERT_NOT_EQUAL(fingerprint(bad, 1), fingerprint(bad, 2));
}

/* Which of MANY frames were lost, as a bitmap. */
static void losses(struct rill_cable_config config, bool lost[MANY])
{
    struct rill_cable *c = cable_of(config, 9);
    for (unsigned i = 0; i < MANY; i++) {
        uint64_t before = rill_cable_stats(c, 0)->lost;
        put(c, 0, i, 100, 0);
        lost[i] = rill_cable_stats(c, 0)->lost > before;
    }
    rill_cable_free(c);
}

static void one_probability_does_not_disturb_the_draws_of_another(void)
{
    static bool alone[MANY], together[MANY];
    struct rill_cable_config config = {.loss_ppm = 100000};
    losses(config, alone);
    config.duplicate_ppm = config.corrupt_ppm = config.reorder_ppm = 500000;
    config.jitter = MS;
    losses(config, together);
    CU_ASSERT(memcmp(alone, together, sizeof alone) == 0);
}

/* |count - n p| within four standard deviations. */
static bool is_fair(uint64_t count, double n, double p)
{
    double off = (double)count - n * p;
    return off * off <= 4 * 4 * n * p * (1 - p);
}

static void chances_are_what_the_configuration_says(void)
{
    struct rill_cable_config config = {
        .loss_ppm = 30000, .duplicate_ppm = 100000, .reorder_ppm = 50000, .corrupt_ppm = 200000};
    struct rill_cable *c = cable_of(config, 4);
    for (unsigned i = 0; i < MANY; i++)
        put(c, 0, i, 100, 0);
    const struct rill_cable_stats *s = rill_cable_stats(c, 0);
    CU_ASSERT_EQUAL(s->sent, MANY);
    CU_ASSERT(is_fair(s->lost, MANY, 0.03));
    double left = MANY - (double)s->lost;
    CU_ASSERT(is_fair(s->duplicated, left, 0.1));
    CU_ASSERT(is_fair(s->reordered, left, 0.05));
    CU_ASSERT(is_fair(s->corrupted, left, 0.2));
    uint64_t arrived = 0;
    while (take(c, 1, 1000 * MS) >= 0 || rill_cable_deadline(c) != RILL_NEVER)
        arrived++;
    CU_ASSERT_EQUAL(s->delivered, MANY - s->lost + s->duplicated);
    CU_ASSERT_EQUAL(arrived, s->delivered);
    rill_cable_free(c);
}

static void the_extremes_are_never_and_always(void)
{
    struct rill_cable *c = cable_of((struct rill_cable_config){.loss_ppm = 1000000}, 3);
    for (unsigned i = 0; i < 1000; i++)
        put(c, 0, i, 100, 0);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->lost, 1000);
    rill_cable_change(c, 0, &perfect);
    for (unsigned i = 0; i < 1000; i++)
        put(c, 0, i, 100, 0);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->lost, 1000);
    rill_cable_free(c);
}

static void the_rate_spaces_frames_out(void)
{
    struct rill_cable *c = cable_of((struct rill_cable_config){.rate = 8000000, .delay = MS}, 1);
    for (unsigned i = 0; i < 5; i++)
        put(c, 0, i, 1000, 0); /* 1 ms each */
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL(rill_cable_deadline(c), MS + (i + 1) * MS);
        CU_ASSERT_EQUAL(take(c, 1, MS + (i + 1) * MS), i);
    }
    put(c, 0, 9, 1000, 100 * MS); /* after a pause the rate has nothing saved up */
    CU_ASSERT_EQUAL(rill_cable_deadline(c), 102 * MS);
    rill_cable_free(c);
}

static void a_full_queue_drops_the_tail(void)
{
    struct rill_cable *c = cable_of((struct rill_cable_config){.rate = 8000000, .queue = 3000}, 1);
    for (unsigned i = 0; i < 10; i++)
        put(c, 0, i, 1000, 0);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->overflowed, 7);
    put(c, 0, 10, 1000, MS); /* one has left */
    put(c, 0, 11, 1000, MS);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->overflowed, 8);
    for (int expected[] = {0, 1, 2, 10}, i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(take(c, 1, 10 * MS), expected[i]);
    CU_ASSERT_EQUAL(take(c, 1, 10 * MS), -1);
    rill_cable_free(c);
}

static void a_frame_larger_than_the_queue_passes_an_idle_cable(void)
{
    struct rill_cable *c = cable_of((struct rill_cable_config){.rate = 8000000, .queue = 100}, 1);
    put(c, 0, 1, 1000, 0);
    put(c, 0, 2, 1000, 0);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->overflowed, 1);
    rill_cable_free(c);
}

static void what_waits_for_the_rate_keeps_its_bytes_when_the_rate_changes(void)
{
    struct rill_cable_config slow = {.rate = 80000, .queue = 3000}, fast = slow;
    struct rill_cable *c = cable_of(slow, 1);
    for (unsigned i = 0; i < 2; i++)
        put(c, 0, i, 1000, 0);
    fast.rate = 8000000;
    rill_cable_change(c, 0, &fast);
    put(c, 0, 2, 1000, 0);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->overflowed, 0);
    put(c, 0, 3, 1000, 0);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->overflowed, 1);
    rill_cable_free(c);
}

static void jitter_keeps_order_and_its_bounds(void)
{
    struct rill_cable *c = cable_of((struct rill_cable_config){.delay = MS, .jitter = 50 * MS}, 5);
    int next = 0, early = 0, late = 0;
    for (unsigned i = 0; i < 1000; i++) {
        put(c, 0, i, 100, i * 200 * MS);
        rill_time took = rill_cable_deadline(c) - i * 200 * MS;
        CU_ASSERT(took >= MS && took <= 51 * MS);
        early += took < 13 * MS;
        late += took > 39 * MS;
        CU_ASSERT_EQUAL(take(c, 1, i * 200 * MS + took), next++);
    }
    CU_ASSERT(early > 150 && late > 150);
    for (unsigned i = 0; i < 1000; i++)
        put(c, 0, i, 100, 300000 * MS);
    for (int i = 0; i < 1000; i++)
        CU_ASSERT_EQUAL(take(c, 1, 400000 * MS), i);
    rill_cable_free(c);
}

static void a_reordered_frame_is_passed_by_others(void)
{
    struct rill_cable_config late = {.delay = 10 * MS, .reorder_ppm = 1000000}, straight = late;
    struct rill_cable *c = cable_of(late, 1);
    put(c, 0, 1, 100, 0);
    straight.reorder_ppm = 0;
    rill_cable_change(c, 0, &straight);
    put(c, 0, 2, 100, MS);
    CU_ASSERT_EQUAL(take(c, 1, 11 * MS), 2);
    CU_ASSERT_EQUAL(rill_cable_deadline(c), 16 * MS); /* delay + delay / 2 + 1 ms */
    CU_ASSERT_EQUAL(take(c, 1, 16 * MS), 1);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->reordered, 1);
    rill_cable_free(c);
}

static void a_duplicate_is_the_same_frame_again(void)
{
    struct rill_cable *c = cable_of((struct rill_cable_config){.duplicate_ppm = 1000000}, 1);
    put(c, 0, 5, 100, 0);
    put(c, 0, 6, 100, 0);
    for (int expected[] = {5, 5, 6, 6}, i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(take(c, 1, 0), expected[i]);
    CU_ASSERT_EQUAL(take(c, 1, 0), -1);
    rill_cable_free(c);
}

static void corruption_flips_exactly_one_bit(void)
{
    struct rill_cable *c = cable_of((struct rill_cable_config){.corrupt_ppm = 1000000}, 1);
    bool seen[64] = {false};
    for (unsigned i = 0; i < 2000; i++) {
        uint8_t sent[8] = {1, 2, 3, 4, 5, 6, 7, 8}, got[8];
        struct rill_frame f = {.buffer = sent, .room = 8, .length = 8};
        rill_cable_put(c, 0, &f, 0);
        struct rill_frame g = {.buffer = got, .room = 8};
        CU_ASSERT_EQUAL_FATAL(rill_cable_take(c, 1, &g, 1, 0), 1);
        unsigned flipped = 0;
        for (unsigned b = 0; b < 64; b++) {
            bool differs = ((got[b / 8] ^ (b / 8 + 1)) >> b % 8 & 1) != 0;
            flipped += differs;
            seen[b] = seen[b] || differs;
        }
        CU_ASSERT_EQUAL(flipped, 1);
        CU_ASSERT_EQUAL(sent[0], 1); /* of the copy only */
    }
    for (unsigned b = 0; b < 64; b++)
        CU_ASSERT(seen[b]);
    rill_cable_free(c);
}

static void a_superframe_is_lost_by_segments(void)
{
    static uint8_t bytes[54 + 64000] = {
        [12] = 8, [14] = 0x45, [14 + 9] = 6, [34 + 12] = 0x50, /* Ethernet, IPv4, TCP */
    };
    struct rill_cable *c = cable_of((struct rill_cable_config){.loss_ppm = 250000}, 2);
    struct rill_frame f = {.buffer = bytes, .room = sizeof bytes, .length = sizeof bytes};
    f.header_length = 54;
    f.gso_size = 1000;
    for (int i = 0; i < 100; i++)
        rill_cable_put(c, 0, &f, 0);
    CU_ASSERT_EQUAL(rill_cable_stats(c, 0)->sent, 6400);
    CU_ASSERT(is_fair(rill_cable_stats(c, 0)->lost, 6400, 0.25));
    struct rill_frame g = {.buffer = malloc(1054), .room = 1054};
    CU_ASSERT_EQUAL(rill_cable_take(c, 1, &g, 1, 0), 1);
    CU_ASSERT_EQUAL(g.length, 1054);
    free(g.buffer);
    rill_cable_free(c);
}

/* ---- rill_cable_run, between stand-ins for stacks ---- */

struct rill {
    uint32_t owed;  /* length of the frame to send; 0: none */
    rill_time wake; /* something to send then; RILL_NEVER */
    unsigned received;
    rill_time last; /* time of the last call */
    bool is_stuck;  /* says that it has something to do and does nothing */
};

void rill_receive(struct rill *s, int port, const struct rill_frame *f, unsigned n, rill_time now)
{
    CU_ASSERT_EQUAL(port, 3);
    s->received += n;
    s->owed = f[n - 1].length / 2;
    s->last = now;
}

unsigned rill_transmit(struct rill *s, int port, struct rill_frame *f, unsigned max, rill_time now)
{
    s->last = now;
    if (port == RILL_LOOPBACK_PORT || max == 0)
        return 0;
    if (now >= s->wake) {
        s->wake = RILL_NEVER;
        s->owed = 1024;
    }
    if (s->owed < 2)
        return 0;
    memset(f->buffer, 0, s->owed);
    f->length = s->owed;
    s->owed = 0;
    return 1;
}

/* It keeps no trace. */
unsigned rill_trace_read(const struct rill *s, uint64_t *place, struct rill_trace_record *out,
                         unsigned max, uint64_t *lost)
{
    (void)s, (void)place, (void)out, (void)max, (void)lost;
    return 0;
}

rill_time rill_deadline(const struct rill *s)
{
    return s->is_stuck ? s->last : s->wake;
}

static const int ports[2] = {3, 3};

static void time_jumps_from_event_to_event(void)
{
    struct rill a = {.wake = 100 * MS}, b = {.wake = RILL_NEVER};
    struct rill *ends[2] = {&a, &b};
    struct rill_cable_config ten = {.delay = 10 * MS};
    struct rill_cable *c = rill_cable_new(&ten, &ten, 1);
    rill_time end = rill_cable_run(c, ends, ports, 0, RILL_NEVER, NULL, NULL);
    /* 1024 at 100 ms, and then halves until 2: ten frames */
    CU_ASSERT_EQUAL(end, 100 * MS + 10 * 10 * MS);
    CU_ASSERT_EQUAL(a.received + b.received, 10);
    rill_cable_free(c);
}

static void a_run_ends_at_its_time_with_both_clocks_there(void)
{
    struct rill a = {.wake = 100 * MS}, b = {.wake = RILL_NEVER};
    struct rill *ends[2] = {&a, &b};
    struct rill_cable_config ten = {.delay = 10 * MS};
    struct rill_cable *c = rill_cable_new(&ten, &ten, 1);
    CU_ASSERT_EQUAL(rill_cable_run(c, ends, ports, 0, 125 * MS, NULL, NULL), 125 * MS);
    CU_ASSERT_EQUAL(a.received + b.received, 2);
    CU_ASSERT_EQUAL(a.last, 125 * MS);
    CU_ASSERT_EQUAL(b.last, 125 * MS);
    CU_ASSERT_EQUAL(rill_cable_run(c, ends, ports, 125 * MS, 130 * MS, NULL, NULL), 130 * MS);
    CU_ASSERT_EQUAL(a.received + b.received, 3); /* what is due at the end is done */
    rill_cable_free(c);
}

static bool has_received_four(void *context)
{
    const struct rill *s = context;
    return s->received == 4;
}

static void a_run_ends_when_it_is_told_to(void)
{
    struct rill a = {.wake = 0}, b = {.wake = RILL_NEVER};
    struct rill *ends[2] = {&a, &b};
    struct rill_cable_config ten = {.delay = 10 * MS};
    struct rill_cable *c = rill_cable_new(&ten, &ten, 1);
    CU_ASSERT_EQUAL(rill_cable_run(c, ends, ports, 0, RILL_NEVER, has_received_four, &b), 70 * MS);
    CU_ASSERT_EQUAL(b.received, 4);
    rill_cable_free(c);
}

/* In a child, which ends as a failed assertion does. */
static void a_stack_that_is_busy_without_end_is_caught(void)
{
    pid_t child = fork();
    if (child == 0) {
        close(STDERR_FILENO);
        struct rill a = {.wake = RILL_NEVER, .is_stuck = true}, b = {.wake = RILL_NEVER};
        struct rill *ends[2] = {&a, &b};
        rill_cable_run(rill_cable_new(&perfect, &perfect, 1), ends, ports, 0, MS, NULL, NULL);
        _exit(0);
    }
    int status = 0;
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static const struct unit_test tests[] = {
    {"a perfect cable delivers at once and in order",
     a_perfect_cable_delivers_at_once_and_in_order},
    {"a frame arrives after the delay and no sooner",
     a_frame_arrives_after_the_delay_and_no_sooner},
    {"what is too long vanishes", what_is_too_long_vanishes},
    {"the seed decides all", the_seed_decides_all},
    {"one probability does not disturb the draws of another",
     one_probability_does_not_disturb_the_draws_of_another},
    {"chances are what the configuration says", chances_are_what_the_configuration_says},
    {"the extremes are never and always", the_extremes_are_never_and_always},
    {"the rate spaces frames out", the_rate_spaces_frames_out},
    {"a full queue drops the tail", a_full_queue_drops_the_tail},
    {"a frame larger than the queue passes an idle cable",
     a_frame_larger_than_the_queue_passes_an_idle_cable},
    {"what waits for the rate keeps its bytes when the rate changes",
     what_waits_for_the_rate_keeps_its_bytes_when_the_rate_changes},
    {"jitter keeps order and its bounds", jitter_keeps_order_and_its_bounds},
    {"a reordered frame is passed by others", a_reordered_frame_is_passed_by_others},
    {"a duplicate is the same frame again", a_duplicate_is_the_same_frame_again},
    {"corruption flips exactly one bit", corruption_flips_exactly_one_bit},
    {"a superframe is lost by segments", a_superframe_is_lost_by_segments},
    {"time jumps from event to event", time_jumps_from_event_to_event},
    {"a run ends at its time with both clocks there",
     a_run_ends_at_its_time_with_both_clocks_there},
    {"a run ends when it is told to", a_run_ends_when_it_is_told_to},
    {"a stack that is busy without end is caught", a_stack_that_is_busy_without_end_is_caught},
};

int main(void)
{
    return UNIT_MAIN("cable", tests);
}
