/* What a recording lacks, and which of the two sides can be played all the same. */
#include "../unit/unit.h"
#include "replay/defragment.h"
#include "replay/playing.h"
#include "written.h"

#include <stdlib.h>

#define CLIENT CONVERSATION_CLIENT
#define SERVER CONVERSATION_SERVER
#define TEXT (TCP_ACK | TCP_PSH)

static const char lost[] = "bytes that were sent are not in the capture";
static const char closed[] = "ACKs that opened its peer's window are not in the capture";

static struct recording write_all(const struct written *w)
{
    struct recording r = {0};
    write_handshake(&r);
    for (unsigned i = 0; w[i].flags; i++)
        write_segment(&r, &w[i]);
    return r;
}

/* What each side lacks; one that lacks nothing is played, and exact. */
static void expect_of(struct recording r, const char *client, const char *server)
{
    static const struct player_options quiet;
    const char *expected[2] = {client, server};
    struct conversations cs;
    struct player_report report;
    conversations_read(&cs, &r);
    for (int side = 0; side < 2; side++) {
        const char *lacks = conversation_lacks(&cs.conversation[0], side);
        CU_ASSERT_STRING_EQUAL(lacks ? lacks : "", expected[side]);
        if (lacks)
            continue;
        CU_ASSERT(player_run(&cs.conversation[0], side, &quiet, &report));
        differences_free(&report.differences);
    }
    conversations_free(&cs);
    recording_free(&r);
}

static void expect(const struct written *w, const char *client, const char *server)
{
    expect_of(write_all(w), client, server);
}

/* Recorded beside the server, which has reset before they came again. */
static void bytes_that_never_came(void)
{
    static const struct written w[] = {
        {CLIENT, TEXT, 1, 1, "hello", 0},           {SERVER, TCP_ACK, 1, 6, NULL, 0},
        {CLIENT, TEXT, 11, 1, "world", 0},          {SERVER, TCP_ACK, 1, 6, NULL, 0},
        {SERVER, TCP_RST | TCP_ACK, 1, 6, NULL, 0}, {0}};
    expect(w, lost, "");
}

static void bytes_that_were_acknowledged(void)
{
    struct written w[] = {{CLIENT, TEXT, 1, 1, "hello", 0},
                          {SERVER, TCP_ACK, 1, 6, NULL, 0},
                          {CLIENT, TEXT, 11, 1, "world", 0},
                          {SERVER, TCP_ACK, 1, 16, NULL, 0},
                          {0}};
    expect(w, lost, lost);
}

/* Each direction has its own queue. */
static void data_may_be_recorded_after_its_ack(void)
{
    static const struct written w[] = {
        {SERVER, TCP_ACK, 1, 6, NULL, 0}, {CLIENT, TEXT, 1, 1, "hello", 0},
        {SERVER, TEXT, 1, 6, "world", 0}, {SERVER, TCP_ACK | TCP_FIN, 6, 7, NULL, 0},
        {CLIENT, TCP_ACK, 6, 6, NULL, 0}, {CLIENT, TCP_ACK | TCP_FIN, 6, 6, NULL, 0},
        {CLIENT, TCP_ACK, 7, 7, NULL, 0}, {0}};
    expect(w, "", "");
}

static const struct written syn = {CLIENT, TCP_SYN, 0, 0, NULL, 0},
                            answer = {SERVER, TCP_SYN | TCP_ACK, 0, 1, NULL, 0},
                            other_answer = {SERVER, TCP_SYN | TCP_ACK, 3000, 1, NULL, 0};

static const struct written spoken_all[] = {
    {CLIENT, TCP_ACK, 1, 1, NULL, 0},           {CLIENT, TEXT, 1, 1, "hello", 0},
    {SERVER, TEXT, 1, 6, "world", 0},           {SERVER, TCP_ACK | TCP_FIN, 6, 6, NULL, 0},
    {CLIENT, TCP_ACK | TCP_FIN, 6, 7, NULL, 0}, {SERVER, TCP_ACK, 7, 7, NULL, 0}};

static void write_all_of(struct recording *r, unsigned first, unsigned to)
{
    for (unsigned i = first; i < to; i++)
        write_segment(r, &spoken_all[i]);
}

#define SPOKEN (sizeof spoken_all / sizeof *spoken_all)

/* With an ISN each, in any order; the client has acknowledged one. */
static void of_two_answers_one_counts(void)
{
    for (unsigned other = 0; other < 3; other++) {
        struct recording r = {0};
        write_segment(&r, &syn);
        write_segment(&r, other == 0 ? &other_answer : &answer);
        if (other == 0) /* to the SYN's repetition */
            write_segment(&r, &syn);
        if (other < 2)
            write_segment(&r, other == 0 ? &answer : &other_answer);
        write_all_of(&r, 0, 3);
        if (other == 2)
            write_segment(&r, &other_answer);
        write_all_of(&r, 3, SPOKEN);
        expect_of(r, "", "");
    }
}

/* Two recordings in one file, or one twice. */
static void the_same_conversation_again_is_another_one(void)
{
    struct recording r = {0};
    struct conversations cs;
    for (int again = 0; again < 2; again++) {
        write_segment(&r, &syn);
        write_segment(&r, &answer);
        write_all_of(&r, 0, SPOKEN);
    }
    conversations_read(&cs, &r);
    CU_ASSERT_EQUAL(cs.count, 2);
    conversations_free(&cs);
    expect_of(r, "", "");
}

