/* Dates, ranges and conditions (RFC 9110 5.6.7, 13, 14). */
#include "http/condition.h"
#include "http/date.h"
#include "http/range.h"

#include "unit.h"
#include <stdio.h>
#include <string.h>

#define THEN 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */
#define NOW 1800000000

static void date_is_taken_in_all_three_forms(void)
{
    static const char *const forms[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
                                        "Sunday, 06-Nov-94 08:49:37 GMT",
                                        "Sun Nov  6 08:49:37 1994"};
    char text[DATE_TEXT];
    time_t t;
    for (int i = 0; i < 3; i++) {
        t = 0;
        CU_ASSERT(date_parse(slice_of(forms[i]), NOW, &t));
        CU_ASSERT_EQUAL(t, THEN);
    }
    date_format(text, THEN);
    CU_ASSERT_STRING_EQUAL(text, forms[0]);
    CU_ASSERT_FALSE(date_parse(slice_of("Sun, 06 Nov 1994 08:49:37 PST"), NOW, &t));
    CU_ASSERT_FALSE(date_parse(slice_of("Sun, 06 Nov 1994 08:49:37 GMT+1"), NOW, &t));
    CU_ASSERT_FALSE(date_parse(slice_of("yesterday"), NOW, &t));
    CU_ASSERT_FALSE(date_parse(slice_of(""), NOW, &t));
}

/* "206 first-last", "200" or "416". */
static const char *range_of(const char *value, uint64_t length)
{
    static char out[64];
    uint64_t first, last;
    switch (range_parse(slice_of(value), length, &first, &last)) {
    case RANGE_WHOLE:
        return "200";
    case RANGE_UNSATISFIABLE:
        return "416";
    case RANGE_PART:
        snprintf(out, sizeof out, "206 %ju-%ju", (uintmax_t)first, (uintmax_t)last);
        return out;
    }
    return "?";
}

static void range_selects_the_bytes_it_names(void)
{
    CU_ASSERT_STRING_EQUAL(range_of("bytes=0-0", 10), "206 0-0");
    CU_ASSERT_STRING_EQUAL(range_of("Bytes=2-5", 10), "206 2-5");
    CU_ASSERT_STRING_EQUAL(range_of("bytes=2-", 10), "206 2-9");
    CU_ASSERT_STRING_EQUAL(range_of("bytes=2-99999999999999999999999", 10), "206 2-9");
    CU_ASSERT_STRING_EQUAL(range_of("bytes=-3", 10), "206 7-9");
    CU_ASSERT_STRING_EQUAL(range_of("bytes=-30", 10), "206 0-9");
    CU_ASSERT_STRING_EQUAL(range_of("bytes= 1-2 ,", 10), "206 1-2");
}

static void range_beyond_the_end_is_unsatisfiable(void)
{
    CU_ASSERT_STRING_EQUAL(range_of("bytes=10-", 10), "416");
    CU_ASSERT_STRING_EQUAL(range_of("bytes=99999999999999999999-", 10), "416");
    CU_ASSERT_STRING_EQUAL(range_of("bytes=-0", 10), "416");
    CU_ASSERT_STRING_EQUAL(range_of("bytes=0-", 0), "416");
}

