/* setsockopt(2). */
#include "socket/events.h"
#include "socket/multicast.h"
#include "socket/option_table.h"
#include "socket/options.h"
#include "socket/try.h"

#include <errno.h>
#include <limits.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/time.h>

#define WINDOW_CLAMP_MIN 1152 /* SOCK_MIN_RCVBUF / 2 */
#define LINGER2_MAX 120       /* seconds, as in Linux (TCP_FIN_TIMEOUT_MAX) */
#define IP6_MTU_MIN 1280      /* RFC 8200 5 */

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
    if (o->max && (value < o->min || value > o->max))
        return -EINVAL;
    flag_put(s, (enum socket_flag)o->which, o->form == FORM_FLAG ? value : !value);
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
    return value >= o->min && value <= o->max;
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
        return value < 0 ? -1 : min_of(value, LINGER2_MAX);
    case VALUE_DEFER_ACCEPT:
        return (int)rtt_tries_in_time(&r->net.config.tcp, RILL_SECONDS(value));
    case VALUE_WINDOW_CLAMP:
        return value ? max_of(value, WINDOW_CLAMP_MIN) : 0;
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
    int size = value < 0 ? o->max : value;
    return value_put(r, s, o->which, min_of(max_of(size, o->min), o->max));
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
    return error || (value && value < IP6_MTU_MIN) ? -EINVAL : 0;
}

static int option_set(struct rill *r, struct socket *s, const struct option *o,
                      struct rill_span from)
{
    int value = 0;
    int error = 0;
    bool is_int = o->form == FORM_FLAG || o->form == FORM_FLAG_OFF || o->form == FORM_NUMBER ||
                  o->form == FORM_BUFFER || o->form == FORM_QUICKACK || o->form == FORM_GROUP_TTL;
    if (is_int)
        error = int_get(o, from, &value);
    if (!error)
        error = fast_open_check(r, s, o, value);
    if (error)
        return error;
    switch (o->form) {
    case FORM_FLAG:
    case FORM_FLAG_OFF:
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
    case FORM_ULP:
        return from.length ? -ENOENT : -EINVAL;
    case FORM_NONE:
        return from.length ? -ENOPROTOOPT : 0;
    case FORM_PATH_MTU:
        return path_mtu_set(o, from);
    case FORM_MEMBER:
        return multicast_member_set(r, s, o->name, from);
    case FORM_GROUP_IF:
        return multicast_interface_set(r, s, from);
    case FORM_GROUP_TTL:
        return multicast_ttl_set(s, o, value);
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
