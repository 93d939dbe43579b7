#include "tcp/urgent.h"

#include "tcp/life.h"
#include "tcp/state.h"

#include <errno.h>

void urgent_take(struct tcp *t, struct tcp_conn *c, const struct segment *s)
{
    if (!segment_has(s, TCP_URG) || !s->header->urgent || !state_can_receive(conn_state(c)))
        return; /* EV-40; a pointer of 0 points at nothing (CVE-2019-12255) */
    position pointer = s->seq + s->header->urgent;
    struct tcp_extras *x = conn_extras(t, c);
    if (!x || pointer <= x->rcv_up || pointer <= c->rcv.read)
        return;
    x->rcv_up = pointer;
    x->urgent_taken = false;
    conn_wake_owner(t, c, EVENT_READABLE); /* MUST-32 */
}

bool urgent_is_ahead(const struct tcp_conn *c, position seq)
{
    return c->extras && c->extras->snd_up > seq;
}

void urgent_write(const struct tcp_conn *c, position seq, struct tcp_header *h)
{
    if (!urgent_is_ahead(c, seq))
        return;
    h->flags |= TCP_URG;
    h->urgent = (uint16_t)min_of(c->extras->snd_up - seq, UINT16_MAX); /* MUST-31: of any length */
}

void urgent_send(struct tcp_conn *c)
{
    c->extras->snd_up = c->snd.end;
}

position urgent_mark(const struct tcp_conn *c)
{
    if (!c->extras || !c->extras->rcv_up || c->extras->rcv_up <= c->rcv.read)
        return -1;
    return c->extras->rcv_up - 1;
}

/* The urgent byte has arrived. */
static bool mark_is_here(const struct tcp_conn *c)
{
    position mark = urgent_mark(c);
    return mark >= 0 && mark < conn_read_limit(c);
}

void urgent_pass(struct tcp_conn *c)
{
    if (!mark_is_here(c) || urgent_mark(c) != c->rcv.read || c->oob_inline)
        return;
    ring_get(c->receive_ring, c->rcv.read, &c->extras->urgent_byte, 1);
    c->extras->urgent_passed = c->extras->rcv_up;
    c->rcv.read++;
}

int urgent_read(struct tcp_conn *c, uint8_t *byte, bool peek)
{
    struct tcp_extras *x = c->extras;
    if (!x || !x->rcv_up || c->oob_inline || x->urgent_taken)
        return -EINVAL;
    if (mark_is_here(c))
        ring_get(c->receive_ring, urgent_mark(c), byte, 1);
    else if (x->urgent_passed == x->rcv_up)
        *byte = x->urgent_byte;
    else
        return x->rcv_up - 1 < conn_read_limit(c) ? -EINVAL : -EAGAIN;
    x->urgent_taken = !peek;
    return 0;
}

bool urgent_pending(const struct tcp_conn *c)
{
    const struct tcp_extras *x = c->extras;
    if (!x || !x->rcv_up || x->urgent_taken)
        return false;
    return urgent_mark(c) >= 0 || x->urgent_passed == x->rcv_up;
}
