/* A whole connection of the server, without a socket: bytes in, bytes out, on a folder made for the
 * test. */
#include "http/connection.h"

#include "unit.h"
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct site site = {.timeout = 30};
static struct connection c;
static char folder[] = "/tmp/rill-http-XXXXXX";
static rill_time now;

static void put_file(const char *name, const char *text, size_t length)
{
    int file = openat(site.root, name, O_CREAT | O_TRUNC | O_WRONLY, 0644);
    CU_ASSERT_EQUAL(write(file, text, length), (ssize_t)length);
    close(file);
}

static void make_folder(void)
{
    static char big[200000];
    memset(big, 'b', sizeof big);
    CU_ASSERT_PTR_NOT_NULL(mkdtemp(folder));
    site.root = open(folder, O_RDONLY | O_DIRECTORY);
    CU_ASSERT_EQUAL(mkdirat(site.root, "sub", 0755) | mkdirat(site.root, "list", 0755), 0);
    put_file("a.txt", "hello", 5);
    put_file("big.bin", big, sizeof big);
    put_file("sub/index.html", "<p>i", 4);
    put_file("list/b<&.txt", "", 0);
    put_file("list/a:b", "", 0);
    put_file("list/.hidden", "", 0);
    put_file(".secret", "s", 1);
    CU_ASSERT_EQUAL(symlinkat("/etc/passwd", site.root, "outside"), 0);
    CU_ASSERT_EQUAL(symlinkat("a.txt", site.root, "inside"), 0);
    CU_ASSERT_EQUAL(mkfifoat(site.root, "fifo", 0644), 0);
}

