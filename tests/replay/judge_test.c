/* The judge notices: recordings in which a host did what rill does not do, and segments put into
 * rill's mouth. */
#include "played.h"

#include <stdlib.h>

#define LONG 6000

/* ----------------------------------------------------------- whole conversations */

static void a_good_one_is_exact(void)
{
    CU_ASSERT_STRING_EQUAL(play(CLIENT, good).text, "");
    CU_ASSERT_STRING_EQUAL(play(SERVER, good).text, "");
}

/* The recorded server was silent where RFC 9293 3.10.7.4 asks for a reset. */
static void a_reset_more_is_noticed(void)
{
    static const struct written w[SEGMENTS_MAX] = {{CLIENT, TEXT, 1, 1, "hello", 0},
                                                   {SERVER, TCP_ACK | TCP_FIN, 1, 6, NULL, 0},
                                                   {CLIENT, TCP_ACK, 6, 2, NULL, 0},
                                                   {CLIENT, TCP_RST, 6, 0, NULL, 0},
                                                   {CLIENT, TCP_ACK, 6, 2, NULL, 0}};
    expect(play(SERVER, w), 8, "RST: only rill sends");
}

/* Its host goes on: some box in between has sent it. */
static void a_reset_less_is_noticed(void)
{
    struct written w[SEGMENTS_MAX] = {
        good[0], good[1], {SERVER, TCP_RST, 11, 0, NULL, 0}, {SERVER, TEXT, 11, 6, "more", 0}};
    expect(play(SERVER, w), 6, "RST: only recorded");
    w[2].flags |= TCP_ACK;
    w[2].ack = 6;
    expect(play(SERVER, w), 6, "RST: only recorded");
}