static void range_that_makes_no_sense_is_ignored(void)
{
    static const char *const bad[] = {"",           "bytes",     "bytes=",      "bytes=-",
                                      "bytes=5-2",  "bytes=a-b", "bytes=1",     "lines=1-2",
                                      "bytes=1-2x", "bytes=--1", "bytes=1-2-3", "bytes=0-1,3-4"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT_STRING_EQUAL(range_of(bad[i], 10), "200");
    CU_ASSERT_STRING_EQUAL(range_of("bytes=-5", 0), "200");
}

static const struct validators ours = {"\"v1\"", THEN};

#define SAME "Sun, 06 Nov 1994 08:49:37 GMT"
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"

/* A GET with the given field lines. */
static struct request get(const char *fields)
{
    static char head[512];
    struct request r;
    snprintf(head, sizeof head, "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n", fields);
    CU_ASSERT_EQUAL(request_parse(&r, head, strlen(head)), 0);
    return r;
}

static int check(const char *fields)
{
    struct request r = get(fields);
    return condition_check(&r, &ours, NOW);
}

static void known_state_is_not_sent_again(void)
{
    CU_ASSERT_EQUAL(check(""), 0);
    CU_ASSERT_EQUAL(check("If-None-Match: \"v1\"\r\n"), 304);
    CU_ASSERT_EQUAL(check("If-None-Match: W/\"v1\"\r\n"), 304);
    CU_ASSERT_EQUAL(check("If-None-Match: \"x\", \"v1\"\r\n"), 304);
    CU_ASSERT_EQUAL(check("If-None-Match: \"x\"\r\nIf-None-Match: \"v1\"\r\n"), 304);
    CU_ASSERT_EQUAL(check("If-None-Match: *\r\n"), 304);
    CU_ASSERT_EQUAL(check("If-None-Match: \"v2\"\r\n"), 0);
    CU_ASSERT_EQUAL(check("If-Modified-Since: " SAME "\r\n"), 304);
    CU_ASSERT_EQUAL(check("If-Modified-Since: " BEFORE "\r\n"), 0);
    CU_ASSERT_EQUAL(check("If-Modified-Since: nonsense\r\n"), 0);
}

static void tag_goes_before_date(void)
{
    CU_ASSERT_EQUAL(check("If-None-Match: \"v2\"\r\nIf-Modified-Since: " SAME "\r\n"), 0);
    CU_ASSERT_EQUAL(check("If-Match: \"v1\"\r\nIf-Unmodified-Since: " BEFORE "\r\n"), 0);
}

static void unmet_precondition_fails(void)
{
    CU_ASSERT_EQUAL(check("If-Match: \"v1\"\r\n"), 0);
    CU_ASSERT_EQUAL(check("If-Match: *\r\n"), 0);
    CU_ASSERT_EQUAL(check("If-Match: \"v2\"\r\n"), 412);
    CU_ASSERT_EQUAL(check("If-Match: W/\"v1\"\r\n"), 412);
    CU_ASSERT_EQUAL(check("If-Match: \"v2\"\r\nIf-None-Match: \"v1\"\r\n"), 412);
    CU_ASSERT_EQUAL(check("If-Unmodified-Since: " BEFORE "\r\n"), 412);
    CU_ASSERT_EQUAL(check("If-Unmodified-Since: " SAME "\r\n"), 0);
}

static bool allows(const char *fields, time_t now)
{
    struct request r = get(fields);
    return condition_allows_range(&r, &ours, now);
}

static void if_range_wants_just_this_state(void)
{
    CU_ASSERT(allows("", NOW));
    CU_ASSERT(allows("If-Range: \"v1\"\r\n", NOW));
    CU_ASSERT_FALSE(allows("If-Range: \"v2\"\r\n", NOW));
    CU_ASSERT_FALSE(allows("If-Range: W/\"v1\"\r\n", NOW));
    CU_ASSERT(allows("If-Range: " SAME "\r\n", NOW));
    CU_ASSERT_FALSE(allows("If-Range: " BEFORE "\r\n", NOW));
    CU_ASSERT_FALSE(allows("If-Range: " SAME "\r\n", THEN)); /* a weak date */
    CU_ASSERT_FALSE(allows("If-Range: nonsense\r\n", NOW));
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"date is taken in all three forms", date_is_taken_in_all_three_forms},
        {"range selects the bytes it names", range_selects_the_bytes_it_names},
        {"range beyond the end is unsatisfiable", range_beyond_the_end_is_unsatisfiable},
        {"range that makes no sense is ignored", range_that_makes_no_sense_is_ignored},
        {"known state is not sent again", known_state_is_not_sent_again},
        {"tag goes before date", tag_goes_before_date},
        {"unmet precondition fails", unmet_precondition_fails},
        {"If-Range wants just this state", if_range_wants_just_this_state},
    };
    return UNIT_MAIN("http_condition", tests);
}
