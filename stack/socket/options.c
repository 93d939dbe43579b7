/* The options of a socket, and how they reach its protocol object. They are stored once, with the
 * socket, independent of the protocol: so they can be set at any time, and an accepted socket
 * inherits them. */
#include "socket/options.h"

#include "tcp/progress.h"

#include <errno.h>
#include <linux/net_tstamp.h>

/* TCP_MAXSEG before there is a connection: RFC 9293 MUST-15's default. */
#define MAX_SEGMENT 536

static int64_t value_default(const struct rill *r, const struct socket *s, enum socket_value v)
{
    switch (v) {
    case VALUE_SEND_BUFFER:
        return s->is_stream ? r->net.config.tcp.send_buffer : UDP_BUFFER / 2;
    case VALUE_RECEIVE_BUFFER:
        return s->is_stream ? r->net.config.tcp.receive_buffer : UDP_BUFFER / 2;
    case VALUE_LOW_WATER:
        return 1;
    case VALUE_MAX_SEGMENT:
        return MAX_SEGMENT;
    case VALUE_KEEPALIVE_IDLE:
        return r->net.config.tcp.keepalive_idle / RILL_SECONDS(1);
    case VALUE_KEEPALIVE_INTERVAL:
        return r->net.config.tcp.keepalive_interval / RILL_SECONDS(1);
    case VALUE_KEEPALIVE_COUNT:
        return r->net.config.tcp.keepalive_count;
    case VALUE_SYN_COUNT:
        return rtt_syn_retries(&r->net.config.tcp);
    case VALUE_RTO_MIN:
        return r->net.config.tcp.minimum_rto / RILL_MICROSECONDS(1);
    case VALUE_RTO_MAX:
        return r->net.config.tcp.maximum_rto / RILL_MILLISECONDS(1);
    case VALUE_ACK_DELAY:
        return r->net.config.tcp.delayed_ack / RILL_MICROSECONDS(1);
    case VALUE_LINGER2:
        return r->net.config.tcp.fin_wait_2 / RILL_SECONDS(1);
    case VALUE_TTL:
        return r->net.config.ttl;
    case VALUE_MTU_DISCOVER:
        return IP4_DISCOVERY_WANT + 1;
    default:
        return 0;
    }
}

static int64_t value_set(const struct socket *s, enum socket_value v)
{
    return s->values ? s->values->of[v] : 0;
}

int64_t socket_value(const struct rill *r, const struct socket *s, enum socket_value v)
{
    int64_t set = value_set(s, v);
    return set ? set : value_default(r, s, v);
}

enum ip4_discovery socket_discovery(const struct rill *r, const struct socket *s)
{
    return (enum ip4_discovery)(socket_value(r, s, VALUE_MTU_DISCOVER) - 1);
}

rill_time socket_timeout(const struct socket *s, enum socket_value v)
{
    rill_time timeout = value_set(s, v);
    return timeout ? timeout : RILL_NEVER;
}

static struct tcp_buffers socket_buffers(const struct socket *s)
{
    return (struct tcp_buffers){
        .send = (uint32_t)value_set(s, VALUE_SEND_BUFFER),
        .receive = (uint32_t)value_set(s, VALUE_RECEIVE_BUFFER),
        .window_clamp = (uint32_t)value_set(s, VALUE_WINDOW_CLAMP),
        .low_water = (uint32_t)value_set(s, VALUE_LOW_WATER),
        .unsent = (uint32_t)value_set(s, VALUE_UNSENT),
    };
}

uint64_t socket_pacing_max(const struct socket *s)
{
    return (uint64_t)max_of(value_set(s, VALUE_PACING_RATE) - 1, 0);
}

const struct cc_ops *socket_congestion(const struct rill *r, const struct socket *s)
{
    int64_t set = value_set(s, VALUE_CONGESTION);
    return set ? cc_at((unsigned)set - 1) : tcp_default_cc(&r->net.tcp);
}

/* The events of writes that TCP must report. */
static uint8_t socket_progress(const struct socket *s)
{
    static const struct {
        int asked;
        enum progress_wish wish;
    } row[] = {
        {SOF_TIMESTAMPING_TX_SCHED, PROGRESS_SCHED},
        {SOF_TIMESTAMPING_TX_SOFTWARE, PROGRESS_SENT},
        {SOF_TIMESTAMPING_TX_ACK, PROGRESS_ACKED},
        {SOF_TIMESTAMPING_OPT_ID, PROGRESS_NUMBERS},
        {TIMESTAMPING_OPT_ID_TCP, PROGRESS_NUMBERS_END},
    };
    int64_t asked = value_set(s, VALUE_TIMESTAMPING);
    uint8_t wishes = socket_flag(s, FLAG_ZEROCOPY) ? PROGRESS_ZEROCOPY : 0;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        wishes |= asked & row[i].asked ? (uint8_t)row[i].wish : 0;
    return wishes;
}