/* RFC 9293 3.10.5 aborts with a RST that has no ACK. */
static void an_abort_is_exact(void)
{
    struct written w[SEGMENTS_MAX] = {good[0], good[1], {SERVER, TCP_RST, 11, 0, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
    CU_ASSERT_STRING_EQUAL(play(CLIENT, w).text, "");
}

/* RFC 1122 4.2.2.12 lets a RST bring text. */
static void the_reason_of_a_reset_is_no_text(void)
{
    struct written w[SEGMENTS_MAX] = {good[0], {SERVER, TCP_RST | TCP_ACK, 1, 6, "no room", 0}};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
    CU_ASSERT_STRING_EQUAL(play(CLIENT, w).text, "");
}

static void resets_may_cross(void)
{
    static const struct written w[SEGMENTS_MAX] = {{CLIENT, TCP_RST | TCP_ACK, 1, 1, NULL, 0},
                                                   {SERVER, TCP_RST | TCP_ACK, 1, 1, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
    CU_ASSERT_STRING_EQUAL(play(CLIENT, w).text, "");
}

/* A filter says it three times, to be sure. */
static void a_reset_may_be_repeated(void)
{
    static const struct written w[SEGMENTS_MAX] = {{SERVER, TCP_RST | TCP_ACK, 1, 1, NULL, 0},
                                                   {SERVER, TCP_RST | TCP_ACK, 1, 1, NULL, 0},
                                                   {SERVER, TCP_RST | TCP_ACK, 1, 1, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
    CU_ASSERT_STRING_EQUAL(play(CLIENT, w).text, "");
}

/* RFC 9293 3.10.7.1: an old duplicate finds nobody. Captures of both ends, put together, have many.
 */
static void what_comes_behind_the_end_is_reset(void)
{
    struct written w[SEGMENTS_MAX] = {good[0], good[1], good[2], good[3], good[4], good[0]};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
    w[5] = (struct written){SERVER, TCP_RST, 11, 0, NULL, 0}; /* what it answers was lost */
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
}

/* The RST with which the client gave up was lost; the one that answers is not. */
static void an_answer_tells_of_an_abort(void)
{
    struct written w[SEGMENTS_MAX] = {good[0], good[1], {CLIENT, TCP_RST, 1, 0, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play(CLIENT, w).text, "");
    w[2].seq = 7;
    expect(play(CLIENT, w), 6, "RST: only recorded");
}

/* RFC 9293 3.10.7.4: in CLOSING and LAST_ACK it closes, acknowledged or not. */
static void a_reset_ends_what_waits_for_its_last_ack(void)
{
    struct written w[SEGMENTS_MAX] = {{SERVER, TCP_ACK | TCP_FIN, 1, 1, NULL, 0},
                                      {CLIENT, TCP_ACK | TCP_FIN, 1, 2, NULL, 0},
                                      {SERVER, TCP_RST, 2, 0, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play(CLIENT, w).text, "");
    w[0] = (struct written){CLIENT, TCP_ACK | TCP_FIN, 1, 1, NULL, 0};
    w[1] = (struct written){SERVER, TCP_ACK | TCP_FIN, 1, 1, NULL, 0};
    CU_ASSERT_STRING_EQUAL(play(CLIENT, w).text, "");
}

/* RFC 5961 3: neither ends it, and the second is asked about. */
static void a_reset_at_another_number_implies_nothing(void)
{
    struct written w[SEGMENTS_MAX] = {good[0], {SERVER, TCP_RST, 90000, 0, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play(CLIENT, w).text, "");
    w[1].seq = 100;
    CU_ASSERT_STRING_EQUAL(play(CLIENT, w).text, "");
}

static void a_handshake_may_lack_its_end(void)
{
    static const struct written w[SEGMENTS_MAX] = {{CLIENT, TCP_SYN, 0, 0, NULL, 0},
                                                   {SERVER, TCP_SYN | TCP_ACK, 0, 1, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play_from_syn(CLIENT, w).text, "");
    CU_ASSERT_STRING_EQUAL(play_from_syn(SERVER, w).text, "");
}

/* RFC 9293 3.4 lets a SYN bring text; RFC 7413 2 lets it bring a cookie alone. */
static void a_syn_brings_what_it_brought(void)
{
    struct written w[SEGMENTS_MAX] = {{CLIENT, TCP_SYN, 0, 0, "hello", 0},
                                      {SERVER, TCP_SYN | TCP_ACK, 0, 6, NULL, 0},
                                      {CLIENT, TCP_ACK, 6, 1, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play_from_syn(CLIENT, w).text, "");
    CU_ASSERT_STRING_EQUAL(play_from_syn(SERVER, w).text, "");
    w[0].flags |= WRITTEN_COOKIE;
    w[0].text = NULL;
    w[1].ack = 1;
    w[2].seq = 1;
    CU_ASSERT_STRING_EQUAL(play_from_syn(CLIENT, w).text, "");
    CU_ASSERT_STRING_EQUAL(play_from_syn(SERVER, w).text, "");
}

/* RFC 9293 3.10.7.4, fifth: nobody takes it. */
static void text_without_ack_is_none(void)
{
    struct written w[SEGMENTS_MAX] = {good[0], {CLIENT, TCP_PSH | TCP_FIN, 6, 0, "lost", 0}};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
}

/* Each claims 15 MiB more than the last one. */
static void claims_cost_nothing(void)
{
    struct recording r = {0};
    struct conversations cs;
    write_handshake(&r);
    for (unsigned i = 1; i <= 100; i++)
        write_segment(&r, &(struct written){CLIENT, TEXT, i * (15 << 20), 1, "far", 0});
    conversations_read(&cs, &r);
    CU_ASSERT_PTR_NULL(cs.conversation[0].host[CLIENT].stream);
    CU_ASSERT_STRING_EQUAL(conversation_lacks(&cs.conversation[0], CLIENT),
                           "bytes that were sent are not in the capture");
    cs.conversation[0].host[CLIENT].port = 0;
    CU_ASSERT_STRING_EQUAL(conversation_lacks(&cs.conversation[0], CLIENT),
                           "port 0, which no socket has");
    conversations_free(&cs);
    recording_free(&r);
}

/* No TCP sends one without ACK. */
static void a_fin_less_is_noticed(void)
{
    static const struct written w[SEGMENTS_MAX] = {{SERVER, TCP_FIN, 1, 0, NULL, 0}};
    expect(play(SERVER, w), 4, "FIN: only recorded");
}

/* What was on its way when the peer's RST came. */
static void text_and_a_fin_may_cross_a_reset(void)
{
    static const struct written w[SEGMENTS_MAX] = {{CLIENT, TCP_RST, 1, 0, NULL, 0},
                                                   {SERVER, TEXT, 1, 1, "late", 0},
                                                   {SERVER, TCP_ACK | TCP_FIN, 5, 1, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
}

/* RFC 9293 3.6: who has closed, not shut down, takes no text any more, and says so. */
static void text_for_nobody_is_reset(void)
{
    static const struct written w[SEGMENTS_MAX] = {{SERVER, TCP_ACK | TCP_FIN, 1, 1, NULL, 0},
                                                   {CLIENT, TEXT, 1, 2, "hello", 0},
                                                   {SERVER, TCP_RST, 2, 0, NULL, 0},
                                                   {CLIENT, TCP_ACK | TCP_FIN, 6, 2, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
    CU_ASSERT_STRING_EQUAL(play(CLIENT, w).text, "");
}

/* A full backlog has let the first SYN fall; then nobody listened any more. */
static void a_refusal_may_come_late(void)
{
    static const struct written w[SEGMENTS_MAX] = {{CLIENT, TCP_SYN, 0, 0, NULL, 0},
                                                   {CLIENT, TCP_SYN, 0, 0, NULL, 0},
                                                   {SERVER, TCP_RST | TCP_ACK, -5000, 1, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play_from_syn(SERVER, w).text, "");
}

/* The last text before it was lost on its way to where the capture was taken. */
static void a_reset_stands_behind_what_was_seen(void)
{
    struct written w[SEGMENTS_MAX] = {good[0], {CLIENT, TCP_RST | TCP_ACK, 600, 1, NULL, 0}};
    w[2] = w[1];
    CU_ASSERT_STRING_EQUAL(play(CLIENT, w).text, "");
    w[1].seq = 90000;
    w[2].flags = 0;
    expect(play(CLIENT, w), 5, "RST: only recorded");
}

static void a_syn_less_is_noticed(void)
{
    struct written w[SEGMENTS_MAX] = {{CLIENT, TCP_SYN | TCP_ACK, 0, 1, NULL, 0}, good[0]};
    expect(play(CLIENT, w), 4, "SYN: only recorded");
}

/* The first copy lies beyond the window that was ever offered: the recorded server took it, rill
 * takes the second. */
static void wrong_bytes_delivered_are_noticed(void)
{
    static char first[1401], second[1401];
    memset(first, 'a', sizeof first - 1);
    memset(second, 'b', sizeof second - 1);
    const struct written w[SEGMENTS_MAX] = {{CLIENT, TEXT, 2801, 1, first, 0},
                                            {CLIENT, TEXT, 1, 1, first, 0},
                                            {CLIENT, TEXT, 1401, 1, first, 0},
                                            {SERVER, TCP_ACK, 1, 2801, NULL, 0},
                                            {CLIENT, TEXT, 2801, 1, second, 0}};
    /* the first copy reached behind the window */
    expect(play(SERVER, w), 8, "wrong bytes are delivered (position 4001");
}

static void an_ack_of_what_is_never_sent_is_noticed(void)
{
    struct written w[SEGMENTS_MAX] = {
        good[0], {CLIENT, TCP_RST, 6, 0, NULL, 0}, good[1], {CLIENT, TCP_ACK, 6, 11, NULL, 0}};
    expect(play(SERVER, w), 7, "rill never sends what the peer acknowledges");
}

/* The recorded server's application read nothing while its window was closed, so rill's closes, and
 * opens when it did. */
static void the_application_reads_at_the_recorded_pace(void)
{
    static char text[2001];
    memset(text, 'a', sizeof text - 1);
    const struct written w[] = {
        {CLIENT, TEXT, 1, 1, text, 0},          {SERVER, TCP_ACK, 1, 2001, NULL, 2000},
        {CLIENT, TEXT, 2001, 1, text, 0},       {SERVER, TCP_ACK, 1, 4001, NULL, 1},
        {SERVER, TCP_ACK, 1, 4001, NULL, 4000}, {0}};
    char *told;
    size_t length;
    FILE *out = open_memstream(&told, &length);
    const struct player_options verbose = {.verbose = out};
    CU_ASSERT_STRING_EQUAL(play_with(&verbose, SERVER, w).text, "");
    fclose(out);
    const char *closed = strstr(told, "ack 4001 win 0"), *open = strstr(told, "ack 4001 win 4000");
    CU_ASSERT_PTR_NOT_NULL(closed);
    CU_ASSERT(open > closed);
    free(told);
}

/* More than the stack's trace remembers, and no state changes in it. */
static void a_long_one_is_followed_to_its_end(void)
{
    struct written w[LONG + 1] = {{0}};
    for (unsigned i = 0; i < LONG; i += 2) {
        position at = 1 + i / 2;
        w[i] = (struct written){CLIENT, TEXT, at, 1, "a", 0};
        w[i + 1] = (struct written){SERVER, TCP_ACK, 1, at + 1, NULL, 0};
    }
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
    CU_ASSERT_STRING_EQUAL(play(CLIENT, w).text, "");
}

/* Its window had shrunk, for memory, not because text lay unread: what came then was taken. */
static void a_window_that_shrank_costs_nothing(void)
{
    static char text[2001];
    memset(text, 'a', sizeof text - 1);
    const struct written w[] = {
        {CLIENT, TEXT, 1, 1, text, 0},         {SERVER, TCP_ACK, 1, 2001, NULL, 100},
        {CLIENT, TEXT, 2001, 1, text, 0},      {CLIENT, TEXT, 4001, 1, text, 0},
        {SERVER, TCP_ACK, 1, 6001, NULL, 100}, {0}};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
}

/* The server has all but the first 1400 bytes up to `to`. */
static void write_sack(struct recording *r, position to)
{
    const struct written w = {SERVER, TCP_ACK, 1, 1, NULL, UINT16_MAX};
    struct tcp_header h = written_header(&w);
    h.options.sack_count = 1;
    h.options.sack[0].left.n = h.ack.n + 1400;
    h.options.sack[0].right.n = h.ack.n + (uint32_t)to - 1;
    write_tcp(r, SERVER, &h, span_of(NULL, 0));
}

/* Little is on its way, and much waits for the first segment: no capture shows the send buffer that
 * holds it, so rill's own, 64 KB at first, is not what counts. */
static void a_long_flight_is_sent(void)
{
    static char text[1401];
    memset(text, 'a', sizeof text - 1);
    static const struct written syns[] = {
        {CLIENT, TCP_SYN | WRITTEN_LARGE, 0, 0, NULL, 0},
        {SERVER, TCP_SYN | TCP_ACK | WRITTEN_LARGE, 0, 1, NULL, 0},
        {CLIENT, TCP_ACK, 1, 1, NULL, 0},
        {SERVER, TCP_ACK, 1, 1, NULL, UINT16_MAX},
        {0}};
    struct recording r = write_all((struct recording){0}, syns);
    for (unsigned i = 1; i <= 70; i++) {
        write_segment(&r, &(struct written){CLIENT, TEXT, 1 + 1400 * (i - 1), 1, text, 0});
        if (i > 1)
            write_sack(&r, 1 + 1400 * i);
    }
    CU_ASSERT_STRING_EQUAL(play_recording(&quiet, CLIENT, r).text, "");
}

/* Its last flight is larger than rill's first window, and nothing tells that it arrived. */
static void a_capture_may_end_in_a_flight(void)
{
    CU_ASSERT_STRING_EQUAL(play_flight((const struct written[SEGMENTS_MAX]){{0}}).text, "");
}

/* The recorded client had 4000 bytes in eight segments where rill, which cuts 536, sends seven and
 * waits with the rest for a whole one (RFC 9293 3.8.6.2.1): it is acknowledged what it has sent. */
static void the_end_of_a_window_may_be_cut(void)
{
    static char text[501];
    memset(text, 'a', sizeof text - 1);
    struct written w[13] = {{SERVER, TCP_ACK, 1, 1, NULL, 0}};
    for (unsigned i = 0; i < 9; i++)
        w[i + (i == 8)] = (struct written){CLIENT, TEXT, 1 + 500 * i, 1, text, 0};
    w[8] = (struct written){SERVER, TCP_ACK, 1, 4001, NULL, 0};
    w[10] = (struct written){SERVER, TCP_ACK, 1, 4501, NULL, 0};
    CU_ASSERT_STRING_EQUAL(play(CLIENT, w).text, "");
    memmove(&w[10], &w[9], 2 * sizeof *w); /* the window was closed, and opens with the next ACK */
    w[9] = w[8];
    w[8].flags |= WRITTEN_CLOSED;
    CU_ASSERT_STRING_EQUAL(play(CLIENT, w).text, "");
}

/* Its text was lost, and comes again behind it. */
static void a_fin_may_come_before_its_text(void)
{
    static const struct written w[SEGMENTS_MAX] = {{SERVER, TCP_ACK | TCP_FIN, 6, 1, NULL, 0},
                                                   {SERVER, TEXT, 1, 1, "hello", 0},
                                                   {CLIENT, TCP_ACK, 1, 7, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
}

/* What the state's name depends on is not whose FIN was seen first, but whether the peer's had been
 * taken, with all before it, when the own one was called for. */
static void a_fin_ahead_of_its_text_closes_nothing(void)
{
    static const struct written w[SEGMENTS_MAX] = {{CLIENT, TCP_ACK | TCP_FIN, 6, 1, NULL, 0},
                                                   {SERVER, TCP_ACK | TCP_FIN, 1, 1, NULL, 0},
                                                   {CLIENT, TEXT, 1, 2, "hello", 0},
                                                   {SERVER, TCP_ACK, 2, 7, NULL, 0}};
    CU_ASSERT_STRING_EQUAL(play(CLIENT, w).text, "");
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
}

/* The recorded server has read 500 of 1000 bytes and says so at once: its window, not rill's, which
 * moves in larger steps, decides what may come. */
static void a_window_counts_as_it_was_offered(void)
{
    static char text[2001];
    memset(text, 'a', sizeof text - 1);
    const struct written w[] = {
        {CLIENT, TEXT, 1, 1, text + 1000, 0},   {SERVER, TCP_ACK, 1, 1001, NULL, 3500},
        {CLIENT, TEXT, 2501, 1, text, 0},       {CLIENT, TEXT, 1001, 1, text + 500, 0},
        {SERVER, TCP_ACK, 1, 4501, NULL, 4000}, {0}};
    CU_ASSERT_STRING_EQUAL(play(SERVER, w).text, "");
}

/* ----------------------------------------------------------- segments put into rill's mouth */

/* rill is the server and has sent its SYN-ACK; three bytes of the client have arrived, and it has
 * offered a window of 8. The recorded server has sent "hello, too" and no FIN. */
struct mouth {
    struct recording recording;
    struct conversations conversations;
    struct player_report report;
    struct player player;
};

static void say(struct mouth *m, uint16_t flags, position seq, position ack, const char *text)
{
    uint8_t frame[2048];
    struct forge way = {.from = forge_mac(1),
                        .to = forge_mac(2),
                        .ip = {.ttl = 64, .source = STAGE_OWN, .destination = STAGE_PEER}};
    struct tcp_header h = {.source = 80,
                           .destination = 4000,
                           .seq = {77 + (uint32_t)seq},
                           .ack = {1000 + (uint32_t)ack},
                           .flags = flags,
                           .window = 100};
    size_t length = forge_tcp(frame, &way, &h, span_of(text, text ? strlen(text) : 0));
    judge_frame(&m->player, span_of(frame, length));
}

static void open_mouth(struct mouth *m)
{
    static const struct written recorded[] = {{SERVER, TEXT, 1, 1, "hello, too", 0},
                                              {CLIENT, TEXT, 1, 1, "abc", 8}};
    *m = (struct mouth){0};
    write_handshake(&m->recording);
    for (unsigned i = 0; i < 2; i++)
        write_segment(&m->recording, &recorded[i]);
    conversations_read(&m->conversations, &m->recording);
    struct conversation *c = m->conversations.conversation;
    m->player = (struct player){.c = c,
                                .own = &c->host[SERVER],
                                .peer = &c->host[CLIENT],
                                .side = SERVER,
                                .options = &quiet,
                                .report = &m->report,
                                .received = calloc(4, 1)};
    c->segment[0].header.window = 8; /* never offered more */
    c->segment[2].header.window = 8;
    for (unsigned i = 0; i < c->count; i++)
        if (c->segment[i].from == CLIENT)
            judge_note_arrival(&m->player, &c->segment[i]);
    say(m, TCP_SYN | TCP_ACK, 0, 1, NULL);
    CU_ASSERT_EQUAL(m->report.differences.count, 0);
}

static void close_mouth(struct mouth *m)
{
    free(m->player.said);
    free(m->player.received);
    differences_free(&m->report.differences);
    conversations_free(&m->conversations);
    recording_free(&m->recording);
}

/* One segment, and what the judge must say of it; NULL: nothing. */
static void one_segment(uint16_t flags, position seq, position ack, const char *text,
                        const char *verdict)
{
    struct mouth m;
    open_mouth(&m);
    say(&m, flags, seq, ack, text);
    const struct differences *d = &m.report.differences;
    CU_ASSERT_EQUAL(d->count, verdict ? 1 : 0);
    if (verdict && d->count)
        CU_ASSERT_PTR_NOT_NULL(strstr(d->at[0].text, verdict));
    close_mouth(&m);
}

static void good_segments_pass(void)
{
    one_segment(TEXT, 1, 4, "hello, t", NULL);
    one_segment(TCP_ACK, 1, 4, NULL, NULL);
    one_segment(TEXT, 4, 1, "lo", NULL);
}

static void wrong_bytes_are_noticed(void)
{
    one_segment(TEXT, 1, 4, "hallo", "wrong byte (position 2");
    one_segment(TEXT, 9, 4, "x", "wrong byte (position 9");
}

static void an_ack_beyond_what_arrived_is_noticed(void)
{
    one_segment(TCP_ACK, 1, 5, NULL, "acknowledges what has not arrived (position 5");
}

static void text_beyond_the_window_is_noticed(void)
{
    one_segment(TEXT, 1, 4, "hello, to", "beyond the peer's window (position 10");
}

/* RFC 9293 3.8.6.1. */
static void a_probe_of_one_byte_is_none(void)
{
    one_segment(TEXT, 9, 4, "o", NULL);
}

static void a_fin_more_is_noticed(void)
{
    one_segment(TCP_ACK | TCP_FIN, 1, 4, NULL, "a FIN where the recorded host sent none");
}

static void bytes_that_stay_undelivered_are_noticed(void)
{
    struct mouth m;
    open_mouth(&m);
    m.report.state = m.report.implied = RILL_TCP_ESTABLISHED;
    m.report.sent = 10;
    m.player.sent = 11;
    m.report.delivered = 3;
    judge_end(&m.player);
    CU_ASSERT_EQUAL(m.report.differences.count, 0);
    m.report.delivered = 2;
    judge_end(&m.player);
    CU_ASSERT_EQUAL_FATAL(m.report.differences.count, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(m.report.differences.at[0].text, "rill has not delivered all"));
    close_mouth(&m);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a good conversation is exact", a_good_one_is_exact},
        {"a RST more than recorded is noticed", a_reset_more_is_noticed},
        {"a RST less than recorded is noticed", a_reset_less_is_noticed},
        {"an abort is exact, with an ACK or without", an_abort_is_exact},
        {"an answer tells of an abort", an_answer_tells_of_an_abort},
        {"the reason of a reset is no text", the_reason_of_a_reset_is_no_text},
        {"resets may cross", resets_may_cross},
        {"a reset may be repeated", a_reset_may_be_repeated},
        {"what comes behind the end is reset", what_comes_behind_the_end_is_reset},
        {"a reset ends CLOSING and LAST_ACK", a_reset_ends_what_waits_for_its_last_ack},
        {"a reset elsewhere implies nothing", a_reset_at_another_number_implies_nothing},
        {"a handshake may lack its end", a_handshake_may_lack_its_end},
        {"a SYN brings text, or a cookie alone", a_syn_brings_what_it_brought},
        {"text without ACK is none", text_without_ack_is_none},
        {"claims of far text cost nothing", claims_cost_nothing},
        {"text and a FIN may cross a reset", text_and_a_fin_may_cross_a_reset},
        {"text for nobody is reset", text_for_nobody_is_reset},
        {"a refusal may come late", a_refusal_may_come_late},
        {"a reset stands behind what was seen", a_reset_stands_behind_what_was_seen},
        {"a long flight is sent", a_long_flight_is_sent},
        {"a capture may end in a flight", a_capture_may_end_in_a_flight},
        {"the end of a window may be cut", the_end_of_a_window_may_be_cut},
        {"a FIN may come before its text", a_fin_may_come_before_its_text},
        {"a FIN ahead of its text closes nothing", a_fin_ahead_of_its_text_closes_nothing},
        {"a window counts as it was offered", a_window_counts_as_it_was_offered},
        {"a FIN less than recorded is noticed", a_fin_less_is_noticed},
        {"a SYN less than recorded is noticed", a_syn_less_is_noticed},
        {"wrong bytes delivered are noticed", wrong_bytes_delivered_are_noticed},
        {"what is acknowledged and never sent is noticed", an_ack_of_what_is_never_sent_is_noticed},
        {"the application reads at the pace of the recorded window",
         the_application_reads_at_the_recorded_pace},
        {"a window that shrank without need costs nothing", a_window_that_shrank_costs_nothing},
        {"a long one is followed to its end", a_long_one_is_followed_to_its_end},
        {"good segments pass", good_segments_pass},
        {"wrong bytes sent are noticed", wrong_bytes_are_noticed},
        {"an ACK beyond what has arrived is noticed", an_ack_beyond_what_arrived_is_noticed},
        {"text beyond the window is noticed", text_beyond_the_window_is_noticed},
        {"a probe of one byte is let pass", a_probe_of_one_byte_is_none},
        {"a FIN more than recorded is noticed", a_fin_more_is_noticed},
        {"bytes that stay undelivered are noticed", bytes_that_stay_undelivered_are_noticed},
    };
    return UNIT_MAIN("judge", tests);
}
