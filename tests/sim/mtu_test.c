/* Paths that drop long packets without a word: found, remembered, and found to be wider again (RFC
 * 4821, RFC 9040; RFC 2923 2.1). */
#include "../unit/unit.h"
#include "stream.h"

#include "socket/rill.h"

#include <netinet/tcp.h>
#include <sys/ioctl.h>

#define PORT 80
#define MEGABYTE (size_t)1000000
#define NARROW 1280 /* bytes of IP */
#define SMALL_BUFFER 40000

/* Opened and listening; both directions of the cable drop what is longer than `mtu`. */
static int open_narrow(struct pair *p, struct pair_config *c, uint16_t mtu)
{
    c->there.mtu = c->back.mtu = mtu;
    pair_open(p, c);
    return pair_listen(p, PORT);
}

/* The same, and what is out stays little: so does the pause after a probe that failed. */
static int open_small(struct pair *p, struct pair_config *c, enum rill_mtu_probing probing)
{
    c->end[0].tcp.send_buffer = c->end[0].tcp.send_buffer_max = SMALL_BUFFER;
    c->end[0].tcp.mtu_probing = probing;
    return open_narrow(p, c, NARROW);
}

/* As much text as the path has room for in a segment, to a few bytes. */
static bool is_full(unsigned mss, unsigned mtu)
{
    return mss <= mtu - 52 && mss > mtu - 52 - 8;
}

static unsigned segment_of(struct pair *p, int end, int fd)
{
    int mss = 0;
    socklen_t size = sizeof mss;
    rill_use(p->end[end]);
    CU_ASSERT_EQUAL(rill_getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &mss, &size), 0);
    return (unsigned)mss;
}

/* A connection of its own moves so much from each end; returns how long that took, and the size of
 * the segments in *mss (if not NULL) in the end. */
static rill_time moves(struct pair *p, int listener, size_t there, size_t back, unsigned mss[2])
{
    int fd[2];
    pair_connect(p, listener, PORT, &fd[0], &fd[1]);
    rill_time start = p->now;
    CU_ASSERT(streams_run(p, fd, (size_t[]){there, back}, start + RILL_SECONDS(600)));
    rill_time took = p->now - start;
    for (int e = 0; e < 2; e++) {
        if (mss)
            mss[e] = segment_of(p, e, fd[e]);
        rill_use(p->end[e]);
        rill_close(fd[e]);
    }
    pair_run_for(p, RILL_MILLISECONDS(10));
    return took;
}

static uint64_t too_long(const struct pair *p)
{
    return rill_cable_stats(p->cable, 0)->too_long + rill_cable_stats(p->cable, 1)->too_long;
}

/* The first connection finds out, at the price of the time-outs that it takes; the next one knows.
 */
static void finds_it_once(struct pair_config *c, size_t there, size_t back)
{
    struct pair p;
    int listener = open_narrow(&p, c, NARROW);
    CU_ASSERT(moves(&p, listener, there, back, NULL) < RILL_SECONDS(10));
    CU_ASSERT(too_long(&p) > 0);
    uint64_t before = too_long(&p);
    CU_ASSERT(moves(&p, listener, there, back, NULL) < RILL_SECONDS(1));
    CU_ASSERT_EQUAL(too_long(&p), before);
    pair_close(&p);
}

static void a_black_hole_is_found_once(void)
{
    static const size_t ways[][2] = {{MEGABYTE, 0}, {0, MEGABYTE}, {MEGABYTE, MEGABYTE}};
    for (unsigned i = 0; i < 3; i++) {
        struct pair_config c;
        pair_config_init(&c, i + 1);
        finds_it_once(&c, ways[i][0], ways[i][1]);
    }
}

static void it_is_found_without_sack_and_timestamps(void)
{
    struct pair_config c;
    pair_config_init(&c, 4);
    c.end[0].tcp.sack = c.end[0].tcp.timestamps = false;
    finds_it_once(&c, MEGABYTE, 0);
}

static void the_path_is_used_to_the_full(void) /* RFC 4821 7.3 */
{
    struct pair p;
    struct pair_config c;
    unsigned mss[2];
    pair_config_init(&c, 5);
    int listener = open_small(&p, &c, RILL_MTU_PROBING_BLACK_HOLE);
    moves(&p, listener, 10 * MEGABYTE, 0, mss);
    CU_ASSERT(is_full(mss[0], NARROW));
    CU_ASSERT_EQUAL(mss[1], 1448); /* who has sent nothing has found nothing */
    pair_close(&p);
}