struct tcp_settings socket_settings(const struct rill *r, const struct socket *s)
{
    return (struct tcp_settings){
        .buffers = socket_buffers(s),
        .max_segment = (uint16_t)value_set(s, VALUE_MAX_SEGMENT),
        .tos = (uint8_t)value_set(s, VALUE_TOS),
        .ttl = (uint8_t)socket_value(r, s, VALUE_TTL),
        .discovery = (uint8_t)socket_discovery(r, s),
        .nodelay = socket_flag(s, FLAG_NODELAY),
        .cork = socket_flag(s, FLAG_CORK),
        .oob_inline = socket_flag(s, FLAG_OOB_INLINE),
        .recverr = socket_flag(s, FLAG_ERRORS),
        .progress = socket_progress(s),
        .interactive = socket_flag(s, FLAG_INTERACTIVE),
        .keepalive = socket_flag(s, FLAG_KEEPALIVE),
        .keepalive_idle = RILL_SECONDS(value_set(s, VALUE_KEEPALIVE_IDLE)),
        .keepalive_interval = RILL_SECONDS(value_set(s, VALUE_KEEPALIVE_INTERVAL)),
        .keepalive_count = (uint32_t)value_set(s, VALUE_KEEPALIVE_COUNT),
        .user_timeout = RILL_MILLISECONDS(value_set(s, VALUE_USER_TIMEOUT)),
        .pacing_max = socket_pacing_max(s),
        .cc = socket_congestion(r, s),
        .minimum_rto = RILL_MICROSECONDS(value_set(s, VALUE_RTO_MIN)),
        .maximum_rto = RILL_MILLISECONDS(value_set(s, VALUE_RTO_MAX)),
        .delayed_ack = RILL_MICROSECONDS(value_set(s, VALUE_ACK_DELAY)),
        .syn_retries = (uint32_t)value_set(s, VALUE_SYN_COUNT),
        .linger2 = RILL_SECONDS(value_set(s, VALUE_LINGER2)),
        .defer_tries = (uint32_t)value_set(s, VALUE_DEFER_ACCEPT),
    };
}

struct fast_open_settings socket_fast_open(const struct socket *s)
{
    struct fast_open_settings f = {
        .limit = (uint32_t)value_set(s, VALUE_FAST_OPEN),
        .without_cookie = socket_flag(s, FLAG_FAST_OPEN_NO_COOKIE),
    };
    if (s->values)
        f.keys = s->values->fast_open_keys;
    return f;
}

/* A datagram's buffers count its overhead, so they get the double size that socket(7) describes. */
static void datagram_apply(struct rill *r, struct socket *s)
{
    struct udp_socket *u = s->datagram;
    u->send_buffer = (uint32_t)(2 * socket_value(r, s, VALUE_SEND_BUFFER));
    u->receive_buffer = (uint32_t)(2 * socket_value(r, s, VALUE_RECEIVE_BUFFER));
    u->tos = (uint8_t)socket_value(r, s, VALUE_TOS);
    u->ttl = (uint8_t)socket_value(r, s, VALUE_TTL);
    u->discovery = (uint8_t)socket_discovery(r, s);
    u->members_only = socket_flag(s, FLAG_MEMBERS_ONLY);
    u->joined = socket_flag(s, FLAG_JOINED);
    u->reuse = socket_flag(s, FLAG_REUSE);
    u->reuse_port = socket_flag(s, FLAG_REUSE_PORT);
    udp_want_errors(&r->net.udp, u, socket_flag(s, FLAG_ERRORS));
}

int socket_apply(struct rill *r, struct socket *s)
{
    if (!s->is_stream) {
        datagram_apply(r, s);
        return 0;
    }
    if (s->binding) {
        s->binding->reuse = socket_flag(s, FLAG_REUSE);
        s->binding->reuse_port = socket_flag(s, FLAG_REUSE_PORT);
    }
    if (s->phase == SOCKET_IDLE) /* a protocol object that is made later gets all options */
        return 0;
    struct tcp_settings settings = socket_settings(r, s);
    if (s->phase == SOCKET_LISTENING) {
        struct fast_open_settings fast_open = socket_fast_open(s);
        s->listener->settings = settings;
        tcp_listen_fast_open(&r->net.tcp, s->listener, &fast_open);
        return 0;
    }
    return tcp_apply(&r->net.tcp, s->conn, &settings);
}

int socket_inherit(struct rill *r, struct socket *s, const struct socket *listener)
{
    if (listener->values) {
        s->values = memory_get(&r->net.memory, sizeof *s->values);
        if (!s->values)
            return -ENOBUFS;
        *s->values = *listener->values;
    }
    s->flags = listener->flags;
    return 0;
}
