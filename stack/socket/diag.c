/* The walk over all entries of a stack: TCP's four kinds, then the UDP sockets by descriptor. A
 * place is the kind and an index within it; later changes move neither. */
#include "tcp/diag.h"
#include "socket/object.h"
#include "socket/socket.h"

#include <rill/status.h>

/* Kinds in the order in which connections change: one that changes its kind during a walk is seen
 * later, not missed. */
static const enum head_kind tcp_kind[] = {
    [RILL_STATUS_LISTENER] = HEAD_LISTENER,
    [RILL_STATUS_SYN] = HEAD_SYN,
    [RILL_STATUS_CONNECTION] = HEAD_CONNECTION,
    [RILL_STATUS_TIME_WAIT] = HEAD_TIME_WAIT,
};

static void fill_datagram(const struct udp_socket *u, struct rill_status *s)
{
    *s = (struct rill_status){
        .local = u->local,
        .remote = u->remote,
        .local_port = u->local_port,
        .remote_port = u->remote_port,
        .kind = RILL_STATUS_DATAGRAM,
        .state = udp_connected(u) ? RILL_TCP_ESTABLISHED : RILL_TCP_CLOSED,
        .receive_queue = u->received_bytes,
        .send_queue = u->unsent_bytes,
        .age = -1,
    };
}

/* The next bound UDP socket, from descriptor *fd on. */
static bool next_datagram(const struct rill *r, uint32_t *fd, struct rill_status *out)
{
    int at = (int)*fd - 1; /* indices begin at 1 */
    while ((at = descriptor_next(&r->descriptors, at)) >= 0) {
        const struct socket *s = socket_find(r, at++);
        *fd = (uint32_t)at + 1;
        if (!s || s->is_stream || !s->datagram->local_port)
            continue;
        fill_datagram(s->datagram, out);
        return true;
    }
    return false;
}

static bool next_of(const struct rill *r, unsigned kind, uint32_t *index, struct rill_status *out)
{
    if (kind == RILL_STATUS_DATAGRAM)
        return next_datagram(r, index, out);
    const struct head *h = diag_next(&r->net.tcp, tcp_kind[kind], index);
    if (h)
        diag_fill(&r->net.tcp, h, out);
    return h != NULL;
}

unsigned rill_status_next(const struct rill *r, uint64_t *place, struct rill_status *out,
                          unsigned max)
{
    unsigned kind = (unsigned)(*place >> 32), n = 0;
    uint32_t index = max_of((uint32_t)*place, 1u);
    while (kind < RILL_STATUS_KIND_COUNT && n < max) {
        if (next_of(r, kind, &index, &out[n])) {
            n++;
            continue;
        }
        kind++;
        index = 1;
    }
    *place = (uint64_t)kind << 32 | index;
    return n;
}
