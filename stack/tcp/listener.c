#include "tcp/listener.h"

#include "tcp/binding.h"
#include "tcp/life.h"
#include "tcp/state.h"
#include "tcp/syn.h"

#include <errno.h>

/* The first listener on an address and port is in the flow table, others (SO_REUSEPORT) are in its
 * ring. */
static void group_join(struct tcp *t, struct tcp_listener *l)
{
    head_ref first = table_find(&t->table, &l->head.flow);
    if (!first) {
        table_insert(&t->table, &l->head);
        return;
    }
    l->group = listener_at(t, first)->group;
    listener_at(t, first)->group = l->ref;
}

/* If it is in the table, the next listener replaces it. */
static void group_leave(struct tcp *t, struct tcp_listener *l)
{
    struct tcp_listener *next = listener_at(t, l->group), *before = next;
    while (before->group != l->ref)
        before = listener_at(t, before->group);
    before->group = l->group;
    if (!l->head.in_table)
        return;
    table_remove(&t->table, &l->head);
    if (next != l)
        table_insert(&t->table, &next->head);
}

int tcp_listen(struct tcp *t, struct tcp_binding *b, uint32_t backlog, const struct tcp_settings *s,
               struct tcp_owner *owner, struct tcp_listener **out)
{
    if (!binding_may_listen(t, b))
        return -EADDRINUSE;
    struct head *h = table_get(&t->table, HEAD_LISTENER);
    if (!h)
        return -ENOBUFS;
    b->listening = true;
    struct tcp_listener *l = (struct tcp_listener *)h;
    h->flow = (struct flow){.local = b->local, .local_port = b->port};
    l->ref = l->group = h->next;
    l->owner = owner;
    l->settings = *s;
    tcp_listen_backlog(t, l, backlog);
    group_join(t, l);
    tcp_set_state(t, h, RILL_TCP_LISTEN, RILL_REASON_CALL);
    *out = l;
    return 0;
}

void tcp_listen_backlog(struct tcp *t, struct tcp_listener *l, uint32_t backlog)
{
    l->backlog = min_of(backlog, t->config->listen_backlog_max);
}

static void forget_records(struct tcp *t, const struct tcp_listener *l)
{
    struct pool *p = &t->pool[HEAD_SYN];
    for (uint32_t i = 1; i <= p->made && l->syns; i++) {
        struct tcp_syn *s = pool_find(p, i);
        if (s && s->sender.head.in_table && s->listener == l->ref)
            syn_forget(t, s, RILL_REASON_CALL);
    }
}

void tcp_listen_close(struct tcp *t, struct tcp_listener *l)
{
    forget_records(t, l);
    fast_open_forget_listener(t, l);
    for (struct tcp_conn *c; (c = tcp_accept(t, l, NULL)) != NULL;)
        conn_abandon(t, c);
    if (l->owner)
        list_remove(&l->owner->woken);
    tcp_set_state(t, &l->head, RILL_TCP_CLOSED, RILL_REASON_CALL);
    group_leave(t, l);
    table_put(&t->table, &l->head);
}

struct tcp_conn *tcp_accept(struct tcp *t, struct tcp_listener *l, struct tcp_owner *owner)
{
    if (!l->first)
        return NULL;
    struct tcp_conn *c = conn_of(table_at(&t->table, l->first));
    l->first = c->sender.head.queue;
    if (!l->first)
        l->last = 0;
    l->queued--;
    c->unaccepted = false;
    c->sender.head.queue = fast_open_is_pending(c) ? l->ref : 0;
    c->owner = owner;
    return c;
}
