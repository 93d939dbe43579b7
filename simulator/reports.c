#include "reports.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>

bool reports_begin(const struct end *e)
{
    int zerocopy = 1, stamps = SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_TX_SOFTWARE |
                               SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_SOFTWARE |
                               SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;
    int fd = e->seen.fd;
    return !rill_setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &zerocopy, sizeof zerocopy) &&
           !rill_setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof stamps);
}

/* Calls complete in their order, each once. */
static bool completes_next(struct reports *r, const struct sock_extended_err *told)
{
    bool good = told->ee_info == r->completed && told->ee_data >= told->ee_info &&
                told->ee_data < r->writes;
    r->completed = told->ee_data + 1;
    return good;
}

/* The last bytes of writes are sent and acknowledged in their order, each once; without memory
 * there is no report. */
static bool stamps_next(struct end *e, const struct sock_extended_err *told)
{
    struct reports *r = &e->reports;
    unsigned moment = told->ee_info;
    if (moment >= sizeof r->stamped / sizeof *r->stamped || told->ee_data >= e->seen.sent)
        return false;
    bool good = !r->stamped[moment].any || told->ee_data > r->stamped[moment].byte;
    r->stamped[moment].any = true;
    r->stamped[moment].byte = told->ee_data;
    return good;
}

static bool is_good(struct end *e, const struct sock_extended_err *told)
{
    if (told->ee_origin == SO_EE_ORIGIN_ZEROCOPY)
        return told->ee_errno == 0 && completes_next(&e->reports, told);
    return told->ee_origin == SO_EE_ORIGIN_TIMESTAMPING && stamps_next(e, told);
}

static bool is_error(const struct cmsghdr *c)
{
    return (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
           (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR);
}

void reports_read(struct end *e)
{
    for (;;) {
        char control[256];
        struct msghdr m = {.msg_control = control, .msg_controllen = sizeof control};
        if (rill_recvmsg(e->seen.fd, &m, MSG_ERRQUEUE) < 0)
            return;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
            struct sock_extended_err told;
            if (!is_error(c))
                continue;
            memcpy(&told, CMSG_DATA(c), sizeof told);
            e->seen.misreported |= !is_good(e, &told);
        }
    }
}

void reports_finish(struct end *e)
{
    int unacknowledged = 1;
    rill_ioctl(e->seen.fd, SIOCOUTQ, &unacknowledged);
    e->seen.misreported |= unacknowledged == 0 && e->reports.completed != e->reports.writes;
}
