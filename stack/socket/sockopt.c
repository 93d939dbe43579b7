/* getsockopt(2) and setsockopt(2) as a table: one row for each option gives its type, where it is
 * stored and its range. Only read-only facts (properties of the socket instead of settings) need
 * code. */
#include "net/routing.h"
#include "socket/events.h"
#include "socket/info.h"
#include "socket/options.h"
#include "socket/timeout.h"
#include "socket/try.h"

#include <errno.h>
#include <limits.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/time.h>

#define BUFFER_MOST (16 << 20) /* that an application may request; the budget limits it further */

#define BUFFER_FORCED_MOST (1 << 29) /* with the FORCE options: half of the largest window */
#define WINDOW_CLAMP_LEAST 1152      /* SOCK_MIN_RCVBUF / 2 */
#define PRIORITY_MOST 6              /* socket(7): a higher one needs privileges */
#define LINGER2_MOST 120             /* seconds, as in Linux (TCP_FIN_TIMEOUT_MAX) */
#define IP6_MTU_LEAST 1280           /* RFC 8200 5 */
#define IP6_HOPS 64                  /* the default, as in Linux */

/* Not in older <netinet/tcp.h>. */
#define TCP_MULTIPATH 43 /* TCP_IS_MPTCP of Linux 5.16 */
#define TCP_RTO_MAX 44   /* TCP_RTO_MAX_MS of Linux 6.15 */

enum option_form {
    FORM_FLAG,
    FORM_NUMBER,
    FORM_BUFFER,   /* reported doubled, clamped to its range: socket(7) */
    FORM_TIME,     /* struct timeval */
    FORM_RATE,     /* 64 bits, or 32 if there is no room for more */
    FORM_LINGER,   /* struct linger */
    FORM_NAME,     /* name of a congestion control */
    FORM_KEY,      /* one or two keys of Fast Open */
    FORM_FACT,     /* a read-only number */
    FORM_INFO,     /* struct tcp_info */
    FORM_CC_INFO,  /* union tcp_cc_info */
    FORM_QUICKACK, /* temporary: tcp(7) */
    FORM_PATH_MTU, /* a number that only a connected socket has */
    FORM_NONE      /* none exist, and none can be set: zero bytes */
};

struct option {
    int level, name;
    enum option_form form;
    int which;       /* enum socket_flag or enum socket_value */
    int least, most; /* of a flag 0, 0: any other number switches it on */
};

