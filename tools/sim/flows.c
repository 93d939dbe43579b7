#include "sim/flows.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <rill/rill.h>
#include <string.h>
#include <sys/ioctl.h>

#define PAUSES_MAX 200      /* of one application and kind, */
#define PAUSE_MAX 500000ull /* in microseconds: in sum no more than so many of these */
#define SMALL_BUFFER 4096

/* Options for a flow's sockets, as bits of its context. */
enum wish {
    WISH_NODELAY = 0x1,
    WISH_CORK = 0x2,
    WISH_FAST_OPEN = 0x4,
    WISH_SMALL_BUFFERS = 0x8,
    WISH_QUICKACK_OFF = 0x10,
    WISH_KEEPALIVE = 0x20,
    WISH_SHORT_SEGMENTS = 0x40,
    WISH_PACED = 0x80,
    WISH_CONGESTION = 0x100, /* times its number, below 4 */
    WISH_LOW_WATER = 0x400,
    WISH_FEW_UNSENT = 0x800,
    WISH_CLAMP = 0x1000,
    WISH_INLINE = 0x2000,
    WISH_USER_TIMEOUT = 0x4000,
    WISH_IMPATIENT = 0x8000,
    WISH_LINGER2 = 0x10000,
    WISH_FRAGMENTS = 0x20000, /* allows them: no DF */
    WISH_DEFER = 0x40000
};

static const char *const congestion[] = {"reno", "cubic", "dctcp", "bbr"};

static void set(int fd, int level, int name, int value)
{
    rill_setsockopt(fd, level, name, &value, sizeof value);
}

/* Of both ends. Keep-alives and the user time-out take longer than any storm, so that they end no
 * live connection; who is impatient may lose it. */
static const struct {
    enum wish wish;
    int level, name, value;
} options[] = {
    {WISH_NODELAY, IPPROTO_TCP, TCP_NODELAY, 1},
    {WISH_CORK, IPPROTO_TCP, TCP_CORK, 1},
    {WISH_QUICKACK_OFF, IPPROTO_TCP, TCP_QUICKACK, 0},
    {WISH_KEEPALIVE, SOL_SOCKET, SO_KEEPALIVE, 1},
    {WISH_KEEPALIVE, IPPROTO_TCP, TCP_KEEPIDLE, 10},
    {WISH_KEEPALIVE, IPPROTO_TCP, TCP_KEEPINTVL, 5},
    {WISH_KEEPALIVE, IPPROTO_TCP, TCP_KEEPCNT, 9},
    {WISH_PACED, SOL_SOCKET, SO_MAX_PACING_RATE, FLOWS_RATE_MIN / 8},
    {WISH_SMALL_BUFFERS, SOL_SOCKET, SO_RCVBUF, SMALL_BUFFER},
    {WISH_SMALL_BUFFERS, SOL_SOCKET, SO_SNDBUF, SMALL_BUFFER},
    {WISH_LOW_WATER, SOL_SOCKET, SO_RCVLOWAT, 3000},
    {WISH_FEW_UNSENT, IPPROTO_TCP, TCP_NOTSENT_LOWAT, 1000},
    {WISH_CLAMP, IPPROTO_TCP, TCP_WINDOW_CLAMP, 5000},
    {WISH_INLINE, SOL_SOCKET, SO_OOBINLINE, 1},
    {WISH_USER_TIMEOUT, IPPROTO_TCP, TCP_USER_TIMEOUT, 600000},
    {WISH_IMPATIENT, IPPROTO_TCP, TCP_USER_TIMEOUT, 2000},
    {WISH_LINGER2, IPPROTO_TCP, TCP_LINGER2, 2},
    {WISH_FRAGMENTS, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT},
};

/* If this build lacks the name, the default stays. */
static void prepare(void *context, int end, int fd)
{
    unsigned wish = (unsigned)(uintptr_t)context;
    const char *name = congestion[wish / WISH_CONGESTION % 4];
    rill_setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, (socklen_t)strlen(name));
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (wish & options[i].wish)
            set(fd, options[i].level, options[i].name, options[i].value);
    if (wish & WISH_SHORT_SEGMENTS && end == 0)
        set(fd, IPPROTO_TCP, TCP_MAXSEG, 200);
    if (wish & WISH_FAST_OPEN && end == 0)
        set(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
}

static void prepare_listener(void *context, int fd)
{
    unsigned wish = (unsigned)(uintptr_t)context;
    if (wish & WISH_DEFER)
        set(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 3);
}

