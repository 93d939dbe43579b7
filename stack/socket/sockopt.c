/* getsockopt(2) and setsockopt(2) as a table: one row for each option says what it is, where it is
 * kept and what it may be. Only facts (what a socket is, rather than what it was told) need code of
 * their own. */
#include "socket/socket.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/time.h>

#define BUFFER_MOST \
    (16 << 20) /* what an application may ask for; the stack's budget has the last word */

enum option_form {
    FORM_FLAG,
    FORM_NUMBER,
    FORM_BUFFER, /* told doubled, cut to its range: socket(7) */
    FORM_TIME,   /* struct timeval */
    FORM_LINGER, /* struct linger */
    FORM_NAME,   /* of the congestion control */
    FORM_FACT    /* a number that cannot be set */
};

struct option {
    int level, name;
    enum option_form form;
    int which; /* enum socket_flag or enum socket_value */
    int least, most;
};

static const struct option options[] = {
    {SOL_SOCKET, SO_REUSEADDR, FORM_FLAG, FLAG_REUSE, 0, 0},
    {SOL_SOCKET, SO_REUSEPORT, FORM_FLAG, FLAG_REUSE_PORT, 0, 0},
    {SOL_SOCKET, SO_BROADCAST, FORM_FLAG, FLAG_BROADCAST, 0, 0},
    {SOL_SOCKET, SO_KEEPALIVE, FORM_FLAG, FLAG_KEEPALIVE, 0, 0},
    {SOL_SOCKET, SO_LINGER, FORM_LINGER, VALUE_LINGER, 0, INT_MAX},
    {SOL_SOCKET, SO_SNDBUF, FORM_BUFFER, VALUE_SEND_BUFFER, 2304, BUFFER_MOST},
    {SOL_SOCKET, SO_RCVBUF, FORM_BUFFER, VALUE_RECEIVE_BUFFER, 1152, BUFFER_MOST},
    {SOL_SOCKET, SO_RCVTIMEO, FORM_TIME, VALUE_RECEIVE_TIMEOUT, 0, 0},
    {SOL_SOCKET, SO_SNDTIMEO, FORM_TIME, VALUE_SEND_TIMEOUT, 0, 0},
    {SOL_SOCKET, SO_RCVLOWAT, FORM_NUMBER, VALUE_LOW_WATER, INT_MIN, INT_MAX},
    {SOL_SOCKET, SO_ERROR, FORM_FACT, 0, 0, 0},
    {SOL_SOCKET, SO_TYPE, FORM_FACT, 0, 0, 0},
    {SOL_SOCKET, SO_PROTOCOL, FORM_FACT, 0, 0, 0},
    {SOL_SOCKET, SO_DOMAIN, FORM_FACT, 0, 0, 0},
    {SOL_SOCKET, SO_ACCEPTCONN, FORM_FACT, 0, 0, 0},
    {IPPROTO_IP, IP_TOS, FORM_NUMBER, VALUE_TOS, INT_MIN, INT_MAX}, /* its low byte */
    {IPPROTO_IP, IP_TTL, FORM_NUMBER, VALUE_TTL, -1, 255},          /* -1: the default */
    {IPPROTO_TCP, TCP_NODELAY, FORM_FLAG, FLAG_NODELAY, 0, 0},
    {IPPROTO_TCP, TCP_CORK, FORM_FLAG, FLAG_CORK, 0, 0},
    {IPPROTO_TCP, TCP_MAXSEG, FORM_NUMBER, VALUE_MAX_SEGMENT, 88, 32767},
    {IPPROTO_TCP, TCP_KEEPIDLE, FORM_NUMBER, VALUE_KEEPALIVE_IDLE, 1, 32767},
    {IPPROTO_TCP, TCP_KEEPINTVL, FORM_NUMBER, VALUE_KEEPALIVE_INTERVAL, 1, 32767},
    {IPPROTO_TCP, TCP_KEEPCNT, FORM_NUMBER, VALUE_KEEPALIVE_COUNT, 1, 127},
    {IPPROTO_TCP, TCP_USER_TIMEOUT, FORM_NUMBER, VALUE_USER_TIMEOUT, 0, INT_MAX},
    {IPPROTO_TCP, TCP_CONGESTION, FORM_NAME, 0, 0, 0},
};

