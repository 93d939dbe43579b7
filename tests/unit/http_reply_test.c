/* Responses as rill-get reads them. */
#include "http/reply.h"

#include "unit.h"
#include <stdlib.h>
#include <string.h>

static struct reply reply;
static char *output;
static size_t output_length;

static void begin(void)
{
    reply_start(&reply);
    reply.out = open_memstream(&output, &output_length);
}

/* Takes the bytes `step` at a time; a NULL ends the connection. */
static void take(const char *bytes, size_t step)
{
    size_t n = bytes ? strlen(bytes) : 0;
    for (size_t at = 0; at < n; at += step)
        reply_take(&reply, bytes + at, step < n - at ? step : n - at);
    if (!bytes)
        reply_end(&reply);
}

/* Compares what has been written, and cleans up. */
static bool end(const char *expected)
{
    fclose(reply.out);
    bool same = strcmp(output, expected) == 0;
    free(output);
    reply_free(&reply);
    return same;
}

static void body_is_written_by_length_chunks_and_until_the_end(void)
{
    for (size_t step = 1; step < 100; step += 7) {
        begin();
        take("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde", step);
        CU_ASSERT_EQUAL(reply.state, REPLY_WHOLE);
        CU_ASSERT_EQUAL(reply.length, 5);
        CU_ASSERT(end("abcde"));
        begin();
        take(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            step);
        CU_ASSERT_EQUAL(reply.state, REPLY_WHOLE);
        CU_ASSERT(end("abcde"));
        begin();
        take("HTTP/1.0 200 OK\r\n\r\nabcde", step);
        CU_ASSERT_EQUAL(reply.state, REPLY_BODY);
        take(NULL, 0);
        CU_ASSERT_EQUAL(reply.state, REPLY_WHOLE);
        CU_ASSERT(end("abcde"));
    }
}

static void head_is_kept_and_shown_where_wanted(void)
{
    const char *head = "HTTP/1.1 301 Moved\r\nLocation:  /x \r\nContent-Length: 2\r\n\r\n";
    struct slice value;
    begin();
    reply.show_head = true;
    take(head, 3);
    take("hi", 1);
    CU_ASSERT_EQUAL(reply.status, 301);
    CU_ASSERT(reply_field(&reply, "location", &value) && slice_equal(value, "/x"));
    CU_ASSERT_FALSE(reply_field(&reply, "Loc", &value));
    CU_ASSERT(reply_redirects(&reply, &value));
    CU_ASSERT(end("HTTP/1.1 301 Moved\r\nLocation: /x \r\nContent-Length: 2\r\n\r\nhi"));
}

static void interim_response_is_passed_over(void)
{
    struct slice value;
    begin();
    take("HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 1);
    CU_ASSERT_EQUAL(reply.state, REPLY_WHOLE);
    CU_ASSERT_EQUAL(reply.status, 204);
    CU_ASSERT_FALSE(reply_field(&reply, "X", &value));
    CU_ASSERT(end(""));
}

static void head_request_has_no_body_to_wait_for(void)
{
    begin();
    reply.to_head = true;
    take("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 100);
    CU_ASSERT_EQUAL(reply.state, REPLY_WHOLE);
    CU_ASSERT(end(""));
}

static void muted_bodies_go_nowhere(void)
{
    begin();
    reply.no_errors = true;
    take("HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nhi", 100);
    CU_ASSERT_EQUAL(reply.state, REPLY_WHOLE);
    CU_ASSERT(end(""));
    begin();
    reply.follows = true;
    take("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 2\r\n\r\nhi", 100);
    CU_ASSERT(end(""));
}

static void early_end_is_told_from_nonsense(void)
{
    begin();
    take("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", 100);
    take(NULL, 0);
    CU_ASSERT_EQUAL(reply.state, REPLY_PARTIAL);
    CU_ASSERT_EQUAL(reply.status, 200);
    CU_ASSERT(end("abc"));
    begin();
    take(NULL, 0);
    CU_ASSERT_EQUAL(reply.state, REPLY_PARTIAL);
    CU_ASSERT_EQUAL(reply.status, 0);
    CU_ASSERT(end(""));
    begin();
    take("SSH-2.0-x\r\n", 100);
    CU_ASSERT_EQUAL(reply.state, REPLY_BAD);
    CU_ASSERT(end(""));
}

static void fields_are_those_of_the_head(void)
{
    struct slice value;
    begin();
    reply.follows = true;
    take("HTTP/1.1 302 Found\r\nTransfer-Encoding: chunked\r\n\r\n"
         "5\r\nabcde\r\n0\r\nLocation: /x\r\n\r\n",
         3);
    CU_ASSERT_EQUAL(reply.state, REPLY_WHOLE);
    CU_ASSERT_FALSE(reply_redirects(&reply, &value)); /* its body has been written already */
    CU_ASSERT(end("abcde"));
    begin();
    take("HTTP/1.1 302 Found\r\n\r\n", 3);
    CU_ASSERT_FALSE(reply_redirects(&reply, &value)); /* UBSan: there are none */
    CU_ASSERT(end(""));
}

static void endless_head_is_cut_off(void)
{
    begin();
    take("HTTP/1.1 200 OK\r\nX: ", 100);
    for (int i = 0; i < 200 && reply.state == REPLY_HEAD; i++)
        take("0123456789012345678901234567890123456789012345678901234567890123456789"
             "0123456789012345678901234567890123456789012345678901234567890123456789"
             "0123456789012345678901234567890123456789012345678901234567890123456789"
             "0123456789012345678901234567890123456789012345678901234567890123456789"
             "0123456789012345678901234567890123456789012345678901234567890123456789",
             1000);
    CU_ASSERT_EQUAL(reply.state, REPLY_BAD);
    CU_ASSERT(end(""));
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"body is written by length, chunks and until the end",
         body_is_written_by_length_chunks_and_until_the_end},
        {"head is kept, and shown where wanted", head_is_kept_and_shown_where_wanted},
        {"interim response is passed over", interim_response_is_passed_over},
        {"HEAD has no body to wait for", head_request_has_no_body_to_wait_for},
        {"muted bodies go nowhere", muted_bodies_go_nowhere},
        {"early end is told from nonsense", early_end_is_told_from_nonsense},
        {"fields are those of the head", fields_are_those_of_the_head},
        {"endless head is cut off", endless_head_is_cut_off},
    };
    return UNIT_MAIN("http_reply", tests);
}
