/* From bytes to a request: head_scan and request_parse (RFC 9112 2.2, 3, 5, 6). */
#include "http/head.h"
#include "http/request.h"

#include "unit.h"
#include <stdio.h>
#include <string.h>

static struct request request;

/* The status that the head is refused with, 0 if it is good, -1 if it is not whole. */
static int parse(const char *head)
{
    struct head_scan scan = {0};
    int status = head_scan(&scan, head, strlen(head));
    if (status == 0 && scan.length == 0)
        return -1;
    return status ? status : request_parse(&request, head + scan.start, scan.length - scan.start);
}

#define HOST "Host: a\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST

static void head_is_found_however_it_is_cut(void)
{
    const char *head = "\r\n" GET "\r\nGET";
    struct head_scan scan = {0};
    for (size_t have = 0; have < strlen(head); have++) {
        CU_ASSERT_EQUAL(head_scan(&scan, head, have), 0);
        CU_ASSERT_EQUAL(scan.length, have < strlen(head) - 3 ? 0 : strlen(head) - 3);
    }
    CU_ASSERT_EQUAL(scan.start, 2);
}

static void head_that_ends_early_is_not_whole(void)
{
    CU_ASSERT_EQUAL(parse("GET / HTTP/1.1\r\nHost: a\r\n"), -1);
    CU_ASSERT_EQUAL(parse("GET / HTTP/1.1\r\nHost: a\r\n\r"), -1);
}

