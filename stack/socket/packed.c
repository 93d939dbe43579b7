/* A call that another process makes for this one: <rill/call.h>. It is copied, with everything that
 * its pointers refer to, into memory that both processes share at the same address:
 *
 *     struct packed | address | options, events, control messages | text
 *
 * Text that does not fit is moved in pieces, each of which is a call. */
#include "socket/call.h"
#include "socket/message.h"
#include "socket/wait_queue.h"

#include <errno.h>
#include <rill/call.h>

#define ALIGNMENT 16
#define NAME_LENGTH_MAX sizeof(struct sockaddr_storage)
#define VALUE_MAX 4096 /* longest value of an option, longest control messages */

struct packed {
    struct rill_call parked;
    struct call call;
    struct msghdr message;
    struct iovec part;
    socklen_t length;
    struct epoll_event event;
    int value;
};

struct packing {
    char *at;
    size_t room;
};

/* Reserves room for the next item and copies `from` into it; NULL: there is no item. */
static void *pack_copy(struct packing *p, const void *from, size_t n)
{
    size_t whole = (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (!from || whole > p->room)
        return NULL;
    void *to = p->at;
    memcpy(to, from, n);
    p->at += whole;
    p->room -= whole;
    return to;
}

/* The message with one buffer instead of many: the bytes after `moved`, as many as there is room
 * for. */
static void message_pack(struct packing *p, struct packed *k, const struct msghdr *m, size_t moved)
{
    size_t total = (size_t)message_extent(m);
    k->message = *m;
    k->message.msg_name = pack_copy(p, m->msg_name, min_of(m->msg_namelen, NAME_LENGTH_MAX));
    k->message.msg_controllen = m->msg_control ? min_of(m->msg_controllen, VALUE_MAX) : 0;
    k->message.msg_control = pack_copy(p, m->msg_control, k->message.msg_controllen);
    k->part = (struct iovec){p->at, min_of(total - moved, p->room)};
    k->message.msg_iov = &k->part;
    k->message.msg_iovlen = 1;
    k->call.goes_on = moved + k->part.iov_len < total && k->call.operation == CALL_SEND;
    if (k->call.goes_on)
        k->call.flags = (k->call.flags & ~(MSG_OOB | MSG_EOR)) | MSG_MORE;
}

/* Only a datagram is copied, and whose socket it is shows in the other process: so what is in the
 * buffers goes there and comes back. A NULL among them is one here, too. */
static void discard_pack(struct packed *k, const struct msghdr *m, size_t moved)
{
    if (message_length(m) >= 0)
        message_gather(m, moved, k->part.iov_base, k->part.iov_len);
    else
        k->part.iov_base = NULL;
}

static void pack_pointers(struct packing *p, struct packed *k, const struct call *c, size_t moved)
{
    struct call *to = &k->call;
    switch (c->operation) {
    case CALL_CONNECT:
    case CALL_BIND:
        to->to.address = pack_copy(p, c->to.address, min_of(c->to.length, NAME_LENGTH_MAX));
        break;
    case CALL_ACCEPT:
    case CALL_LOCAL_NAME:
    case CALL_PEER_NAME:
        k->length = c->from.length ? *c->from.length : 0;
        to->from.length = c->from.length ? &k->length : NULL;
        to->from.address = pack_copy(p, c->from.address, min_of(k->length, NAME_LENGTH_MAX));
        break;
    case CALL_SEND:
        message_pack(p, k, c->send, moved);
        message_gather(c->send, moved, p->at, k->part.iov_len);
        to->send = &k->message;
        break;
    case CALL_RECEIVE:
        message_pack(p, k, c->receive, moved);
        if (call_discards(c))
            discard_pack(k, c->receive, moved);
        to->receive = &k->message;
        break;
    case CALL_POLL:
        to->poll.set = pack_copy(p, c->poll.set, c->poll.count * sizeof *c->poll.set);
        break;
    case CALL_EPOLL:
        to->epoll.events = (struct epoll_event *)(void *)p->at;
        to->epoll.max = (int)min_of((size_t)c->epoll.max, p->room / sizeof k->event);
        break;
    case CALL_SET_OPTION:
        to->set.value = pack_copy(p, c->set.value, min_of(c->set.length, VALUE_MAX));
        break;
    case CALL_GET_OPTION:
        k->length = c->get.length ? *c->get.length : 0;
        to->get.length = c->get.length ? &k->length : NULL;
        to->get.value = pack_copy(p, c->get.value, min_of(k->length, VALUE_MAX));
        break;
    case CALL_IOCTL:
        k->value = c->ioctl.value ? *c->ioctl.value : 0;
        to->ioctl.value = c->ioctl.value ? &k->value : NULL;
        break;
    case CALL_EPOLL_CONTROL:
        k->event = c->control.event ? *c->control.event : (struct epoll_event){0};
        to->control.event = c->control.event ? &k->event : NULL;
        break;
    default: /* they have no pointers */
        break;
    }
}

/* Why the call cannot be packed: it is invalid, or too large for any room; 0: it can be. */
static int pack_refusal(const struct call *c, size_t bytes)
{
    ssize_t length = 0;
    if (c->operation == CALL_SEND)
        length = message_length(c->send);
    else if (c->operation == CALL_RECEIVE)
        length = call_discards(c) ? message_extent(c->receive) : message_length(c->receive);
    if (c->operation == CALL_POLL && c->poll.count > bytes / 2 / sizeof *c->poll.set)
        return ENOMEM;
    return length < 0 ? (int)-length : 0;
}

struct rill_call *rill_pack(const struct rill_call *p, void *room, size_t bytes, size_t moved)
{
    struct packed *k = room;
    assert(bytes >= RILL_PACKED_MIN);
    int refusal = pack_refusal(p->call, bytes);
    if (refusal) {
        errno = refusal;
        return NULL;
    }
    size_t header = (sizeof *k + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct packing rest = {(char *)room + header, bytes - header};
    *k = (struct packed){.parked = {.call = &k->call}, .call = *p->call};
    k->call.mask = NULL; /* the calling thread waits here, not in the other process */
    pack_pointers(&rest, k, p->call, moved);
    return &k->parked;
}

/* ------------------------------------------------------------------- the way back */

static void unpack_message(struct msghdr *m, const struct msghdr *from, size_t moved, size_t n)
{
    const struct iovec *text = from->msg_iov;
    if (text->iov_base)
        message_put(m, moved, span_of(text->iov_base, min_of(n, text->iov_len)));
    if (from->msg_name)
        memcpy(m->msg_name, from->msg_name, min_of(m->msg_namelen, NAME_LENGTH_MAX));
    if (from->msg_control)
        memcpy(m->msg_control, from->msg_control, min_of(m->msg_controllen, VALUE_MAX));
    m->msg_namelen = from->msg_namelen;
    m->msg_controllen = from->msg_controllen;
    m->msg_flags = from->msg_flags;
}

static void unpack_name(const struct call *to, const struct call *from)
{
    if (from->from.address)
        memcpy(to->from.address, from->from.address,
               min_of(min_of(*to->from.length, *from->from.length), NAME_LENGTH_MAX));
    if (from->from.length)
        *to->from.length = *from->from.length;
}

static void unpack_pointers(struct call *c, const struct call *k, size_t moved)
{
    size_t n = k->result > 0 ? (size_t)k->result : 0;
    switch (c->operation) {
    case CALL_ACCEPT:
    case CALL_LOCAL_NAME:
    case CALL_PEER_NAME:
        unpack_name(c, k);
        break;
    case CALL_RECEIVE:
        unpack_message(c->receive, k->receive, moved, n);
        break;
    case CALL_POLL:
        if (k->poll.set)
            memcpy(c->poll.set, k->poll.set, c->poll.count * sizeof *c->poll.set);
        break;
    case CALL_EPOLL:
        memcpy(c->epoll.events, k->epoll.events, n * sizeof *c->epoll.events);
        break;
    case CALL_GET_OPTION:
        if (k->get.value)
            memcpy(c->get.value, k->get.value, min_of(*k->get.length, VALUE_MAX));
        if (k->get.length)
            *c->get.length = *k->get.length;
        break;
    case CALL_IOCTL:
        if (k->ioctl.value)
            *c->ioctl.value = *k->ioctl.value;
        break;
    default:
        break;
    }
}

/* The piece was moved completely, and the call goes on with the next one. */
static bool goes_on(const struct call *c, const struct call *k, size_t moved)
{
    if (c->operation == CALL_SEND)
        return (size_t)k->result == k->send->msg_iov->iov_len &&
               moved < (size_t)message_length(c->send);
    return c->operation == CALL_RECEIVE && c->flags & MSG_WAITALL && !(c->flags & MSG_PEEK) &&
           (size_t)k->result == k->receive->msg_iov->iov_len &&
           moved < (size_t)message_extent(c->receive);
}

bool rill_unpack(struct rill_call *p, const struct rill_call *packed, size_t *moved)
{
    struct call *c = p->call;
    const struct call *k = packed->call;
    unpack_pointers(c, k, *moved);
    c->tried = k->tried;
    c->at = k->at;
    c->deadline = k->deadline;
    if (k->result > 0)
        *moved += (size_t)k->result;
    bool transfers = c->operation == CALL_SEND || c->operation == CALL_RECEIVE;
    bool keeps = transfers && *moved > 0; /* earlier pieces count, even if a later one failed */
    c->result = keeps ? (int64_t)*moved : k->result;
    c->error = keeps ? 0 : k->error;
    return k->result > 0 && goes_on(c, k, *moved);
}
