/* SO_TIMESTAMPING and MSG_ZEROCOPY where memory or room ends, and what options are refused; how
 * they look on a good day is in tests/script/sockets. */
#include "tcp/progress.h"

#include "mail.h"
#include "unit.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <string.h>

#define OPT_ID_TCP (1 << 16) /* SOF_TIMESTAMPING_OPT_ID_TCP */

static int fd, accepted;

static int set(int s, int option, int value)
{
    return rill_setsockopt(s, SOL_SOCKET, option, &value, sizeof value);
}

static void begin(void)
{
    world_begin(NULL);
    fd = world_connection(80, &accepted);
    rill_fcntl(fd, F_SETFL, O_NONBLOCK);
}

/* The next report of the queue; ee_errno UINT32_MAX: there is none. */
static struct sock_extended_err next_report(void)
{
    struct sock_extended_err e = {.ee_errno = UINT32_MAX};
    struct mail got;
    if (rill_recvmsg(fd, mail_empty(&got), MSG_ERRQUEUE) < 0)
        return e;
    CU_ASSERT_EQUAL(got.m.msg_namelen, 0); /* a stream's bytes have no name */
    const void *at = mail_told(&got, 0, IPPROTO_IP, IP_RECVERR, sizeof e + sizeof got.name);
    if (at)
        memcpy(&e, at, sizeof e);
    return e;
}

static void options_are_what_the_socket_can_do(void)
{
    begin();
    int idle = rill_socket(AF_INET, SOCK_STREAM, 0), datagram = rill_socket(AF_INET, SOCK_DGRAM, 0);
    CU_ASSERT_TRUE(fails(set(fd, SO_TIMESTAMPING, -1), EINVAL));
    CU_ASSERT_TRUE(fails(set(fd, SO_TIMESTAMPING, 1 << 17), EINVAL));
    CU_ASSERT_TRUE(fails(set(fd, SO_TIMESTAMPING, OPT_ID_TCP), EINVAL)); /* OPT_ID is missing */
    CU_ASSERT_TRUE(fails(set(fd, SO_TIMESTAMPING, SOF_TIMESTAMPING_OPT_STATS), EINVAL));
    CU_ASSERT_TRUE(fails(set(idle, SO_TIMESTAMPING, SOF_TIMESTAMPING_OPT_ID), EINVAL));
    CU_ASSERT_EQUAL(set(idle, SO_TIMESTAMPING, SOF_TIMESTAMPING_TX_ACK), 0);
    CU_ASSERT_TRUE(fails(set(datagram, SO_TIMESTAMPING, SOF_TIMESTAMPING_TX_SOFTWARE), EINVAL));
    CU_ASSERT_EQUAL(set(datagram, SO_TIMESTAMPING, SOF_TIMESTAMPING_RX_SOFTWARE), 0);
    CU_ASSERT_TRUE(fails(set(datagram, SO_ZEROCOPY, 1), EOPNOTSUPP));
    world_end();
}

/* A program waits for each completion before it uses its buffer again: none may be lost. */
static void no_completion_is_lost_for_want_of_memory(void)
{
    for (uint64_t n = 1; n < 12; n++) {
        begin();
        CU_ASSERT_EQUAL(set(fd, SO_ZEROCOPY, 1), 0);
        rill_memory_fail(world.end[LEFT], n);
        uint32_t sent = 0, completed = 0;
        for (int i = 0; i < 4; i++)
            sent += rill_send(fd, "x", 1, MSG_ZEROCOPY) == 1;
        world_pass(RILL_SECONDS(5));
        rill_memory_fail(world.end[LEFT], 0);
        struct sock_extended_err e;
        while ((e = next_report()).ee_errno == 0) {
            CU_ASSERT_EQUAL(e.ee_info, completed); /* numbered without a gap */
            completed += e.ee_data - e.ee_info + 1;
        }
        CU_ASSERT_EQUAL(completed, sent);
        world_end();
    }
}

