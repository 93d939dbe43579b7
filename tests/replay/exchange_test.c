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

int main(void)
{
    static const struct unit_test tests[] = {
        {"each port is served, however many there are", each_port_is_served},
    };
    return UNIT_MAIN("exchange", tests);
}
