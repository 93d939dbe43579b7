#include "tcp/state.h"

#include "tcp/note.h"

#define TO(name) (1u << RILL_TCP_##name)

/* The arrows of RFC 9293 3.3.2, figure 5, and these, which its text adds: any state to CLOSED
 * (abort, reset, time-out), CLOSED to SYN_RECEIVED (the child of a listener: a SYN record, or a
 * cookie's connection), SYN_RECEIVED to CLOSE_WAIT by way of ESTABLISHED only, FIN_WAIT_1 to
 * TIME_WAIT (FIN that acknowledges ours). */
static const uint16_t legal[RILL_TCP_STATE_COUNT] = {
    [RILL_TCP_CLOSED] = TO(LISTEN) | TO(SYN_SENT) | TO(SYN_RECEIVED),
    [RILL_TCP_LISTEN] = TO(CLOSED) | TO(SYN_SENT) | TO(SYN_RECEIVED),
    [RILL_TCP_SYN_SENT] = TO(CLOSED) | TO(SYN_RECEIVED) | TO(ESTABLISHED),
    [RILL_TCP_SYN_RECEIVED] = TO(CLOSED) | TO(ESTABLISHED) | TO(FIN_WAIT_1),
    [RILL_TCP_ESTABLISHED] = TO(CLOSED) | TO(FIN_WAIT_1) | TO(CLOSE_WAIT),
    [RILL_TCP_FIN_WAIT_1] = TO(CLOSED) | TO(FIN_WAIT_2) | TO(CLOSING) | TO(TIME_WAIT),
    [RILL_TCP_FIN_WAIT_2] = TO(CLOSED) | TO(TIME_WAIT),
    [RILL_TCP_CLOSE_WAIT] = TO(CLOSED) | TO(LAST_ACK),
    [RILL_TCP_CLOSING] = TO(CLOSED) | TO(TIME_WAIT),
    [RILL_TCP_LAST_ACK] = TO(CLOSED),
    [RILL_TCP_TIME_WAIT] = TO(CLOSED),
};

void tcp_set_state(struct tcp *t, struct head *h, enum rill_tcp_state to, enum rill_reason reason)
{
    assert(legal[h->state] & 1u << to);
    note_state(t, h, to, reason);
    h->state = to;
}

void tcp_inherit_state(struct head *heir, const struct head *from)
{
    heir->state = from->state;
}
