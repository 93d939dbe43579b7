#include "replay/window.h"

#include "socket/rill.h"
#include "tcp/cwnd.h"
#include "tcp/life.h"

static struct tcp_conn *conn_of_player(struct player *p)
{
    struct tcp *t = &p->stage.rill->net.tcp;
    for (uint32_t i = 1; i <= t->pool[HEAD_CONNECTION].made; i++) {
        struct tcp_conn *c = pool_find(&t->pool[HEAD_CONNECTION], i);
        if (c && c->sender.head.in_table)
            return c;
    }
    return NULL;
}

bool window_open(struct player *p)
{
    struct tcp_conn *c = conn_of_player(p);
    if (!c || c->snd.una == 0 || c->snd.nxt >= c->snd.una + c->snd.wnd)
        return false;
    uint32_t waits = flight_lost(&c->flight) ? c->mss : (uint32_t)min_of(conn_unsent(c), c->mss);
    if (waits == 0 || cwnd_allowance(c) >= waits)
        return false;
    c->window.cwnd += c->mss;
    sender_join(&p->stage.rill->net.tcp, &c->sender);
    return true;
}

bool window_is_cut(struct player *p)
{
    struct tcp_conn *c = conn_of_player(p);
    if (!c || c->snd.una == 0 || conn_unsent(c) == 0)
        return false;
    position left = c->snd.una + (position)c->snd.wnd - c->snd.nxt;
    return left < (position)min_of(conn_unsent(c), c->mss);
}

void window_offer(struct player *p, position end)
{
    struct tcp_conn *c = conn_of_player(p);
    if (c && c->rcv.nxt > 0 && end > c->rcv.edge && end <= p->granted &&
        end - c->rcv.nxt <= (position)p->largest)
        c->rcv.edge = end;
}