static const struct option options[] = {
    {SOL_SOCKET, SO_REUSEADDR, FORM_FLAG, FLAG_REUSE, 0, 0},
    {SOL_SOCKET, SO_REUSEPORT, FORM_FLAG, FLAG_REUSE_PORT, 0, 0},
    {SOL_SOCKET, SO_BROADCAST, FORM_FLAG, FLAG_BROADCAST, 0, 0},
    {SOL_SOCKET, SO_KEEPALIVE, FORM_FLAG, FLAG_KEEPALIVE, 0, 0},
    {SOL_SOCKET, SO_DEBUG, FORM_FLAG, FLAG_DEBUG, 0, 0},
    {SOL_SOCKET, SO_OOBINLINE, FORM_FLAG, FLAG_OOB_INLINE, 0, 0},
    {SOL_SOCKET, SO_LINGER, FORM_LINGER, VALUE_LINGER, 0, INT_MAX},
    {SOL_SOCKET, SO_SNDBUF, FORM_BUFFER, VALUE_SEND_BUFFER, 2304, BUFFER_MOST},
    {SOL_SOCKET, SO_RCVBUF, FORM_BUFFER, VALUE_RECEIVE_BUFFER, 1152, BUFFER_MOST},
    {SOL_SOCKET, SO_SNDBUFFORCE, FORM_BUFFER, VALUE_SEND_BUFFER, 2304, BUFFER_FORCED_MOST},
    {SOL_SOCKET, SO_RCVBUFFORCE, FORM_BUFFER, VALUE_RECEIVE_BUFFER, 1152, BUFFER_FORCED_MOST},
    {SOL_SOCKET, SO_RCVTIMEO, FORM_TIME, VALUE_RECEIVE_TIMEOUT, 0, 0},
    {SOL_SOCKET, SO_SNDTIMEO, FORM_TIME, VALUE_SEND_TIMEOUT, 0, 0},
    {SOL_SOCKET, SO_RCVLOWAT, FORM_NUMBER, VALUE_LOW_WATER, INT_MIN, INT_MAX},
    {SOL_SOCKET, SO_SNDLOWAT, FORM_FACT, 0, 0, 0},
    {SOL_SOCKET, SO_PRIORITY, FORM_NUMBER, VALUE_PRIORITY, 0, PRIORITY_MOST},
    {SOL_SOCKET, SO_MARK, FORM_NUMBER, VALUE_MARK, INT_MIN, INT_MAX},
    {SOL_SOCKET, SO_MAX_PACING_RATE, FORM_RATE, VALUE_PACING_RATE, 0, 0},
    {SOL_SOCKET, SO_ERROR, FORM_FACT, 0, 0, 0},
    {SOL_SOCKET, SO_TYPE, FORM_FACT, 0, 0, 0},
    {SOL_SOCKET, SO_PROTOCOL, FORM_FACT, 0, 0, 0},
    {SOL_SOCKET, SO_DOMAIN, FORM_FACT, 0, 0, 0},
    {SOL_SOCKET, SO_ACCEPTCONN, FORM_FACT, 0, 0, 0},
    {SOL_SOCKET, SO_INCOMING_CPU, FORM_FACT, 0, 0, 0},
    {SOL_SOCKET, SO_INCOMING_NAPI_ID, FORM_FACT, 0, 0, 0},
    {IPPROTO_IP, IP_TOS, FORM_NUMBER, VALUE_TOS, INT_MIN, INT_MAX}, /* only the low byte counts */
    {IPPROTO_IP, IP_TTL, FORM_NUMBER, VALUE_TTL, -1, 255},          /* -1: the default */
    {IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, FORM_FLAG, FLAG_NO_PORT, 0, 0},
    {IPPROTO_IP, IP_RECVERR, FORM_FLAG, FLAG_ERRORS, 0, 0},
    {IPPROTO_IP, IP_PKTINFO, FORM_FLAG, FLAG_PACKET_INFO, 0, 0},
    {IPPROTO_IP, IP_RECVTTL, FORM_FLAG, FLAG_RECEIVE_TTL, 0, 0},
    {IPPROTO_IP, IP_RECVTOS, FORM_FLAG, FLAG_RECEIVE_TOS, 0, 0},
    {IPPROTO_IPV6, IPV6_V6ONLY, FORM_FLAG, FLAG_ONLY_IP6, 0, 0},
    {IPPROTO_IPV6, IPV6_TCLASS, FORM_NUMBER, VALUE_CLASS6, -1, 255}, /* -1: the default */
    {IPPROTO_IPV6, IPV6_UNICAST_HOPS, FORM_NUMBER, VALUE_HOPS6, -1, 255},
    {IPPROTO_IPV6, IPV6_RECVERR, FORM_FLAG, FLAG_ERRORS6, 0, 0},
    {IPPROTO_IPV6, IPV6_RECVPKTINFO, FORM_FLAG, FLAG_PACKET_INFO6, 0, 0},
    {IPPROTO_IPV6, IPV6_RECVHOPLIMIT, FORM_FLAG, FLAG_HOP_LIMIT6, 0, 0},
    {IPPROTO_IPV6, IPV6_RECVTCLASS, FORM_FLAG, FLAG_CLASS6, 0, 0},
    {IPPROTO_IPV6, IPV6_MTU_DISCOVER, FORM_NUMBER, VALUE_MTU_DISCOVER6, IPV6_PMTUDISC_DONT,
     IPV6_PMTUDISC_OMIT},
    {IPPROTO_IPV6, IPV6_MTU, FORM_PATH_MTU, 0, 0, 0},
    {SOL_SOCKET, SO_TIMESTAMP, FORM_FLAG, FLAG_TIMESTAMP, 0, 0},
    {SOL_SOCKET, SO_TIMESTAMPNS, FORM_FLAG, FLAG_TIMESTAMP_NS, 0, 0},
    {SOL_SOCKET, SO_TIMESTAMPING, FORM_NUMBER, VALUE_TIMESTAMPING, 0, TIMESTAMPING_MOST},
    {SOL_SOCKET, SO_ZEROCOPY, FORM_FLAG, FLAG_ZEROCOPY, 0, 1},
    {IPPROTO_TCP, TCP_INQ, FORM_FLAG, FLAG_READABLE_TOLD, 0, 1},
    {IPPROTO_IP, IP_MTU_DISCOVER, FORM_NUMBER, VALUE_MTU_DISCOVER, IP_PMTUDISC_DONT,
     IP_PMTUDISC_OMIT},
    {IPPROTO_IP, IP_MTU, FORM_PATH_MTU, 0, 0, 0},
    {IPPROTO_IP, IP_OPTIONS, FORM_NONE, 0, 0, 0},
    {IPPROTO_TCP, TCP_NODELAY, FORM_FLAG, FLAG_NODELAY, 0, 0},
    {IPPROTO_TCP, TCP_CORK, FORM_FLAG, FLAG_CORK, 0, 0},
    {IPPROTO_TCP, TCP_QUICKACK, FORM_QUICKACK, 0, 0, 0},
    {IPPROTO_TCP, TCP_MAXSEG, FORM_NUMBER, VALUE_MAX_SEGMENT, 88, 32767},
    {IPPROTO_TCP, TCP_WINDOW_CLAMP, FORM_NUMBER, VALUE_WINDOW_CLAMP, INT_MIN, INT_MAX},
    {IPPROTO_TCP, TCP_NOTSENT_LOWAT, FORM_NUMBER, VALUE_UNSENT, INT_MIN, INT_MAX},
    {IPPROTO_TCP, TCP_KEEPIDLE, FORM_NUMBER, VALUE_KEEPALIVE_IDLE, 1, 32767},
    {IPPROTO_TCP, TCP_KEEPINTVL, FORM_NUMBER, VALUE_KEEPALIVE_INTERVAL, 1, 32767},
    {IPPROTO_TCP, TCP_KEEPCNT, FORM_NUMBER, VALUE_KEEPALIVE_COUNT, 1, 127},
    {IPPROTO_TCP, TCP_USER_TIMEOUT, FORM_NUMBER, VALUE_USER_TIMEOUT, 0, INT_MAX},
    {IPPROTO_TCP, TCP_RTO_MAX, FORM_NUMBER, VALUE_RTO_MOST, 1000, 120000},
    {IPPROTO_TCP, TCP_SYNCNT, FORM_NUMBER, VALUE_SYN_COUNT, 1, 127},
    {IPPROTO_TCP, TCP_LINGER2, FORM_NUMBER, VALUE_LINGER2, INT_MIN, INT_MAX},
    {IPPROTO_TCP, TCP_DEFER_ACCEPT, FORM_NUMBER, VALUE_DEFER_ACCEPT, INT_MIN, INT_MAX},
    {IPPROTO_TCP, TCP_FASTOPEN, FORM_NUMBER, VALUE_FAST_OPEN, 0, INT_MAX},
    {IPPROTO_TCP, TCP_FASTOPEN_CONNECT, FORM_FLAG, FLAG_FAST_OPEN_CONNECT, 0, 0},
    {IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, FORM_FLAG, FLAG_FAST_OPEN_NO_COOKIE, 0, 0},
    {IPPROTO_TCP, TCP_FASTOPEN_KEY, FORM_KEY, 0, 0, 0},
    {IPPROTO_TCP, TCP_CONGESTION, FORM_NAME, 0, 0, 0},
    {IPPROTO_TCP, TCP_MULTIPATH, FORM_FACT, 0, 0, 0},
    {IPPROTO_TCP, TCP_INFO, FORM_INFO, 0, 0, 0},
    {IPPROTO_TCP, TCP_CC_INFO, FORM_CC_INFO, 0, 0, 0},
    {IPPROTO_UDP, UDP_SEGMENT, FORM_NUMBER, VALUE_SEGMENT, 0, UINT16_MAX},
    {IPPROTO_UDP, UDP_GRO, FORM_FLAG, FLAG_JOINED, 0, 0},
};

