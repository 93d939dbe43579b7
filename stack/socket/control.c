#include "socket/control.h"

#include "socket/options.h"
#include "socket/timeout.h"
#include "wire/wire.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/time.h>
#include <time.h>

/* ------------------------------------------------------------------- to send */

struct control_message {
    int level, type;
    struct rill_span data;
};

/* Reads the message at *offset and advances *offset. 0: there is none; -EINVAL: its length is
 * wrong. */
static int message_next(const struct msghdr *m, size_t *offset, struct control_message *out)
{
    struct cmsghdr header;
    if (*offset >= m->msg_controllen || m->msg_controllen - *offset < sizeof header)
        return 0;
    const uint8_t *at = (const uint8_t *)m->msg_control + *offset;
    memcpy(&header, at, sizeof header);
    if (header.cmsg_len < sizeof header || header.cmsg_len > m->msg_controllen - *offset)
        return -EINVAL;
    *out = (struct control_message){header.cmsg_level, header.cmsg_type,
                                    span_of(at + CMSG_LEN(0), header.cmsg_len - CMSG_LEN(0))};
    *offset += CMSG_ALIGN(header.cmsg_len);
    return 1;
}

/* An int of 0 to 255. IP_TOS may come as one byte. */
static int byte_read(const struct control_message *c, int min, uint8_t *out)
{
    int value;
    if (c->data.length == sizeof value)
        memcpy(&value, c->data.at, sizeof value);
    else if (c->type == IP_TOS && c->data.length == 1)
        value = c->data.at[0];
    else
        return -EINVAL;
    if (value < min || value > UINT8_MAX)
        return -EINVAL;
    *out = (uint8_t)value;
    return 0;
}

static int wish_way(struct control_wishes *w, struct rill_address source, int index)
{
    bool any = rill_address_to_ip4(source) == INADDR_ANY;
    w->source = any ? (struct rill_address){{0}} : source;
    w->index = (uint32_t)index;
    return rill_address_is_ip4(source) ? 0 : -EINVAL;
}

static int packet_info_read(const struct control_message *c, struct control_wishes *w)
{
    struct in_pktinfo info;
    if (c->data.length != sizeof info)
        return -EINVAL;
    memcpy(&info, c->data.at, sizeof info);
    uint32_t source = wire_get32((const uint8_t *)&info.ipi_spec_dst);
    return wish_way(w, rill_address_ip4(source), info.ipi_ifindex);
}

static int packet_info6_read(const struct control_message *c, struct control_wishes *w)
{
    struct in6_pktinfo info;
    struct rill_address source;
    if (c->data.length < sizeof info)
        return -EINVAL;
    memcpy(&info, c->data.at, sizeof info);
    memcpy(&source, &info.ipi6_addr, sizeof source);
    return wish_way(w, source, (int)info.ipi6_ifindex);
}

static int ip_read(const struct control_message *c, struct control_wishes *w)
{
    switch (c->type) {
    case IP_PKTINFO:
        return packet_info_read(c, w);
    case IP_TTL:
        return byte_read(c, 1, &w->ttl);
    case IP_TOS:
        w->has_tos = true;
        return byte_read(c, 0, &w->tos);
    default:
        return -EINVAL;
    }
}

static int udp_read(const struct control_message *c, struct control_wishes *w)
{
    if (c->type != UDP_SEGMENT || c->data.length != sizeof w->segment)
        return -EINVAL;
    memcpy(&w->segment, c->data.at, sizeof w->segment);
    w->has_segment = true;
    return 0;
}

static int message_read(const struct control_message *c, const struct socket *s,
                        struct control_wishes *w)
{
    if (c->level == SOL_SOCKET) /* these two are for Unix sockets; as in Linux, without effect */
        return c->type == SCM_RIGHTS || c->type == SCM_CREDENTIALS ? 0 : -EINVAL;
    if (s->is_stream)
        return 0;
    if (c->level == IPPROTO_IPV6 && s->is_ip6 && c->type == IPV6_PKTINFO)
        return packet_info6_read(c, w);
    if (c->level == IPPROTO_IP)
        return ip_read(c, w);
    return c->level == IPPROTO_UDP ? udp_read(c, w) : 0;
}

int control_read(const struct msghdr *m, const struct socket *s, struct control_wishes *w)
{
    struct control_message c;
    size_t offset = 0;
    int more = 0, error = 0;
    *w = (struct control_wishes){0};
    if (m->msg_controllen && !m->msg_control)
        return -EFAULT;
    while (!error && (more = message_next(m, &offset, &c)) > 0)
        error = message_read(&c, s, w);
    return error ? error : more;
}

/* ------------------------------------------------------------------- received */

