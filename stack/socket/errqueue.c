/* recvmsg(2) with MSG_ERRQUEUE: reports of the network, or of the stack itself, about sent
 * datagrams (ip(7) IP_RECVERR), and about the progress of writes to a stream (SO_TIMESTAMPING,
 * MSG_ZEROCOPY). It never waits. */
#include "socket/call.h"
#include "socket/control.h"
#include "socket/message.h"
#include "socket/options.h"
#include "socket/try.h"
#include "tcp/progress.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>

_Static_assert(ERROR_LOCAL == SO_EE_ORIGIN_LOCAL && ERROR_ICMP == SO_EE_ORIGIN_ICMP &&
                   ERROR_TIMESTAMPING == SO_EE_ORIGIN_TIMESTAMPING &&
                   ERROR_ZEROCOPY == SO_EE_ORIGIN_ZEROCOPY &&
                   ERROR_ZEROCOPY_COPIED == SO_EE_CODE_ZEROCOPY_COPIED,
               "error_queue.h has the numbers of <linux/errqueue.h>");
_Static_assert((int)MOMENT_SENT == (int)SCM_TSTAMP_SND &&
                   (int)MOMENT_SCHED == (int)SCM_TSTAMP_SCHED &&
                   (int)MOMENT_ACKED == (int)SCM_TSTAMP_ACK,
               "progress_moment has the numbers of <linux/errqueue.h>");

/* The control message: the error, followed by the sender of the report (SO_EE_OFFENDER); AF_UNSPEC:
 * there is none. */
struct extended_error {
    struct sock_extended_err error;
    union {
        struct sockaddr_in ip4;
        struct sockaddr_in6 ip6;
    } offender;
};

static struct extended_error extended_error_of(const struct socket *s, const struct error_report *e)
{
    struct extended_error out = {
        .error =
            {
                .ee_errno = e->error,
                .ee_origin = e->origin,
                .ee_type = e->type,
                .ee_code = e->code,
                .ee_info = e->info,
                .ee_data = e->data,
            },
    };
    struct endpoint offender = {e->offender, 0};
    socklen_t length = sizeof out.offender;
    if (e->origin == ERROR_ICMP)
        sockaddr_put(socket_family(s), &offender, (struct sockaddr *)&out.offender, &length);
    return out;
}

static void put_error(struct control *c, const struct socket *s, const struct error_report *e)
{
    struct extended_error out = extended_error_of(s, e);
    size_t address = s->is_ip6 ? sizeof out.offender.ip6 : sizeof out.offender.ip4;
    control_put(c, s->is_ip6 ? IPPROTO_IPV6 : IPPROTO_IP, s->is_ip6 ? IPV6_RECVERR : IP_RECVERR,
                span_of(&out, offsetof(struct extended_error, offender) + address));
}

/* The other facts: of the ICMP message, or the time of the event. */
static void put_circumstances(struct control *c, const struct rill *r, const struct socket *s,
                              const struct error_report *e)
{
    struct control_facts facts = {.when = e->when,
                                  .local = e->local,
                                  .remote = e->offender,
                                  .port = e->port,
                                  .tos = e->tos,
                                  .ttl = e->ttl};
    if (e->origin == ERROR_ICMP)
        control_put_facts(c, r, s, &facts);
    else
        control_put_time(c, s, e->when);
    if (e->origin == ERROR_TIMESTAMPING)
        control_put_timestamping(c, r, s, e->when);
}

/* A stream's bytes have no address and are not kept for a report. Linux returns the segment with a
 * time stamp unless SOF_TIMESTAMPING_OPT_TSONLY is set; here the payload is always empty. */
static int64_t put_payload(const struct rill *r, const struct socket *s,
                           const struct error_report *e, struct msghdr *m)
{
    struct endpoint to = {e->remote, e->remote_port};
    bool named = e->origin == ERROR_ICMP || e->origin == ERROR_LOCAL;
    int64_t copied = message_fill(m, socket_family(s), named ? &to : NULL, error_payload(e));
    m->msg_flags |= MSG_ERRQUEUE;
    if (e->origin == ERROR_TIMESTAMPING &&
        !(socket_value(r, s, VALUE_TIMESTAMPING) & SOF_TIMESTAMPING_OPT_TSONLY))
        m->msg_flags |= MSG_TRUNC;
    return copied;
}

/* The error is the last control message. */
static int64_t report_take(const struct rill *r, const struct socket *s,
                           const struct error_report *e, struct msghdr *m)
{
    int64_t copied = put_payload(r, s, e, m);
    struct control c = control_begin(m);
    put_circumstances(&c, r, s, e);
    put_error(&c, s, e);
    return copied;
}

static const struct error_report *report_first(const struct socket *s)
{
    if (socket_has_conn(s))
        return progress_report(s->conn);
    return s->is_stream ? NULL : errors_first(&s->datagram->errors);
}

enum call_state errqueue_try(struct rill *r, struct socket *s, struct call *c)
{
    ssize_t length = message_length(c->receive);
    if (length < 0)
        return call_end(c, length);
    const struct error_report *e = report_first(s);
    if (!e)
        return call_end(c, -EAGAIN);
    int64_t taken = report_take(r, s, e, c->receive);
    if (s->is_stream)
        progress_drop_report(&r->net.tcp, s->conn);
    else
        udp_drop_error(&r->net.udp, s->datagram);
    return call_end(c, taken);
}
