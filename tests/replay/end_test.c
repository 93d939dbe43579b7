/* How connections end, as captures show it: on one host the FIN came from a close, on another from
 * a shutdown; hosts abort, answer what was still on its way to them, and the path changes the order
 * of it all, or loses a part. */
#include "played.h"

#define RST_ACK (TCP_RST | TCP_ACK)
#define FIN_ACK (TCP_FIN | TCP_ACK)

/* ----------------------------------------------------------- closed, or shut down? */

/* It takes text after its FIN, so the application has only shut down; then it closes. */
static void who_reads_on_has_shut_down(void)
{
    struct written w[SEGMENTS_MAX] = {
        {SERVER, FIN_ACK, 1, 1, NULL, 0}, {CLIENT, TEXT, 1, 2, "hello", 0},
        {SERVER, TCP_ACK, 2, 6, NULL, 0}, {CLIENT, TEXT, 6, 2, "more", 0},
        {SERVER, TCP_RST, 2, 0, NULL, 0}, {CLIENT, TEXT, 10, 2, "and more", 0},
        {SERVER, TCP_RST, 2, 0, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
    w[5].flags |= TCP_FIN; /* "more" need not be read, even if the peer has closed, too */
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
}

/* RFC 9293 3.10.5: with text unread, the close of what was shut down is an abort. The text was
 * recorded before it came to the server. */
static void what_was_shut_down_may_be_aborted(void)
{
    static const struct written w[SEGMENTS_MAX] = {{CLIENT, TEXT, 1, 1, "hello", 0},
                                                   {SERVER, FIN_ACK, 1, 1, NULL, 0},
                                                   {SERVER, RST_ACK, 2, 1, NULL, 0},
                                                   {SERVER, TCP_RST, 1, 0, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
}

/* The last ACK has come to the server's RFC 9293 CLOSED while its application aborted. */
static void an_abort_may_cross_the_last_ack(void)
{
    static const struct written w[SEGMENTS_MAX] = {{CLIENT, FIN_ACK, 1, 1, NULL, 0},
                                                   {SERVER, FIN_ACK, 1, 2, NULL, 0},
                                                   {CLIENT, TCP_ACK, 2, 2, NULL, 0},
                                                   {SERVER, RST_ACK, 2, 2, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
}

/* ----------------------------------------------------------- answers of CLOSED */

/* The capture was taken at the client: its text had left before the server's end arrived, and came
 * to the server after it. RFC 9293 3.10.7.1 answers it with its ACK. */
static void what_was_on_its_way_is_answered(void)
{
    struct written w[SEGMENTS_MAX] = {{CLIENT, TEXT, 1, 1, "hello", 0},
                                      {SERVER, FIN_ACK, 1, 1, NULL, 0},
                                      {SERVER, TCP_RST, 1, 0, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
    w[1] = (struct written){SERVER, TEXT, 1, 1, "bye", 0};
    w[2] = (struct written){SERVER, RST_ACK, 4, 1, NULL, 0};
    w[3] = (struct written){SERVER, TCP_RST, 1, 0, NULL, 0};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
    w[3].seq = 90000; /* nobody can have acknowledged that */
    expect(play(SERVER, w), 7, "RST: only recorded");
}

/* An answer was lost between the server and the capture. */
static void an_answer_may_be_lost(void)
{
    static const struct written w[SEGMENTS_MAX] = {{SERVER, FIN_ACK, 1, 1, NULL, 0},
                                                   {CLIENT, TEXT, 1, 2, "hello", 0},
                                                   {SERVER, TCP_RST, 2, 0, NULL, 0},
                                                   {CLIENT, TEXT, 6, 2, "more", 0}};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
}

/* Its sender has not heard of the refusal, and is accepted when it tries again. */
static void a_refusal_may_be_lost(void)
{
    static const struct written w[SEGMENTS_MAX] = {{CLIENT, TCP_SYN, 0, 0, NULL, 0},
                                                   {SERVER, RST_ACK, -5000, 1, NULL, 0},
                                                   {CLIENT, TCP_SYN, 0, 0, NULL, 0},
                                                   {SERVER, TCP_SYN | TCP_ACK, 0, 1, NULL, 0},
                                                   {CLIENT, TCP_ACK, 1, 1, NULL, 0}};
    struct recording r = write_all((struct recording){0}, w);
    struct conversations cs;
    conversations_read(&cs, &r);
    CU_ASSERT_EQUAL_FATAL(cs.count, 2);
    CU_ASSERT(cs.conversation[0].refused && !cs.conversation[1].refused);
    CU_ASSERT(cs.conversation[1].answered);
    conversations_free(&cs);
    recording_free(&r);
}

/* ----------------------------------------------------------- changed order */

/* What says nothing new behind a RST was sent before it. */
static void text_may_be_overtaken_by_a_reset(void)
{
    struct written w[SEGMENTS_MAX] = {{CLIENT, TEXT, 1, 1, "hello", 0},
                                      {SERVER, RST_ACK, 11, 6, NULL, 0},
                                      {SERVER, TEXT, 1, 6, "hello, too", 0}};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
    w[3] = (struct written){CLIENT, TEXT, 6, 1, "more", 0};
    w[4] = (struct written){SERVER, TCP_ACK, 11, 10, NULL, 0}; /* its host is alive */
    expect(play(SERVER, w), 5, "RST: only recorded");
}

/* What is on its way is answered, after an abort or a close, and the answer comes first. */
static void an_answer_may_overtake_the_end(void)
{
    struct written w[SEGMENTS_MAX] = {{CLIENT, TEXT, 1, 1, "hello", 0},
                                      {SERVER, TCP_RST, 1, 0, NULL, 0},
                                      {SERVER, TEXT, 1, 6, "bye", 0},
                                      {SERVER, RST_ACK, 4, 6, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
    w[2] = (struct written){SERVER, FIN_ACK, 1, 1, NULL, 0};
    w[3] = (struct written){SERVER, TCP_RST, 2, 0, NULL, 0};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
    w[2] = (struct written){CLIENT, TEXT, 6, 1, "more", 0};
    w[3] = (struct written){SERVER, TEXT, 1, 10, "bye", 0}; /* its host was alive */
    w[4] = (struct written){SERVER, RST_ACK, 4, 10, NULL, 0};
    expect(play(SERVER, w), 5, "RST: only recorded");
}

/* ----------------------------------------------------------- a RST without effect */

/* The client acknowledges what the server sent behind the RST. */
static void a_reset_may_be_lost(void)
{
    static const struct written w[SEGMENTS_MAX] = {{CLIENT, TEXT, 1, 1, "hello", 0},
                                                   {SERVER, TCP_RST, 1, 0, NULL, 0},
                                                   {SERVER, TEXT, 1, 6, "hello, too", 0},
                                                   {CLIENT, TCP_ACK, 6, 11, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play(CLIENT, w).text, "");
}

/* The server has closed at the client's RST, and one of its answers has arrived. */
static void answers_to_what_crossed_a_reset_may_be_lost(void)
{
    struct written w[SEGMENTS_MAX] = {{CLIENT, TEXT, 1, 1, "hello", 0},
                                      {CLIENT, TCP_RST, 6, 0, NULL, 0},
                                      {CLIENT, TEXT, 1, 1, "hello", 0},
                                      {CLIENT, TEXT, 1, 1, "hello", 0},
                                      {SERVER, TCP_RST, 1, 0, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
    w[4] = (struct written){0};
    expect(play(SERVER, w), 6, "RST: only rill sends");
}

/* With SYN cookies (RFC 4987) a server is in LISTEN until the ACK of its SYN-ACK comes: RFC 9293
 * 3.10.7.2 resets what comes before. */
static void a_server_without_state_resets(void)
{
    struct written w[SEGMENTS_MAX] = {
        {CLIENT, TCP_SYN, 0, 0, NULL, 0}, {SERVER, TCP_SYN | TCP_ACK, 0, 1, NULL, 0},
        {CLIENT, TEXT, 6, 1, "more", 0},  {SERVER, TCP_RST, 1, 0, NULL, 0},
        {CLIENT, TEXT, 1, 1, "hello", 0}, {SERVER, TCP_ACK, 1, 10, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play_from_syn(SERVER, w).text, "");
    w[2] = (struct written){CLIENT, TEXT, 1, 1, "hello, more", 0};
    expect(play_from_syn(SERVER, w), 4, "RST: only recorded");
}

/* ----------------------------------------------------------- a flight before the end */

static void what_was_sent_before_the_end_is_sent(void)
{
    struct written end[SEGMENTS_MAX] = {{CLIENT, RST_ACK, 1 + 20 * 1400, 1, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play_flight(end).text, "");
    end[0] = (struct written){SERVER, TCP_RST, 1, 0, NULL, 0};
    CU_ASSERT_STRING_EQUAL(play_flight(end).text, "");
}

/* Text for an application that has closed ends the connection (RFC 9293 3.10.7.4, seventh). */
static void what_was_sent_before_a_close_is_sent(void)
{
    static const struct written end[SEGMENTS_MAX] = {{CLIENT, FIN_ACK, 1 + 20 * 1400, 1, NULL, 0},
                                                     {SERVER, TEXT, 1, 1, "hello", UINT16_MAX},
                                                     {CLIENT, TCP_RST, 1, 0, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play_flight(end).text, "");
}

/* The segments before its ACK were lost on their way to where the capture was taken. */
static void what_the_capture_lacks_is_not_owed(void)
{
    static const struct written w[SEGMENTS_MAX] = {{CLIENT, TEXT, 1, 1, "hello", 0},
                                                   {CLIENT, TCP_ACK, 1406, 1, NULL, 0},
                                                   {SERVER, TCP_RST, 1, 0, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play(CLIENT, w).text, "");
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"who reads on has shut down, not closed", who_reads_on_has_shut_down},
        {"what was shut down may be aborted", what_was_shut_down_may_be_aborted},
        {"an abort may cross the last ACK", an_abort_may_cross_the_last_ack},
        {"what was on its way to a closed host is answered", what_was_on_its_way_is_answered},
        {"an answer may be lost", an_answer_may_be_lost},
        {"a refusal may be lost", a_refusal_may_be_lost},
        {"a RST may overtake text", text_may_be_overtaken_by_a_reset},
        {"an answer may overtake the end", an_answer_may_overtake_the_end},
        {"a RST may be lost", a_reset_may_be_lost},
        {"answers to what crossed a RST may be lost", answers_to_what_crossed_a_reset_may_be_lost},
        {"a server without state resets", a_server_without_state_resets},
        {"what was sent before the end is sent", what_was_sent_before_the_end_is_sent},
        {"what was sent before a close is sent", what_was_sent_before_a_close_is_sent},
        {"what the capture lacks is not owed", what_the_capture_lacks_is_not_owed},
    };
    return UNIT_MAIN("end", tests);
}