static char text[WRITTEN_WINDOW + 1];

/* More than a window of text, and no ACK that would have let it pass. */
static void acks_that_opened_a_window(void)
{
    struct written w[] = {{CLIENT, TEXT, 1, 1, text, 0},
                          {CLIENT, TEXT, 1 + WRITTEN_WINDOW, 1, "x", 0}, /* a probe */
                          {SERVER, TCP_ACK, 1, 1 + WRITTEN_WINDOW, NULL, 0},
                          {CLIENT, TEXT, 1 + WRITTEN_WINDOW, 1, "xyz", 0},
                          {SERVER, TCP_ACK, 1, 4 + WRITTEN_WINDOW, NULL, 0},
                          {0}};
    memset(text, 'w', WRITTEN_WINDOW);
    expect(w, "", "");
    w[2].ack = 1;
    expect(w, closed, "");
}

/* Each direction has a queue of its own where it is recorded. */
static void an_ack_may_be_recorded_late(void)
{
    struct written w[] = {{CLIENT, TEXT, 1, 1, text, 0},
                          {CLIENT, TEXT, 1 + WRITTEN_WINDOW, 1, "xyz", 0},
                          {SERVER, TCP_ACK, 1, 1 + WRITTEN_WINDOW, NULL, 0},
                          {SERVER, TCP_ACK, 1, 4 + WRITTEN_WINDOW, NULL, 0},
                          {0}};
    memset(text, 'w', WRITTEN_WINDOW);
    expect(w, closed, "");
    struct recording r = write_all(w);
    r.packet[5].when = r.packet[4].when + RILL_MICROSECONDS(20);
    struct conversations cs;
    conversations_read(&cs, &r);
    CU_ASSERT_PTR_NULL(conversation_lacks(&cs.conversation[0], CLIENT));
    conversations_free(&cs);
    recording_free(&r);
}

static void text_behind_a_fin(void)
{
    static const struct written w[] = {{CLIENT, TEXT | TCP_FIN, 1, 1, "hello", 0},
                                       {SERVER, TCP_ACK, 1, 7, NULL, 0},
                                       {CLIENT, TEXT, 7, 1, "more", 0},
                                       {SERVER, TCP_ACK, 1, 7, NULL, 0},
                                       {0}};
    expect(w, "text stands behind a FIN", "text stands behind a FIN");
}

/* Bytes of a packet's payload, in a packet of their own. */
static void write_fragment(struct recording *r, const struct recorded *whole, size_t from,
                           size_t to)
{
    struct ip4 ip;
    struct rill_span payload;
    CU_ASSERT_FALSE_FATAL(ip4_parse(&ip, whole->body, &payload));
    uint8_t *at = grow(NULL, ETH_MINIMUM + IP4_HEADER + payload.length);
    memset(at, 0, ETH_MINIMUM + IP4_HEADER);
    memcpy(at, whole->frame.at, ETH_HEADER);
    to = min_of(to, payload.length);
    ip.dont_fragment = false;
    ip.fragment_offset = (uint16_t)from;
    ip.more_fragments = to < payload.length;
    ip.total_length = (uint16_t)(IP4_HEADER + to - from);
    ip4_write(at + ETH_HEADER, &ip);
    memcpy(at + ETH_HEADER + IP4_HEADER, payload.at + from, to - from);
    write_frame(r, at, max_of(ETH_HEADER + (size_t)ip.total_length, (size_t)ETH_MINIMUM));
}

/* They come in the wrong order. */
static void fragments_are_put_together(void)
{
    static const struct written first[] = {{CLIENT, TEXT, 1, 1, "hello, all of you", 0}, {0}};
    static const struct written rest[] = {{SERVER, TCP_ACK, 1, 18, NULL, 0},
                                          {CLIENT, TCP_ACK | TCP_FIN, 18, 1, NULL, 0},
                                          {SERVER, TCP_ACK, 1, 19, NULL, 0},
                                          {0}};
    struct recording r = write_all(first);
    struct recorded whole = r.packet[--r.count];
    write_fragment(&r, &whole, 24, SIZE_MAX);
    write_fragment(&r, &whole, 0, 24);
    free((void *)whole.frame.at);
    for (unsigned i = 0; rest[i].flags; i++)
        write_segment(&r, &rest[i]);
    defragment(&r);
    expect_of(r, "", "");
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"bytes that never came are the sender's affair", bytes_that_never_came},
        {"bytes that were acknowledged are both's", bytes_that_were_acknowledged},
        {"data may be recorded after its ACK", data_may_be_recorded_after_its_ack},
        {"of two answers to a SYN one counts", of_two_answers_one_counts},
        {"the same conversation again is another one", the_same_conversation_again_is_another_one},
        {"ACKs that opened a window", acks_that_opened_a_window},
        {"an ACK may be recorded late", an_ack_may_be_recorded_late},
        {"text behind a FIN", text_behind_a_fin},
        {"fragments are put together", fragments_are_put_together},
    };
    return UNIT_MAIN("lack", tests);
}