struct control control_begin(struct msghdr *m)
{
    struct control c = {m, m->msg_control ? m->msg_controllen : 0};
    m->msg_controllen = 0;
    return c;
}

void control_put(struct control *c, int level, int type, struct rill_span data)
{
    struct msghdr *m = c->message;
    struct cmsghdr header = {
        .cmsg_len = CMSG_LEN(data.length), .cmsg_level = level, .cmsg_type = type};
    if (c->room < header.cmsg_len)
        m->msg_flags |= MSG_CTRUNC;
    if (c->room < sizeof header)
        return;
    header.cmsg_len = min_of(header.cmsg_len, c->room);
    uint8_t *at = (uint8_t *)m->msg_control + m->msg_controllen;
    memcpy(at, &header, sizeof header);
    memcpy(at + sizeof header, data.at, header.cmsg_len - sizeof header);
    size_t taken = min_of(CMSG_SPACE(data.length), c->room);
    m->msg_controllen += taken;
    c->room -= taken;
}

void control_put_timestamping(struct control *c, const struct rill *r, const struct socket *s,
                              rill_time when)
{
    struct scm_timestamping stamps = {.ts = {timespec_of(when)}};
    if (socket_value(r, s, VALUE_TIMESTAMPING) & SOF_TIMESTAMPING_SOFTWARE)
        control_put(c, SOL_SOCKET, SCM_TIMESTAMPING, span_of(&stamps, sizeof stamps));
}

void control_put_time(struct control *c, const struct socket *s, rill_time when)
{
    struct timeval coarse = timeval_of(when);
    struct timespec fine = timespec_of(when);
    if (socket_flag(s, FLAG_TIMESTAMP))
        control_put(c, SOL_SOCKET, SCM_TIMESTAMP, span_of(&coarse, sizeof coarse));
    if (socket_flag(s, FLAG_TIMESTAMP_NS))
        control_put(c, SOL_SOCKET, SCM_TIMESTAMPNS, span_of(&fine, sizeof fine));
}

/* ipi_spec_dst is the address to answer from: the packet's destination, or one of the port's own
 * addresses if the destination is a group. */
static struct rill_address answering_address(const struct rill *r, const struct control_facts *f)
{
    enum address_kind kind = address_kind(&r->net.addresses, f->port, f->local);
    const struct local_address *own = NULL;
    if (kind == ADDRESS_BROADCAST || kind == ADDRESS_MULTICAST)
        own = address_source(&r->net.addresses, f->port, f->remote, f->remote);
    return own ? own->address : f->local;
}

static void put_packet_info(struct control *c, const struct rill *r, const struct control_facts *f)
{
    struct in_pktinfo info = {.ipi_ifindex = (int)r->net.port[f->port].link.index};
    wire_put32((uint8_t *)&info.ipi_spec_dst, rill_address_to_ip4(answering_address(r, f)));
    wire_put32((uint8_t *)&info.ipi_addr, rill_address_to_ip4(f->local));
    control_put(c, IPPROTO_IP, IP_PKTINFO, span_of(&info, sizeof info));
}

/* The destination itself, as in Linux. */
static void put_packet_info6(struct control *c, const struct rill *r, const struct control_facts *f)
{
    struct in6_pktinfo info = {.ipi6_ifindex = r->net.port[f->port].link.index};
    memcpy(&info.ipi6_addr, &f->local, sizeof info.ipi6_addr);
    control_put(c, IPPROTO_IPV6, IPV6_PKTINFO, span_of(&info, sizeof info));
}

/* In Linux's order. */
void control_put_facts(struct control *c, const struct rill *r, const struct socket *s,
                       const struct control_facts *f)
{
    int ttl = f->ttl, segment = f->segment;
    control_put_time(c, s, f->when);
    if (socket_value(r, s, VALUE_TIMESTAMPING) & SOF_TIMESTAMPING_RX_SOFTWARE)
        control_put_timestamping(c, r, s, f->when);
    if (segment && socket_flag(s, FLAG_JOINED))
        control_put(c, IPPROTO_UDP, UDP_GRO, span_of(&segment, sizeof segment));
    if (socket_flag(s, FLAG_PACKET_INFO6))
        put_packet_info6(c, r, f);
    if (socket_flag(s, FLAG_PACKET_INFO))
        put_packet_info(c, r, f);
    if (socket_flag(s, FLAG_RECEIVE_TTL))
        control_put(c, IPPROTO_IP, IP_TTL, span_of(&ttl, sizeof ttl));
    if (socket_flag(s, FLAG_RECEIVE_TOS))
        control_put(c, IPPROTO_IP, IP_TOS, span_of(&f->tos, sizeof f->tos));
}
