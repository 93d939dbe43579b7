#include "net/drop.h"

void net_drop(struct net *net, int port, enum rill_drop why)
{
    net->counters.drop[why]++;
    if (!trace_on(&net->trace))
        return;
    struct rill_trace_record r = {
        .when = net->now, .event = RILL_EVENT_DROP, .drop = (uint8_t)why, .port = (uint8_t)port};
    trace_write(&net->trace, &r);
}
