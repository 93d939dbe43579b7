/* The short road of send(2) and recv(2) and the whole way are the same to everybody: what the calls
 * return, what the stacks do. Each seed makes up a conversation, which is held twice: once with
 * rill_send and rill_recv, once with rill_sendmsg and rill_recvmsg, which know no short road. */
#include "../unit/unit.h"
#include "pair.h"

#include "base/hash.h"
#include "socket/object.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/net_tstamp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define PORT 80
#define STEPS 300
#define MOST 20000
#define SEEDS 400

struct conversation {
    struct pair pair;
    bool whole;
    int fd[2], listener;
    struct random random;
    struct hash_key key;
    uint64_t told; /* a sum of all that anybody has been told */
    unsigned long taken, given;
    int waits;
};

static void tell(struct conversation *t, const void *bytes, size_t length)
{
    uint64_t next[2] = {t->told, siphash_1_3(&t->key, bytes, length)};
    t->told = siphash_1_3(&t->key, next, sizeof next);
}

static uint64_t below(struct conversation *t, uint64_t n)
{
    return random_below(&t->random, n);
}

static void tell_result(struct conversation *t, int64_t result)
{
    int64_t told[2] = {result, result < 0 ? errno : 0};
    tell(t, told, sizeof told);
}

/* Mostly nothing is asked for. */
static int pick_flags(struct conversation *t, const int *flags, unsigned count)
{
    return below(t, 3) ? 0 : flags[below(t, count)];
}

static size_t pick_length(struct conversation *t)
{
    static const size_t most[] = {2, 100, 3000, MOST};
    return (size_t)below(t, most[below(t, 4)]);
}

static void do_send(struct conversation *t, int fd)
{
    static const int flags[] = {MSG_NOSIGNAL, MSG_DONTWAIT, MSG_MORE, MSG_OOB, MSG_EOR};
    static char text[MOST];
    int f = pick_flags(t, flags, 5);
    struct iovec part = {text, pick_length(t)};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    memset(text, (int)below(t, 256), sizeof text);
    ssize_t n = t->whole ? rill_sendmsg(fd, &m, f) : rill_send(fd, text, part.iov_len, f);
    tell_result(t, n);
    t->taken += n > 0 ? (unsigned long)n : 0;
}

static void do_receive(struct conversation *t, int fd)
{
    static const int flags[] = {MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL, MSG_OOB, MSG_TRUNC};
    static char text[MOST];
    int f = pick_flags(t, flags, 5);
    struct iovec part = {text, pick_length(t)};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    memset(text, 0, sizeof text);
    ssize_t n = t->whole ? rill_recvmsg(fd, &m, f) : rill_recv(fd, text, part.iov_len, f);
    tell_result(t, n);
    tell(t, text, n > 0 ? (size_t)n : 0);
    t->given += n > 0 ? (unsigned long)n : 0;
}

static void do_option(struct conversation *t, int fd)
{
    static const struct {
        int level, name, most;
    } row[] = {
        {SOL_SOCKET, SO_RCVLOWAT, 3000},
        {SOL_SOCKET, SO_SNDBUF, 30000},
        {SOL_SOCKET, SO_RCVBUF, 30000},
        {SOL_SOCKET, SO_KEEPALIVE, 2},
        {SOL_SOCKET, SO_OOBINLINE, 2},
        {IPPROTO_TCP, TCP_NODELAY, 2},
        {IPPROTO_TCP, TCP_CORK, 2},
        {IPPROTO_TCP, TCP_NOTSENT_LOWAT, 9000},
        {SOL_SOCKET, SO_TIMESTAMPING, SOF_TIMESTAMPING_TX_ACK << 1},
    };
    unsigned i = (unsigned)below(t, sizeof row / sizeof *row);
    int value = (int)below(t, (uint64_t)row[i].most);
    tell_result(t, rill_setsockopt(fd, row[i].level, row[i].name, &value, sizeof value));
}

/* The wait hook of both ends: a call that blocks is interrupted after some milliseconds. */
static int wait_a_little(void *context, rill_time until)
{
    struct conversation *t = context;
    tell_result(t, ++t->waits);
    pair_run(&t->pair, min_of(until, t->pair.now + RILL_MILLISECONDS(1)), NULL, NULL);
    errno = EINTR;
    return t->waits % 8 ? 0 : -1;
}