static unsigned draw_wish(struct trial *t)
{
    unsigned wish = (unsigned)trial_draw(t, 0, 3) * WISH_CONGESTION;
    wish |= trial_once_in(t, 4) ? WISH_NODELAY : 0;
    wish |= trial_once_in(t, 16) ? WISH_CORK : 0;
    wish |= trial_once_in(t, 4) ? WISH_FAST_OPEN : 0;
    wish |= trial_once_in(t, 8) ? WISH_SMALL_BUFFERS : 0;
    wish |= trial_once_in(t, 8) ? WISH_QUICKACK_OFF : 0;
    wish |= trial_once_in(t, 8) ? WISH_KEEPALIVE : 0;
    wish |= trial_once_in(t, 16) ? WISH_SHORT_SEGMENTS : 0;
    wish |= trial_once_in(t, 16) ? WISH_PACED : 0;
    if (!t->rare)
        return wish;
    wish |= trial_once_in(t, 4) ? WISH_LOW_WATER : 0;
    wish |= trial_once_in(t, 4) ? WISH_FEW_UNSENT : 0;
    wish |= trial_once_in(t, 4) ? WISH_CLAMP : 0;
    wish |= trial_once_in(t, 4) ? WISH_INLINE : 0;
    if (!t->corners)
        return wish;
    wish |= trial_once_in(t, 4) ? WISH_USER_TIMEOUT : 0;
    wish |= trial_once_in(t, 16) ? WISH_IMPATIENT : 0;
    wish |= trial_once_in(t, 4) ? WISH_LINGER2 : 0;
    wish |= trial_once_in(t, 8) ? WISH_FRAGMENTS : 0;
    wish |= trial_once_in(t, 4) ? WISH_DEFER : 0;
    return wish;
}

/* A chunk size that splits the bytes into at most PAUSES_MAX parts. */
static uint32_t draw_chunk(struct trial *t, uint64_t bytes)
{
    return (uint32_t)trial_draw_scale(t, bytes / PAUSES_MAX + 1, bytes + 1);
}

/* How many calls move the bytes: one moves no more than a buffer holds. */
static uint64_t calls_for(uint64_t bytes, uint32_t chunk, unsigned wish)
{
    return bytes / (wish & WISH_SMALL_BUFFERS && chunk > SMALL_BUFFER ? SMALL_BUFFER : chunk) + 1;
}

/* Between two calls; shorter if there are very many of them. */
static rill_time draw_pause(struct trial *t, uint64_t calls)
{
    uint64_t pause = trial_draw_scale(t, 100, PAUSE_MAX), most = PAUSES_MAX * PAUSE_MAX / calls;
    return RILL_MICROSECONDS(pause < most ? pause : most);
}

/* `other`: the bytes that it receives. */
static void draw_app(struct trial *t, struct rill_sim_app *a, uint64_t other, unsigned wish)
{
    if (trial_once_in(t, 4)) {
        a->write_chunk = draw_chunk(t, a->bytes);
        a->write_pause = draw_pause(t, calls_for(a->bytes, a->write_chunk, wish));
    }
    if (trial_once_in(t, 4)) {
        a->read_chunk = draw_chunk(t, other);
        a->read_pause = draw_pause(t, calls_for(other, a->read_chunk, wish));
    }
    if (trial_once_in(t, 6))
        a->linger = RILL_MILLISECONDS(trial_draw_scale(t, 1, 10000));
    if (trial_once_in(t, 24))
        a->closes = true;
    if (trial_once_in(t, 24))
        a->abort_after = trial_draw(t, 1, other + 1);
    a->polls = t->rare && trial_once_in(t, 2);
    a->urgent = wish & WISH_INLINE && trial_once_in(t, 2);
}

/* Some fill a small window exactly: then a FIN alone meets it closed. */
static uint64_t draw_bytes(struct trial *t, uint64_t most, unsigned wish)
{
    if (t->rare && wish & WISH_SMALL_BUFFERS && trial_once_in(t, 2))
        return SMALL_BUFFER;
    return trial_once_in(t, 4) ? 0 : trial_draw_scale(t, 1, most);
}

/* From the ports of old connections, from both ends at once, from sockets of IPv6. A connection
 * that a SYN's text has opened could not be told from an older one of these ports. */
static void draw_corners(struct trial *t, struct rill_sim_flow_config *c, unsigned *wish)
{
    uint64_t kind = trial_draw(t, 0, 5);
    if (kind < 3) {
        c->local_port = (uint16_t)(1024 + trial_draw(t, 0, 1));
    } else if (kind == 3) {
        c->crosses = true;
        c->local_port = c->port = (uint16_t)(2000 + t->crossings++);
    }
    if (c->local_port)
        *wish &= ~(unsigned)WISH_FAST_OPEN;
    c->mapped = trial_once_in(t, 3);
    c->backlog = trial_once_in(t, 2) ? (int)trial_draw(t, 1, 4) : 0;
    for (int i = 0; i < 2; i++) {
        c->app[i].records = trial_once_in(t, 4);
        c->app[i].reports = trial_once_in(t, 4) && !(*wish & WISH_FAST_OPEN);
    }
}

