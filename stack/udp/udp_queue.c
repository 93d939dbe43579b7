/* The two queues of a UDP socket: datagrams that arrived and wait for the application, and
 * datagrams that wait for net to pull them. Each is bounded in bytes, overhead counted, and drops
 * the newest (a peer that floods must not push out what came before).
 *
 * Invariants: received_bytes and unsent_bytes are the sums over the queues; `sender` is linked
 * exactly while something is unsent; a socket without an owner has something unsent. */
#include "udp/udp_queue.h"

#include "udp/udp_error.h"
#include "wire/icmp.h"

#include <errno.h>

static size_t datagram_bytes(uint32_t length)
{
    return sizeof(struct udp_datagram) + length;
}

/* The bytes of a datagram that count against its queue's limit. */
static uint32_t datagram_cost(const struct udp_datagram *d)
{
    return (uint32_t)datagram_bytes(d->length);
}

static struct udp_datagram *datagram_new(struct udp *u, size_t data)
{
    assert(data <= IP4_TOTAL_MAX - UDP_HEADER);
    uint32_t length = (uint32_t)(UDP_HEADER + data);
    struct udp_datagram *d = memory_get(u->memory, datagram_bytes(length));
    if (d)
        d->length = length;
    return d;
}

static void datagram_free(struct udp *u, struct udp_datagram *d)
{
    memory_put(u->memory, d, datagram_bytes(d->length));
}

static struct udp_datagram *datagram_of(struct list_node *n)
{
    return n ? container_of(n, struct udp_datagram, node) : NULL;
}

struct rill_span udp_data(const struct udp_datagram *d)
{
    return span_of(d->payload + UDP_HEADER, d->length - UDP_HEADER);
}

struct udp_owner *udp_next_woken(struct udp *u)
{
    struct list_node *n = list_first(&u->woken);
    if (!n)
        return NULL;
    list_remove(n);
    return container_of(n, struct udp_owner, woken);
}

/* -------------------------------------------------------------- receiving */

enum rill_drop udp_receive(struct udp *u, struct udp_socket *s, const struct udp_arrival *a)
{
    size_t cost = datagram_bytes((uint32_t)(UDP_HEADER + a->data.length));
    if (!list_empty(&s->received) && s->received_bytes + cost > s->receive_buffer)
        return RILL_DROP_UDP_QUEUE_FULL;
    struct udp_datagram *d = datagram_new(u, a->data.length);
    if (!d)
        return RILL_DROP_MEMORY;
    d->local = a->destination;
    d->remote = a->source;
    d->local_port = a->header.destination;
    d->remote_port = a->header.source;
    d->tos = a->tos;
    d->ttl = a->ttl;
    d->port = a->port;
    d->segment = a->segment;
    d->when = a->when;
    if (a->data.length)
        memcpy(d->payload + UDP_HEADER, a->data.at, a->data.length);
    list_append(&s->received, &d->node);
    s->received_bytes += datagram_cost(d);
    udp_wake(u, s, EVENT_READABLE);
    return RILL_DROP_NONE;
}

const struct udp_datagram *udp_first(const struct udp_socket *s)
{
    return datagram_of(list_first(&s->received));
}

void udp_drop_first(struct udp *u, struct udp_socket *s)
{
    struct udp_datagram *d = datagram_of(list_first(&s->received));
    assert(d);
    list_remove(&d->node);
    s->received_bytes -= datagram_cost(d);
    datagram_free(u, d);
}

void udp_drop_received(struct udp *u, struct udp_socket *s)
{
    while (!list_empty(&s->received))
        udp_drop_first(u, s);
    assert(s->received_bytes == 0);
}

/* ---------------------------------------------------------------- sending */

const struct udp_datagram *udp_first_unsent(const struct udp_socket *s)
{
    return datagram_of(list_first(&s->unsent));
}

/* To the end of the list of the port through which its first datagram leaves. */
static void sender_queue(struct udp *u, struct udp_socket *s)
{
    const struct udp_datagram *first = udp_first_unsent(s);
    list_remove(&s->sender);
    if (first)
        list_append(&u->sending[first->port], &s->sender);
}

static void parts_copy(uint8_t *to, const struct iovec *part, size_t parts)
{
    for (size_t i = 0; i < parts; i++) {
        if (part[i].iov_len)
            memcpy(to, part[i].iov_base, part[i].iov_len);
        to += part[i].iov_len;
    }
}

/* The sum of the parts, or a value above UDP_DATA_MAX. */
static size_t parts_length(const struct iovec *part, size_t parts)
{
    size_t length = 0;
    for (size_t i = 0; i < parts && length <= UDP_DATA_MAX; i++)
        length += min_of(part[i].iov_len, (size_t)UDP_DATA_MAX + 1);
    return length;
}

int64_t udp_send(struct udp *u, struct udp_socket *s, const struct udp_to *to,
                 const struct iovec *part, size_t parts)
{
    assert(s->local_port);
    assert(to->port < RILL_PORTS_MAX);
    size_t length = parts_length(part, parts);
    if (length > UDP_DATA_MAX)
        return -EMSGSIZE;
    if (!list_empty(&s->unsent) &&
        s->unsent_bytes + datagram_bytes((uint32_t)(UDP_HEADER + length)) > s->send_buffer)
        return -EAGAIN;
    struct udp_datagram *d = datagram_new(u, length);
    if (!d)
        return -ENOBUFS;
    d->local = to->local;
    d->remote = to->remote;
    d->local_port = s->local_port;
    d->remote_port = to->remote_port;
    d->tos = to->has_tos ? to->tos : s->tos;
    d->ttl = to->ttl ? to->ttl : s->ttl;
    d->port = to->port;
    d->segment = to->segment;
    d->discovery = (uint8_t)udp_discovery(s);
    parts_copy(d->payload + UDP_HEADER, part, parts);
    list_append(&s->unsent, &d->node);
    s->unsent_bytes += datagram_cost(d);
    if (!list_linked(&s->sender))
        sender_queue(u, s);
    return (int64_t)length;
}