static const struct option *option_find(const struct socket *s, int level, int name)
{
    if (level == IPPROTO_TCP && !s->is_stream)
        return NULL;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].level == level && options[i].name == name)
            return &options[i];
    return NULL;
}

/* ---------------------------------------------------------------- setting */

static int value_put(struct rill *r, struct socket *s, enum socket_value v, int64_t value)
{
    if (!s->values && value == 0)
        return 0;
    if (!s->values && !(s->values = memory_get(&r->net.memory, sizeof *s->values)))
        return -ENOBUFS;
    s->values->of[v] = value;
    return 0;
}

static void flag_put(struct socket *s, enum socket_flag flag, bool on)
{
    s->flags = (uint16_t)(on ? s->flags | flag : s->flags & ~flag);
}

/* ip(7) options may come as one byte. */
static int int_get(const struct option *o, const void *from, socklen_t length, int *value)
{
    uint8_t byte;
    if (o->level != IPPROTO_IP && length < sizeof *value)
        return -EINVAL;
    if (length < sizeof byte)
        return -EINVAL;
    if (length >= sizeof *value) {
        memcpy(value, from, sizeof *value);
        return 0;
    }
    memcpy(&byte, from, sizeof byte);
    *value = byte;
    return 0;
}

static int number_set(struct rill *r, struct socket *s, const struct option *o, int value)
{
    bool zero_is_default = o->which == VALUE_MAX_SEGMENT && value == 0;
    if ((value < o->least || value > o->most) && !zero_is_default)
        return -EINVAL;
    if (o->which == VALUE_TOS) /* a stream's ECN bits are TCP's own (RFC 3168 6.1) */
        value &= s->is_stream ? 0xfc : 0xff;
    if (o->which == VALUE_TTL && value == 0)
        return -EINVAL;
    if (o->which == VALUE_TTL && value < 0)
        value = 0;
    if (o->which == VALUE_LOW_WATER && value < 0)
        value = INT_MAX;
    return value_put(r, s, o->which, value);
}

static int buffer_set(struct rill *r, struct socket *s, const struct option *o, int value)
{
    return value_put(r, s, o->which, min_of(max_of(value, o->least), o->most));
}

/* socket(7): zero waits for ever, a negative time not at all. */
static int time_set(struct rill *r, struct socket *s, const struct option *o, struct rill_span from)
{
    struct timeval t;
    if (from.length < sizeof t)
        return -EINVAL;
    memcpy(&t, from.at, sizeof t);
    if (t.tv_usec < 0 || t.tv_usec >= 1000000)
        return -EDOM;
    rill_time most = RILL_NEVER / 4;
    rill_time time = t.tv_sec < most / RILL_SECONDS(1)
                         ? RILL_SECONDS(t.tv_sec) + RILL_MICROSECONDS(t.tv_usec)
                         : 0;
    return value_put(r, s, o->which, t.tv_sec < 0 ? 1 : time);
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

/* One congestion control serves the whole stack: a socket may name it, no other. */
static int congestion_set(const struct rill *r, struct rill_span from)
{
    const char *ours = r->net.config.tcp.congestion;
    size_t length = strnlen((const char *)from.at, from.length);
    if (from.length == 0)
        return -EINVAL;
    return length == strlen(ours) && memcmp(from.at, ours, length) == 0 ? 0 : -ENOENT;
}

static int option_set(struct rill *r, struct socket *s, const struct option *o,
                      struct rill_span from)
{
    int value = 0;
    int error = 0;
    if (o->form == FORM_FLAG || o->form == FORM_NUMBER || o->form == FORM_BUFFER)
        error = int_get(o, from.at, (socklen_t)from.length, &value);
    if (error)
        return error;
    switch (o->form) {
    case FORM_FLAG:
        flag_put(s, o->which, value);
        return 0;
    case FORM_NUMBER:
        return number_set(r, s, o, value);
    case FORM_BUFFER:
        return buffer_set(r, s, o, value);
    case FORM_TIME:
        return time_set(r, s, o, from);
    case FORM_LINGER:
        return linger_set(r, s, from);
    case FORM_NAME:
        return congestion_set(r, from);
    case FORM_FACT:
        break;
    }
    return -ENOPROTOOPT;
}

int rill_setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
    struct rill *r = rill_current();
    struct socket *s = socket_find(r, fd);
    if (!s)
        return (int)outcome(-EBADF);
    const struct option *o = option_find(s, level, name);
    if (!o)
        return (int)outcome(-ENOPROTOOPT);
    if (length > INT_MAX)
        return (int)outcome(-EINVAL);
    if (!value)
        return (int)outcome(-EFAULT);
    int error = option_set(r, s, o, span_of(value, length));
    return (int)outcome(error ? error : socket_apply(r, s));
}

