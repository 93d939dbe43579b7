/* Congestion control: the plug-in table, the initial window (RFC 6928) and Reno (RFC 5681). */
#include "tcp/cc.h"

#include "unit.h"

#include <string.h>

#define MSS 1000

static struct cc_window window;
static struct cc_state state;

static void begin(uint32_t cwnd, uint32_t ssthresh)
{
    memset(&state, 0xff, sizeof state);
    window = (struct cc_window){cwnd, ssthresh};
    cc_reno.start(&window, &state, &(struct ack_sample){0}, MSS);
}

static void acked(uint32_t bytes, bool limited)
{
    struct ack_sample ack = {
        .acked = bytes, .delivered = bytes, .una_advanced = true, .window_limited = limited};
    cc_reno.acked(&window, &state, &ack, MSS);
}

static void congested(uint32_t flight)
{
    struct ack_sample ack = {.flight = flight, .lost = MSS};
    cc_reno.congested(&window, &state, &ack, MSS);
}

static void timed_out(uint32_t flight, bool again)
{
    struct ack_sample ack = {.flight = flight, .again = again};
    cc_reno.timed_out(&window, &state, &ack, MSS);
}

static void a_plug_in_is_found_by_name_and_number(void)
{
    CU_ASSERT_PTR_EQUAL(cc_find("reno"), &cc_reno);
    CU_ASSERT_PTR_NULL(cc_find("ren"));
    CU_ASSERT_PTR_NULL(cc_find(""));
    CU_ASSERT_PTR_EQUAL(cc_at(cc_number(&cc_reno)), &cc_reno);
}

static void the_initial_window_is_rfc_6928s(void)
{
    CU_ASSERT_EQUAL(cc_initial_window(10, 1460), 14600);
    CU_ASSERT_EQUAL(cc_initial_window(10, 536), 5360);
    CU_ASSERT_EQUAL(cc_initial_window(10, 4000), 14600); /* max(2 MSS, 14600) */
    CU_ASSERT_EQUAL(cc_initial_window(10, 9000), 18000);
    CU_ASSERT_EQUAL(cc_initial_window(1, 1460), 1460);
}

static void slow_start_grows_by_what_is_acknowledged(void) /* equation 2 */
{
    begin(10 * MSS, 100 * MSS);
    acked(MSS, true);
    CU_ASSERT_EQUAL(window.cwnd, 11 * MSS);
    acked(300, true);
    CU_ASSERT_EQUAL(window.cwnd, 11 * MSS + 300);
    acked(50 * MSS, true); /* a stretch ACK: all of it */
    CU_ASSERT_EQUAL(window.cwnd, 61 * MSS + 300);
    acked(50 * MSS, true); /* up to ssthresh; the rest counts for congestion avoidance */
    CU_ASSERT_EQUAL(window.cwnd, 100 * MSS);
}

static void avoidance_grows_by_one_mss_a_window(void) /* equation 3 */
{
    begin(10 * MSS, 10 * MSS);
    for (int i = 0; i < 9; i++)
        acked(MSS, true);
    CU_ASSERT_EQUAL(window.cwnd, 10 * MSS);
    acked(MSS, true);
    CU_ASSERT_EQUAL(window.cwnd, 11 * MSS);
    for (int i = 0; i < 11; i++)
        acked(MSS, true);
    CU_ASSERT_EQUAL(window.cwnd, 12 * MSS);
}

static void an_unused_window_does_not_grow(void)
{
    begin(10 * MSS, 100 * MSS);
    acked(MSS, false);
    CU_ASSERT_EQUAL(window.cwnd, 10 * MSS);
    begin(10 * MSS, 10 * MSS);
    for (int i = 0; i < 100; i++)
        acked(MSS, false);
    CU_ASSERT_EQUAL(window.cwnd, 10 * MSS);
}

static void a_loss_halves_what_was_in_flight(void) /* equation 4 */
{
    begin(40 * MSS, 100 * MSS);
    congested(30 * MSS); /* FlightSize, not cwnd */
    CU_ASSERT_EQUAL(window.ssthresh, 15 * MSS);
    congested(MSS);
    CU_ASSERT_EQUAL(window.ssthresh, 2 * MSS);
}

static void a_time_out_leaves_one_segment(void) /* 3.1 */
{
    begin(40 * MSS, 100 * MSS);
    timed_out(40 * MSS, false);
    CU_ASSERT_EQUAL(window.cwnd, MSS);
    CU_ASSERT_EQUAL(window.ssthresh, 20 * MSS);
    timed_out(MSS, true); /* again for the same bytes */
    CU_ASSERT_EQUAL(window.cwnd, MSS);
    CU_ASSERT_EQUAL(window.ssthresh, 20 * MSS);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a plug-in is found by name and number", a_plug_in_is_found_by_name_and_number},
        {"the initial window is RFC 6928's", the_initial_window_is_rfc_6928s},
        {"slow start grows by what is acknowledged", slow_start_grows_by_what_is_acknowledged},
        {"avoidance grows by one MSS a window", avoidance_grows_by_one_mss_a_window},
        {"an unused window does not grow", an_unused_window_does_not_grow},
        {"a loss halves what was in flight", a_loss_halves_what_was_in_flight},
        {"a time-out leaves one segment", a_time_out_leaves_one_segment},
    };
    return UNIT_MAIN("cc", tests);
}
