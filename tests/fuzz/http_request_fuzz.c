/* Any bytes as what a client sends to rill-httpd. A request must mean the same however its bytes
 * are cut up, everything parsed must lie in what was received, and a connection must stay within
 * its states and bounds. The first byte says how the rest is cut. */
#include "http/connection.h"
#include "http/target.h"

#include <assert.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_slice(struct slice s, const char *in, size_t have)
{
    assert(s.length == 0 || (s.at >= in && s.at + s.length <= in + have));
}

static void check_request(const struct request *r, const char *in, size_t have)
{
    struct target t;
    check_slice(r->target, in, have);
    check_slice(r->line, in, have);
    for (unsigned i = 0; i < r->field_count; i++) {
        check_slice(r->field[i].name, in, have);
        check_slice(r->field[i].value, in, have);
        assert(!memchr(r->field[i].value.at, '\n', r->field[i].value.length));
    }
    if (target_parse(&t, r->target) != 0)
        return;
    assert(strlen(t.path) < sizeof t.path);
    assert(t.path[0] != '/' && t.path[0] != '.');
    assert(!strstr(t.path, "//") && !strstr(t.path, "/."));
}

/* The head, whole and in pieces of `step` bytes: the same verdict. */
static void try_head(const char *in, size_t have, size_t step)
{
    struct head_scan whole = {0}, pieces = {0};
    struct request request;
    int status = head_scan(&whole, in, have), again = 0;
    for (size_t at = step; again == 0 && at < have + step; at += step)
        again = head_scan(&pieces, in, at < have ? at : have);
    assert(status == again);
    assert(status || whole.length == pieces.length);
    if (status || whole.length == 0)
        return;
    assert(whole.length <= have && whole.length <= HEAD_MAX + 4);
    if (request_parse(&request, in + whole.start, whole.length - whole.start) == 0)
        check_request(&request, in, have);
}

/* A chunked body, likewise. */
static void try_body(const char *in, size_t have, size_t step)
{
    struct body whole, pieces;
    size_t end, at = 0, taken = 1;
    body_start(&whole, true, 0);
    body_start(&pieces, true, 0);
    int status = body_take(&whole, in, have, &end), again = 0;
    for (; again == 0 && at < have && taken > 0; at += taken)
        again = body_take(&pieces, in + at, step < have - at ? step : have - at, &taken);
    assert(status == again && end == at);
    assert(whole.state == pieces.state || status == 413);
}

static void try_connection(const struct site *site, const char *in, size_t have, size_t step)
{
    static struct connection c;
    char out[4096];
    size_t at = 0;
    connection_open(&c, site, "192.0.2.1", 0);
    while (connection_wants(&c) != 0) {
        if (connection_wants(&c) & POLLOUT) {
            ssize_t n = connection_peek(&c, out, sizeof out);
            assert(n > 0);
            connection_sent(&c, (size_t)n, 0);
            continue;
        }
        size_t room = connection_room(&c);
        assert(room > 0);
        size_t n = have - at < step ? have - at : step;
        n = n < room ? n : room;
        connection_received(&c, in + at, n, 0);
        at += n;
    }
    connection_close(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct site site = {.root = -1, .timeout = 30};
    if (site.root < 0)
        site.root =
            open("/sys/kernel/mm", O_RDONLY | O_DIRECTORY); /* small, and the same everywhere */
    if (size == 0)
        return 0;
    size_t step = data[0] + 1u, have = size - 1;
    char *in = malloc(have + 1); /* its own block, so that the sanitizer sees its end */
    if (!in)
        return 0;
    memcpy(in, data + 1, have);
    try_head(in, have, step);
    try_body(in, have, step);
    try_connection(&site, in, have, step);
    free(in);
    return 0;
}
