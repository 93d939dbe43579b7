#include "tcp/fastopen_passive.h"

#include "tcp/life.h"
#include "tcp/text.h"

/* How the listener treats a SYN. */
enum verdict {
    SYN_ORDINARY, /* no Fast Open */
    SYN_GRANTS,   /* an ordinary handshake, and the SYN-ACK carries a cookie */
    SYN_OPENS,    /* the cookie is valid */
    SYN_RENEWS    /* the cookie is valid, but made with the older key */
};

/* RFC 7413 4.2.2, steps 1 to 3. As in Linux, if the queue is full, the SYN is treated as ordinary,
 * before the cookie is computed. */
static enum verdict judge(struct tcp *t, struct tcp_listener *l, const struct tcp_arrival *in)
{
    const struct tcp_options *o = &in->header->options;
    uint64_t *counter = t->counters->value;
    unsigned bits = t->config->fast_open;
    counter[RILL_TcpExtTCPFastOpenCookieReqd] += o->has_fast_open && o->fast_open.length == 0;
    if (!(bits & RILL_FAST_OPEN_SERVER) || !l->fast_open.limit ||
        !(o->has_fast_open || in->text.length))
        return SYN_ORDINARY;
    if (!fast_open_queue_has_room(&l->fast_open, t->now)) {
        counter[RILL_TcpExtTCPFastOpenListenOverflow]++;
        return SYN_ORDINARY;
    }
    if (bits & RILL_FAST_OPEN_SERVER_NO_COOKIE || l->fast_open.without_cookie)
        return SYN_OPENS;
    if (!o->has_fast_open)
        return SYN_ORDINARY;
    if (o->fast_open.length == 0)
        return SYN_GRANTS;
    struct fast_open_keys keys = fast_open_keys_of(t, l);
    switch (fast_open_key_of(&keys, &o->fast_open, in->source, in->destination)) {
    case 0:
        counter[RILL_TcpExtTCPFastOpenPassiveFail]++;
        return SYN_GRANTS;
    case 1:
        return SYN_OPENS;
    default:
        return SYN_RENEWS;
    }
}

static enum fast_open pending_kind(enum verdict v, const struct tcp_arrival *in)
{
    if (v != SYN_RENEWS)
        return FAST_OPEN_PENDING;
    return in->header->options.fast_open.experimental ? FAST_OPEN_RENEWS_EXPERIMENTAL
                                                      : FAST_OPEN_RENEWS;
}

struct tcp_conn *fast_open_take_syn(struct tcp *t, struct tcp_listener *l, struct tcp_syn *s,
                                    const struct tcp_arrival *in)
{
    const struct tcp_options *o = &in->header->options;
    enum verdict v = judge(t, l, in);
    struct tcp_conn *c = v >= SYN_OPENS ? syn_grow(t, s, false) : NULL;
    if (!c) {
        t->counters->value[RILL_TcpExtTCPFastOpenPassiveFail] += v >= SYN_OPENS;
        s->fast_open_cookie = v != SYN_ORDINARY && o->has_fast_open;
        s->fast_open_experimental = o->fast_open.experimental;
        return NULL;
    }
    c->fast_open = pending_kind(v, in);
    c->snd.wnd = c->snd.wnd_max = in->header->window;
    l->fast_open.pending++;
    t->counters->value[RILL_TcpExtTCPFastOpenPassive]++;
    t->counters->value[RILL_TcpExtTCPFastOpenPassiveAltKey] += v == SYN_RENEWS;
    c->syn_data = text_take_with_syn(t, c, in);
    sender_join(t, &c->sender);
    return c;
}

void tcp_listen_fast_open(struct tcp *t, struct tcp_listener *l, const struct fast_open_settings *s)
{
    const unsigned all = RILL_FAST_OPEN_SERVER | RILL_FAST_OPEN_ALL_LISTENERS;
    uint32_t limit = s->limit;
    if (!limit && (t->config->fast_open & all) == all)
        limit = l->backlog;
    limit = min_of(limit, t->config->listen_backlog_max);
    l->fast_open.limit = min_of(limit, (uint32_t)FAST_OPEN_LIMIT_MAX);
    l->fast_open.without_cookie = s->without_cookie;
    l->fast_open.keys = s->keys;
}