static void remove_folder(void)
{
    static const char *const names[] = {"a.txt",    "big.bin",     ".secret",        "outside",
                                        "inside",   "fifo",        "sub/index.html", "list/b<&.txt",
                                        "list/a:b", "list/.hidden"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlinkat(site.root, names[i], 0);
    unlinkat(site.root, "sub", AT_REMOVEDIR);
    unlinkat(site.root, "list", AT_REMOVEDIR);
    close(site.root);
    rmdir(folder);
}

/* The client sends; what does not fit stays with it, as TCP would have it. Returns how much was
 * taken. */
static size_t feed(const char *bytes, size_t n)
{
    size_t at = 0;
    while (at < n && connection_wants(&c) & POLLIN) {
        size_t room = connection_room(&c);
        size_t part = n - at < room ? n - at : room;
        connection_received(&c, bytes + at, part, now);
        at += part;
    }
    return at;
}

static char output[400000];

/* Takes all that the connection has to say, `step` bytes at a time. */
static const char *drain(size_t step)
{
    size_t length = 0;
    ssize_t n;
    while (connection_wants(&c) & POLLOUT && length + step < sizeof output) {
        n = connection_peek(&c, output + length, step);
        if (n < 0)
            break;
        length += (size_t)n;
        connection_sent(&c, (size_t)n, now);
    }
    output[length] = 0;
    return output;
}

static const char *ask(const char *bytes)
{
    connection_open(&c, &site, "192.0.2.1", now);
    feed(bytes, strlen(bytes));
    return drain(65536);
}

/* The status of the answer to a GET; `fields` end in CR LF. */
static int get(const char *path, const char *fields)
{
    char request[512];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n", path, fields);
    int status = atoi(ask(request) + 9);
    connection_close(&c);
    return status;
}

static bool says(const char *text)
{
    return strstr(output, text) != NULL;
}

static unsigned count(const char *text)
{
    unsigned n = 0;
    for (const char *at = output; (at = strstr(at, text)); at++)
        n++;
    return n;
}

#define HOST "Host: a\r\n"

static void file_is_served_with_its_facts(void)
{
    CU_ASSERT_EQUAL(get("/a.txt", ""), 200);
    CU_ASSERT(says("\r\nContent-Type: text/plain; charset=utf-8\r\n"));
    CU_ASSERT(says("\r\nContent-Length: 5\r\n"));
    CU_ASSERT(says("\r\nAccept-Ranges: bytes\r\n"));
    CU_ASSERT(says("\r\nLast-Modified: ") && says("\r\nETag: \"") && says("\r\nDate: "));
    CU_ASSERT(says("\r\n\r\nhello"));
}

/* Where there is no openat2(2), under valgrind for one, no symbolic link is followed at all. */
static void link_within_the_folder_is_followed_if_the_kernel_can_tell(void)
{
    struct open_how how = {.flags = O_PATH, .resolve = RESOLVE_BENEATH};
    int file = (int)syscall(SYS_openat2, site.root, "inside", &how, sizeof how);
    CU_ASSERT_EQUAL(get("/inside", ""), file >= 0 ? 200 : 403);
    close(file);
}

static void head_says_the_same_without_the_body(void)
{
    ask("HEAD /a.txt HTTP/1.1\r\n" HOST "\r\n");
    CU_ASSERT(says("200 OK") && says("Content-Length: 5\r\n") && !says("hello"));
    CU_ASSERT_EQUAL(c.state, CONNECTION_HEAD);
    connection_close(&c);
}

static void large_file_goes_out_whole_in_any_steps(void)
{
    connection_open(&c, &site, "", now);
    const char *request = "GET /big.bin HTTP/1.1\r\n" HOST "\r\n";
    feed(request, strlen(request));
    const char *body = strstr(drain(1000), "\r\n\r\n") + 4;
    CU_ASSERT_EQUAL(strlen(body), 200000);
    CU_ASSERT_EQUAL(strspn(body, "b"), 200000);
    connection_close(&c);
}

static void file_that_shrinks_ends_the_connection(void)
{
    char some[1000];
    connection_open(&c, &site, "", now);
    const char *request = "GET /big.bin HTTP/1.1\r\n" HOST "\r\n";
    feed(request, strlen(request));
    connection_sent(&c, (size_t)connection_peek(&c, some, sizeof some), now);
    put_file("big.bin", "bb", 2);
    CU_ASSERT_EQUAL(connection_peek(&c, some, sizeof some), -1);
    connection_close(&c);
}

static void nothing_beside_the_folder_is_served(void)
{
    CU_ASSERT_EQUAL(get("/outside", ""), 403);
    CU_ASSERT_EQUAL(get("/fifo", ""), 403);
    CU_ASSERT_EQUAL(get("/.secret", ""), 404);
    CU_ASSERT_EQUAL(get("/../etc/passwd", ""), 404);
    CU_ASSERT_EQUAL(get("/none", ""), 404);
    CU_ASSERT_EQUAL(get("/a.txt/", ""), 404);
    CU_ASSERT_EQUAL(get("/%00", ""), 400);
}

static void folder_shows_its_index_or_its_names(void)
{
    CU_ASSERT_EQUAL(get("/sub/", ""), 200);
    CU_ASSERT(says("text/html") && says("\r\n\r\n<p>i"));
    CU_ASSERT_EQUAL(get("/list/", ""), 200);
    CU_ASSERT(says("<a href=\"./b%3C%26.txt\">b&#60;&#38;.txt</a>"));
    CU_ASSERT(says("href=\"./a%3Ab\"") && !says("hidden"));
    CU_ASSERT(strstr(output, "a%3Ab") < strstr(output, "b%3C"));
    CU_ASSERT_EQUAL(get("//sub?q=1", ""), 301);
    CU_ASSERT(says("\r\nLocation: /sub/?q=1\r\n"));
}

static void range_gives_206_or_416(void)
{
    CU_ASSERT_EQUAL(get("/a.txt", "Range: bytes=1-2\r\n"), 206);
    CU_ASSERT(says("\r\nContent-Range: bytes 1-2/5\r\n") && says("Content-Length: 2\r\n") &&
              says("\r\n\r\nel"));
    CU_ASSERT_EQUAL(get("/a.txt", "Range: bytes=9-\r\n"), 416);
    CU_ASSERT(says("\r\nContent-Range: bytes */5\r\n"));
    CU_ASSERT_EQUAL(get("/a.txt", "Range: bytes=1-2\r\nIf-Range: \"other\"\r\n"), 200);
    CU_ASSERT_EQUAL(get("/a.txt", "Range: bytes=9-2\r\n"), 200);
    CU_ASSERT(says("Content-Length: 5\r\n") && says("\r\n\r\nhello"));
}

static void known_state_gives_304_without_a_body(void)
{
    char fields[128], etag[80];
    get("/a.txt", "");
    sscanf(strstr(output, "ETag: "), "ETag: %79s", etag);
    snprintf(fields, sizeof fields, "If-None-Match: %s\r\n", etag);
    CU_ASSERT_EQUAL(get("/a.txt", fields), 304);
    CU_ASSERT(!says("hello") && says(etag) && strcmp(output + strlen(output) - 4, "\r\n\r\n") == 0);
    put_file("a.txt", "hallo", 5);
    CU_ASSERT_EQUAL(get("/a.txt", fields), 200);
    CU_ASSERT_EQUAL(get("/a.txt", "If-Match: \"other\"\r\n"), 412);
}

static void other_methods_are_refused_with_what_is_allowed(void)
{
    ask("POST /a.txt HTTP/1.1\r\n" HOST
        "Content-Length: 3\r\n\r\nabcDELETE /a.txt HTTP/1.1\r\n" HOST
        "\r\nMKCOL / HTTP/1.1\r\n" HOST "\r\n");
    CU_ASSERT_EQUAL(count("HTTP/1.1 405 "), 2);
    CU_ASSERT_EQUAL(count("\r\nAllow: GET, HEAD\r\n"), 2);
    CU_ASSERT_EQUAL(count("HTTP/1.1 501 "), 1);
    CU_ASSERT_EQUAL(c.state, CONNECTION_HEAD);
    connection_close(&c);
}

static void pipelined_requests_are_answered_in_order(void)
{
    ask("GET /a.txt HTTP/1.1\r\n" HOST "\r\nGET /none HTTP/1.1\r\n" HOST
        "\r\nGET /sub/ HTTP/1.1\r\n" HOST "Connection: close\r\n\r\nGET /a.txt HTTP/1.1\r\n" HOST
        "\r\n");
    const char *first = strstr(output, "200 OK"), *second = strstr(output, "404 Not Found");
    CU_ASSERT(first && second && first < second && strstr(second, "<p>i"));
    CU_ASSERT_EQUAL(count("HTTP/1.1 "), 3); /* what follows close is not answered */
    CU_ASSERT(connection_is_closing(&c));
    connection_received(&c, NULL, 0, now);
    CU_ASSERT_EQUAL(connection_wants(&c), 0);
    connection_close(&c);
}

static void nothing_is_read_while_an_answer_goes_out(void)
{
    connection_open(&c, &site, "", now);
    const char *request = "GET /a.txt HTTP/1.1\r\n" HOST "\r\n";
    feed(request, strlen(request));
    CU_ASSERT_EQUAL(connection_wants(&c), POLLOUT);
    CU_ASSERT_EQUAL(feed(request, strlen(request)), 0);
    drain(10);
    CU_ASSERT_EQUAL(connection_wants(&c), POLLIN);
    connection_close(&c);
}

static void body_of_a_get_is_read_and_thrown_away(void)
{
    ask("GET /a.txt HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n3\r\nGET\r\n0\r\n\r\n"
        "HEAD /none HTTP/1.1\r\n" HOST "\r\n");
    CU_ASSERT(count("HTTP/1.1 ") == 2 && says("200 OK") && says("404 Not Found"));
    connection_close(&c);
    ask("GET /a.txt HTTP/1.1\r\n" HOST "Content-Length: 9999999\r\n\r\n");
    CU_ASSERT(says("413 Content Too Large\r\n") && says("\r\nConnection: close\r\n") &&
              connection_is_closing(&c));
    connection_close(&c);
}

static void a_method_that_is_not_allowed_is_told_before_its_bodys_length(void)
{
    ask("PUT /a.txt HTTP/1.1\r\n" HOST "Content-Length: 9999999\r\n\r\nabc");
    CU_ASSERT(strncmp(output, "HTTP/1.1 405 ", 13) == 0 && says("\r\nAllow: ") &&
              connection_is_closing(&c));
    CU_ASSERT_EQUAL(count("HTTP/1.1 "), 1);
    connection_close(&c);
}

static void expectation_is_met_with_100_before_the_body(void)
{
    ask("GET /a.txt HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    CU_ASSERT_STRING_EQUAL(output, "HTTP/1.1 100 Continue\r\n\r\n");
    feed("ab", 2);
    drain(100);
    CU_ASSERT(strncmp(output, "HTTP/1.1 200 OK\r\n", 17) == 0);
    connection_close(&c);
    ask("GET /a.txt HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab");
    CU_ASSERT(strncmp(output, "HTTP/1.1 200 OK\r\n", 17) == 0); /* it did not wait for it */
    connection_close(&c);
    ask("PUT /a.txt HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    CU_ASSERT(strncmp(output, "HTTP/1.1 405 ", 13) == 0 && connection_is_closing(&c));
    connection_close(&c);
}

static void silence_between_requests_ends_quietly_and_within_one_gives_408(void)
{
    connection_open(&c, &site, "", now);
    CU_ASSERT_EQUAL(connection_deadline(&c), now + RILL_SECONDS(30));
    connection_expire(&c, now + RILL_SECONDS(30));
    CU_ASSERT_EQUAL(connection_wants(&c), 0);
    connection_close(&c);

    connection_open(&c, &site, "", 0);
    feed("GET /", 5);
    rill_time deadline = connection_deadline(&c);
    now += RILL_SECONDS(20);
    feed("a", 1);
    CU_ASSERT_EQUAL(connection_deadline(&c), deadline); /* dripping does not help */
    connection_expire(&c, deadline);
    drain(100);
    CU_ASSERT(says("408 Request Timeout") && connection_is_closing(&c));
    connection_close(&c);
}

static void answer_that_nobody_takes_is_given_up(void)
{
    char some[10];
    connection_open(&c, &site, "", now);
    const char *request = "GET /a.txt HTTP/1.1\r\n" HOST "\r\n";
    feed(request, strlen(request));
    rill_time deadline = connection_deadline(&c);
    connection_sent(&c, (size_t)connection_peek(&c, some, sizeof some), now + RILL_SECONDS(20));
    CU_ASSERT_EQUAL(connection_deadline(&c), deadline); /* nor does sipping help */
    CU_ASSERT_FALSE(connection_was_cut(&c));
    connection_expire(&c, deadline);
    CU_ASSERT_EQUAL(connection_wants(&c), 0);
    CU_ASSERT_TRUE(connection_was_cut(&c));
    connection_close(&c);
}

static void answer_that_is_taken_fast_enough_goes_on(void)
{
    put_file("big.bin", output, 20000);
    connection_open(&c, &site, "", now);
    const char *request = "GET /big.bin HTTP/1.1\r\n" HOST "\r\n";
    feed(request, strlen(request));
    rill_time deadline = connection_deadline(&c), later = deadline - 1;
    connection_sent(&c, (size_t)connection_peek(&c, output, 14999), later);
    CU_ASSERT_EQUAL(connection_deadline(&c), deadline);
    connection_sent(&c, (size_t)connection_peek(&c, output, 1), later); /* 500 B/s */
    CU_ASSERT_EQUAL(connection_deadline(&c), later + RILL_SECONDS(30));
    connection_close(&c);
}

static void idle_connection_is_small(void)
{
    connection_open(&c, &site, "", now);
    feed("GET /a.txt HTTP/1.1\r\n" HOST "\r\nGET",
         strlen("GET /a.txt HTTP/1.1\r\n" HOST "\r\nGET"));
    drain(100);
    CU_ASSERT_PTR_NOT_NULL(c.arrival); /* the next has begun */
    feed(" /a.txt HTTP/1.1\r\n" HOST "\r\n", strlen(" /a.txt HTTP/1.1\r\n" HOST "\r\n"));
    drain(100);
    CU_ASSERT_PTR_NULL(c.arrival);
    CU_ASSERT_PTR_NULL(c.response.out.head.at);
    CU_ASSERT(sizeof c <= 512);
    connection_close(&c);
}

static void request_cut_off_by_its_end_is_bad(void)
{
    connection_open(&c, &site, "", now);
    feed("GET / HT", 8);
    connection_received(&c, NULL, 0, now);
    drain(100);
    CU_ASSERT(says("400 Bad Request"));
    CU_ASSERT_EQUAL(connection_wants(&c), 0);
    connection_close(&c);
}

static void crowd_is_refused_with_503(void)
{
    connection_open(&c, &site, "", now);
    connection_refuse(&c, 503, now);
    drain(100);
    CU_ASSERT(says("503 Service Unavailable") && says("\r\nRetry-After: "));
    CU_ASSERT(connection_is_closing(&c));
    connection_received(&c, "xxxxxxxxxx", 10, now); /* its request, which nobody reads */
    CU_ASSERT(connection_is_closing(&c));
    connection_close(&c);
}

static void log_has_one_clean_line_for_each_request(void)
{
    char *log;
    size_t length;
    site.log = open_memstream(&log, &length);
    ask("GET /a.txt?\"x HTTP/1.1\r\n" HOST "\r\nGET /none HTTP/1.1\r\n" HOST "\r\n");
    connection_close(&c);
    fclose(site.log);
    site.log = NULL;
    CU_ASSERT(strncmp(log, "192.0.2.1 - - [", 15) == 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(log, "] \"GET /a.txt?\\x22x HTTP/1.1\" 200 5\n192.0.2.1 "));
    CU_ASSERT_PTR_NOT_NULL(strstr(log, "\"GET /none HTTP/1.1\" 404 "));
    free(log);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"(a folder is made)", make_folder},
        {"file is served with its facts", file_is_served_with_its_facts},
        {"link within the folder is followed if the kernel can tell",
         link_within_the_folder_is_followed_if_the_kernel_can_tell},
        {"HEAD says the same without the body", head_says_the_same_without_the_body},
        {"large file goes out whole in any steps", large_file_goes_out_whole_in_any_steps},
        {"file that shrinks ends the connection", file_that_shrinks_ends_the_connection},
        {"nothing beside the folder is served", nothing_beside_the_folder_is_served},
        {"folder shows its index or its names", folder_shows_its_index_or_its_names},
        {"range gives 206 or 416", range_gives_206_or_416},
        {"known state gives 304 without a body", known_state_gives_304_without_a_body},
        {"other methods are refused with what is allowed",
         other_methods_are_refused_with_what_is_allowed},
        {"pipelined requests are answered in order", pipelined_requests_are_answered_in_order},
        {"nothing is read while an answer goes out", nothing_is_read_while_an_answer_goes_out},
        {"body of a GET is read and thrown away", body_of_a_get_is_read_and_thrown_away},
        {"a method that is not allowed is told before its body's length",
         a_method_that_is_not_allowed_is_told_before_its_bodys_length},
        {"expectation is met with 100 before the body",
         expectation_is_met_with_100_before_the_body},
        {"silence between requests ends quietly and within one gives 408",
         silence_between_requests_ends_quietly_and_within_one_gives_408},
        {"answer that nobody takes is given up", answer_that_nobody_takes_is_given_up},
        {"answer that nobody takes is given up", answer_that_is_taken_fast_enough_goes_on},
        {"answer that nobody takes is given up", idle_connection_is_small},
        {"request cut off by its end is bad", request_cut_off_by_its_end_is_bad},
        {"crowd is refused with 503", crowd_is_refused_with_503},
        {"log has one clean line for each request", log_has_one_clean_line_for_each_request},
    };
    int status = UNIT_MAIN("http_connection", tests);
    remove_folder();
    return status;
}