static void without_metrics_each_connection_finds_it_anew(void)
{
    struct pair p;
    struct pair_config c;
    pair_config_init(&c, 6);
    c.end[0].tcp.metrics = false;
    int listener = open_narrow(&p, &c, NARROW);
    for (int i = 0; i < 2; i++)
        CU_ASSERT(moves(&p, listener, MEGABYTE, 0, NULL) > RILL_SECONDS(3));
    pair_close(&p);
}

/* Seeds 209486 and 212826 of rill-sim's mixed scenario: the neighbour did not answer for a while,
 * and then he did, but the path was narrower. */
static void what_was_unreachable_once_may_be_a_black_hole_now(void)
{
    struct pair p;
    struct pair_config c;
    int fd[2], arrived = 0;
    uint8_t text[20000] = {0};
    pair_config_init(&c, 9);
    /* the third time-out comes after the third request */
    c.end[0].tcp.minimum_rto = c.end[0].tcp.initial_rto = RILL_SECONDS(5);
    int listener = open_narrow(&p, &c, 0);
    pair_connect(&p, listener, PORT, &fd[0], &fd[1]);
    struct rill_cable_config cut = {.cut = true}, narrow = {.mtu = NARROW};
    pair_run_for(&p, RILL_SECONDS(60)); /* the neighbour must be asked again */
    rill_cable_change(p.cable, 0, &cut);
    rill_use(p.end[0]);
    CU_ASSERT_EQUAL(rill_send(fd[0], text, sizeof text, 0), sizeof text);
    pair_run_for(&p, RILL_SECONDS(20));
    rill_cable_change(p.cable, 0, &narrow);
    pair_run_for(&p, RILL_SECONDS(800));
    rill_use(p.end[1]);
    CU_ASSERT_EQUAL(rill_ioctl(fd[1], FIONREAD, &arrived), 0);
    CU_ASSERT_EQUAL(arrived, sizeof text);
    pair_close(&p);
}

static void without_probing_nothing_gets_through(void)
{
    struct pair p;
    struct pair_config c;
    int fd[2];
    pair_config_init(&c, 7);
    c.end[0].tcp.mtu_probing = RILL_MTU_PROBING_OFF;
    int listener = open_narrow(&p, &c, NARROW);
    pair_connect(&p, listener, PORT, &fd[0], &fd[1]);
    CU_ASSERT_FALSE(streams_run(&p, fd, (size_t[]){MEGABYTE, 0}, p.now + RILL_SECONDS(600)));
    pair_close(&p);
}

static void always_probing_never_stalls(void) /* RFC 4821 7.2: a low beginning */
{
    struct pair p;
    struct pair_config c;
    unsigned mss[2];
    pair_config_init(&c, 8);
    int listener = open_small(&p, &c, RILL_MTU_PROBING_ALWAYS);
    CU_ASSERT(moves(&p, listener, 10 * MEGABYTE, 0, mss) < RILL_SECONDS(2));
    CU_ASSERT(is_full(mss[0], NARROW));
    pair_close(&p);
}

static void a_path_that_becomes_wider_is_used_ten_minutes_later(void) /* RFC 4821 7.3 */
{
    struct pair p;
    struct pair_config c;
    unsigned mss[2];
    pair_config_init(&c, 9);
    int listener = open_small(&p, &c, RILL_MTU_PROBING_BLACK_HOLE);
    moves(&p, listener, 10 * MEGABYTE, 0, mss);
    c.there.mtu = c.back.mtu = 0;
    for (int i = 0; i < 2; i++)
        rill_cable_change(p.cable, i, &c.there);
    moves(&p, listener, 10 * MEGABYTE, 0, mss);
    CU_ASSERT(mss[0] <= NARROW - 52);
    pair_run_for(&p, RILL_SECONDS(600));
    moves(&p, listener, 10 * MEGABYTE, 0, mss);
    CU_ASSERT(is_full(mss[0], 1500));
    pair_close(&p);
}

/* A path that becomes narrower in the middle of a transfer, with losses beside. */
static void a_path_that_becomes_narrower_is_survived(void)
{
    static const uint16_t mtu[] = {1400, 1100, 1000, 576};
    for (unsigned i = 0; i < 4; i++) {
        struct pair p;
        struct pair_config c;
        pair_config_init(&c, 10 + i);
        c.there.loss_ppm = c.back.loss_ppm = 5000;
        int listener = open_narrow(&p, &c, 0);
        moves(&p, listener, MEGABYTE, MEGABYTE, NULL);
        c.there.mtu = mtu[i];
        rill_cable_change(p.cable, 0, &c.there);
        CU_ASSERT(moves(&p, listener, MEGABYTE, MEGABYTE, NULL) < RILL_SECONDS(60));
        pair_close(&p);
    }
}

