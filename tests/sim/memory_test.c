/* What connections cost, and what happens where an allocation fails: no crash, no leak, others go
 * on. */
#include "../unit/unit.h"
#include "pair.h"

#include "socket/rill.h"
#include "tcp/syn.h"
#include "tcp/timewait.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define MANY 1000

static struct pair pair;
static bool fast_open; /* the client sends with its SYN */

/* What a conversation that lacks memory goes through. */
static const struct storm {
    size_t bytes;         /* each way */
    uint32_t reorder_ppm; /* so that text lies out of order */
    rill_time late;       /* and how late that is; 0: a little */
    uint32_t loss_ppm;
    uint16_t mtu; /* told by ICMP: what is in flight is cut; 0: of the hosts */
} unsettled = {.bytes = 20000, .reorder_ppm = 300000},
  stormy = {.bytes = 200000,
            .reorder_ppm = 200000,
            .late = RILL_MILLISECONDS(600), /* beyond a time-out: what is sent again comes twice */
            .loss_ppm = 10000,
            .mtu = 1100};
static const struct storm *storm = &unsettled;

/* ---------------------------------------------------------------- the cost */

static void the_records_are_small(void) /* DESIGN 3 */
{
    CU_ASSERT(sizeof(struct tcp_time_wait) <= 64);
    CU_ASSERT(sizeof(struct tcp_syn) <= 96);
    CU_ASSERT(sizeof(struct head) <= 48);
    CU_ASSERT(sizeof(struct tcp_conn) <= 288);
}

static void open_pair_with(bool statistics)
{
    struct pair_config c;
    pair_config_init(&c, 1);
    c.end[0].tcp.statistics = c.end[1].tcp.statistics = statistics;
    c.end[0].tcp.listen_backlog_max = c.end[1].tcp.listen_backlog_max = 4096;
    for (int end = 0; fast_open && end < 2; end++)
        c.end[end].tcp.fast_open = RILL_FAST_OPEN_CLIENT | RILL_FAST_OPEN_SERVER |
                                   RILL_FAST_OPEN_CLIENT_NO_COOKIE |
                                   RILL_FAST_OPEN_SERVER_NO_COOKIE | RILL_FAST_OPEN_ALL_LISTENERS;
    pair_open(&pair, &c);
}

static void open_pair(void)
{
    open_pair_with(true);
}

static void open_many(int listener, int client[MANY], int server[MANY])
{
    for (int i = 0; i < MANY; i++)
        pair_connect(&pair, listener, 80, &client[i], &server[i]);
}

/* Without the freed rings that are kept for reuse. */
static size_t used(int end)
{
    return rill_memory_used(pair.end[end]) - pair.end[end]->net.tcp.rings.free_bytes;
}

/* Some text each way, so that everything has been in use once. */
static void talk(int from, int from_fd, int to, int to_fd)
{
    char byte = 'x', got = 0;
    rill_use(pair.end[from]);
    CU_ASSERT_EQUAL(rill_send(from_fd, &byte, 1, 0), 1);
    pair_run_for(&pair, RILL_MILLISECONDS(100));
    rill_use(pair.end[to]);
    CU_ASSERT_EQUAL(rill_recv(to_fd, &got, 1, 0), 1);
    CU_ASSERT_EQUAL(got, 'x');
}

