/* Request targets become safe paths (RFC 9112 3.2). */
#include "http/target.h"

#include "unit.h"
#include <string.h>

static struct target target;

static int parse(const char *s)
{
    return target_parse(&target, slice_of(s));
}

static void path_is_decoded_and_loses_its_empty_segments(void)
{
    CU_ASSERT(parse("/") == 0 && strcmp(target.path, "") == 0 && target_is_folder(&target));
    CU_ASSERT(parse("/a%20b/c.txt") == 0 && strcmp(target.path, "a b/c.txt") == 0 &&
              !target_is_folder(&target));
    CU_ASSERT(parse("//a///b//") == 0 && strcmp(target.path, "a/b/") == 0 &&
              target_is_folder(&target));
    CU_ASSERT(parse("/%C3%a9") == 0 && strcmp(target.path, "\xc3\xa9") == 0);
}

static void query_is_set_apart(void)
{
    CU_ASSERT(parse("/a?b=%2e%2e/..?c") == 0 && strcmp(target.path, "a") == 0);
    CU_ASSERT(slice_equal(target.query, "?b=%2e%2e/..?c"));
    CU_ASSERT(parse("/a") == 0 && target.query.length == 0);
}

static void absolute_form_is_taken(void)
{
    CU_ASSERT(parse("http://h:80/a/b?c") == 0 && strcmp(target.path, "a/b") == 0);
    CU_ASSERT(slice_equal(target.query, "?c"));
    CU_ASSERT(parse("HTTP://h") == 0 && strcmp(target.path, "") == 0);
    CU_ASSERT(parse("http://h?q") == 0 && strcmp(target.path, "") == 0 &&
              slice_equal(target.query, "?q"));
    CU_ASSERT_EQUAL(parse("https://h/"), 400);
    CU_ASSERT_EQUAL(parse("http:///a"), 400);
    CU_ASSERT_EQUAL(parse("*"), 400);
    CU_ASSERT_EQUAL(parse("h:80"), 400);
}

static void what_hides_or_leads_outside_is_not_found(void)
{
    static const char *const bad[] = {
        "/..",    "/../etc/passwd", "/a/../b",      "/%2e%2e/x", "/.%2E/x",
        "/.",     "/a/.hidden",     "/.git/config", "/a%2fb",    "/a%5cb",
        "/..%5c", "/a\\b",          "/%2e%2e%2fx"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT_EQUAL(parse(bad[i]), 404);
    CU_ASSERT_EQUAL(parse("/a..b/c."), 0);
}

static void bad_escapes_are_refused(void)
{
    static const char *const bad[] = {"/%", "/%a", "/%zz", "/%0g", "/%00", "/a%00.txt", "/%-1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT_EQUAL(parse(bad[i]), 400);
}

static void too_long_a_path_names_no_file(void)
{
    char s[TARGET_PATH_MAX + 10];
    memset(s, 'a', sizeof s);
    s[0] = '/';
    CU_ASSERT_EQUAL(target_parse(&target, (struct slice){s, TARGET_PATH_MAX}), 0);
    CU_ASSERT_EQUAL(target_parse(&target, (struct slice){s, TARGET_PATH_MAX + 1}), 404);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"path is decoded and loses its empty segments",
         path_is_decoded_and_loses_its_empty_segments},
        {"query is set apart", query_is_set_apart},
        {"absolute form is taken", absolute_form_is_taken},
        {"what hides or leads outside is not found", what_hides_or_leads_outside_is_not_found},
        {"bad escapes are refused", bad_escapes_are_refused},
        {"too long a path names no file", too_long_a_path_names_no_file},
    };
    return UNIT_MAIN("http_target", tests);
}
