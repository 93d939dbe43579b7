/* recvmsg(2) with MSG_ERRQUEUE (ip(7) IP_RECVERR): what the network, or the stack itself, has said
 * about what was sent. It never waits. */
#include "socket/call.h"
#include "socket/control.h"
#include "socket/message.h"
#include "socket/try.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>

_Static_assert(ERROR_LOCAL == SO_EE_ORIGIN_LOCAL && ERROR_ICMP == SO_EE_ORIGIN_ICMP,
               "error_origin has the numbers of <linux/errqueue.h>");

/* The control message: the error, and behind it who says so (SO_EE_OFFENDER); AF_UNSPEC: nobody
 * else. */
struct error_told {
    struct sock_extended_err error;
    struct sockaddr_in offender;
};

static struct error_told report_tell(const struct error_report *e)
{
    struct error_told told = {
        .error =
            {
                .ee_errno = e->error,
                .ee_origin = e->origin,
                .ee_type = e->type,
                .ee_code = e->code,
                .ee_info = e->info,
            },
    };
    struct endpoint offender = {e->offender, 0};
    socklen_t length = sizeof told.offender;
    if (e->origin == ERROR_ICMP)
        sockaddr_put(&offender, (struct sockaddr *)&told.offender, &length);
    return told;
}

/* The payload of the datagram, its destination as the name, and the error in the last control
 * message; before it what the socket wants to know of the ICMP message. */
static int64_t report_take(const struct rill *r, const struct socket *s,
                           const struct error_report *e, struct msghdr *m)
{
    struct endpoint to = {e->remote, e->remote_port};
    struct error_told told = report_tell(e);
    int64_t copied = message_fill(m, &to, span_of(e->payload, e->length));
    m->msg_flags |= MSG_ERRQUEUE;
    struct control c = control_begin(m);
    struct control_facts facts = {e->when, e->local, e->offender, e->port, e->tos, e->ttl};
    if (e->origin == ERROR_ICMP)
        control_put_facts(&c, r, s, &facts);
    control_put(&c, IPPROTO_IP, IP_RECVERR, span_of(&told, sizeof told));
    return copied;
}

enum call_state errqueue_try(struct rill *r, struct socket *s, struct call *c)
{
    ssize_t length = message_length(c->receive);
    if (length < 0)
        return call_end(c, length);
    const struct error_report *e = s->is_stream ? NULL : errors_first(&s->datagram->errors);
    if (!e)
        return call_end(c, -EAGAIN);
    int64_t taken = report_take(r, s, e, c->receive);
    udp_drop_error(&r->net.udp, s->datagram);
    return call_end(c, taken);
}