static void malformed_heads_are_refused(void)
{
    static const char *const bad[] = {
        "garbage\r\n\r\n",
        "GET /\r\n\r\n",
        "GET  / HTTP/1.1\r\n" HOST "\r\n",
        "GET /  HTTP/1.1\r\n" HOST "\r\n",
        " GET / HTTP/1.1\r\n" HOST "\r\n",
        "GET / HTTP/1.1 \r\n" HOST "\r\n",
        "GET / HTTP/1\r\n" HOST "\r\n",
        "GET / http/1.1\r\n" HOST "\r\n",
        "GET /#x HTTP/1.1\r\n" HOST "\r\n",
        "GET / HTTP/1.1\n" HOST "\n",
        "GET / HTTP/1.1\r\nHost: a\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
        GET "A: b\x01\r\n\r\n",
        GET "A: b\x7f\r\n\r\n",
        GET "A : b\r\n\r\n",
        GET "A\r\n\r\n",
        GET ": b\r\n\r\n",
        GET "A: b\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT_EQUAL(parse(bad[i]), 400);
    char nul[] = GET "A: \x02\r\n\r\n";
    *strchr(nul, 2) = 0;
    struct head_scan scan = {0};
    CU_ASSERT_EQUAL(head_scan(&scan, nul, sizeof nul - 1), 400);
}

/* RFC 3986 2.1 wants them encoded; nginx takes them as they are, and so do clients that are old. */
static void a_target_in_utf_8_is_taken(void)
{
    CU_ASSERT_EQUAL(parse("GET /\xc3\xa9?\xff HTTP/1.1\r\n" HOST "\r\n"), 0);
    CU_ASSERT_EQUAL(parse("GET /\x7f HTTP/1.1\r\n" HOST "\r\n"), 400);
}

static void other_versions_are_not_supported(void)
{
    CU_ASSERT_EQUAL(parse("GET / HTTP/2.0\r\n\r\n"), 505);
    CU_ASSERT_EQUAL(parse("PRI * HTTP/2.0\r\n\r\n"), 505);
    CU_ASSERT_EQUAL(parse("GET / HTTP/1.2\r\n" HOST "\r\n"), 0); /* RFC 9112 2.3 */
}

static void unknown_method_is_not_implemented(void)
{
    CU_ASSERT_EQUAL(parse("FROB / HTTP/1.1\r\n" HOST "\r\n"), 501);
    CU_ASSERT_EQUAL(parse("get / HTTP/1.1\r\n" HOST "\r\n"), 501);
    CU_ASSERT_EQUAL(parse("POST / HTTP/1.1\r\n" HOST "\r\n"), 0);
    CU_ASSERT_EQUAL(request.method, HTTP_POST);
}

static void http_1_1_needs_exactly_one_good_host(void)
{
    CU_ASSERT_EQUAL(parse("GET / HTTP/1.1\r\n\r\n"), 400);
    CU_ASSERT_EQUAL(parse("GET / HTTP/1.0\r\n\r\n"), 0);
    CU_ASSERT_EQUAL(parse(GET HOST "\r\n"), 400);
    CU_ASSERT_EQUAL(parse("GET / HTTP/1.0\r\n" HOST HOST "\r\n"), 400);
    static const char *const good[] = {"", "a.example", "192.0.2.1:80", "[::1]:8080", "a:"};
    static const char *const bad[] = {"a b", "a/b", "a@b", "a:b", "[::1", "[x]", "a,b:c", "a\\b"};
    char head[128];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        snprintf(head, sizeof head, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", good[i]);
        CU_ASSERT_EQUAL(parse(head), 0);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(head, sizeof head, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", bad[i]);
        CU_ASSERT_EQUAL(parse(head), 400);
    }
}

static void body_has_one_length_that_all_agree_on(void)
{
#define POST "POST / HTTP/1.1\r\n" HOST
    CU_ASSERT_EQUAL(parse(POST "Content-Length: 17\r\n\r\n"), 0);
    CU_ASSERT_EQUAL(request.length, 17);
    CU_ASSERT_FALSE(request.chunked);
    CU_ASSERT_EQUAL(parse(POST "\r\n"), 0);
    CU_ASSERT_EQUAL(request.length, 0);
    CU_ASSERT_EQUAL(parse(POST "Transfer-Encoding: Chunked\r\n\r\n"), 0);
    CU_ASSERT(request.chunked);
    CU_ASSERT_EQUAL(parse(POST "Transfer-Encoding: gzip, chunked\r\n\r\n"), 501);
    static const char *const bad[] = {
        POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
        POST "Content-Length: 1, 1\r\n\r\n",
        POST "Content-Length: +1\r\n\r\n",
        POST "Content-Length: -1\r\n\r\n",
        POST "Content-Length: 0x1\r\n\r\n",
        POST "Content-Length:\r\n\r\n",
        POST "Content-Length: 99999999999999999999\r\n\r\n",
        POST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
        POST "Transfer-Encoding: gzip\r\n\r\n",
        POST "Transfer-Encoding: chunked, gzip\r\n\r\n",
        POST "Transfer-Encoding:\r\n\r\n",
        POST "Transfer-Encoding: xchunked\r\n\r\n",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT_EQUAL(parse(bad[i]), 400);
}

static void connection_stands_as_version_and_field_say(void)
{
    CU_ASSERT(parse(GET "\r\n") == 0 && request.keep_alive);
    CU_ASSERT(parse(GET "Connection: x, close\r\n\r\n") == 0 && !request.keep_alive);
    CU_ASSERT(parse("GET / HTTP/1.0\r\n\r\n") == 0 && !request.keep_alive);
    CU_ASSERT(parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n") == 0 && request.keep_alive);
}

static void expectation_is_100_continue_or_fails(void)
{
    CU_ASSERT(parse(POST "Content-Length: 1\r\nExpect: 100-Continue\r\n\r\n") == 0 &&
              request.expects_continue);
    CU_ASSERT(parse(POST "Expect: 100-continue\r\n\r\n") == 0 && !request.expects_continue);
    CU_ASSERT_EQUAL(parse(POST "Expect: miracle\r\n\r\n"), 417);
    CU_ASSERT(parse("POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n") == 0);
    CU_ASSERT_FALSE(request.expects_continue); /* RFC 9110 10.1.1: a 1.0 request's is ignored */
}

static void field_is_found_by_name_trimmed_and_in_order(void)
{
    CU_ASSERT_EQUAL(parse(GET "X: \t1 \r\ny: 2\r\nx:3\r\n\r\n"), 0);
    unsigned from = 0;
    struct slice value;
    CU_ASSERT(request_next(&request, "x", &from, &value) && slice_equal(value, "1"));
    CU_ASSERT(request_next(&request, "x", &from, &value) && slice_equal(value, "3"));
    CU_ASSERT_FALSE(request_next(&request, "x", &from, &value));
    CU_ASSERT_FALSE(request_only(&request, "x", &value));
    CU_ASSERT(request_only(&request, "Y", &value) && slice_equal(value, "2"));
    CU_ASSERT(slice_equal(request.line, "GET / HTTP/1.1"));
    CU_ASSERT(slice_equal(request.target, "/"));
}

static void what_is_too_long_or_too_much_is_refused(void)
{
    static char head[HEAD_MAX + 8192];
    int n = snprintf(head, sizeof head, "GET /%*s", REQUEST_LINE_MAX, "");
    memset(head + 5, 'a', (size_t)n - 5);
    CU_ASSERT_EQUAL(parse(head), 414);
    head[8000] = 0;
    CU_ASSERT_EQUAL(parse(head), -1);
    n = snprintf(head, sizeof head, GET "X: %*s\r\n", FIELDS_MAX, "");
    CU_ASSERT_EQUAL(parse(head), 431);
    size_t at = (size_t)snprintf(head, sizeof head, GET);
    for (int i = 1; i < REQUEST_FIELDS_MAX; i++)
        at += (size_t)snprintf(head + at, sizeof head - at, "X: y\r\n");
    strcpy(head + at, "\r\n");
    CU_ASSERT_EQUAL(parse(head), 0);
    strcpy(head + at, "X: y\r\n\r\n");
    CU_ASSERT_EQUAL(parse(head), 431);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"head is found however it is cut", head_is_found_however_it_is_cut},
        {"head that ends early is not whole", head_that_ends_early_is_not_whole},
        {"malformed heads are refused", malformed_heads_are_refused},
        {"a target in UTF-8 is taken", a_target_in_utf_8_is_taken},
        {"other versions are not supported", other_versions_are_not_supported},
        {"unknown method is not implemented", unknown_method_is_not_implemented},
        {"HTTP/1.1 needs exactly one good Host", http_1_1_needs_exactly_one_good_host},
        {"body has one length that all agree on", body_has_one_length_that_all_agree_on},
        {"connection stands as version and field say", connection_stands_as_version_and_field_say},
        {"expectation is 100-continue or fails", expectation_is_100_continue_or_fails},
        {"field is found by name, trimmed and in order",
         field_is_found_by_name_trimmed_and_in_order},
        {"what is too long or too much is refused", what_is_too_long_or_too_much_is_refused},
    };
    return UNIT_MAIN("http_request", tests);
}
