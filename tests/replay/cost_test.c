/* What a long recording costs grows with its length, not with the square of it: four times the
 * packets may take ten times the processor's time, where the square would take sixteen. */
#include "../unit/unit.h"
#include "replay/exchange.h"
#include "replay/playing.h"
#include "written.h"

#include <stdlib.h>
#include <time.h>

#define CLIENT CONVERSATION_CLIENT
#define SERVER CONVERSATION_SERVER
#define SHORT 20000u
#define QUADRUPLE (4 * SHORT)

static double seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static double play(struct recording r)
{
    static const struct player_options quiet;
    struct conversations cs;
    struct player_report report;
    double begin = seconds();
    conversations_read(&cs, &r);
    for (int side = 0; side < 2; side++) {
        player_run(&cs.conversation[0], side, &quiet, &report);
        differences_free(&report.differences);
    }
    conversations_free(&cs);
    recording_free(&r);
    return seconds() - begin;
}

static double cost_of_silence(unsigned count)
{
    struct recording r = {0};
    write_handshake(&r);
    for (unsigned i = 0; i < count; i++)
        write_segment(&r, &(struct written){CLIENT, TCP_ACK | TCP_FIN, 1, 1, NULL, 0});
    return play(r);
}

/* Rill answers at the number that was acknowledged, the recorded server at others. */
static double cost_of_resets(unsigned count)
{
    struct recording r = {0};
    write_handshake(&r);
    write_segment(&r, &(struct written){SERVER, TCP_RST, 1, 0, NULL, 0});
    for (unsigned i = 0; i < count / 2; i++) {
        write_segment(&r, &(struct written){CLIENT, TCP_ACK | TCP_PSH, 1, 1, "late", 0});
        write_segment(&r, &(struct written){SERVER, TCP_RST, 2 + i, 0, NULL, 0});
    }
    return play(r);
}

/* Each is echoed, and no two are the same. */
static double cost_of_datagrams(unsigned count)
{
    static const struct player_options quiet;
    struct recording r = {0};
    struct exchanges xs;
    struct exchange_report report;
    for (unsigned i = 0; i < count / 2; i++)
        for (int from = 0; from < 2; from++)
            write_udp(&r, from, from ? 7 : 4000, from ? 4000 : 7, span_of(&i, sizeof i));
    double begin = seconds();
    exchanges_read(&xs, &r);
    CU_ASSERT_EQUAL_FATAL(xs.count, 1);
    for (unsigned side = 0; side < 2; side++) {
        CU_ASSERT(exchange_run(&xs.exchange[0], side, &quiet, &report));
        differences_free(&report.differences);
    }
    exchanges_free(&xs);
    recording_free(&r);
    return seconds() - begin;
}

static void silence(void)
{
    CU_ASSERT(cost_of_silence(QUADRUPLE) < 10 * cost_of_silence(SHORT));
}

static void resets(void)
{
    CU_ASSERT(cost_of_resets(QUADRUPLE) < 10 * cost_of_resets(SHORT));
}

static void datagrams(void)
{
    CU_ASSERT(cost_of_datagrams(QUADRUPLE) < 10 * cost_of_datagrams(SHORT));
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a side that is silent for long", silence},
        {"resets that rill does not send", resets},
        {"datagrams that are all different", datagrams},
    };
    return UNIT_MAIN("cost", tests);
}
