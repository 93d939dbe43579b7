/* Borrowed bytes, cut and copied with their bounds. A span is valid until the callee returns. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <assert.h>
#include <rill/frame.h>
#include <string.h>

static inline struct rill_span span_of(const void *at, size_t length)
{
    return (struct rill_span){at, length};
}

/* The span without its first n bytes; n must not exceed its length. */
static inline struct rill_span span_skip(struct rill_span s, size_t n)
{
    assert(n <= s.length);
    return (struct rill_span){s.at + n, s.length - n};
}

/* At most the first n bytes. */
static inline struct rill_span span_first(struct rill_span s, size_t n)
{
    return (struct rill_span){s.at, n < s.length ? n : s.length};
}

#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))
#define min_of(a, b) ((a) < (b) ? (a) : (b))
#define max_of(a, b) ((a) > (b) ? (a) : (b))

#endif