/* ---------------------------------------------------------------- getting */

static int error_take(struct socket *s)
{
    if (socket_has_conn(s))
        return tcp_take_error(s->conn);
    if (s->is_stream)
        return 0;
    int error = s->datagram->error;
    s->datagram->error = 0;
    return error;
}

static int fact_get(struct socket *s, int name)
{
    switch (name) {
    case SO_ERROR:
        return error_take(s);
    case SO_TYPE:
        return s->is_stream ? SOCK_STREAM : SOCK_DGRAM;
    case SO_PROTOCOL:
        return s->is_stream ? IPPROTO_TCP : IPPROTO_UDP;
    case SO_DOMAIN:
        return AF_INET;
    default:
        return s->phase == SOCKET_LISTENING; /* SO_ACCEPTCONN */
    }
}

static int number_get(const struct rill *r, const struct socket *s, enum socket_value v)
{
    if (v == VALUE_MAX_SEGMENT && socket_has_conn(s) && !socket_connecting(s))
        return s->conn->mss;
    return (int)socket_value(r, s, v);
}

/* What the option is now, in the form in which the caller wants it; returns its size. */
static size_t option_get(const struct rill *r, struct socket *s, const struct option *o, void *out)
{
    int number = 0;
    rill_time time = o->form == FORM_TIME ? socket_value(r, s, o->which) : 0;
    struct timeval t = {time / RILL_SECONDS(1), time % RILL_SECONDS(1) / RILL_MICROSECONDS(1)};
    struct linger l = {socket_flag(s, FLAG_LINGER), (int)socket_value(r, s, VALUE_LINGER)};
    switch (o->form) {
    case FORM_FLAG:
        number = socket_flag(s, o->which);
        break;
    case FORM_NUMBER:
        number = number_get(r, s, o->which);
        break;
    case FORM_BUFFER:
        number = (int)(2 * min_of(socket_value(r, s, o->which), INT_MAX / 2));
        break;
    case FORM_FACT:
        number = fact_get(s, o->name);
        break;
    case FORM_TIME:
        memcpy(out, &t, sizeof t);
        return sizeof t;
    case FORM_LINGER:
        memcpy(out, &l, sizeof l);
        return sizeof l;
    case FORM_NAME:
        memcpy(out, r->net.config.tcp.congestion, sizeof r->net.config.tcp.congestion);
        return sizeof r->net.config.tcp.congestion;
    }
    memcpy(out, &number, sizeof number);
    return sizeof number;
}

int rill_getsockopt(int fd, int level, int name, void *value, socklen_t *length)
{
    struct rill *r = rill_current();
    struct socket *s = socket_find(r, fd);
    if (!s)
        return (int)outcome(-EBADF);
    const struct option *o = option_find(s, level, name);
    if (!o)
        return (int)outcome(-ENOPROTOOPT);
    if (!value || !length)
        return (int)outcome(-EFAULT);
    if (*length > INT_MAX)
        return (int)outcome(-EINVAL);
    uint8_t whole[sizeof(struct timeval)];
    _Static_assert(sizeof whole >= sizeof r->net.config.tcp.congestion, "the largest form");
    size_t size = option_get(r, s, o, whole);
    *length = (socklen_t)min_of(*length, size); /* cut without a word, as in Linux */
    memcpy(value, whole, *length);
    return 0;
}