static void idle_connections_cost_at_most(size_t most, bool statistics)
{
    static int client[MANY], server[MANY];
    open_pair_with(statistics);
    int listener = pair_listen(&pair, 80);
    size_t before[2] = {used(0), used(1)};
    open_many(listener, client, server);
    for (int i = 0; i < MANY; i++) {
        talk(0, client[i], 1, server[i]);
        talk(1, server[i], 0, client[i]);
    }
    pair_run_for(&pair, RILL_SECONDS(60));
    for (int end = 0; end < 2; end++) {
        size_t each = (used(end) - before[end]) / MANY;
        printf("end %d: %zu bytes for each idle connection%s\n", end, each,
               statistics ? "" : ", without statistics");
        CU_ASSERT(each <= most);
    }
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    rill_use(pair.end[0]);
    CU_ASSERT_EQUAL(rill_getsockopt(client[0], IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    CU_ASSERT_EQUAL(info.tcpi_bytes_acked, 1);
    CU_ASSERT_EQUAL(info.tcpi_data_segs_out, statistics ? 1 : 0);
    pair_close(&pair);
}

static void an_idle_connection_costs_at_most_512_bytes(void) /* the issue: 512 B, all included */
{
    idle_connections_cost_at_most(512, true);
}

static void without_statistics_it_costs_88_bytes_less(void)
{
    idle_connections_cost_at_most(512 - 88, false);
}

static void a_time_wait_costs_less_than_a_connection(void) /* RFC 9293 3.6.1 */
{
    static int client[MANY], server[MANY];
    open_pair();
    int listener = pair_listen(&pair, 80);
    size_t nobody = used(0);
    open_many(listener, client, server);
    size_t before = used(0);
    for (int i = 0; i < MANY; i++) {
        rill_use(pair.end[0]);
        rill_close(client[i]);
        pair_run_for(&pair, RILL_MILLISECONDS(10));
        rill_use(pair.end[1]);
        rill_close(server[i]);
        pair_run_for(&pair, RILL_MILLISECONDS(10));
    }
    CU_ASSERT_EQUAL(pair.end[0]->net.tcp.pool[HEAD_TIME_WAIT].count, MANY);
    size_t metrics = POOL_CHUNK * sizeof(struct metrics); /* what is remembered of the one peer */
    CU_ASSERT(used(0) <= before + 72 * MANY + metrics);   /* 64, and the tables of the pool */
    CU_ASSERT(used(0) - nobody < (before - nobody) / 2);  /* what the connections were went back */
    pair_run_for(&pair, RILL_SECONDS(120));
    CU_ASSERT_EQUAL(pair.end[0]->net.tcp.pool[HEAD_TIME_WAIT].count, 0);
    CU_ASSERT_EQUAL(pair.end[0]->net.tcp.pool[HEAD_CONNECTION].count, 0);
    pair_close(&pair);
}

/* What all who have gone have left: names in tables, for as many as there were at once. */
static void a_crowd_that_has_gone_leaves_little(void)
{
    static int client[MANY], server[MANY];
    open_pair();
    int listener = pair_listen(&pair, 80);
    size_t nobody[2] = {used(0), used(1)}, all[2];
    for (int round = 0; round < 2; round++) {
        open_many(listener, client, server);
        all[0] = used(0), all[1] = used(1);
        for (int i = 0; i < MANY; i++) {
            rill_use(pair.end[i % 2]); /* each end closes half of them first */
            rill_close(i % 2 ? server[i] : client[i]);
            pair_run_for(&pair, RILL_MILLISECONDS(10));
            rill_use(pair.end[!(i % 2)]);
            rill_close(i % 2 ? client[i] : server[i]);
        }
        pair_run_for(&pair, RILL_SECONDS(120));
        for (int end = 0; end < 2; end++)
            CU_ASSERT(used(end) - nobody[end] < (all[end] - nobody[end]) / 3);
    }
    pair_close(&pair);
}

/* ---------------------------------------------------------------- allocations that fail */

/* One end of a conversation: sends its text, closes its side, and reads until the other has. */
struct side {
    int fd; /* -1: not there (yet) */
    int error;
    size_t sent, received;
    bool closed, ended;
};

static struct side side[2];
static int listener = -1;

static bool over(const struct side *s)
{
    return s->fd < 0 || (s->closed && s->ended);
}

static bool error_is_clean(int error)
{
    static const int clean[] = {ENOMEM,    ENOBUFS, ECONNRESET,   EPIPE,
                                ETIMEDOUT, ENFILE,  ECONNREFUSED, EMFILE};
    for (size_t i = 0; i < sizeof clean / sizeof *clean; i++)
        if (error == clean[i])
            return true;
    return false;
}

static void note_failure(struct side *s, ssize_t result)
{
    if (result < 0 && errno != EAGAIN)
        s->error = errno;
}

static void side_send(struct side *s)
{
    static const char chunk[4096];
    while (s->sent < storm->bytes && !s->error) {
        size_t left = storm->bytes - s->sent;
        ssize_t n = rill_send(s->fd, chunk, left < sizeof chunk ? left : sizeof chunk, 0);
        note_failure(s, n);
        if (n < 0)
            return;
        s->sent += (size_t)n;
    }
    if (!s->closed && !s->error)
        note_failure(s, rill_shutdown(s->fd, SHUT_WR));
    s->closed = true;
}

static void side_receive(struct side *s)
{
    char chunk[4096];
    ssize_t n = 1;
    while (!s->ended && !s->error && n > 0) {
        n = rill_recv(s->fd, chunk, sizeof chunk, 0);
        note_failure(s, n);
        s->received += n > 0 ? (size_t)n : 0;
        s->ended = n == 0;
    }
}

static void side_close(struct side *s)
{
    if (s->fd >= 0)
        CU_ASSERT_EQUAL(rill_close(s->fd), 0);
    s->fd = -1;
}

static bool step(void *unused)
{
    (void)unused;
    for (int end = 0; end < 2; end++) {
        rill_use(pair.end[end]);
        if (end == 1 && side[1].fd < 0 && !side[1].error)
            side[1].fd = rill_accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (side[end].fd < 0)
            continue;
        side_send(&side[end]);
        side_receive(&side[end]);
        if (side[end].error) /* as an app does */
            side_close(&side[end]);
    }
    return over(&side[0]) && over(&side[1]);
}

static void start_client(void)
{
    struct sockaddr_in to = pair_address(1, 80);
    rill_use(pair.end[0]);
    side[0].fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    note_failure(&side[0], side[0].fd);
    if (side[0].fd < 0)
        return;
    if (fast_open) {
        ssize_t n = rill_sendto(side[0].fd, "0123456789", 10, MSG_FASTOPEN, (struct sockaddr *)&to,
                                sizeof to);
        side[0].sent = n > 0 ? (size_t)n : 0;
        side[0].error = n < 0 && errno != EINPROGRESS ? errno : 0;
        return;
    }
    if (rill_connect(side[0].fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS)
        side[0].error = errno;
}

static void blow(const struct storm *s)
{
    for (int direction = 0; direction < 2; direction++) {
        struct rill_cable_config c = *rill_cable_config(pair.cable, direction);
        c.reorder_ppm = s->reorder_ppm;
        c.reorder_delay = s->late;
        c.loss_ppm = s->loss_ppm;
        c.mtu = s->mtu;
        c.reports_mtu = true;
        rill_cable_change(pair.cable, direction, &c);
    }
}

/* Connects, moves text both ways, closes; all is over and gone afterwards. */
static void converse(void)
{
    memset(side, 0, sizeof side);
    side[0].fd = side[1].fd = -1;
    blow(storm);
    start_client();
    pair_run(&pair, pair.now + RILL_SECONDS(2000), step, NULL);
    for (int end = 0; end < 2; end++) {
        const struct side *s = &side[end];
        bool refused = s->error || side[!end].error; /* told, here or there */
        bool good = refused ? !s->error || error_is_clean(s->error) : s->received == storm->bytes;
        if (!good)
            printf("end %d: error %d, %zu sent, %zu received\n", end, s->error, s->sent,
                   s->received);
        CU_ASSERT(good);
        rill_use(pair.end[end]);
        side_close(&side[end]);
    }
    blow(&(struct storm){0});
    pair_run_for(&pair, RILL_SECONDS(1500));
    rill_use(pair.end[1]);
    for (int late; (late = rill_accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;)
        rill_close(late); /* came in when the client had gone already */
    pair_run_for(&pair, RILL_SECONDS(100));
}

/* What a pool keeps for its next objects: who closes first has one of TIME_WAIT records. */
static size_t chunks_of(const struct pool *p)
{
    size_t kept = p->room * sizeof *p->chunk;
    for (uint32_t i = 0; i < p->numbered; i++)
        kept += p->chunk[i].object ? POOL_CHUNK * p->size : 0;
    return kept;
}

static struct rill_counters seen; /* by both ends in all runs */

static void count_what_happened(int end)
{
    for (int i = 0; i < RILL_COUNTER_COUNT; i++)
        seen.value[i] += rill_counters(pair.end[end])->value[i];
}

/* A conversation in which the n-th allocation of one end fails, another one that lives beside it,
 * and a clean one after it. Returns whether the allocation was reached; left: bytes of both ends.
 */
static bool run_with_failure(int end, uint64_t n, size_t left[2])
{
    int client, server;
    open_pair();
    listener = pair_listen(&pair, 80);
    pair_connect(&pair, listener, 80, &client, &server);
    rill_memory_fail(pair.end[end], n);
    converse();
    bool reached = n && pair.end[end]->net.memory.fails_in == 0;
    rill_memory_fail(pair.end[end], 0);
    talk(0, client, 1, server);
    talk(1, server, 0, client);
    converse();
    CU_ASSERT_EQUAL(side[0].error, 0);
    CU_ASSERT_EQUAL(side[0].received + side[1].received, 2 * storm->bytes);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(rill_deadline(pair.end[i]), RILL_NEVER);
        left[i] = used(i) - chunks_of(&pair.end[i]->net.tcp.pool[HEAD_TIME_WAIT]);
        count_what_happened(i);
    }
    pair_close(&pair);
    return reached;
}

static void run_failures(int end)
{
    size_t clean[2], left[2];
    uint64_t n = 1;
    run_with_failure(end, 0, clean);
    for (; n < 1000 && run_with_failure(end, n, left); n++)
        if (left[0] > clean[0] || left[1] > clean[1]) {
            printf("end %d, allocation %llu: %zu and %zu bytes are left, %zu and %zu without\n",
                   end, (unsigned long long)n, left[0], left[1], clean[0], clean[1]);
            CU_FAIL("a failed allocation leaks");
        }
    printf("end %d: %llu allocations failed in turn\n", end, (unsigned long long)n - 1);
    CU_ASSERT(n > 5);
    CU_ASSERT(n < 1000);
}

static void any_allocation_of_the_client_may_fail(void)
{
    run_failures(0);
}

static void any_allocation_of_the_server_may_fail(void)
{
    run_failures(1);
}

static void any_allocation_of_a_fast_open_may_fail(void)
{
    fast_open = true;
    run_failures(0);
    run_failures(1);
    fast_open = false;
}

/* Real losses, and such that were none: RFC 8985, RFC 6298, RFC 3708, RFC 5682, RFC 4015. */
static void any_allocation_of_a_recovery_may_fail(void)
{
    static const enum rill_counter happened[] = {
        RILL_TcpExtTCPSackRecovery, RILL_TcpExtTCPTimeouts,       RILL_TcpExtTCPLossProbes,
        RILL_TcpExtTCPDSACKRecv,    RILL_TcpExtTCPSpuriousRTOs,   RILL_TcpExtTCPLossUndo,
        RILL_TcpExtTCPFullUndo,     RILL_TcpExtTCPLostRetransmit,
    };
    storm = &stormy;
    memset(&seen, 0, sizeof seen);
    run_failures(0);
    run_failures(1);
    for (size_t i = 0; i < sizeof happened / sizeof *happened; i++)
        CU_ASSERT(seen.value[happened[i]] >= 10);
    storm = &unsettled;
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"the records are small", the_records_are_small},
        {"an idle connection costs at most 512 bytes", an_idle_connection_costs_at_most_512_bytes},
        {"without statistics it costs 88 bytes less", without_statistics_it_costs_88_bytes_less},
        {"a TIME_WAIT costs less than a connection", a_time_wait_costs_less_than_a_connection},
        {"a crowd that has gone leaves little", a_crowd_that_has_gone_leaves_little},
        {"any allocation of the client may fail", any_allocation_of_the_client_may_fail},
        {"any allocation of the server may fail", any_allocation_of_the_server_may_fail},
        {"any allocation of a Fast Open may fail", any_allocation_of_a_fast_open_may_fail},
        {"any allocation of a recovery may fail", any_allocation_of_a_recovery_may_fail},
    };
    return UNIT_MAIN("memory", tests);
}
