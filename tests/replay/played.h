/* Recordings written by hand, played: what the judge finds in them. */
#ifndef TESTS_PLAYED_H
#define TESTS_PLAYED_H

#include "../unit/unit.h"
#include "replay/playing.h"
#include "written.h"

#define CLIENT CONVERSATION_CLIENT
#define SERVER CONVERSATION_SERVER
#define TEXT (TCP_ACK | TCP_PSH)
#define SEGMENTS_MAX 8

static const struct player_options quiet;

/* Plays it; the first difference that is not allowed, "" if none. */
static inline struct difference play_recording(const struct player_options *options,
                                               enum conversation_side side, struct recording r)
{
    struct conversations cs;
    struct player_report report;
    struct difference found = {.text = ""};
    conversations_read(&cs, &r);
    CU_ASSERT_EQUAL_FATAL(cs.count, 1);
    CU_ASSERT_PTR_NULL_FATAL(conversation_lacks(&cs.conversation[0], side));
    player_run(&cs.conversation[0], side, options, &report);
    for (unsigned i = report.differences.count; i-- > 0;)
        if (!report.differences.at[i].allowed)
            found = report.differences.at[i];
    differences_free(&report.differences);
    conversations_free(&cs);
    recording_free(&r);
    return found;
}

static inline struct recording write_all(struct recording r, const struct written *w)
{
    for (unsigned i = 0; w[i].flags; i++)
        write_segment(&r, &w[i]);
    return r;
}

/* The handshake and what follows it. */
static inline struct difference play_with(const struct player_options *options,
                                          enum conversation_side side, const struct written *w)
{
    struct recording r = {0};
    write_handshake(&r);
    return play_recording(options, side, write_all(r, w));
}

/* With a handshake of its own. */
static inline struct difference play_from_syn(enum conversation_side side, const struct written *w)
{
    return play_recording(&quiet, side, write_all((struct recording){0}, w));
}

static inline struct difference play(enum conversation_side side, const struct written *w)
{
    return play_with(&quiet, side, w);
}

static inline void expect(struct difference d, unsigned number, const char *text)
{
    CU_ASSERT_EQUAL(d.number, number);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, text));
    if (!strstr(d.text, text))
        puts(d.text);
}

static const struct written good[SEGMENTS_MAX] = {
    {CLIENT, TEXT, 1, 1, "hello", 0},
    {SERVER, TEXT, 1, 6, "hello, too", 0},
    {CLIENT, TCP_ACK | TCP_FIN, 6, 11, NULL, 0},
    {SERVER, TCP_ACK | TCP_FIN, 11, 7, NULL, 0},
    {CLIENT, TCP_ACK, 7, 12, NULL, 0},
};

/* The client sends twenty segments, more than rill's first window; `end`: what follows them. */
static inline struct difference play_flight(const struct written end[SEGMENTS_MAX])
{
    static char text[1401];
    memset(text, 'a', sizeof text - 1);
    struct written w[24 + SEGMENTS_MAX] = {
        {CLIENT, TCP_SYN | WRITTEN_LARGE, 0, 0, NULL, 0},
        {SERVER, TCP_SYN | TCP_ACK | WRITTEN_LARGE, 0, 1, NULL, 0},
        {CLIENT, TCP_ACK, 1, 1, NULL, 0},
        {SERVER, TCP_ACK, 1, 1, NULL, UINT16_MAX}};
    for (unsigned i = 0; i < 20; i++)
        w[4 + i] = (struct written){CLIENT, TEXT, 1 + 1400 * i, 1, text, 0};
    memcpy(&w[24], end, SEGMENTS_MAX * sizeof *w);
    return play_from_syn(CLIENT, w);
}

#endif
