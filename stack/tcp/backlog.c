#include "tcp/backlog.h"

bool backlog_overflows(struct tcp *t, const struct tcp_listener *l)
{
    if (l->queued <= l->backlog)
        return false;
    t->counters->value[RILL_TcpExtListenOverflows]++;
    t->counters->value[RILL_TcpExtListenDrops]++;
    return true;
}

bool backlog_crowded(const struct tcp *t, const struct tcp_listener *l)
{
    const struct pool *records = &t->pool[HEAD_SYN];
    return l->syns >= l->backlog || records->count >= records->limit;
}