static void add_one(struct trial *t, uint64_t most)
{
    unsigned from = (unsigned)trial_draw(t, 0, t->hosts - 1);
    unsigned to = (from + (unsigned)trial_draw(t, 1, t->hosts - 1)) % t->hosts;
    struct rill_sim_flow_config c = {.node = {t->host[from], t->host[to]},
                                     .port = (uint16_t)trial_draw(t, 1, 3),
                                     .prepare = prepare,
                                     .prepare_listener = prepare_listener};
    unsigned wish = draw_wish(t);
    c.start = trial_once_in(t, 2) ? 0 : (rill_time)trial_draw(t, 0, (uint64_t)t->healed);
    for (int i = 0; i < 2; i++)
        c.app[i].bytes = draw_bytes(t, most, wish);
    for (int i = 0; i < 2; i++)
        draw_app(t, &c.app[i], c.app[!i].bytes, wish);
    c.app[1].answers = trial_once_in(t, 4);
    if (c.app[0].bytes == 0) /* only the first write connects */
        wish &= ~(unsigned)WISH_FAST_OPEN;
    if (t->corners)
        draw_corners(t, &c, &wish);
    c.context = (void *)(uintptr_t)wish;
    trial_print(t, "flow from %s to %s:%u at %lld ms: %llu and %llu bytes, %#x%s",
                rill_sim_name(c.node[0]), rill_sim_name(c.node[1]), c.port,
                (long long)c.start / 1000000, (unsigned long long)c.app[0].bytes,
                (unsigned long long)c.app[1].bytes, wish, c.crosses ? ", crosses" : "");
    if (!rill_sim_flow_add(t->sim, &c))
        trial_fail(t, "no flow could be added: %s", strerror(errno));
}

void flows_add(struct trial *t, unsigned flows, uint64_t most)
{
    for (unsigned i = 0; i < flows; i++)
        add_one(t, most);
}

uint64_t flows_bytes(const struct trial *t)
{
    uint64_t sum = 0;
    for (struct rill_sim_flow *f = rill_sim_flow_first(t->sim); f; f = rill_sim_flow_next(f))
        for (int i = 0; i < 2; i++)
            sum += rill_sim_flow_config(f)->app[i].bytes;
    return sum;
}

static rill_time pauses_of(const struct rill_sim_app *a, uint64_t other, unsigned wish)
{
    rill_time sum = a->linger;
    if (a->write_pause)
        sum += a->write_pause * (rill_time)calls_for(a->bytes, a->write_chunk, wish);
    if (a->read_pause)
        sum += a->read_pause * (rill_time)(calls_for(other, a->read_chunk, wish) + 1);
    return sum;
}

rill_time flows_pauses(const struct trial *t)
{
    rill_time longest = 0;
    for (struct rill_sim_flow *f = rill_sim_flow_first(t->sim); f; f = rill_sim_flow_next(f)) {
        const struct rill_sim_flow_config *c = rill_sim_flow_config(f);
        rill_time sum = 0;
        for (int i = 0; i < 2; i++)
            sum += pauses_of(&c->app[i], c->app[!i].bytes, (unsigned)(uintptr_t)c->context);
        longest = sum > longest ? sum : longest;
    }
    return longest;
}

unsigned flows_in_line(const struct trial *t)
{
    unsigned n = 0;
    for (struct rill_sim_flow *f = rill_sim_flow_first(t->sim); f; f = rill_sim_flow_next(f)) {
        const struct rill_sim_flow_config *c = rill_sim_flow_config(f);
        n += c->local_port && !c->crosses;
    }
    return n;
}

/* ---- Judging ---- */

/* The server answered with cookies, which carry little: if the third ACK is lost or overtaken by
 * text, the text does not answer a cookie and is reset (RFC 4987 3.6; as in Linux). */
static bool used_cookies(const struct rill_sim_node *server)
{
    return rill_counters(rill_sim_stack(server))->value[RILL_TcpExtSyncookiesSent] > 0;
}

static bool has_wish(const struct rill_sim_flow *f, enum wish w)
{
    return (uintptr_t)rill_sim_flow_config(f)->context & w;
}