static bool level_known(const struct socket *s, int level)
{
    return level == SOL_SOCKET || level == IPPROTO_IP || (level == IPPROTO_IPV6 && s->is_ip6) ||
           level == (s->is_stream ? IPPROTO_TCP : IPPROTO_UDP);
}

static const struct option *option_find(const struct socket *s, int level, int name)
{
    if (!level_known(s, level))
        return NULL;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].level == level && options[i].name == name)
            return &options[i];
    return NULL;
}

/* ---------------------------------------------------------------- setting */

static bool values_get(struct rill *r, struct socket *s)
{
    if (!s->values)
        s->values = memory_get(&r->net.memory, sizeof *s->values);
    return s->values;
}

static int value_put(struct rill *r, struct socket *s, enum socket_value v, int64_t value)
{
    if (!s->values && value == 0)
        return 0;
    if (!values_get(r, s))
        return -ENOBUFS;
    s->values->of[v] = value;
    return 0;
}

/* Switching one form of time stamps on or off switches the other off. */
static void flag_put(struct socket *s, enum socket_flag flag, bool on)
{
    uint32_t off = flag & FLAG_TIMESTAMPS ? FLAG_TIMESTAMPS : flag;
    s->flags = (s->flags & ~off) | (on ? flag : 0);
}

static bool has_port(const struct socket *s)
{
    return s->is_stream ? s->binding || s->phase != SOCKET_IDLE : s->datagram->local_port;
}

