/* What an acknowledgement costs where very many segments are out, as a peer may arrange that:
 *
 *     storm ack|sack RECORDS COUNT
 *
 * RECORDS segments are in flight; then COUNT segments of the peer come. ack: each acknowledges one
 * more. sack: each SACKs one more, every second one from the last one back, so that there are as
 * many holes as SACKs; what rill repairs because of that is counted in. tools/bench/instructions
 * counts what COUNT more of them cost, and shows that it does not depend on RECORDS. */
#include "../sim/wire_peer.h"
#include "../unit/unit.h"

#include "tcp/conn.h"

#include <stdlib.h>
#include <string.h>

#define MSS 100 /* short, so that the text of many segments fits */

static struct peer w;
static bool sacks;
static int records, count;

static int64_t seg(int n)
{
    return 1 + (int64_t)n * MSS;
}

static void open_wide(void)
{
    static const struct tcp_options options = {.has_mss = true,
                                               .mss = MSS,
                                               .has_sack_permitted = true,
                                               .has_window_scale = true,
                                               .window_scale = 14};
    peer_configure(&w);
    w.config.check = false; /* that looks at every segment each time */
    w.config.tcp.send_buffer = w.config.tcp.send_buffer_max = 64 << 20;
    strcpy(w.config.tcp.congestion, "reno");
    peer_start(&w);
    peer_reaches_with(&w, RILL_TCP_ESTABLISHED, &options);
    peer_sends(&w, TCP_ACK, 1, 1); /* the first window that is scaled */
}

static void fill_flight(void)
{
    peer_conn(&w)->window.cwnd = (uint32_t)records * MSS;
    app_sends(&w, (size_t)records * MSS);
    CU_ASSERT_EQUAL_FATAL(peer_takes_all(&w), (unsigned)records);
    CU_ASSERT_EQUAL_FATAL(flight_count(&peer_conn(&w)->flight), (uint32_t)records);
    peer_after(&w, RILL_MILLISECONDS(1));
}

static void acknowledge(int i)
{
    struct tcp_options o = {.sack_count = sacks};
    int at = records - 1 - 2 * i;
    o.sack[0].left.n = w.irs + (uint32_t)seg(at);
    o.sack[0].right.n = w.irs + (uint32_t)seg(at + 1);
    peer_sends(&w, TCP_ACK, 1, sacks ? 1 : seg(i + 1), .options = o);
    peer_takes_all(&w);
}

static void acknowledgements_come(void)
{
    open_wide();
    fill_flight();
    for (int i = 0; i < count; i++)
        acknowledge(i);
    CU_ASSERT_EQUAL(flight_sacked_count(&peer_conn(&w)->flight), (uint32_t)(sacks ? count : 0));
    CU_ASSERT_EQUAL(peer_conn(&w)->snd.una, sacks ? 1 : seg(count));
    peer_close(&w);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {{"acknowledgements come", acknowledgements_come}};
    if (argc != 4)
        return 2;
    sacks = strcmp(argv[1], "sack") == 0;
    records = atoi(argv[2]);
    count = atoi(argv[3]);
    return UNIT_MAIN("storm", tests);
}