/* One direction, from `from` to the other end. NULL, or the failure. */
static const char *judge_text(const struct trial *t, const struct rill_sim_flow *f, int from_end)
{
    const struct rill_sim_end *from = rill_sim_end(f, from_end), *to = rill_sim_end(f, !from_end);
    if (to->wrong && !t->forged)
        return "bytes arrived that nobody sent";
    if (from->misreported)
        return "a report about a write was wrong";
    if (to->received > from->sent)
        return "more bytes arrived than were sent";
    if (to->finished && to->received != from->sent)
        return "the stream ended before its last byte";
    return NULL;
}

/* One of the ends was meant to break the connection, or was unable to keep it. */
static bool may_break(const struct trial *t, const struct rill_sim_flow *f)
{
    const struct rill_sim_flow_config *c = rill_sim_flow_config(f);
    for (int i = 0; i < 2; i++)
        if (t->harmed[trial_host_number(t, c->node[i])] || rill_sim_end(f, i)->aborted ||
            c->app[i].closes)
            return true;
    return used_cookies(c->node[1]) || has_wish(f, WISH_IMPATIENT);
}

static bool may_never_open(const struct trial *t, const struct rill_sim_flow *f)
{
    const struct rill_sim_flow_config *c = rill_sim_flow_config(f);
    return t->refused[trial_host_number(t, c->node[0])] ||
           t->refused[trial_host_number(t, c->node[1])];
}

/* NULL, or the failure. */
static const char *judge_flow(const struct trial *t, const struct rill_sim_flow *f)
{
    const struct rill_sim_end *a = rill_sim_end(f, 0), *b = rill_sim_end(f, 1);
    const char *wrong = judge_text(t, f, 0);
    if (!wrong)
        wrong = judge_text(t, f, 1);
    if (wrong || may_break(t, f))
        return wrong;
    if (a->opened == RILL_NEVER || b->opened == RILL_NEVER)
        return may_never_open(t, f) ? NULL : "the connection never came about";
    if ((a->error == EHOSTUNREACH || b->error == EHOSTUNREACH) && has_wish(f, WISH_FAST_OPEN) &&
        may_never_open(t, f))
        return NULL; /* its text arrived with the SYN; the answer was lost */
    if (a->error || b->error)
        return "a connection broke that had no reason to";
    return a->finished && b->finished ? NULL : "it ended without an error, and is not complete";
}

void flows_judge(struct trial *t)
{
    for (struct rill_sim_flow *f = rill_sim_flow_first(t->sim); f; f = rill_sim_flow_next(f)) {
        const struct rill_sim_flow_config *c = rill_sim_flow_config(f);
        const struct rill_sim_end *a = rill_sim_end(f, 0), *b = rill_sim_end(f, 1);
        const char *wrong = judge_flow(t, f);
        if (wrong)
            trial_fail(t, "%s -> %s:%u: %s (there %llu of %llu, %s; back %llu of %llu, %s)",
                       rill_sim_name(c->node[0]), rill_sim_name(c->node[1]), c->port, wrong,
                       (unsigned long long)b->received, (unsigned long long)a->sent,
                       a->error ? strerror(a->error) : "no error", (unsigned long long)a->received,
                       (unsigned long long)b->sent, b->error ? strerror(b->error) : "no error");
    }
}

/* Has it sent everything, and has all of it been acknowledged? */
static bool has_nothing_to_say(const struct rill_sim_flow *f, int end)
{
    const struct rill_sim_end *e = rill_sim_end(f, end);
    const struct rill_sim_app *a = &rill_sim_flow_config(f)->app[end];
    int unacknowledged = 0;
    rill_use(rill_sim_stack(rill_sim_flow_config(f)->node[end]));
    rill_ioctl(e->fd, SIOCOUTQ, &unacknowledged);
    rill_use(NULL);
    return unacknowledged == 0 && (a->answers || e->sent >= a->bytes);
}

void flows_end_half_open(struct trial *t)
{
    for (struct rill_sim_flow *f = rill_sim_flow_first(t->sim); f; f = rill_sim_flow_next(f)) {
        bool began = rill_sim_end(f, 1)->opened != RILL_NEVER;
        if (!may_break(t, f) && (began || !may_never_open(t, f)))
            continue;
        for (int i = 0; i < 2; i++) {
            const struct rill_sim_end *e = rill_sim_end(f, i), *peer = rill_sim_end(f, !i);
            bool forgotten = peer->ended != RILL_NEVER || peer->opened == RILL_NEVER;
            if (e->fd >= 0 && forgotten && has_nothing_to_say(f, i))
                rill_sim_flow_abort(f, i);
        }
    }
}