/* Whatever cannot be had: it takes longer, and nothing is lost. */
static void memory_may_fail_at_any_time(void)
{
    for (uint64_t n = 1; n <= 60; n++) {
        struct pair p;
        struct pair_config c;
        int fd[2];
        pair_config_init(&c, 100 + n);
        int listener = open_narrow(&p, &c, NARROW);
        pair_connect(&p, listener, PORT, &fd[0], &fd[1]);
        rill_memory_fail(p.end[0], n);
        CU_ASSERT(streams_run(&p, fd, (size_t[]){300000, 0}, p.now + RILL_SECONDS(30)));
        pair_close(&p);
    }
}

/* Seed 32000001935 of rill-sim's long scenario: all memory was held by connections that were
 * stopped by a black hole, and to find that out each needed some more. */
static void the_last_of_the_memory_finds_it(void)
{
    struct pair p;
    struct pair_config c;
    int fd[2];
    pair_config_init(&c, 22);
    int listener = open_narrow(&p, &c, NARROW);
    pair_connect(&p, listener, PORT, &fd[0], &fd[1]);
    struct memory *m = &p.end[0]->net.memory;
    size_t taken = memory_room(m) - m->reserve;
    m->used += taken;
    CU_ASSERT(streams_run(&p, fd, (size_t[]){1400, 0}, p.now + RILL_SECONDS(60)));
    m->used -= taken;
    pair_close(&p);
}

/* Two connections run into it at once: what one has found out, the other uses. */
static void connections_learn_from_each_other(void) /* RFC 4821 5.2 */
{
    struct pair p;
    struct pair_config c;
    int fd[2];
    pair_config_init(&c, 21);
    int listener = open_small(&p, &c, RILL_MTU_PROBING_BLACK_HOLE);
    pair_connect(&p, listener, PORT, &fd[0], &fd[1]);
    moves(&p, listener, 10 * MEGABYTE, 0, NULL);
    CU_ASSERT(streams_run(&p, fd, (size_t[]){5000, 0}, p.now + RILL_SECONDS(30)));
    CU_ASSERT(is_full(segment_of(&p, 0, fd[0]), NARROW));
    pair_close(&p);
}

/* What is in flight and too long by now goes again in pieces at once, not when a timer runs out. */
static void a_port_that_becomes_narrower_costs_no_time_out(void) /* RFC 1191 6.1 */
{
    static const uint8_t text[10 * 1448];
    uint8_t got[sizeof text];
    struct pair p;
    struct pair_config c;
    int fd[2];
    pair_config_init(&c, 20);
    c.end[0].tcp.loss_probes = false; /* as if the acknowledgement were not overdue yet */
    int listener = open_narrow(&p, &c, 1000);
    pair_connect(&p, listener, PORT, &fd[0], &fd[1]);
    rill_use(p.end[0]);
    CU_ASSERT_EQUAL(rill_send(fd[0], text, sizeof text, 0), sizeof text);
    pair_run_for(&p, RILL_MILLISECONDS(10));
    CU_ASSERT_EQUAL(too_long(&p), 10);
    CU_ASSERT_EQUAL(rill_port_mtu(p.end[0], p.port[0], 1000), 0);
    pair_run_for(&p, RILL_MILLISECONDS(10));
    rill_use(p.end[1]);
    CU_ASSERT_EQUAL(rill_recv(fd[1], got, sizeof got, 0), sizeof got);
    CU_ASSERT_EQUAL(rill_counters(p.end[0])->value[RILL_TcpExtTCPTimeouts], 0);
    CU_ASSERT_EQUAL(segment_of(&p, 0, fd[0]), 1000 - 52);
    pair_close(&p);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a black hole is found once", a_black_hole_is_found_once},
        {"it is found without SACK and timestamps", it_is_found_without_sack_and_timestamps},
        {"the path is used to the full", the_path_is_used_to_the_full},
        {"without metrics each connection finds it anew",
         without_metrics_each_connection_finds_it_anew},
        {"what was unreachable once may be a black hole now",
         what_was_unreachable_once_may_be_a_black_hole_now},
        {"without probing nothing gets through", without_probing_nothing_gets_through},
        {"always probing never stalls", always_probing_never_stalls},
        {"a path that becomes wider is used ten minutes later",
         a_path_that_becomes_wider_is_used_ten_minutes_later},
        {"a path that becomes narrower is survived", a_path_that_becomes_narrower_is_survived},
        {"memory may fail at any time", memory_may_fail_at_any_time},
        {"the last of the memory finds it", the_last_of_the_memory_finds_it},
        {"connections learn from each other", connections_learn_from_each_other},
        {"a port that becomes narrower costs no time-out",
         a_port_that_becomes_narrower_costs_no_time_out},
    };
    return UNIT_MAIN("mtu", tests);
}