static int flag_set(struct socket *s, const struct option *o, int value)
{
    if (o->which == FLAG_ONLY_IP6 && has_port(s))
        return -EINVAL; /* ipv6(7): it says what bind means */
    if (o->which == FLAG_ZEROCOPY && !s->is_stream)
        return -EOPNOTSUPP;
    if (o->most && (value < o->least || value > o->most))
        return -EINVAL;
    flag_put(s, (enum socket_flag)o->which, value);
    return 0;
}

/* ip(7) options may be one byte long; in Linux no byte means 0. */
static int int_get(const struct option *o, struct rill_span from, int *value)
{
    if (from.length >= sizeof *value) {
        memcpy(value, from.at, sizeof *value);
        return 0;
    }
    if (o->level != IPPROTO_IP)
        return -EINVAL;
    *value = from.length ? from.at[0] : 0;
    return 0;
}

static bool number_good(const struct option *o, int value)
{
    if (value == 0 && o->which == VALUE_MAX_SEGMENT)
        return true; /* tcp(7): removes the bound */
    if (value == 0 && o->which == VALUE_TTL)
        return false;
    return value >= o->least && value <= o->most;
}

/* The number in the form in which it is stored: the default as 0. */
static int number_kept(const struct rill *r, const struct socket *s, enum socket_value which,
                       int value)
{
    switch (which) {
    case VALUE_TOS: /* TCP sets a stream's ECN bits itself (RFC 3168 6.1) */
        return value & (s->is_stream ? 0xfc : 0xff);
    case VALUE_TTL:
        return max_of(value, 0);
    case VALUE_CLASS6:
        return max_of(value, 0);
    case VALUE_MTU_DISCOVER:
    case VALUE_MTU_DISCOVER6:
    case VALUE_HOPS6:
        return value + 1;
    case VALUE_LOW_WATER:
        return value < 0 ? INT_MAX : value;
    case VALUE_LINGER2:
        return value < 0 ? -1 : min_of(value, LINGER2_MOST);
    case VALUE_DEFER_ACCEPT:
        return (int)rtt_tries_in_time(&r->net.config.tcp, RILL_SECONDS(value));
    case VALUE_WINDOW_CLAMP:
        return value ? max_of(value, WINDOW_CLAMP_LEAST) : 0;
    default:
        return value;
    }
}

/* SO_TIMESTAMPING: only a connection reports times of sending, and its bytes are counted only while
 * it exists. Statistics are not supported. */
static bool timestamping_good(const struct socket *s, int value)
{
    bool counts = value & SOF_TIMESTAMPING_OPT_ID;
    if (value & SOF_TIMESTAMPING_OPT_STATS || (value & TIMESTAMPING_OPT_ID_TCP && !counts))
        return false;
    if (!s->is_stream)
        return !(value & SOF_TIMESTAMPING_TX_RECORD_MASK);
    return !counts || socket_has_conn(s);
}

