/* One application: what it does with its socket in each turn. It gets a turn when a frame of its
 * connection has arrived, when its own pause is over, and once a second in case something else has
 * changed. */
#include "base/bytes.h"
#include "end.h"
#include "reports.h"
#include "sockets.h"
#include "text.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#define SWEEP RILL_SECONDS(1)
#define CROSSING RILL_SECONDS(5) /* both ends know when the other tries again */

static uint32_t stream_of(const struct end *e, int from)
{
    return e->flow->number * 2 + (uint32_t)from;
}

/* ---- Connecting ---- */

static bool lacks_memory(int error)
{
    return error == ENOMEM || error == ENOBUFS;
}

/* 0, or the reason of the failure. */
static int begin_to_connect(struct end *e, uint16_t local_port)
{
    const struct rill_sim_flow_config *c = &e->flow->config;
    uint32_t peer = c->node[!e->index]->config.address;
    struct socket_name here = name_of(c->mapped, 0, local_port), there;
    there = name_of(c->mapped, peer, e->index ? c->local_port : c->port);
    int reuses = 1;
    if (c->prepare)
        c->prepare(c->context, e->index, e->seen.fd);
    if (local_port) {
        rill_setsockopt(e->seen.fd, SOL_SOCKET, SO_REUSEADDR, &reuses, sizeof reuses);
        if (rill_bind(e->seen.fd, &here.any, here.length) < 0)
            return errno;
    }
    if (rill_connect(e->seen.fd, &there.any, there.length) == 0)
        end_opened(e);
    else if (errno != EINPROGRESS)
        return errno;
    rill_getsockname(e->seen.fd, &here.any, &here.length);
    end_remember(e, name_port(&here));
    return 0;
}

/* Must the flow wait until earlier ones from its port are over? If one of them was never accepted,
 * or did not end in order, its connection may still wait at the listener, or a copy of its first
 * segment may return a SYN cookie once more, and could not be told from this one's: then the port
 * becomes 0. */
static bool flow_waits(const struct rill_sim_flow *flow, uint16_t *local_port)
{
    const struct rill_sim_flow_config *c = &flow->config;
    struct rill_sim_flow *f = c->node[0]->calling[*local_port % CALLING_BUCKETS];
    for (; f; f = f->same_port) {
        if (f->end[0].local_port != *local_port || f->config.node[1] != c->node[1] ||
            f->config.port != c->port)
            continue;
        if (!rill_sim_flow_over(f))
            return true;
        if (!f->end[0].seen.finished || !f->end[1].seen.finished)
            *local_port = 0;
    }
    return false;
}

