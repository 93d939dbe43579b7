/* Any bytes as what a server answers to rill-get. A response must mean the same however its bytes
 * are cut up, and a redirection must lead to a target that is fit for a request line. The first
 * byte says how the rest is cut, and whether the request was HEAD. */
#include "http/reply.h"
#include "http/url.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_reply(struct reply *r, const char *in, size_t have, size_t step, bool to_head)
{
    reply_start(r);
    r->to_head = to_head;
    r->follows = true;
    for (size_t at = 0; at < have; at += step) {
        size_t n = have - at < step ? have - at : step;
        char *piece = malloc(n); /* its own block, so that the sanitizer sees its end */
        assert(piece);
        memcpy(piece, in + at, n);
        reply_take(r, piece, n);
        free(piece);
    }
    reply_end(r);
    assert(r->state != REPLY_HEAD && r->state != REPLY_BODY);
}

static void check_same(const struct reply *a, const struct reply *b)
{
    assert(a->state == b->state);
    if (a->state != REPLY_WHOLE)
        return;
    assert(a->status == b->status && a->bytes == b->bytes && a->muted == b->muted);
    assert(a->fields.length == b->fields.length);
    assert(a->fields.length == 0 || memcmp(a->fields.at, b->fields.at, a->fields.length) == 0);
}

static void check_redirection(const struct reply *r)
{
    static const char *const base[] = {"http://192.0.2.1/a/b?c", "http://192.0.2.1"};
    struct url url;
    struct slice location;
    if (r->state != REPLY_WHOLE || !reply_redirects(r, &location))
        return;
    assert(r->muted); /* only the last body is written */
    for (unsigned i = 0; i < sizeof base / sizeof *base; i++) {
        bool good = url_parse(&url, slice_of(base[i]));
        assert(good);
        if (!url_follow(&url, location))
            continue;
        assert(url.target[0] == '/' && url.port != 0);
        assert(strpbrk(url.target, " \r\n") == NULL && strpbrk(url.host, " \r\n/") == NULL);
        assert(strstr(url.target, "/../") == NULL ||
               strstr(url.target, "/../") > strchr(url.target, '?'));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reply whole, pieces;
    if (size < 2)
        return 0;
    const char *in = (const char *)data + 1;
    bool to_head = data[0] & 1;
    read_reply(&whole, in, size - 1, size - 1, to_head);
    read_reply(&pieces, in, size - 1, data[0] / 2 + 1u, to_head);
    check_same(&whole, &pieces);
    check_redirection(&whole);
    reply_free(&whole);
    reply_free(&pieces);
    return 0;
}
