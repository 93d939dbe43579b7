#include "http/outgoing.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

void outgoing_init(struct outgoing *o)
{
    *o = (struct outgoing){.file = -1};
}

void outgoing_clear(struct outgoing *o)
{
    struct text head = o->head, body = o->body;
    if (o->file >= 0)
        close(o->file);
    outgoing_init(o);
    o->head = head;
    o->body = body;
    text_clear(&o->head);
    text_clear(&o->body);
}

void outgoing_free(struct outgoing *o)
{
    outgoing_clear(o);
    text_free(&o->head);
    text_free(&o->body);
}

static size_t file_left(const struct outgoing *o)
{
    return o->file >= 0 ? (size_t)(o->file_end - o->file_at) : 0;
}

bool outgoing_is_gone(const struct outgoing *o)
{
    return !o->head.failed && !o->body.failed && o->head_gone == o->head.length &&
           o->body_gone == o->body.length && file_left(o) == 0;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

ssize_t outgoing_peek(const struct outgoing *o, void *out, size_t room)
{
    char *to = out;
    if (o->head.failed || o->body.failed)
        return -1;
    size_t head = least(room, o->head.length - o->head_gone);
    if (head > 0)
        memcpy(to, o->head.at + o->head_gone, head);
    size_t body = least(room - head, o->body.length - o->body_gone);
    if (body > 0)
        memcpy(to + head, o->body.at + o->body_gone, body);
    size_t n = head + body;
    size_t file = least(room - n, file_left(o));
    if (file == 0)
        return (ssize_t)n;
    ssize_t got = pread(o->file, to + n, file, o->file_at);
    return got <= 0 ? -1 : (ssize_t)n + got;
}

void outgoing_sent(struct outgoing *o, size_t n)
{
    size_t head = least(n, o->head.length - o->head_gone);
    size_t body = least(n - head, o->body.length - o->body_gone);
    size_t file = n - head - body;
    assert(file <= file_left(o));
    o->head_gone += head;
    o->body_gone += body;
    o->file_at += (off_t)file;
    o->bytes += body + file;
}