static int number_set(struct rill *r, struct socket *s, const struct option *o, int value)
{
    if (!number_good(o, value))
        return -EINVAL;
    if (o->which == VALUE_TIMESTAMPING && !timestamping_good(s, value))
        return -EINVAL;
    if (value == 0 && o->which == VALUE_WINDOW_CLAMP && s->phase != SOCKET_IDLE)
        return -EINVAL; /* as in Linux, it can be removed only before the handshake */
    return value_put(r, s, o->which, number_kept(r, s, o->which, value));
}

/* Linux compares a size unsigned, so a negative one is huge. */
static int buffer_set(struct rill *r, struct socket *s, const struct option *o, int value)
{
    int size = value < 0 ? o->most : value;
    return value_put(r, s, o->which, min_of(max_of(size, o->least), o->most));
}

/* socket(7): zero means no time-out, a negative time does not wait at all. A time beyond all
 * deadlines means no time-out. */
static rill_time timeout_kept(const struct timeval *t)
{
    int64_t seconds = t->tv_sec;
    if (seconds < 0)
        return 1;
    if (seconds >= RILL_NEVER / 4 / RILL_SECONDS(1))
        return 0;
    return RILL_SECONDS(seconds) + RILL_MICROSECONDS(t->tv_usec);
}

static int time_set(struct rill *r, struct socket *s, const struct option *o, struct rill_span from)
{
    struct timeval t;
    if (from.length < sizeof t)
        return -EINVAL;
    memcpy(&t, from.at, sizeof t);
    if (t.tv_usec < 0 || t.tv_usec >= 1000000)
        return -EDOM;
    return value_put(r, s, o->which, timeout_kept(&t));
}

/* Bytes a second; all ones mean no bound (Linux: sock_setsockopt), which is stored as no value. No
 * sender exceeds INT64_MAX. */
static int rate_set(struct rill *r, struct socket *s, const struct option *o, struct rill_span from)
{
    uint64_t rate;
    uint32_t narrow;
    if (from.length >= sizeof rate) {
        memcpy(&rate, from.at, sizeof rate);
    } else if (from.length >= sizeof narrow) {
        memcpy(&narrow, from.at, sizeof narrow);
        rate = narrow == UINT32_MAX ? UINT64_MAX : narrow;
    } else {
        return -EINVAL;
    }
    return value_put(r, s, o->which, rate >= INT64_MAX ? 0 : (int64_t)rate + 1);
}

static uint64_t rate_kept(const struct rill *r, const struct socket *s, enum socket_value v)
{
    int64_t kept = socket_value(r, s, v);
    return kept ? (uint64_t)kept - 1 : UINT64_MAX;
}

static int linger_set(struct rill *r, struct socket *s, struct rill_span from)
{
    struct linger l;
    if (from.length < sizeof l)
        return -EINVAL;
    memcpy(&l, from.at, sizeof l);
    int error = value_put(r, s, VALUE_LINGER, l.l_linger < 0 ? INT_MAX : l.l_linger);
    if (!error)
        flag_put(s, FLAG_LINGER, l.l_onoff);
    return error;
}

/* The name ends at its length or at its first zero (tcp(7)). */
static int congestion_set(struct rill *r, struct socket *s, struct rill_span from)
{
    char name[sizeof((struct cc_ops *)NULL)->name] = "";
    if (from.length == 0)
        return -EINVAL;
    memcpy(name, from.at, min_of(from.length, sizeof name - 1));
    const struct cc_ops *cc = cc_find(name);
    return cc ? value_put(r, s, VALUE_CONGESTION, cc_number(cc) + 1) : -ENOENT;
}

/* Temporary on a connection; before that it sets how a connection begins. */
static int quickack_set(struct rill *r, struct socket *s, int value)
{
    flag_put(s, FLAG_INTERACTIVE, !value);
    if (socket_has_conn(s))
        tcp_quickack(&r->net.tcp, s->conn, value);
    return 0;
}

static bool quickack_get(const struct socket *s)
{
    return socket_has_conn(s) ? !s->conn->interactive : !socket_flag(s, FLAG_INTERACTIVE);
}