struct udp_socket *udp_next_sender(struct udp *u, int port)
{
    struct list_node *n = list_first(&u->sending[port]);
    return n ? container_of(n, struct udp_socket, sender) : NULL;
}

/* Removes the first unsent datagram from its queue; the application may have room to send again. */
static struct udp_datagram *unsent_take(struct udp *u, struct udp_socket *s)
{
    struct udp_datagram *d = datagram_of(list_first(&s->unsent));
    assert(d);
    list_remove(&d->node);
    s->unsent_bytes -= datagram_cost(d);
    udp_wake(u, s, EVENT_WRITABLE);
    return d;
}

/* The socket continues with its next datagram; a closed socket without one is freed. */
static void sender_go_on(struct udp *u, struct udp_socket *s)
{
    sender_queue(u, s);
    if (!s->owner && !udp_first_unsent(s)) {
        list_remove(&s->node);
        udp_forget(u, s);
    }
}

struct udp_piece udp_next_piece(const struct udp_datagram *d, uint32_t max)
{
    struct udp_piece p = {.text = span_skip(udp_data(d), d->sent)};
    if (!d->segment)
        return p;
    uint32_t fit = max_of(max / d->segment, 1u) * d->segment;
    p.text = span_first(p.text, fit);
    p.segment = p.text.length > d->segment ? d->segment : 0;
    return p;
}

void udp_write_header(const struct udp_datagram *d, const struct udp_piece *p, uint8_t *to)
{
    uint32_t length = (uint32_t)(UDP_HEADER + p->text.length);
    struct udp_header header = {
        .source = d->local_port,
        .destination = d->remote_port,
        .length = (uint16_t)length,
        .checksum = checksum_fold(checksum_pseudo(d->local, d->remote, IP_PROTOCOL_UDP, length)),
    };
    udp_header_write(to, &header);
}

void udp_finish(uint8_t *payload, size_t length)
{
    uint64_t sum = checksum_add(0, span_of(payload, length));
    udp_checksum_put(payload, checksum_finish_at(sum, UDP_CHECKSUM_OFFSET));
}

void udp_sent(struct udp *u, struct udp_socket *s, const struct udp_piece *p)
{
    struct udp_datagram *d = datagram_of(list_first(&s->unsent));
    size_t several = p->segment ? (p->text.length + p->segment - 1) / p->segment : 1;
    u->counters->value[RILL_UdpOutDatagrams] += several;
    d->sent += (uint32_t)p->text.length;
    if (UDP_HEADER + d->sent == d->length) {
        unsent_take(u, s);
        if (d->segment) /* an earlier frame of this pull may refer to its text */
            list_append(&u->departed, &d->node);
        else
            datagram_free(u, d);
    }
    sender_go_on(u, s);
}

void udp_forget_departed(struct udp *u)
{
    for (struct list_node *n; (n = list_first(&u->departed)) != NULL;) {
        list_remove(n);
        datagram_free(u, datagram_of(n));
    }
}

void udp_move(struct udp *u, struct udp_socket *s, uint8_t port)
{
    datagram_of(list_first(&s->unsent))->port = port;
    sender_queue(u, s);
}

static uint8_t icmp_code(int error)
{
    switch (error) {
    case ENETUNREACH:
        return ICMP_UNREACHABLE_NET;
    case EMSGSIZE:
        return ICMP_UNREACHABLE_FRAGMENTATION_NEEDED;
    default:
        return ICMP_UNREACHABLE_HOST;
    }
}

/* A server must not fail because one of its clients is gone, unless it has asked for errors: only a
 * connected socket is told, or one with IP_RECVERR. The report looks as in Linux, which sends
 * itself the ICMP message that a router would have sent. */
void udp_fail(struct udp *u, struct udp_socket *s, int error, rill_time now)
{
    struct udp_datagram *d = unsent_take(u, s);
    struct error_report report = {
        .when = now,
        .offender = d->local,
        .local = d->local,
        .remote = d->remote,
        .remote_port = d->remote_port,
        .error = (uint8_t)error,
        .origin = ERROR_ICMP,
        .type = ICMP_UNREACHABLE,
        .code = icmp_code(error),
        .port = d->port,
        .ttl = u->ttl,
    };
    udp_report(u, s, &report, udp_next_piece(d, 0).text, true);
    datagram_free(u, d);
    sender_go_on(u, s);
}

void udp_drop_unsent(struct udp *u, struct udp_socket *s)
{
    while (!list_empty(&s->unsent))
        datagram_free(u, unsent_take(u, s));
    list_remove(&s->sender);
    assert(s->unsent_bytes == 0);
}

void udp_forget(struct udp *u, struct udp_socket *s)
{
    assert(list_empty(&s->received));
    assert(list_empty(&s->unsent));
    assert(!list_linked(&s->node));
    assert(!list_linked(&s->sender));
    memory_put(u->memory, s, sizeof *s);
}
