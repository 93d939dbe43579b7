/* URLs as rill-get takes them (RFC 3986). */
#include "http/url.h"

#include "unit.h"
#include <string.h>

static struct url url;

static bool parse(const char *s)
{
    return url_parse(&url, slice_of(s));
}

static void url_falls_into_host_port_and_target(void)
{
    CU_ASSERT(parse("http://192.0.2.1:8080/a/b?c=d#e"));
    CU_ASSERT_STRING_EQUAL(url.host, "192.0.2.1");
    CU_ASSERT_EQUAL(url.port, 8080);
    CU_ASSERT_STRING_EQUAL(url.target, "/a/b?c=d");
    CU_ASSERT(parse("192.0.2.1") && url.port == 80 && strcmp(url.target, "/") == 0);
    CU_ASSERT(parse("192.0.2.1:81/x") && url.port == 81 && strcmp(url.target, "/x") == 0);
    CU_ASSERT(parse("http://192.0.2.1:/x") && url.port == 80 && strcmp(url.target, "/x") == 0);
    CU_ASSERT(parse("192.0.2.1:") && url.port == 80 && strcmp(url.host, "192.0.2.1") == 0);
    CU_ASSERT(parse("http://192.0.2.1?q") && strcmp(url.target, "/?q") == 0);
    CU_ASSERT(parse("192.0.2.1/x?u=http://y") && strcmp(url.target, "/x?u=http://y") == 0);
}

static void other_schemes_and_dirt_are_refused(void)
{
    static const char *const bad[] = {"",
                                      "https://192.0.2.1/",
                                      "ftp://192.0.2.1/",
                                      "http://",
                                      "http://:/",
                                      "http://:",
                                      "http:///x",
                                      "http://192.0.2.1/a b",
                                      "http://u@192.0.2.1/",
                                      "http://192.0.2.1:99999/",
                                      "http://192.0.2.1:0/",
                                      "http://192.0.2.1/\r\nX:y"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT_FALSE(parse(bad[i]));
}

static void only_numbers_are_an_address(void)
{
    struct sockaddr_in to;
    CU_ASSERT(parse("192.0.2.7:81") && url_address(&url, &to));
    CU_ASSERT_EQUAL(ntohl(to.sin_addr.s_addr), 0xc0000207);
    CU_ASSERT_EQUAL(ntohs(to.sin_port), 81);
    CU_ASSERT(parse("http://example.com/") && !url_address(&url, &to));
}

/* RFC 3986 5.4. */
static void reference_is_resolved_against_the_base(void)
{
    static const char *const cases[][2] = {
        {"g", "/b/c/g"},
        {"./g", "/b/c/g"},
        {"g/", "/b/c/g/"},
        {"/g", "/g"},
        {"?y", "/b/c/d;p?y"},
        {"g?y", "/b/c/g?y"},
        {"g#s", "/b/c/g"},
        {";x", "/b/c/;x"},
        {".", "/b/c/"},
        {"./", "/b/c/"},
        {"..", "/b/"},
        {"../", "/b/"},
        {"../g", "/b/g"},
        {"../..", "/"},
        {"../../g", "/g"},
        {"../../../g", "/g"},
        {"/./g", "/g"},
        {"/../g", "/g"},
        {"g.", "/b/c/g."},
        {"..g", "/b/c/..g"},
        {"./../g", "/b/g"},
        {"./g/.", "/b/c/g/"},
        {"g/./h", "/b/c/g/h"},
        {"g/../h", "/b/c/h"},
        {"g?y/../x", "/b/c/g?y/../x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CU_ASSERT(parse("http://192.0.2.1/b/c/d;p?q"));
        CU_ASSERT(url_follow(&url, slice_of(cases[i][0])));
        CU_ASSERT_STRING_EQUAL(url.target, cases[i][1]);
        CU_ASSERT_STRING_EQUAL(url.host, "192.0.2.1");
    }
    CU_ASSERT(url_follow(&url, slice_of("http://192.0.2.9:8/z")) && url.port == 8);
    CU_ASSERT(url_follow(&url, slice_of("//192.0.2.8/y")) && strcmp(url.host, "192.0.2.8") == 0);
    CU_ASSERT_FALSE(url_follow(&url, slice_of("https://192.0.2.8/")));
    CU_ASSERT_FALSE(url_follow(&url, slice_of("a\r\nb")));
}

static void file_name_is_the_last_segment(void)
{
    char name[16];
    CU_ASSERT(parse("192.0.2.1/a/b.txt?c/d") && url_file_name(&url, name, sizeof name));
    CU_ASSERT_STRING_EQUAL(name, "b.txt");
    CU_ASSERT(parse("192.0.2.1/a/") && !url_file_name(&url, name, sizeof name));
    CU_ASSERT(parse("192.0.2.1/a/..") && !url_file_name(&url, name, sizeof name));
    CU_ASSERT(parse("192.0.2.1/0123456789abcdef") && !url_file_name(&url, name, sizeof name));
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"URL falls into host, port and target", url_falls_into_host_port_and_target},
        {"other schemes and dirt are refused", other_schemes_and_dirt_are_refused},
        {"only numbers are an address", only_numbers_are_an_address},
        {"reference is resolved against the base", reference_is_resolved_against_the_base},
        {"file name is the last segment", file_name_is_the_last_segment},
    };
    return UNIT_MAIN("http_url", tests);
}
