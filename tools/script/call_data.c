/* Sending and receiving: read, recv, recvfrom, readv, recvmsg and write, send, sendto, writev,
 * sendmsg (language page, sections 13.1 to 13.3, 23.6). All of them are one of two calls on a
 * struct msghdr. */
#include "script/invocation.h"
#include "script/pattern.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#define PARTS_MAX 1024

/* ------------------------------------------------------------------- buffers */

/* `...` is a buffer of the runner; 0 and NULL are a null pointer, which is passed to the stack. */
static bool buffer_argument(struct invocation *i, unsigned index, int64_t size)
{
    if (argument_is_ellipsis(i, index))
        return invocation_part(i, size);
    if (argument_number(i, index) != 0)
        invocation_wrong(i, "`...` or NULL was expected as the buffer");
    i->part = arena_get(i->run->arena, sizeof *i->part);
    *i->part = (struct iovec){.iov_base = NULL, .iov_len = (size_t)size};
    i->message.msg_iov = i->part;
    i->message.msg_iovlen = 1;
    return run_good(i->run);
}

bool invocation_part(struct invocation *i, int64_t size)
{
    uint8_t *at = invocation_buffer(i, size);
    i->part = arena_get(i->run->arena, sizeof *i->part);
    *i->part = (struct iovec){.iov_base = at, .iov_len = (size_t)size};
    i->message.msg_iov = i->part;
    i->message.msg_iovlen = 1;
    return at;
}

static int64_t part_length(struct invocation *i, const struct expression *part)
{
    const struct expression *length = part->kind == EXPRESSION_STRUCT ? part->last : NULL;
    int64_t size = length ? expression_value(i->run, length) : -1;
    if (size < 0 || size > BUFFER_MAX) {
        invocation_wrong(i, "{..., length} was expected as a part");
        return 0;
    }
    return size;
}

static bool part_is_null(const struct expression *part)
{
    const struct expression *base = part->first;
    return (base->kind == EXPRESSION_NUMBER && base->number == 0) ||
           (base->kind == EXPRESSION_WORD && !strcmp(base->text, "NULL"));
}

/* The list [{..., n}, ...] as parts of one buffer; {NULL, n} is a null pointer. */
static bool vector_argument(struct invocation *i, const struct expression *list)
{
    int64_t total = 0;
    if (!list || list->kind != EXPRESSION_ARRAY || list->children > PARTS_MAX) {
        invocation_wrong(i, "[{..., length}, ...] was expected");
        return false;
    }
    if (list->count && expression_value(i->run, list->count) != list->children)
        invocation_wrong(i, "the count is not the list's");
    for (const struct expression *e = list->first; e; e = e->next)
        total += part_length(i, e);
    uint8_t *at = run_good(i->run) ? invocation_buffer(i, total) : NULL;
    if (!at)
        return false;
    i->part = arena_get(i->run->arena, sizeof *i->part * (list->children + 1u));
    i->message.msg_iov = i->part;
    for (const struct expression *e = list->first; e; e = e->next) {
        size_t length = (size_t)part_length(i, e);
        i->part[i->message.msg_iovlen++] =
            (struct iovec){.iov_base = part_is_null(e) ? NULL : at, .iov_len = length};
        at += length;
    }
    return true;
}

/* Section 23.6: the count must equal the list's length. */
static bool count_argument(struct invocation *i, unsigned index)
{
    if (argument_number(i, index) == (int64_t)i->message.msg_iovlen)
        return run_good(i->run);
    invocation_wrong(i, "the count is not the list's");
    return false;
}

/* Fills in the next bytes to be sent, or expected to be received, by position (--strict). */
static void fill(const struct invocation *i)
{
    const struct subject *s = i->descriptor ? i->descriptor->subject : NULL;
    uint32_t at = s ? s->sent + 1 : 1;
    bool stream = s && s->protocol == SCRIPT_TCP;
    for (size_t part = 0; stream && i->buffer && part < i->message.msg_iovlen; part++)
        for (size_t byte = 0; i->part[part].iov_base && byte < i->part[part].iov_len; byte++)
            ((uint8_t *)i->part[part].iov_base)[byte] = pattern_byte(i->run, at++);
}

static bool received_well(const struct invocation *i, uint32_t first, uint32_t count)
{
    for (uint32_t n = 0; i->buffer && n < count; n++)
        if (i->buffer[n] != pattern_byte(i->run, first + n))
            return false;
    return true;
}

/* ------------------------------------------------------------------- sending */

void send_message(struct invocation *i, int flags)
{
    fill(i);
    i->waits = true;
    i->call = (struct call){
        .operation = CALL_SEND, .fd = i->live_fd, .flags = flags, .send = &i->message};
}

