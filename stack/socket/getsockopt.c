/* getsockopt(2). */
#include "net/routing.h"
#include "socket/info.h"
#include "socket/option_table.h"
#include "socket/options.h"
#include "socket/timeout.h"
#include "socket/try.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>

#define IP6_HOPS 64 /* the default, as in Linux */

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
        return (int)buffer_window_max(&r->net.tcp, s->conn,
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

static bool quickack_get(const struct socket *s)
{
    return socket_has_conn(s) ? !s->conn->interactive : !socket_flag(s, FLAG_INTERACTIVE);
}

static int int_of(const struct rill *r, struct socket *s, const struct option *o)
{
    switch (o->form) {
    case FORM_FLAG:
        return socket_flag(s, o->which);
    case FORM_FLAG_OFF:
        return !socket_flag(s, o->which);
    case FORM_BUFFER:
        return buffer_get(r, s, o->which);
    case FORM_FACT:
        return fact_get(r, s, o->name);
    case FORM_GROUP_TTL:
        return s->is_stream ? 1 : s->datagram->multicast_ttl;
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
union option_value {
    int number;
    uint8_t byte;
    struct timeval time;
    struct in_addr address;
    uint64_t rate;
    struct linger linger;
    char name[sizeof((struct cc_ops *)NULL)->name];
    uint8_t info[INFO_MAX];
    uint8_t key[2 * FAST_OPEN_KEY_BYTES];
};

/* The listener's own key or keys, else the configured ones. Like Linux, we do not report a random
 * key that has not been needed yet. */
static size_t key_get(const struct rill *r, const struct socket *s, uint8_t *out)
{
    const struct rill_tcp_config *c = &r->net.config.tcp;
    struct fast_open_keys keys = socket_fast_open(s).keys;
    if (!keys.count)
        keys = fast_open_keys_load(c->fast_open_key, c->fast_open_keys);
    fast_open_keys_store(&keys, out);
    return keys.count * (size_t)FAST_OPEN_KEY_BYTES;
}

static uint64_t rate_kept(const struct rill *r, const struct socket *s, enum socket_value v)
{
    int64_t kept = socket_value(r, s, v);
    return kept ? (uint64_t)kept - 1 : UINT64_MAX;
}

/* Writes the option's current value; returns its size, 0 if there is none. */
static size_t option_get(struct rill *r, struct socket *s, const struct option *o,
                         union option_value *out)
{
    switch (o->form) {
    case FORM_TIME:
        out->time = timeval_of(socket_value(r, s, o->which));
        return sizeof out->time;
    case FORM_RATE:
        out->rate = rate_kept(r, s, o->which);
        return sizeof out->rate;
    case FORM_LINGER:
        out->linger.l_onoff = socket_flag(s, FLAG_LINGER);
        out->linger.l_linger = (int)socket_value(r, s, VALUE_LINGER);
        return sizeof out->linger;
    case FORM_NAME:
        memcpy(out->name, socket_congestion(r, s)->name, sizeof out->name);
        return sizeof out->name;
    case FORM_INFO:
        return info_get(r, s, out->info);
    case FORM_CC_INFO:
        return info_congestion(s, out->info);
    case FORM_KEY:
        return key_get(r, s, out->key);
    case FORM_NONE:
    case FORM_ULP:
        return 0;
    case FORM_GROUP_IF:
        wire_put32((uint8_t *)&out->address,
                   s->is_stream ? INADDR_ANY : s->datagram->multicast_interface);
        return sizeof out->address;
    case FORM_PATH_MTU:
        out->number = path_mtu(r, s);
        return out->number ? sizeof out->number : 0;
    default:
        out->number = int_of(r, s, o);
        return sizeof out->number;
    }
}

/* A rate is cut to 32 bits if there is no room for more. */
static size_t shrink_rate(union option_value *out, socklen_t room)
{
    if (room >= sizeof out->rate)
        return sizeof out->rate;
    uint32_t narrow = (uint32_t)min_of(out->rate, (uint64_t)UINT32_MAX);
    memcpy(out, &narrow, sizeof narrow);
    return sizeof narrow;
}

/* An ip(7) option is written as one byte, in any byte order, if the caller has no room for more. */
static bool shrink_to_byte(union option_value *out, socklen_t room)
{
    int number = out->number;
    if (room == 0 || room >= sizeof number || number < 0 || number > UINT8_MAX)
        return false;
    out->byte = (uint8_t)number;
    return true;
}

int64_t get_option_now(struct rill *r, struct socket *s, const struct call *c)
{
    socklen_t *length = c->get.length;
    const struct option *o = option_find(s, c->get.level, c->get.name);
    if (!o)
        return option_level_known(s, c->get.level) ? -ENOPROTOOPT : -EOPNOTSUPP;
    if (o->form == FORM_MEMBER)
        return -ENOPROTOOPT;
    if (!c->get.value || !length)
        return -EFAULT;
    if (*length > INT_MAX)
        return -EINVAL;
    union option_value value = {0};
    size_t size = option_get(r, s, o, &value);
    if (!size && o->form == FORM_PATH_MTU)
        return -ENOTCONN;
    if (c->get.level == IPPROTO_IP && o->form != FORM_GROUP_IF && shrink_to_byte(&value, *length))
        size = 1;
    if (o->form == FORM_RATE)
        size = shrink_rate(&value, *length);
    *length = (socklen_t)min_of(*length, size); /* cut silently, as in Linux */
    memcpy(c->get.value, &value, *length);
    return 0;
}
