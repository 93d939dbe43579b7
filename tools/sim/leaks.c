#include "sim/leaks.h"

#include "socket/rill.h"

static void judge_host(struct trial *t, const struct rill_sim_node *n)
{
    const struct rill *stack = rill_sim_stack(n);
    const struct tcp *tcp = &stack->net.tcp;
    const struct {
        const char *what;
        uint32_t count;
    } left[] = {
        {"connections", tcp->pool[HEAD_CONNECTION].count},
        {"SYN records", tcp->pool[HEAD_SYN].count},
        {"TIME_WAIT records", tcp->pool[HEAD_TIME_WAIT].count},
        {"timers", tcp->timers.count},
        {"sockets beside its listeners", stack->sockets.count - tcp->pool[HEAD_LISTENER].count},
    };
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        if (left[i].count)
            trial_fail(t, "%s still holds %u %s", rill_sim_name(n), left[i].count, left[i].what);
}

void leaks_check(struct trial *t)
{
    for (unsigned i = 0; i < t->hosts; i++)
        judge_host(t, t->host[i]);
}
