/* Where a request's body ends (RFC 9112 6 and 7.1). */
#include "http/body.h"

#include "unit.h"
#include <string.h>

/* Takes a chunked body, `step` bytes at a time. Returns how many bytes belonged to it, or minus a
 * status; *ended: it came to its end. */
static long take(const char *in, size_t step, bool *ended)
{
    struct body b;
    size_t at = 0, n = strlen(in), taken = 1;
    int status = body_start(&b, true, 0);
    while (status == 0 && at < n && taken > 0) {
        status = body_take(&b, in + at, step < n - at ? step : n - at, &taken);
        at += taken;
    }
    *ended = b.state == BODY_DONE;
    return status ? -status : (long)at;
}

static void length_counts_its_bytes_and_no_more(void)
{
    struct body b;
    size_t taken;
    CU_ASSERT_EQUAL(body_start(&b, false, 5), 0);
    CU_ASSERT(body_take(&b, "abc", 3, &taken) == 0 && taken == 3 && b.state != BODY_DONE);
    CU_ASSERT(body_take(&b, "deGET", 5, &taken) == 0 && taken == 2 && b.state == BODY_DONE);
    CU_ASSERT(body_start(&b, false, 0) == 0 && b.state == BODY_DONE);
}

static void chunks_end_at_the_empty_line_however_they_are_cut(void)
{
    const char *in = "3\r\nabc\r\nA;x=\"y\"\r\n0123456789\r\n00\r\nTrailer: z\r\n\r\n";
    char with_next[128];
    bool ended;
    strcpy(with_next, in);
    strcat(with_next, "GET");
    for (size_t step = 1; step < sizeof with_next; step++) {
        CU_ASSERT_EQUAL(take(with_next, step, &ended), (long)strlen(in));
        CU_ASSERT(ended);
    }
    CU_ASSERT_EQUAL(take("3\r\nabc\r\n0\r\n", 100, &ended), 11);
    CU_ASSERT_FALSE(ended);
}

static void sloppy_chunks_are_refused(void)
{
    static const char *const bad[] = {
        "\r\n",
        "x\r\n",
        "-1\r\n",
        "3\nabc\r\n0\r\n\r\n",
        "3 \r\nabc\r\n",
        "3\r\nabcXX0",
        "3\r\nabc\n0",
        "3\rXabc\r\n",
        "3;a\nb\r\nabc\r\n",
        "0x3\r\n",
        "0\r\nA: b\n\r\n",
        "0\r\nA: b\r\r\n",
        "0\r\n\rX",
        "0000000000000003\r\nabc",
    };
    bool ended;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT_EQUAL(take(bad[i], 1, &ended), -400);
}

static void too_much_is_refused_in_whatever_coat(void)
{
    struct body b;
    size_t taken;
    bool ended;
    static char block[65536];
    CU_ASSERT_EQUAL(body_start(&b, false, BODY_MAX + 1), 413);
    CU_ASSERT_EQUAL(body_start(&b, false, BODY_MAX), 0);
    CU_ASSERT_EQUAL(take("100001\r\n", 1, &ended), -413);
    int status = body_start(&b, true, 0); /* an endless extension */
    body_take(&b, "1;", 2, &taken);
    memset(block, 'x', sizeof block);
    for (size_t sent = 0; status == 0 && sent <= BODY_MAX; sent += taken)
        status = body_take(&b, block, sizeof block, &taken);
    CU_ASSERT_EQUAL(status, 413);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"length counts its bytes and no more", length_counts_its_bytes_and_no_more},
        {"chunks end at the empty line however they are cut",
         chunks_end_at_the_empty_line_however_they_are_cut},
        {"sloppy chunks are refused", sloppy_chunks_are_refused},
        {"too much is refused in whatever coat", too_much_is_refused_in_whatever_coat},
    };
    return UNIT_MAIN("http_body", tests);
}