static void a_call_that_cannot_be_completed_is_refused(void)
{
    begin();
    CU_ASSERT_EQUAL(set(fd, SO_ZEROCOPY, 1), 0);
    for (uint64_t n = 1; n <= 2; n++) { /* the mark, its report */
        rill_memory_fail(world.end[LEFT], n);
        CU_ASSERT_TRUE(fails(rill_send(fd, "x", 1, MSG_ZEROCOPY), ENOBUFS));
    }
    CU_ASSERT_EQUAL(rill_send(fd, "x", 1, MSG_ZEROCOPY), 1);
    CU_ASSERT_EQUAL(rill_send(fd, "", 0, MSG_ZEROCOPY), 0); /* no call to complete */
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_EQUAL(next_report().ee_data, 0);
    CU_ASSERT_EQUAL(next_report().ee_errno, UINT32_MAX);
    world_end();
}

/* Not even for later calls, which would wait for what they have not asked for. Seed 384 of
 * rill-sim's corners scenario. */
static void an_option_that_finds_no_memory_changes_nothing(void)
{
    unsigned refused = 0;
    for (uint64_t n = 1; n < 9; n++) {
        int is_on = 0;
        socklen_t length = sizeof is_on;
        begin();
        rill_memory_fail(world.end[LEFT], n);
        bool failed = set(fd, SO_ZEROCOPY, 1) < 0;
        rill_memory_fail(world.end[LEFT], 0);
        CU_ASSERT_EQUAL(rill_getsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &is_on, &length), 0);
        CU_ASSERT_EQUAL(is_on, !failed);
        CU_ASSERT_EQUAL(rill_send(fd, "x", 1, MSG_ZEROCOPY), 1); /* Linux ignores the flag, too */
        refused += failed;
        world_end();
    }
    CU_ASSERT(refused > 0 && refused < 8);
}

static void writes_that_are_watched_are_bounded(void)
{
    begin();
    CU_ASSERT_EQUAL(set(fd, SO_ZEROCOPY, 1), 0);
    world.cut = true;
    for (int i = 0; i < PROGRESS_MARKS_MAX; i++)
        CU_ASSERT_EQUAL_FATAL(rill_send(fd, "x", 1, MSG_ZEROCOPY), 1);
    CU_ASSERT_TRUE(fails(rill_send(fd, "x", 1, MSG_ZEROCOPY), ENOBUFS));
    CU_ASSERT_EQUAL(rill_send(fd, "x", 1, 0), 1);
    world.cut = false;
    world_pass(RILL_SECONDS(10));
    struct sock_extended_err e = next_report();
    CU_ASSERT_EQUAL(e.ee_info, 0);
    CU_ASSERT_EQUAL(e.ee_data, PROGRESS_MARKS_MAX - 1);
    CU_ASSERT_EQUAL(rill_send(fd, "x", 1, MSG_ZEROCOPY), 1);
    world_end();
}

/* Nobody reads the queue: it stops at SO_RCVBUF, and completions still come. */
static void time_stamps_that_nobody_reads_are_bounded(void)
{
    begin();
    CU_ASSERT_EQUAL(set(fd, SO_RCVBUF, 4096), 0);
    CU_ASSERT_EQUAL(set(fd, SO_ZEROCOPY, 1), 0);
    CU_ASSERT_EQUAL(
        set(fd, SO_TIMESTAMPING, SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_TX_SOFTWARE), 0);
    size_t used = rill_memory_used(world.end[LEFT]);
    for (int i = 0; i < 1000; i++) {
        CU_ASSERT_EQUAL_FATAL(rill_send(fd, "x", 1, MSG_ZEROCOPY), 1);
        world_pass(RILL_SECONDS(1));
    }
    CU_ASSERT_TRUE(rill_memory_used(world.end[LEFT]) < used + 16384);
    uint32_t completed = 0;
    for (struct sock_extended_err e; (e = next_report()).ee_errno != UINT32_MAX;)
        if (e.ee_origin == SO_EE_ORIGIN_ZEROCOPY)
            completed += e.ee_data - e.ee_info + 1;
    CU_ASSERT_EQUAL(completed, 1000);
    world_end();
}