/* The second key is the older one: its cookies are still valid. */
static int key_set(struct rill *r, struct socket *s, struct rill_span from)
{
    if (from.length != FAST_OPEN_KEY_BYTES && from.length != 2 * FAST_OPEN_KEY_BYTES)
        return -EINVAL;
    if (!values_get(r, s))
        return -ENOBUFS;
    s->values->fast_open_keys =
        fast_open_keys_load(from.at, (unsigned)(from.length / FAST_OPEN_KEY_BYTES));
    return 0;
}

/* Fast Open must be chosen before the connection begins: tcp(7), and Linux's own checks. */
static int fast_open_check(const struct rill *r, const struct socket *s, const struct option *o,
                           int value)
{
    if (o->level != IPPROTO_TCP)
        return 0;
    bool idle = s->phase == SOCKET_IDLE, listening = s->phase == SOCKET_LISTENING;
    switch (o->name) {
    case TCP_FASTOPEN_CONNECT:
        if (value < 0 || value > 1)
            return -EINVAL;
        if (!(r->net.config.tcp.fast_open & RILL_FAST_OPEN_CLIENT))
            return -EOPNOTSUPP;
        return idle ? 0 : -EINVAL;
    case TCP_FASTOPEN_NO_COOKIE:
        return value >= 0 && value <= 1 && (idle || listening) ? 0 : -EINVAL;
    case TCP_FASTOPEN:
        return idle || listening ? 0 : -EINVAL;
    default:
        return 0;
    }
}

/* IPV6_MTU bounds what IPv6 fragments to: accepted, without effect. IP_MTU cannot be set. */
static int path_mtu_set(const struct option *o, struct rill_span from)
{
    int value = 0;
    if (o->level != IPPROTO_IPV6)
        return -ENOPROTOOPT;
    int error = int_get(o, from, &value);
    return error || (value && value < IP6_MTU_LEAST) ? -EINVAL : 0;
}

static int option_set(struct rill *r, struct socket *s, const struct option *o,
                      struct rill_span from)
{
    int value = 0;
    int error = 0;
    bool is_int = o->form == FORM_FLAG || o->form == FORM_NUMBER || o->form == FORM_BUFFER ||
                  o->form == FORM_QUICKACK;
    if (is_int)
        error = int_get(o, from, &value);
    if (!error)
        error = fast_open_check(r, s, o, value);
    if (error)
        return error;
    switch (o->form) {
    case FORM_FLAG:
        return flag_set(s, o, value);
    case FORM_NUMBER:
        return number_set(r, s, o, value);
    case FORM_BUFFER:
        return buffer_set(r, s, o, value);
    case FORM_TIME:
        return time_set(r, s, o, from);
    case FORM_RATE:
        return rate_set(r, s, o, from);
    case FORM_LINGER:
        return linger_set(r, s, from);
    case FORM_NAME:
        return congestion_set(r, s, from);
    case FORM_QUICKACK:
        return quickack_set(r, s, value);
    case FORM_KEY:
        return key_set(r, s, from);
    case FORM_NONE:
        return from.length ? -ENOPROTOOPT : 0;
    case FORM_PATH_MTU:
        return path_mtu_set(o, from);
    case FORM_FACT:
    case FORM_INFO:
    case FORM_CC_INFO:
        break;
    }
    return -ENOPROTOOPT;
}

/* The events that watchers get: the buffer may be larger, or the low-water mark lower. */
static unsigned option_events(int level, int name)
{
    if (level == SOL_SOCKET && name == SO_RCVLOWAT)
        return EVENT_READABLE;
    bool room = level == SOL_SOCKET && (name == SO_SNDBUF || name == SO_SNDBUFFORCE);
    return room || (level == IPPROTO_TCP && name == TCP_NOTSENT_LOWAT) ? EVENT_WRITABLE : 0;
}

struct options_before {
    struct socket_values values;
    uint32_t flags;
};

static struct options_before options_keep(const struct socket *s)
{
    struct options_before before = {.flags = s->flags};
    if (s->values)
        before.values = *s->values;
    return before;
}

/* The option that was set could not be applied. */
static void options_restore(struct rill *r, struct socket *s, const struct options_before *before)
{
    s->flags = before->flags;
    if (s->values)
        *s->values = before->values;
    socket_apply(r, s);
}

