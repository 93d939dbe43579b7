/* What two hosts say to each other beside TCP, played by rill. */
#include "../unit/unit.h"
#include "replay/exchange.h"
#include "written.h"

#include <stdlib.h>

#define CLIENT CONVERSATION_CLIENT
#define SERVER CONVERSATION_SERVER
#define DOMAIN 53

/* Plays one of them; the first difference that is not allowed, "" if none. */
static struct difference play(unsigned side, struct recording r, unsigned sent, unsigned delivered)
{
    static const struct player_options quiet;
    struct exchanges xs;
    struct exchange_report report;
    struct difference found = {.text = ""};
    exchanges_read(&xs, &r);
    CU_ASSERT_EQUAL_FATAL(xs.count, 1);
    exchange_run(&xs.exchange[0], side, &quiet, &report);
    CU_ASSERT_EQUAL(report.sent, sent);
    CU_ASSERT_EQUAL(report.delivered, delivered);
    for (unsigned i = report.differences.count; i-- > 0;)
        if (!report.differences.at[i].allowed)
            found = report.differences.at[i];
    differences_free(&report.differences);
    exchanges_free(&xs);
    recording_free(&r);
    return found;
}

/* A resolver asks each time from another port (RFC 5452 9.2). */
static struct recording questions(unsigned count)
{
    struct recording r = {0};
    for (unsigned i = 0; i < count; i++) {
        uint16_t port = (uint16_t)(1024 + 7 * i);
        write_udp(&r, CLIENT, port, DOMAIN, span_of(&i, sizeof i));
        write_udp(&r, SERVER, DOMAIN, port, span_of(&i, sizeof i));
    }
    return r;
}

static void each_port_is_served(void)
{
    CU_ASSERT_STRING_EQUAL(play(CLIENT, questions(2000), 2000, 2000).text, "");
    CU_ASSERT_STRING_EQUAL(play(SERVER, questions(2000), 2000, 2000).text, "");
}

static void write_echo(struct recording *r, enum conversation_side from, uint8_t type,
                       const char *text)
{
    uint8_t *at = grow(NULL, ETH_MINIMUM + IP4_HEADER + ICMP_HEADER + strlen(text));
    struct forge way = written_way(from);
    struct icmp echo = {.type = type};
    write_frame(r, at, forge_icmp(at, &way, &echo, span_of(text, strlen(text))));
}

/* `asked` times, answered in the recording `answered` times. */
static struct recording echoes(unsigned asked, unsigned answered)
{
    struct recording r = {0};
    for (unsigned i = 0; i < max_of(asked, answered); i++) {
        if (i < asked)
            write_echo(&r, CLIENT, ICMP_ECHO, "anybody there?");
        if (i < answered)
            write_echo(&r, SERVER, ICMP_ECHO_REPLY, "anybody there?");
    }
    return r;
}

/* RFC 1122 3.2.2.6 asks for one to each request: a second one is the network's. */
static void a_reply_may_be_copied(void)
{
    CU_ASSERT_STRING_EQUAL(play(SERVER, echoes(1, 1), 0, 0).text, "");
    CU_ASSERT_STRING_EQUAL(play(SERVER, echoes(1, 3), 0, 0).text, "");
    CU_ASSERT_STRING_EQUAL(play(SERVER, echoes(3, 1), 0, 0).text, "");
    struct difference d = play(CLIENT, echoes(0, 1), 0, 0); /* the server has spoken first */
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "only recorded: ICMP echo reply"));
}

/* Of one reply to two requests nothing is a copy. */
static void a_reply_less_is_noticed(void)
{
    struct recording r = echoes(2, 2);
    struct messages said = {0};
    struct message reply = {.kind = MESSAGE_ECHO_REPLY, .type = ICMP_ECHO_REPLY};
    struct differences d = {0};
    struct exchanges xs;
    exchanges_read(&xs, &r);
    reply.data = xs.exchange[0].messages.at[1].data;
    reply.length = xs.exchange[0].messages.at[1].length;
    messages_add(&said, &reply);
    exchange_compare(&xs.exchange[0], SERVER, &said, &d);
    CU_ASSERT_EQUAL(d.forbidden, 1);
    differences_free(&d);
    messages_free(&said);
    exchanges_free(&xs);
    recording_free(&r);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"each port is served, however many there are", each_port_is_served},
        {"a reply may be copied on its way", a_reply_may_be_copied},
        {"a reply less is noticed", a_reply_less_is_noticed},
    };
    return UNIT_MAIN("exchange", tests);
}
