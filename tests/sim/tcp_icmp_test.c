/* ICMP errors about a connection: RFC 9293 3.9.2.2, RFC 5461, RFC 5927. */
#include "../unit/unit.h"
#include "wire_peer.h"

#include "wire/wire.h"

#include <errno.h>

#define OUTER 20
#define ICMP 8
#define QUOTED (OUTER + ICMP)

static struct peer w;

/* An error from a router that quotes rill's segment with that number. */
static void icmp(uint8_t type, uint8_t code, int64_t seq)
{
    uint8_t d[QUOTED + 28] = {0x45, 0, 0, sizeof d, 0, 0, 0, 0, 64, 1};
    uint8_t *q = d + QUOTED;
    wire_put32(d + 12, w.address);
    wire_put32(d + 16, w.rill_address);
    memcpy(q, (uint8_t[]){0x45, 0, 0, 60, 0, 0, 0x40, 0, 64, 6}, 10);
    wire_put32(q + 12, w.rill_address);
    wire_put32(q + 16, w.address);
    wire_put16(q + 20, w.rill_port);
    wire_put16(q + 22, w.peer_port);
    wire_put32(q + 24, w.irs + (uint32_t)seq);
    d[OUTER] = type;
    d[OUTER + 1] = code;
    wire_put16(d + OUTER + 2, checksum_finish(checksum_add(0, span_of(d + OUTER, ICMP + 28))));
    wire_put16(d + 10, checksum_finish(checksum_add(0, span_of(d, OUTER))));
    peer_puts_ip4(&w, span_of(d, sizeof d));
}

static void a_hard_error_refuses_an_opening_connection(void) /* SHLD-26, MUST-54 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_SYN_SENT);
    icmp(3, 3, 0);
    state_is(&w, CLOSED);
    CU_ASSERT_EQUAL(app_error(&w), ECONNREFUSED);
    peer_close(&w);
}

static void a_quotation_of_what_is_not_in_flight_is_ignored(void) /* RFC 5927 4.1 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_SYN_SENT);
    icmp(3, 3, 1000);
    icmp(3, 3, -1);
    state_is(&w, SYN_SENT);
    peer_close(&w);
}

static void no_error_ends_an_established_connection(void) /* MUST-55, MUST-56; RFC 5461 */
{
    static const uint8_t error[][2] = {{3, 0}, {3, 1},  {3, 2},  {3, 3},  {3, 5},
                                       {4, 0}, {11, 0}, {11, 1}, {12, 0}, {3, 13}};
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, 1, 1, 100);
    for (size_t i = 0; i < sizeof error / sizeof *error; i++) {
        icmp(error[i][0], error[i][1], 1);
        state_is(&w, ESTABLISHED);
    }
    peer_expects_nothing(&w);
    peer_sends(&w, TCP_ACK, 1, 101, 10);
    app_reads(&w, 10);
    peer_close(&w);
}

static void a_soft_error_is_told_when_all_has_been_in_vain(void) /* MUST-47, SHLD-25 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    app_sends(&w, 100);
    peer_expects(&w, TCP_ACK, 1, 1, 100);
    icmp(3, 1, 1); /* host unreachable */
    peer_after(&w, RILL_SECONDS(1200));
    state_is(&w, LISTEN);
    CU_ASSERT(app_fails(&w, EHOSTUNREACH));
    peer_close(&w);
}

static void only_the_connection_that_is_quoted_hears_of_it(void) /* MUST-54 */
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_SYN_SENT);
    w.peer_port++;
    icmp(3, 3, 0);
    w.peer_port--;
    state_is(&w, SYN_SENT);
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a hard error refuses an opening connection (SHLD-26)",
         a_hard_error_refuses_an_opening_connection},
        {"a quotation of what is not in flight is ignored (RFC 5927)",
         a_quotation_of_what_is_not_in_flight_is_ignored},
        {"no error ends an established connection (MUST-55, MUST-56)",
         no_error_ends_an_established_connection},
        {"a soft error is told in the end (MUST-47, SHLD-25)",
         a_soft_error_is_told_when_all_has_been_in_vain},
        {"only the quoted connection hears of it (MUST-54)",
         only_the_connection_that_is_quoted_hears_of_it},
    };
    return UNIT_MAIN("tcp_icmp", tests);
}