static void do_block(struct conversation *t, int fd)
{
    int flags = rill_fcntl(fd, F_GETFL, 0);
    tell_result(t, rill_fcntl(fd, F_SETFL, below(t, 4) ? flags | O_NONBLOCK : flags & ~O_NONBLOCK));
}

static void do_poll(struct conversation *t, int fd)
{
    struct pollfd p = {fd, (short)below(t, 256), 0};
    tell_result(t, rill_poll(&p, 1, 0));
    tell(t, &p.revents, sizeof p.revents);
}

/* As an ICMP error leaves it, with IP_RECVERR. */
static void do_error(struct conversation *t, int fd, unsigned end)
{
    struct socket *s = socket_find(t->pair.end[end], fd);
    if (s && socket_has_conn(s))
        s->conn->error = EHOSTUNREACH;
}

/* Rare: half of it ends, or all of it at once. */
static void do_end(struct conversation *t, int fd)
{
    struct linger now = {.l_onoff = 1};
    if (below(t, 4))
        return;
    if (below(t, 8))
        tell_result(t, rill_shutdown(fd, (int)below(t, 3)));
    else if (rill_setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now) == 0)
        tell_result(t, rill_close(fd));
}

static void step(struct conversation *t)
{
    unsigned end = (unsigned)below(t, 2);
    int fd = t->fd[end];
    uint64_t what = below(t, 100);
    rill_use(t->pair.end[end]);
    if (end == 1 && fd < 0)
        tell_result(t, t->fd[1] = rill_accept4(t->listener, NULL, NULL, SOCK_NONBLOCK));
    if (what < 35)
        do_send(t, fd);
    else if (what < 70)
        do_receive(t, fd);
    else if (what < 75)
        do_poll(t, fd);
    else if (what < 78)
        do_option(t, fd);
    else if (what < 81)
        do_block(t, fd);
    else if (what < 82)
        do_end(t, fd);
    else if (what < 83)
        do_error(t, fd, end);
    else
        pair_run_for(&t->pair, (rill_time)below(t, RILL_MILLISECONDS(20)));
}

static void tell_trace(struct conversation *t, const struct rill *r)
{
    static struct rill_trace_record record[64];
    uint64_t place = 0, lost;
    for (unsigned n; (n = rill_trace_read(r, &place, record, 64, &lost)) > 0;)
        for (unsigned i = 0; i < n; i++)
            tell(t, &record[i], sizeof record[i]);
}

/* The handshake has yet to come. */
static int begin(struct pair *p)
{
    struct sockaddr_in to = pair_address(1, PORT);
    rill_use(p->end[0]);
    int fd = rill_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CU_ASSERT(fails(rill_connect(fd, (struct sockaddr *)&to, sizeof to), EINPROGRESS));
    return fd;
}

/* Returns the sum of all that was told and done. */
static uint64_t hold(struct conversation *t, uint64_t seed, bool whole)
{
    struct pair_config c;
    pair_config_init(&c, seed);
    for (int i = 0; i < 2; i++)
        c.end[i].trace_records = 1 << 14;
    *t = (struct conversation){.whole = whole, .fd = {-1, -1}, .key = {seed, 1}};
    random_seed(&t->random, seed);
    pair_open(&t->pair, &c);
    t->listener = pair_listen(&t->pair, PORT);
    for (int i = 0; i < 2; i++)
        rill_set_wait(t->pair.end[i], wait_a_little, t);
    t->fd[0] = begin(&t->pair);
    for (unsigned i = 0; i < STEPS; i++)
        step(t);
    for (int i = 0; i < 2; i++)
        tell_trace(t, t->pair.end[i]);
    pair_close(&t->pair);
    return t->told;
}

static void both_ways_are_the_same(void)
{
    struct conversation plain, whole;
    unsigned long taken = 0, given = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        if (hold(&plain, seed, false) != hold(&whole, seed, true)) {
            printf("seed %llu: they differ\n", (unsigned long long)seed);
            CU_FAIL("the short road leads elsewhere");
            return;
        }
        taken += plain.taken;
        given += plain.given;
    }
    CU_ASSERT(taken > SEEDS * 10000); /* and there is something that could differ */
    CU_ASSERT(given > SEEDS * 10000);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a call on the short road tells and does what it would have the whole way",
         both_ways_are_the_same},
    };
    return UNIT_MAIN("fast_path", tests);
}
