#include "tcp/state.h"

#include "tcp/stats.h"
#include "tcp/tracepoint.h"

void tcp_set_state(struct tcp *t, struct head *h, enum rill_tcp_state to, enum rill_reason reason)
{
    uint64_t *taken = &t->counters->transition[h->state][to];
    assert(*taken || rill_tcp_transition(h->state, to)); /* base/transitions.c: RFC 9293 3.3.2 */
    ++*taken;
    tracepoint_state(t, h, to, reason);
    if (h->kind == HEAD_CONNECTION)
        stats_state(t, conn_of(h));
    h->state = to;
}

void tcp_inherit_state(struct head *heir, const struct head *from)
{
    heir->state = from->state;
}
