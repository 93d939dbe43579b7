/* Urgent data (RFC 9293 3.8.5, RFC 6093) as BSD sockets show it: the byte before the pointer, out
 * of line unless wanted. */
#include "../unit/unit.h"
#include "wire_peer.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

static struct peer w;

static void establish(void)
{
    peer_open(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    rill_use(w.rill);
}

static bool has_priority(void)
{
    struct pollfd p = {.fd = w.fd, .events = POLLPRI};
    return rill_poll(&p, 1, 0) == 1 && p.revents & POLLPRI;
}

static int at_mark(void)
{
    int mark = -1;
    CU_ASSERT_EQUAL(rill_ioctl(w.fd, SIOCATMARK, &mark), 0);
    return mark;
}

static ssize_t take(int flags, size_t most)
{
    char bytes[64];
    return rill_recv(w.fd, bytes, most, flags | MSG_DONTWAIT);
}

static void a_send_with_oob_points_behind_its_last_byte(void) /* MUST-30, MUST-62 */
{
    establish();
    app_sends_with(&w, 3, MSG_OOB);
    struct peer_segment s;
    CU_ASSERT(peer_takes(&w, &s));
    CU_ASSERT_EQUAL(s.flags & TCP_URG, TCP_URG);
    CU_ASSERT_EQUAL(s.urgent, 3);
    CU_ASSERT_EQUAL(s.length, 3);
    peer_sends(&w, TCP_ACK, 1, 4);
    app_sends(&w, 1);
    CU_ASSERT(peer_takes(&w, &s));
    CU_ASSERT_EQUAL(s.flags & TCP_URG, 0); /* all that was urgent is acknowledged */
    peer_close(&w);
}

static void an_urgent_run_may_be_longer_than_a_segment(void) /* MUST-31 */
{
    establish();
    app_sends_with(&w, 4000, MSG_OOB);
    struct peer_segment s;
    int64_t at = 1;
    while (peer_takes(&w, &s)) {
        CU_ASSERT_EQUAL(s.flags & TCP_URG, TCP_URG);
        CU_ASSERT_EQUAL(s.seq, at);
        CU_ASSERT_EQUAL(s.urgent, 4001 - at);
        at += s.length;
    }
    CU_ASSERT(at > 2 * PEER_MSS);
    peer_close(&w);
}

/* Text that is taken counts as written, whichever allocation fails. */
static void without_memory_nothing_is_taken_or_all(void)
{
    for (uint64_t n = 1; n <= 6; n++) {
        int before = 0, after = 0;
        establish();
        rill_ioctl(w.fd, SIOCOUTQ, &before);
        rill_memory_fail(w.rill, n);
        ssize_t sent = rill_send(w.fd, "abc", 3, MSG_OOB);
        rill_memory_fail(w.rill, 0);
        rill_ioctl(w.fd, SIOCOUTQ, &after);
        CU_ASSERT_EQUAL(after - before, sent < 0 ? 0 : sent);
        peer_close(&w);
    }
}

static void the_app_is_told_and_reads_the_byte_apart(void) /* MUST-32, MUST-33 */
{
    establish();
    CU_ASSERT_FALSE(has_priority());
    CU_ASSERT_EQUAL(take(MSG_OOB, 1), -1);
    CU_ASSERT_EQUAL(errno, EINVAL);
    peer_sends(&w, TCP_ACK | TCP_URG, 1, 1, 10, .urgent = 5);
    CU_ASSERT(has_priority());
    CU_ASSERT_EQUAL(at_mark(), 0);
    CU_ASSERT_EQUAL(take(0, 64), 4); /* a read stops before the mark */
    CU_ASSERT_EQUAL(at_mark(), 1);
    CU_ASSERT_EQUAL(take(MSG_OOB, 1), 1);
    CU_ASSERT_FALSE(has_priority());
    CU_ASSERT_EQUAL(take(MSG_OOB, 1), -1); /* once */
    CU_ASSERT_EQUAL(take(0, 64), 5);       /* and goes on behind it */
    peer_close(&w);
}

static void the_byte_is_kept_when_reading_has_passed_it(void)
{
    establish();
    peer_sends(&w, TCP_ACK | TCP_URG, 1, 1, 10, .urgent = 5);
    CU_ASSERT_EQUAL(take(0, 64), 4);
    CU_ASSERT_EQUAL(take(0, 64), 5);
    CU_ASSERT_EQUAL(take(MSG_OOB, 1), 1);
    peer_close(&w);
}

static void in_line_it_is_a_byte_like_any_other(void) /* RFC 6093 6 */
{
    establish();
    app_sets(&w, SOL_SOCKET, SO_OOBINLINE, 1);
    peer_sends(&w, TCP_ACK | TCP_URG, 1, 1, 10, .urgent = 5);
    CU_ASSERT_EQUAL(take(MSG_OOB, 1), -1);
    CU_ASSERT_EQUAL(take(0, 64), 4);
    CU_ASSERT_EQUAL(take(0, 64), 6);
    peer_close(&w);
}

static void the_pointer_may_be_ahead_of_the_text(void) /* T14: and far beyond the segment */
{
    establish();
    peer_sends(&w, TCP_ACK | TCP_URG, 1, 1, 1, .urgent = 5);
    CU_ASSERT(has_priority());
    CU_ASSERT_EQUAL(take(MSG_OOB, 1), -1);
    CU_ASSERT_EQUAL(errno, EAGAIN);
    CU_ASSERT_EQUAL(take(0, 64), 1);
    peer_sends(&w, TCP_ACK | TCP_URG, 2, 1, 1, .urgent = 65535);
    CU_ASSERT_EQUAL(take(0, 64), 1);
    peer_sends(&w, TCP_ACK, 3, 1, 10);
    CU_ASSERT_EQUAL(take(0, 64), 10);
    peer_close(&w);
}

static void a_pointer_of_zero_or_an_older_one_says_nothing(void) /* T13, EV-39 */
{
    establish();
    peer_sends(&w, TCP_ACK | TCP_URG, 1, 1, 3, .urgent = 0);
    CU_ASSERT_FALSE(has_priority());
    CU_ASSERT_EQUAL(take(0, 64), 3);
    peer_sends(&w, TCP_ACK | TCP_URG, 4, 1, 10, .urgent = 8);
    peer_sends(&w, TCP_ACK | TCP_URG, 14, 1, 1, .urgent = 1); /* forward again */
    CU_ASSERT_EQUAL(take(0, 64), 11 - 1);
    CU_ASSERT_EQUAL(at_mark(), 1);
    peer_close(&w);
}

static void a_closed_window_lets_urg_through(void) /* MUST-66 */
{
    peer_configure(&w);
    w.config.tcp.receive_buffer = 4096;
    peer_start(&w);
    peer_reaches(&w, RILL_TCP_ESTABLISHED);
    rill_use(w.rill);
    for (int64_t at = 1; at < 4097; at += 1024)
        peer_sends(&w, TCP_ACK, at, 1, 1024);
    peer_takes_all(&w);
    CU_ASSERT_EQUAL(w.got.window, 0);
    peer_sends(&w, TCP_ACK | TCP_URG, 4097, 1, 5, .urgent = 3);
    CU_ASSERT(has_priority());
    peer_expects(&w, TCP_ACK, 1, 4097, 0); /* EV-18: the text was not taken */
    peer_close(&w);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"MUST-62: a send with MSG_OOB points behind its last byte",
         a_send_with_oob_points_behind_its_last_byte},
        {"MUST-31: an urgent run may be longer than a segment",
         an_urgent_run_may_be_longer_than_a_segment},
        {"MUST-32, 33: the app is told and reads the byte apart",
         the_app_is_told_and_reads_the_byte_apart},
        {"the byte is kept when reading has passed it",
         the_byte_is_kept_when_reading_has_passed_it},
        {"in line it is a byte like any other", in_line_it_is_a_byte_like_any_other},
        {"the pointer may be ahead of the text", the_pointer_may_be_ahead_of_the_text},
        {"a pointer of zero says nothing, a newer one replaces",
         a_pointer_of_zero_or_an_older_one_says_nothing},
        {"MUST-66: a closed window lets URG through", a_closed_window_lets_urg_through},
        {"without memory nothing is taken, or all", without_memory_nothing_is_taken_or_all},
    };
    return UNIT_MAIN("tcp_urgent", tests);
}
