#include "tcp/sending.h"

#include "tcp/delivery.h"
#include "tcp/pace.h"
#include "tcp/stats.h"
#include "tcp/timer.h"

void conn_stop_sending(struct tcp *t, struct tcp_conn *c)
{
    list_remove(&c->sender.node);
    if (c->dead)
        return;
    timer_arm(t, &c->sender, pace_deadline(c));
    stats_limits(t, c);
    delivery_check_app_limited(c);
}
