#include "tcp/listen.h"

#include "tcp/backlog.h"
#include "tcp/cookie.h"
#include "tcp/fastopen_passive.h"
#include "tcp/reset.h"
#include "tcp/syn.h"

struct tcp_listener *listen_find(const struct tcp *t, struct rill_address local, uint16_t port)
{
    struct flow f = {.local = local, .local_port = port};
    head_ref r = table_find(&t->table, &f);
    if (!r) {
        f.local = (struct rill_address){0};
        r = table_find(&t->table, &f);
    }
    return r ? listener_at(t, r) : NULL;
}

/* The walk is short: a group has as many members as the application has opened. */
struct tcp_listener *listen_choose(const struct tcp *t, const struct flow *f)
{
    struct tcp_listener *first = listen_find(t, f->local, f->local_port), *l = first;
    uint64_t members = 1;
    if (!first || first->group == first->ref)
        return first;
    for (l = listener_at(t, first->group); l != first; l = listener_at(t, l->group))
        members++;
    for (uint64_t skip = table_hash(&t->table, f) * members >> 32; skip; skip--)
        l = listener_at(t, l->group);
    return l;
}

void listen_enqueue(struct tcp *t, struct tcp_conn *c)
{
    struct tcp_listener *l = c->listener;
    struct flow *f = &c->sender.head.flow;
    head_ref ref = table_find(&t->table, f);
    c->sender.head.queue = 0;
    if (l->last)
        table_at(&t->table, l->last)->queue = ref;
    else
        l->first = ref;
    l->last = ref;
    l->queued++;
    t->counters->value[RILL_TcpPassiveOpens]++;
    l->head.events = EVENT_READABLE;
    if (l->owner && !list_linked(&l->owner->woken))
        list_append(&t->woken, &l->owner->woken);
}

enum rill_drop listen_arrives(struct tcp *t, struct tcp_listener *l, const struct tcp_arrival *in,
                              struct tcp_reply *reply, const seq32 *beyond)
{
    const struct tcp_header *h = in->header;
    if (h->flags & TCP_RST) /* first: an RST is ignored (EV-4) */
        return RILL_DROP_TCP_LISTEN;
    if (h->flags & TCP_ACK) { /* second: nothing was sent that it could acknowledge (EV-5) */
        reset_reply(t, in, reply);
        return RILL_DROP_TCP_LISTEN;
    }
    if (!(h->flags & TCP_SYN) || /* fourth (EV-7) */
        (h->flags & TCP_FIN && t->config->drop_syn_fin))
        return RILL_DROP_TCP_LISTEN;
    if (backlog_overflows(t, l))
        return RILL_DROP_TCP_LISTEN_OVERFLOW;
    if (!beyond && cookie_is_due(t, l)) {
        cookie_answer(t, l, in, reply);
        return RILL_DROP_NONE;
    }
    struct tcp_syn *s = syn_create(t, l, in, beyond); /* third: EV-6 */
    if (!s)
        return RILL_DROP_TCP_SYN_OVERFLOW;
    struct tcp_conn *open = fast_open_take_syn(t, l, s, in);
    if (open)
        listen_enqueue(t, open);
    return RILL_DROP_NONE;
}
