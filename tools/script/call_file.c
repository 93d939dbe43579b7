/* open, pipe, sendfile, splice (language page, sections 13.2, 23.6): they move bytes between
 * sockets and the files and pipes of zeros.h. */
#include "script/invocation.h"
#include "script/zeros.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <string.h>

/* --------------------------------------------------------------- open, pipe */

void open_start(struct invocation *i)
{
    const struct expression *path = argument(i, 0);
    int flags = (int)argument_number(i, 1);
    struct zeros *file = path->kind == EXPRESSION_STRING ? zeros_find(i->run, path->text) : NULL;
    if (path->kind != EXPRESSION_STRING)
        invocation_wrong(i, "a path in quotes was expected");
    else if (!file || (flags & O_ACCMODE) != O_RDONLY)
        run_unsupported(i->run, "open() of anything but a file that dd has made, to be read");
    i->zeros = file;
    i->result = 0;
}

/* Each descriptor has its own position in the file. */
void open_finish(struct invocation *i)
{
    struct zeros *opened = arena_get(i->run->arena, sizeof *opened);
    *opened = *i->zeros;
    opened->at = 0;
    invocation_name(i, expression_value(i->run, i->line->result), -1, opened);
}

void pipe_start(struct invocation *i)
{
    const struct expression *ends = argument(i, 0);
    if (ends->kind != EXPRESSION_ARRAY || ends->children != 2)
        invocation_wrong(i, "[5, 6], names for both of its ends, was expected");
    i->result = 0;
}

void pipe_finish(struct invocation *i)
{
    struct zeros *pipe = arena_get(i->run->arena, sizeof *pipe);
    *pipe = (struct zeros){.kind = ZEROS_PIPE};
    for (const struct expression *e = argument(i, 0)->first; e && run_good(i->run); e = e->next)
        invocation_name(i, expression_value(i->run, e), -1, pipe);
}

/* --------------------------------------------------------------- moving bytes */

/* Sends bytes of `from` through the socket: as many as it has, or as the call requests. */
static void send_zeros(struct invocation *i, struct zeros *from, int64_t most, int flags)
{
    int64_t rest = from->kind == ZEROS_PIPE ? from->size : from->size - from->at;
    int64_t size = min_of(most, max_of(rest, 0));
    i->zeros = from;
    if (size == 0)
        i->result = 0;
    else if (invocation_part(i, size))
        send_message(i, flags);
}

/* Removes the moved bytes from their source. */
static void take_zeros(struct zeros *from, int64_t count)
{
    if (count <= 0)
        return;
    if (from->kind == ZEROS_PIPE)
        from->size -= count;
    else
        from->at += count;
}

static struct descriptor_name *descriptor_argument(const struct invocation *i, unsigned index)
{
    return run_descriptor(i->run, (int)argument_number(i, index));
}

/* ----------------------------------------------------------------- sendfile */

/* [offset]: reads from this offset, and leaves the file's own position. */
void sendfile_start(struct invocation *i)
{
    const struct descriptor_name *in = descriptor_argument(i, 1);
    const struct expression *e = argument(i, 2);
    bool given = e->kind == EXPRESSION_ARRAY && e->children == 1;
    int64_t count = argument_number(i, 3), offset = given ? expression_value(i->run, e->first) : 0;
    if (!given && expression_value(i->run, e) != 0)
        invocation_wrong(i, "[offset] or NULL was expected");
    if (!in || !in->zeros || in->zeros->kind != ZEROS_FILE || offset < 0)
        run_unsupported(i->run, "sendfile() of anything but a file that dd has made");
    if (!run_good(i->run))
        return;
    struct zeros *from = in->zeros;
    if (given) {
        from = arena_get(i->run->arena, sizeof *from);
        *from = *in->zeros;
        from->at = offset;
    }
    send_zeros(i, from, count, 0);
}

void sendfile_finish(struct invocation *i)
{
    send_finish(i);
    take_zeros(i->zeros, i->result);
}

/* ------------------------------------------------------------------- splice */

static bool is_pipe(const struct descriptor_name *d)
{
    return d && d->zeros && d->zeros->kind == ZEROS_PIPE;
}

static void splice_out(struct invocation *i, struct descriptor_name *in,
                       struct descriptor_name *out, int64_t count, unsigned flags)
{
    if (!in->zeros->size && count) {
        if (!(flags & SPLICE_F_NONBLOCK))
            invocation_wrong(i, "it would wait for ever: the pipe is empty");
        i->result = -1;
        i->error = EAGAIN;
        return;
    }
    i->descriptor = out;
    i->live_fd = out ? out->live : -1;
    send_zeros(i, in->zeros, count, flags & SPLICE_F_MORE ? MSG_MORE : 0);
}

/* Is the next byte the urgent one? Linux's splice neither crosses it nor waits there. */
static bool is_at_mark(const struct invocation *i)
{
    int at_mark = 0;
    return rill_ioctl(i->live_fd, SIOCATMARK, &at_mark) == 0 && at_mark;
}

static void splice_in(struct invocation *i, struct zeros *pipe, int64_t count, unsigned flags)
{
    int64_t room = PIPE_ROOM - pipe->size;
    if (is_at_mark(i))
        return; /* with 0 */
    i->zeros = pipe;
    if (room == 0)
        invocation_wrong(i, "it would wait for ever: the pipe is full");
    else if (invocation_part(i, min_of(count, room)))
        receive_message(i, flags & SPLICE_F_NONBLOCK ? MSG_DONTWAIT : 0);
}

static bool is_null(const struct invocation *i, unsigned index)
{
    const struct expression *e = argument(i, index);
    return e->kind != EXPRESSION_ARRAY && expression_value(i->run, e) == 0;
}

/* From a socket into a pipe, or the reverse. */
void splice_start(struct invocation *i)
{
    struct descriptor_name *in = i->descriptor, *out = descriptor_argument(i, 2);
    bool offsets = !is_null(i, 1) || !is_null(i, 3);
    int64_t count = argument_number(i, 4);
    unsigned flags = (unsigned)argument_number(i, 5);
    if (!run_good(i->run))
        return;
    if (is_pipe(in) == is_pipe(out) || offsets || (in && in->zeros && !is_pipe(in)) ||
        (out && out->zeros && !is_pipe(out)))
        run_unsupported(i->run, "splice() but between a socket and a pipe");
    else if (is_pipe(in))
        splice_out(i, in, out, count, flags);
    else
        splice_in(i, out->zeros, count, flags);
}

void splice_finish(struct invocation *i)
{
    bool from_pipe = i->call.operation == CALL_SEND || !i->waits;
    if (!i->zeros)
        return;
    if (from_pipe) {
        send_finish(i);
        take_zeros(i->zeros, i->result);
    } else {
        receive_finish(i);
        i->zeros->size += max_of(i->result, 0);
    }
}
