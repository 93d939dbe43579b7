/* DCTCP: alpha by the formula of RFC 8257 3.3, and what cwnd makes of it. */
#include "tcp/cc.h"

#include "unit.h"

#include <string.h>

#define MSS 1000

static struct cc_window w;
static struct cc_state state;
static struct ack_sample ack;

static void begin(uint32_t cwnd)
{
    memset(&state, 0xff, sizeof state);
    w = (struct cc_window){cwnd, cwnd};
    ack = (struct ack_sample){.window_limited = true, .flight = cwnd};
    cc_dctcp.start(&w, &state, &ack, MSS);
}

static void say(uint32_t bytes, bool marked, bool round_began)
{
    ack.delivered = bytes;
    ack.total += bytes;
    ack.echoed = marked;
    ack.round_began = round_began;
}

static void acked(uint32_t bytes, bool marked, bool round_began)
{
    say(bytes, marked, round_began);
    ack.in_recovery = true; /* cwnd stands still, alpha is what the test is about */
    cc_dctcp.acked(&w, &state, &ack, MSS);
    ack.in_recovery = false;
}

/* So many windows of ten segments, this many of them marked. */
static void windows(int count, int marked)
{
    for (int i = 0; i < count; i++)
        for (int j = 1; j <= 10; j++)
            acked(MSS, j <= marked, j == 10);
}

/* What a mark makes of 1000 segments. */
static uint32_t after_a_mark(void)
{
    struct cc_window before = w;
    w.cwnd = 1000 * MSS;
    ack.lost = 0;
    ack.delivered = 0;
    ack.echoed = true;
    cc_dctcp.congested(&w, &state, &ack, MSS);
    uint32_t ssthresh = w.ssthresh;
    w = before;
    return (ssthresh + MSS / 2) / MSS;
}

static void before_alpha_is_known_a_mark_halves(void)
{
    begin(100 * MSS);
    CU_ASSERT_EQUAL(after_a_mark(), 500);
}

static void each_window_brings_alpha_a_sixteenth_closer(void)
{
    begin(100 * MSS);
    windows(1, 0);
    CU_ASSERT_EQUAL(after_a_mark(), 531); /* alpha 15/16: 1000 (1 - 0.469) */
    windows(1, 0);
    CU_ASSERT_EQUAL(after_a_mark(), 561); /* (15/16)^2: 560.55 */
    windows(98, 0);
    CU_ASSERT(after_a_mark() >= 998); /* (15/16)^100 = 0.0016 */
    windows(1, 10);
    CU_ASSERT_EQUAL(after_a_mark(), 968); /* 0.0015 + 1/16, and half of it */
}

static void alpha_is_the_marked_part_in_the_end(void)
{
    begin(100 * MSS);
    windows(200, 3);
    CU_ASSERT_EQUAL(after_a_mark(), 850); /* 1 - 0.3 / 2 */
    windows(200, 0);
    CU_ASSERT(after_a_mark() >= 999);
}

/* The last ACK of the window brings congestion: alpha has it in. */
static void the_ack_that_brings_a_mark_is_counted_first_and_once(void)
{
    begin(1000 * MSS);
    windows(200, 0);
    say(MSS, true, true);
    cc_dctcp.congested(&w, &state, &ack, MSS);
    CU_ASSERT_EQUAL(w.ssthresh / MSS, 968); /* 1 - 1/32 */
    w.ssthresh = w.cwnd;
    cc_dctcp.acked(&w, &state, &ack, MSS); /* the same ACK */
    ack.total++;
    acked(MSS, false, true);
    CU_ASSERT_EQUAL(after_a_mark(), 971); /* alpha 1/16 x 15/16 */
}

static void loss_halves_whatever_alpha_is(void) /* 3.5 */
{
    begin(100 * MSS);
    windows(200, 0);
    ack.lost = MSS;
    ack.flight = 80 * MSS;
    cc_dctcp.congested(&w, &state, &ack, MSS);
    CU_ASSERT_EQUAL(w.ssthresh, 40 * MSS);
    cc_dctcp.timed_out(&w, &state, &ack, MSS);
    CU_ASSERT_EQUAL(w.cwnd, MSS);
    CU_ASSERT_EQUAL(w.ssthresh, 40 * MSS);
}

static void two_segments_are_the_least(void)
{
    begin(3 * MSS);
    ack.echoed = true;
    cc_dctcp.congested(&w, &state, &ack, MSS);
    CU_ASSERT_EQUAL(w.ssthresh, 2 * MSS);
}

static void it_grows_as_reno_does(void)
{
    begin(10 * MSS);
    for (int i = 0; i < 10; i++) {
        say(MSS, false, false);
        cc_dctcp.acked(&w, &state, &ack, MSS);
    }
    CU_ASSERT_EQUAL(w.cwnd, 11 * MSS);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"before alpha is known a mark halves", before_alpha_is_known_a_mark_halves},
        {"each window brings alpha a sixteenth closer",
         each_window_brings_alpha_a_sixteenth_closer},
        {"alpha is the marked part in the end", alpha_is_the_marked_part_in_the_end},
        {"the ACK that brings a mark is counted first, and once",
         the_ack_that_brings_a_mark_is_counted_first_and_once},
        {"loss halves whatever alpha is", loss_halves_whatever_alpha_is},
        {"two segments are the least", two_segments_are_the_least},
        {"it grows as Reno does", it_grows_as_reno_does},
    };
    return UNIT_MAIN("cc_dctcp", tests);
}