int64_t set_option_now(struct rill *r, struct socket *s, const struct call *c)
{
    const struct option *o = option_find(s, c->set.level, c->set.name);
    if (!o)
        return -ENOPROTOOPT;
    if (c->set.length > INT_MAX)
        return -EINVAL;
    if (!c->set.value && (c->set.length || o->form != FORM_NONE))
        return -EFAULT;
    struct options_before before = options_keep(s);
    int error = option_set(r, s, o, span_of(c->set.value, c->set.length));
    if (!error)
        error = socket_apply(r, s);
    if (error)
        options_restore(r, s, &before);
    bool push = o->form == FORM_FLAG && o->which == FLAG_NODELAY && socket_flag(s, FLAG_NODELAY);
    if (!error && push &&
        socket_has_conn(s)) /* tcp(7): "setting this option forces an explicit flush" */
        tcp_push(&r->net.tcp, s->conn);
    socket_wake(r, s, option_events(c->set.level, c->set.name));
    return error;
}

/* ---------------------------------------------------------------- getting */

static int error_take(struct socket *s)
{
    if (socket_has_conn(s))
        return tcp_take_error(s->conn);
    return s->is_stream ? 0 : udp_take_error(s->datagram);
}

static int fact_get(const struct rill *r, struct socket *s, int name)
{
    switch (name) {
    case SO_ERROR:
        return error_take(s);
    case SO_SNDLOWAT: /* socket(7): always one byte */
        return 1;
    case SO_TYPE:
        return s->is_stream ? SOCK_STREAM : SOCK_DGRAM;
    case SO_PROTOCOL:
        return s->is_stream ? IPPROTO_TCP : IPPROTO_UDP;
    case SO_DOMAIN:
        return socket_family(s);
    case SO_INCOMING_CPU: /* the core whose stack this is: it receives all frames of the socket */
        return (int)r->net.config.core.number;
    case SO_INCOMING_NAPI_ID: /* frames do not come from a queue of the kernel's */
    case TCP_MULTIPATH:
        return 0;
    default:
        return s->phase == SOCKET_LISTENING; /* SO_ACCEPTCONN */
    }
}

/* The value in force on a connection, else the value that was set. */
static int number_get(const struct rill *r, const struct socket *s, enum socket_value v)
{
    bool connected = socket_has_conn(s) && !socket_connecting(s);
    if (v == VALUE_MAX_SEGMENT && connected)
        return s->conn->mss;
    if (v == VALUE_MTU_DISCOVER)
        return socket_discovery(r, s);
    if (v == VALUE_WINDOW_CLAMP && connected)
        return (int)buffer_window_most(&r->net.tcp, s->conn,
                                       tcp_receive_buffer(&r->net.tcp, s->conn));
    int64_t value = socket_value(r, s, v);
    if (v == VALUE_HOPS6 || v == VALUE_MTU_DISCOVER6)
        value = value ? value - 1 : (v == VALUE_HOPS6 ? IP6_HOPS : IPV6_PMTUDISC_WANT);
    if (v == VALUE_DEFER_ACCEPT) /* the seconds that this number of SYN-ACKs takes: tcp(7) */
        value =
            rtt_time_of_tries(&r->net.config.tcp, (unsigned)value, r->net.config.tcp.maximum_rto) /
            RILL_SECONDS(1);
    return (int)value;
}

/* socket(7): reported doubled. */
static int buffer_get(const struct rill *r, const struct socket *s, enum socket_value v)
{
    int64_t size = socket_value(r, s, v);
    if (socket_has_conn(s))
        size = v == VALUE_SEND_BUFFER ? tcp_send_buffer(&r->net.tcp, s->conn)
                                      : tcp_receive_buffer(&r->net.tcp, s->conn);
    return (int)(2 * min_of(size, INT_MAX / 2));
}

static int int_of(const struct rill *r, struct socket *s, const struct option *o)
{
    switch (o->form) {
    case FORM_FLAG:
        return socket_flag(s, o->which);
    case FORM_BUFFER:
        return buffer_get(r, s, o->which);
    case FORM_FACT:
        return fact_get(r, s, o->name);
    case FORM_QUICKACK:
        return quickack_get(s);
    default:
        return number_get(r, s, o->which);
    }
}