/* Without memory it tries again at its next turn, and if its port is still in TIME_WAIT. */
static void open_end(struct end *e)
{
    const struct rill_sim_flow_config *c = &e->flow->config;
    uint16_t local_port = e->index ? c->port : c->local_port;
    if (!c->crosses && local_port && flow_waits(e->flow, &local_port)) {
        e->seen.moved = e->flow->sim->now;
        return;
    }
    e->seen.fd = rill_socket(c->mapped ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int error = e->seen.fd < 0 ? errno : begin_to_connect(e, local_port);
    bool again = lacks_memory(error) || (local_port && error == EADDRNOTAVAIL);
    if (error && e->seen.fd >= 0 && !again) {
        end_close(e, error);
    } else if (error) {
        if (e->seen.fd >= 0)
            rill_close(e->seen.fd);
        e->seen.fd = -1;
    }
}

/* The other end was not ready: both try again at the next full CROSSING. */
static void cross_again(struct end *e)
{
    rill_time now = e->flow->sim->now;
    rill_close(e->seen.fd);
    end_forget(e);
    e->seen.fd = -1;
    e->again = now - now % CROSSING + CROSSING;
}

static void look_whether_connected(struct end *e)
{
    struct pollfd p = {.fd = e->seen.fd, .events = POLLOUT};
    int error = 0;
    socklen_t length = sizeof error;
    if (rill_poll(&p, 1, 0) != 1)
        return;
    rill_getsockopt(e->seen.fd, SOL_SOCKET, SO_ERROR, &error, &length);
    bool other_ended = e->flow->end[!e->index].seen.ended != RILL_NEVER;
    if (error == ECONNREFUSED && e->flow->config.crosses && !other_ended)
        cross_again(e);
    else if (error)
        end_close(e, error);
    else
        end_opened(e);
}

/* ---- Reading and writing ---- */

/* Is it too early? Then it tries at another turn: with TCP_FASTOPEN_CONNECT nothing can be read
 * before the first write. */
static bool waits(const struct end *e, int error)
{
    return error == EAGAIN || lacks_memory(error) || (error == ENOTCONN && e->seen.sent == 0);
}

static bool may_call(const struct end *e, short event)
{
    struct pollfd p = {.fd = e->seen.fd, .events = event};
    return !e->app.polls || rill_poll(&p, 1, 0) == 1;
}

/* 0, or the error that ends the connection. */
static int read_some(struct end *e)
{
    struct rill_sim *sim = e->flow->sim;
    uint32_t stream = stream_of(e, !e->index);
    while (!e->seen.finished && sim->now >= e->read && may_call(e, POLLIN)) {
        size_t most = e->app.read_chunk ? min_of(e->app.read_chunk, TEXT_RUN) : TEXT_RUN;
        ssize_t n = rill_recv(e->seen.fd, sim->buffers, most, 0);
        if (n < 0)
            return waits(e, errno) ? 0 : errno;
        e->seen.wrong += text_wrong(sim->text, stream, e->seen.received, sim->buffers, (size_t)n);
        e->seen.received += (uint64_t)n;
        e->seen.finished = n == 0;
        e->seen.moved = sim->now;
        e->read = sim->now + e->app.read_pause;
        if (e->app.abort_after && e->seen.received >= e->app.abort_after)
            return 0;
        if (e->app.read_pause)
            return 0;
    }
    return 0;
}

static bool may_write(const struct end *e)
{
    return !e->shut && (!e->app.answers || e->seen.finished);
}

static int write_flags(const struct end *e)
{
    return (e->app.urgent ? MSG_OOB : 0) | (e->app.records ? MSG_EOR : 0) |
           (e->app.reports ? MSG_ZEROCOPY : 0);
}

static int write_some(struct end *e)
{
    struct rill_sim *sim = e->flow->sim;
    while (may_write(e) && e->seen.sent < e->app.bytes && sim->now >= e->write &&
           may_call(e, POLLOUT)) {
        size_t most = e->app.write_chunk ? min_of(e->app.write_chunk, TEXT_RUN) : TEXT_RUN;
        uint64_t rest = e->app.bytes - e->seen.sent;
        const uint8_t *at = text_at(sim->text, stream_of(e, e->index), e->seen.sent);
        ssize_t n = rill_send(e->seen.fd, at, (size_t)min_of(most, rest), write_flags(e));
        if (n < 0)
            return waits(e, errno) ? 0 : errno;
        e->seen.sent += (uint64_t)n;
        e->reports.writes += e->app.reports;
        e->seen.moved = sim->now;
        if (e->app.write_pause)
            e->write = sim->now + e->app.write_pause;
    }
    if (e->done == RILL_NEVER && may_write(e) && e->seen.sent >= e->app.bytes)
        e->done = sim->now;
    return 0;
}

/* With Fast Open it may write before it is connected; but a shutdown would end everything then, as
 * in Linux. */
static bool is_connecting(const struct end *e)
{
    struct tcp_info info;
    socklen_t length = sizeof info;
    int failed = rill_getsockopt(e->seen.fd, IPPROTO_TCP, TCP_INFO, &info, &length);
    return !failed && info.tcpi_state == TCP_SYN_SENT;
}

/* Its last byte is sent, and its linger time is over. */
static bool has_done(const struct end *e)
{
    return e->done != RILL_NEVER && e->flow->sim->now >= e->done + e->app.linger &&
           !is_connecting(e);
}

static void talk(struct end *e)
{
    if (e->app.reports)
        reports_read(e);
    int error = read_some(e);
    if (!error && e->app.abort_after && e->seen.received >= e->app.abort_after) {
        end_abort(e);
        return;
    }
    if (!error)
        error = write_some(e);
    if (error) {
        end_close(e, error);
        return;
    }
    if (!e->shut && !has_done(e))
        return;
    if (e->app.closes || e->seen.finished) {
        end_close(e, 0);
    } else if (!e->shut) {
        rill_shutdown(e->seen.fd, SHUT_WR);
        e->shut = true;
    }
}

static rill_time next_turn(const struct end *e)
{
    rill_time now = e->flow->sim->now, next = now + SWEEP;
    if (e->again > now)
        next = min_of(next, e->again);
    if (e->read > now)
        next = min_of(next, e->read);
    if (e->write > now)
        next = min_of(next, e->write);
    if (e->done != RILL_NEVER && e->done + e->app.linger > now)
        next = min_of(next, e->done + e->app.linger);
    return next;
}

void end_step(struct end *e)
{
    struct rill_sim_node *n = end_node(e);
    struct rill_sim *sim = e->flow->sim;
    if (e->seen.ended != RILL_NEVER || sim->now < n->stalled) {
        world_schedule(sim, &e->step, e->seen.ended != RILL_NEVER ? RILL_NEVER : n->stalled);
        return;
    }
    rill_use(n->stack);
    if (e->seen.fd >= 0 && e->seen.opened == RILL_NEVER)
        look_whether_connected(e);
    else if (e->seen.fd < 0 && sim->now >= e->again)
        open_end(e);
    if (e->seen.fd >= 0 && e->seen.opened != RILL_NEVER)
        talk(e);
    if (e->seen.ended == RILL_NEVER)
        world_schedule(sim, &e->step, next_turn(e));
    rill_sim_touch(n);
}
