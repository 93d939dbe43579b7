/* What the routers are told: the messages that are due. */
#ifndef IP_IGMP_REPORT_H
#define IP_IGMP_REPORT_H

#include "ip/group.h"

struct igmp_due {
    int port;
    rill_time now;
    size_t room; /* bytes at `to` */
    uint8_t *to;
    uint32_t destination; /* filled in */
};

/* One message, considered sent; 0: none is due. */
size_t igmp_report(struct groups *, struct igmp_due *);

#endif
