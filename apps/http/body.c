#include "http/body.h"

#include "http/text.h"

int body_start(struct body *b, bool chunked, uint64_t length)
{
    *b = (struct body){.state = chunked      ? BODY_SIZE
                                : length > 0 ? BODY_TEXT
                                             : BODY_DONE,
                       .left = chunked ? 0 : length};
    return length > BODY_MAX && !chunked ? 413 : 0;
}

/* RFC 9112 7.1: chunk-size [ chunk-ext ] CRLF. Fifteen digits cannot overflow. */
static int take_size(struct body *b, char c)
{
    int value = text_hex_value(c);
    if (value >= 0 && b->digits < 15) {
        b->left = b->left * 16 + (unsigned)value;
        b->digits++;
        return b->left > BODY_MAX ? 413 : 0;
    }
    if (b->digits == 0 || (c != ';' && c != '\r'))
        return 400;
    b->state = c == ';' ? BODY_EXTENSION : BODY_SIZE_LF;
    return 0;
}

/* Skips the rest of a line up to its CR. */
static int skip(struct body *b, char c, enum body_state after)
{
    if (c == '\r')
        b->state = after;
    return c == '\n' ? 400 : 0;
}

/* One byte that must be c. */
static int expect(struct body *b, char is, char must, enum body_state after)
{
    b->state = after;
    return is == must ? 0 : 400;
}

/* Takes one byte of the chunked framing. */
static int take_framing(struct body *b, char c)
{
    switch (b->state) {
    case BODY_SIZE:
        return take_size(b, c);
    case BODY_EXTENSION:
        return skip(b, c, BODY_SIZE_LF);
    case BODY_SIZE_LF:
        b->digits = 0;
        return expect(b, c, '\n', b->left > 0 ? BODY_CHUNK : BODY_TRAILER);
    case BODY_CHUNK_CR:
        return expect(b, c, '\r', BODY_CHUNK_LF);
    case BODY_CHUNK_LF:
        return expect(b, c, '\n', BODY_SIZE);
    case BODY_TRAILER:
        b->state = BODY_TRAILER_IN;
        return skip(b, c, BODY_END_LF);
    case BODY_TRAILER_IN:
        return skip(b, c, BODY_TRAILER_LF);
    case BODY_TRAILER_LF:
        return expect(b, c, '\n', BODY_TRAILER);
    case BODY_END_LF:
        return expect(b, c, '\n', BODY_DONE);
    default:
        return 500;
    }
}

/* Takes as many bytes of the body, or of a chunk, as are available. */
static size_t take_text(struct body *b, size_t n)
{
    size_t text = n < b->left ? n : (size_t)b->left;
    b->left -= text;
    if (b->left == 0)
        b->state = b->state == BODY_TEXT ? BODY_DONE : BODY_CHUNK_CR;
    return text;
}

int body_take(struct body *b, const char *in, size_t n, size_t *taken)
{
    size_t at = 0;
    int status = 0;
    while (at < n && b->state != BODY_DONE && status == 0) {
        if (b->state == BODY_TEXT || b->state == BODY_CHUNK)
            at += take_text(b, n - at);
        else
            status = take_framing(b, in[at++]);
    }
    b->taken += at;
    *taken = at;
    if (status == 0 && b->taken > BODY_MAX)
        status = 413;
    return status;
}