/* ip(7), IP_MTU: the known MTU of the path to the peer, 0 if there is none. */
static int path_mtu(struct rill *r, const struct socket *s)
{
    uint16_t number = 0;
    struct path *path = NULL;
    if (socket_has_conn(s))
        path = routing_path(&r->net, &number, s->conn->sender.head.flow.remote);
    else if (!s->is_stream && udp_connected(s->datagram))
        path = routing_path(&r->net, &number, s->datagram->remote);
    return path ? routing_mtu(&r->net, path) : 0;
}

/* Any option, in the caller's format. */
union option_told {
    int number;
    uint8_t byte;
    struct timeval time;
    uint64_t rate;
    struct linger linger;
    char name[sizeof((struct cc_ops *)NULL)->name];
    uint8_t info[INFO_MOST];
    uint8_t key[2 * FAST_OPEN_KEY_BYTES];
};

/* The listener's own key or keys, else the configured ones. Like Linux, we do not report a random
 * key that has not been needed yet. */
static size_t key_get(const struct rill *r, const struct socket *s, uint8_t *told)
{
    const struct rill_tcp_config *c = &r->net.config.tcp;
    struct fast_open_keys keys = socket_fast_open(s).keys;
    if (!keys.count)
        keys = fast_open_keys_load(c->fast_open_key, c->fast_open_keys);
    fast_open_keys_store(&keys, told);
    return keys.count * (size_t)FAST_OPEN_KEY_BYTES;
}

/* Writes the option's current value; returns its size, 0 if there is none. */
static size_t option_get(struct rill *r, struct socket *s, const struct option *o,
                         union option_told *told)
{
    switch (o->form) {
    case FORM_TIME:
        told->time = timeval_of(socket_value(r, s, o->which));
        return sizeof told->time;
    case FORM_RATE:
        told->rate = rate_kept(r, s, o->which);
        return sizeof told->rate;
    case FORM_LINGER:
        told->linger.l_onoff = socket_flag(s, FLAG_LINGER);
        told->linger.l_linger = (int)socket_value(r, s, VALUE_LINGER);
        return sizeof told->linger;
    case FORM_NAME:
        memcpy(told->name, socket_congestion(r, s)->name, sizeof told->name);
        return sizeof told->name;
    case FORM_INFO:
        return info_get(r, s, told->info);
    case FORM_CC_INFO:
        return info_congestion(s, told->info);
    case FORM_KEY:
        return key_get(r, s, told->key);
    case FORM_NONE:
        return 0;
    case FORM_PATH_MTU:
        told->number = path_mtu(r, s);
        return told->number ? sizeof told->number : 0;
    default:
        told->number = int_of(r, s, o);
        return sizeof told->number;
    }
}

/* A rate is cut to 32 bits if there is no room for more. */
static size_t rate_told(union option_told *told, socklen_t room)
{
    if (room >= sizeof told->rate)
        return sizeof told->rate;
    uint32_t narrow = (uint32_t)min_of(told->rate, (uint64_t)UINT32_MAX);
    memcpy(told, &narrow, sizeof narrow);
    return sizeof narrow;
}

/* An ip(7) option is written as one byte, in any byte order, if the caller has no room for more. */
static bool byte_told(union option_told *told, socklen_t room)
{
    int number = told->number;
    if (room == 0 || room >= sizeof number || number < 0 || number > UINT8_MAX)
        return false;
    told->byte = (uint8_t)number;
    return true;
}

int64_t get_option_now(struct rill *r, struct socket *s, const struct call *c)
{
    socklen_t *length = c->get.length;
    const struct option *o = option_find(s, c->get.level, c->get.name);
    if (!o)
        return level_known(s, c->get.level) ? -ENOPROTOOPT : -EOPNOTSUPP;
    if (!c->get.value || !length)
        return -EFAULT;
    if (*length > INT_MAX)
        return -EINVAL;
    union option_told told = {0};
    size_t size = option_get(r, s, o, &told);
    if (!size && o->form == FORM_PATH_MTU)
        return -ENOTCONN;
    if (c->get.level == IPPROTO_IP && byte_told(&told, *length))
        size = 1;
    if (o->form == FORM_RATE)
        size = rate_told(&told, *length);
    *length = (socklen_t)min_of(*length, size); /* cut silently, as in Linux */
    memcpy(c->get.value, &told, *length);
    return 0;
}