static void numbers_count_from_where_they_were_asked_for(void)
{
    const int acked = SOF_TIMESTAMPING_TX_ACK, numbered = acked | SOF_TIMESTAMPING_OPT_ID;
    begin();
    CU_ASSERT_EQUAL(rill_write(fd, "1234567", 7), 7);
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_EQUAL(set(fd, SO_TIMESTAMPING, numbered), 0);
    CU_ASSERT_EQUAL(set(fd, SO_TIMESTAMPING, numbered), 0); /* again: no new count */
    CU_ASSERT_EQUAL(rill_write(fd, "12345", 5), 5);
    CU_ASSERT_EQUAL(rill_write(fd, "1", 1), 1);
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_EQUAL(next_report().ee_data, 4);
    CU_ASSERT_EQUAL(next_report().ee_data, 5);
    CU_ASSERT_EQUAL(set(fd, SO_TIMESTAMPING, acked), 0);
    CU_ASSERT_EQUAL(set(fd, SO_TIMESTAMPING, numbered), 0);
    CU_ASSERT_EQUAL(rill_write(fd, "123", 3), 3);
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_EQUAL(next_report().ee_data, 2);
    CU_ASSERT_EQUAL(set(fd, SO_TIMESTAMPING, 0), 0);
    world.cut = true; /* from here on something is unacknowledged */
    CU_ASSERT_EQUAL(rill_write(fd, "123", 3), 3);
    CU_ASSERT_EQUAL(set(fd, SO_TIMESTAMPING, numbered | OPT_ID_TCP), 0);
    CU_ASSERT_EQUAL(rill_write(fd, "12", 2), 2);
    world.cut = false;
    world_pass(RILL_SECONDS(2));
    CU_ASSERT_EQUAL(next_report().ee_data, 1);
    CU_ASSERT_EQUAL(set(fd, SO_TIMESTAMPING, 0), 0);
    CU_ASSERT_EQUAL(rill_write(fd, "123", 3), 3);
    world_pass(RILL_SECONDS(1));
    CU_ASSERT_EQUAL(next_report().ee_errno, UINT32_MAX);
    world_end();
}

static void a_connection_that_is_closed_takes_all_along(void)
{
    begin();
    CU_ASSERT_EQUAL(set(fd, SO_ZEROCOPY, 1), 0);
    world.cut = true;
    CU_ASSERT_EQUAL(rill_send(fd, "x", 1, MSG_ZEROCOPY), 1);
    CU_ASSERT_EQUAL(rill_close(fd), 0);
    world.cut = false;
    world_pass(RILL_SECONDS(10));
    world_end(); /* every byte comes back */
}

/* A wait in which somebody else gives the descriptor to a datagram socket, and which is
 * interrupted. */
static int wait_that_changes_everything(void *unused, rill_time until)
{
    (void)unused;
    (void)until;
    CU_ASSERT_EQUAL(rill_close(fd), 0);
    CU_ASSERT_EQUAL(rill_socket(AF_INET, SOCK_DGRAM, 0), fd);
    errno = EINTR;
    return -1;
}

static void a_call_may_outlive_its_socket(void)
{
    static char large[1 << 20];
    begin();
    rill_fcntl(fd, F_SETFL, 0);
    CU_ASSERT_EQUAL(set(fd, SO_ZEROCOPY, 1), 0);
    rill_set_wait(world.end[LEFT], wait_that_changes_everything, NULL);
    CU_ASSERT_TRUE(rill_send(fd, large, sizeof large, MSG_ZEROCOPY) > 0);
    CU_ASSERT_EQUAL(next_report().ee_errno, UINT32_MAX);
    world_end();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"options are what the socket can do", options_are_what_the_socket_can_do},
        {"no completion is lost for want of memory", no_completion_is_lost_for_want_of_memory},
        {"a call that cannot be completed is refused", a_call_that_cannot_be_completed_is_refused},
        {"an option that finds no memory changes nothing",
         an_option_that_finds_no_memory_changes_nothing},
        {"writes that are watched are bounded", writes_that_are_watched_are_bounded},
        {"time stamps that nobody reads are bounded", time_stamps_that_nobody_reads_are_bounded},
        {"numbers count from where they were asked for",
         numbers_count_from_where_they_were_asked_for},
        {"a connection that is closed takes all along",
         a_connection_that_is_closed_takes_all_along},
        {"a call may outlive its socket", a_call_may_outlive_its_socket},
    };
    return UNIT_MAIN("progress", tests);
}