/* A sending call with an address begins an active open (23.3). */
static bool destination_argument(struct invocation *i, unsigned index)
{
    struct subject *s = i->descriptor ? i->descriptor->subject : NULL;
    if (!invocation_address(i, index, i->run->options->remote, i->run->options->connect_port))
        return false;
    i->message.msg_name = &i->live_address;
    i->message.msg_namelen = i->live_length;
    if (s && i->address.sin_family != AF_UNSPEC)
        subject_connect(s, &i->address);
    return true;
}

void send_start(struct invocation *i)
{
    unsigned given = i->line->arguments->children;
    int64_t size = argument_number(i, 2);
    int flags = given > 3 ? (int)argument_number(i, 3) : 0;
    if (!buffer_argument(i, 1, size))
        return;
    if (given > 4 && !destination_argument(i, 4))
        return;
    send_message(i, flags);
}

void writev_start(struct invocation *i)
{
    if (vector_argument(i, argument(i, 1)) && count_argument(i, 2))
        send_message(i, 0);
}

void sendmsg_start(struct invocation *i)
{
    const struct expression *header = argument(i, 1);
    int flags = (int)argument_number(i, 2);
    const struct expression *written = member(header, "msg_flags");
    const struct expression *control = member(header, "msg_control");
    if (!vector_argument(i, member(header, "msg_iov")))
        return;
    if (written && expression_value(i->run, written) != 0)
        invocation_wrong(i, "msg_flags must be 0");
    if (control && !control_prepare(i, control, true))
        return;
    invocation_set_address(i, i->run->options->remote, i->run->options->connect_port);
    i->message.msg_name = &i->live_address;
    i->message.msg_namelen = i->live_length;
    struct subject *s = i->descriptor ? i->descriptor->subject : NULL;
    if (s)
        subject_connect(s, &i->address);
    if (run_good(i->run))
        send_message(i, flags);
}

void send_finish(struct invocation *i)
{
    struct subject *s = i->descriptor ? i->descriptor->subject : NULL;
    if (s && i->result > 0)
        s->sent += (uint32_t)i->result;
}

/* ----------------------------------------------------------------- receiving */

void receive_message(struct invocation *i, int flags)
{
    i->waits = true;
    i->call = (struct call){
        .operation = CALL_RECEIVE, .fd = i->live_fd, .flags = flags, .receive = &i->message};
}

/* read and readv of no bytes do not wait; recv does. */
static void read_nothing(struct invocation *i)
{
    invocation_done(i, rill_read(i->live_fd, NULL, 0));
}

void receive_start(struct invocation *i)
{
    unsigned given = i->line->arguments->children;
    int64_t size = argument_number(i, 2);
    int flags = given > 3 ? (int)argument_number(i, 3) : 0;
    if (!buffer_argument(i, 1, size))
        return;
    if (size == 0 && given == 3)
        read_nothing(i);
    else
        receive_message(i, flags);
}

void readv_start(struct invocation *i)
{
    if (!vector_argument(i, argument(i, 1)) || !count_argument(i, 2))
        return;
    size_t length = 0;
    for (size_t part = 0; part < i->message.msg_iovlen; part++)
        length += i->part[part].iov_len;
    if (length == 0)
        read_nothing(i);
    else
        receive_message(i, 0);
}

void recvmsg_start(struct invocation *i)
{
    const struct expression *header = argument(i, 1);
    const struct expression *control = member(header, "msg_control");
    int flags = (int)argument_number(i, 2);
    if (!vector_argument(i, member(header, "msg_iov")))
        return;
    if (control && !control_prepare(i, control, false))
        return;
    i->message.msg_name = &i->live_address;
    i->message.msg_namelen = sizeof i->live_address;
    if (run_good(i->run))
        receive_message(i, flags);
}

void receive_finish(struct invocation *i)
{
    struct subject *s = i->descriptor ? i->descriptor->subject : NULL;
    bool stays = i->call.flags & (MSG_PEEK | MSG_TRUNC | MSG_OOB | MSG_ERRQUEUE);
    if (!s || i->result <= 0 || s->protocol != SCRIPT_TCP || stays)
        return;
    if (!s->urgent && !received_well(i, s->received + 1, (uint32_t)i->result))
        invocation_wrong(i, "other bytes than the peer has sent");
    s->received += (uint32_t)i->result;
}

void recvmsg_finish(struct invocation *i)
{
    const struct expression *header = argument(i, 1), *written = member(header, "msg_flags");
    const struct expression *control = member(header, "msg_control");
    int64_t wanted = written ? expression_value(i->run, written) : 0;
    if (i->result < 0)
        return;
    receive_finish(i);
    if (run_good(i->run) && i->message.msg_flags != wanted)
        run_fail(i->run, "%s() returned msg_flags 0x%x, expected 0x%x", i->line->name,
                 (unsigned)i->message.msg_flags, (unsigned)wanted);
    if (run_good(i->run) && control)
        control_compare(i, control);
}
