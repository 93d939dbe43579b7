/* Slices and the growing text of apps/http. */
#include "http/text.h"

#include "unit.h"
#include <string.h>

static void list_gives_its_elements_trimmed_and_skips_empty_ones(void)
{
    struct slice list = slice_of(" a ,, \"b,c\" ,\td"), element;
    CU_ASSERT(slice_next(&list, &element) && slice_equal(element, "a"));
    CU_ASSERT(slice_next(&list, &element) && slice_equal(element, "\"b,c\""));
    CU_ASSERT(slice_next(&list, &element) && slice_equal(element, "d"));
    CU_ASSERT_FALSE(slice_next(&list, &element));
}

static void text_grows_as_it_is_written(void)
{
    struct text t = {0};
    for (int i = 0; i < 1000; i++)
        text_add(&t, "%04d", i);
    CU_ASSERT_EQUAL(t.length, 4000);
    CU_ASSERT_FALSE(t.failed);
    CU_ASSERT_EQUAL(memcmp(t.at + 3996, "0999", 5), 0);
    text_free(&t);
    CU_ASSERT_PTR_NULL(t.at);
}

static void text_fails_for_good_beyond_its_bound(void)
{
    static char block[1 << 20];
    struct text t = {0};
    for (int i = 0; i < 5; i++)
        text_add_bytes(&t, block, sizeof block);
    CU_ASSERT(t.failed);
    CU_ASSERT(t.length < TEXT_MAX);
    size_t length = t.length;
    text_add(&t, "x");
    CU_ASSERT_EQUAL(t.length, length);
    text_clear(&t);
    CU_ASSERT_FALSE(t.failed);
    text_free(&t);
}

static void escapes_leave_nothing_that_html_or_a_url_would_take_for_its_own(void)
{
    struct text t = {0};
    text_add_html(&t, "a<b>&\"'");
    CU_ASSERT_STRING_EQUAL(t.at, "a&#60;b&#62;&#38;&#34;&#39;");
    text_clear(&t);
    text_add_url(&t, "a b/c?d%\xc3\xa9");
    CU_ASSERT_STRING_EQUAL(t.at, "a%20b/c%3Fd%25%C3%A9");
    text_free(&t);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"list gives its elements trimmed and skips empty ones",
         list_gives_its_elements_trimmed_and_skips_empty_ones},
        {"text grows as it is written", text_grows_as_it_is_written},
        {"text fails for good beyond its bound", text_fails_for_good_beyond_its_bound},
        {"escapes leave nothing that HTML or a URL would take for its own",
         escapes_leave_nothing_that_html_or_a_url_would_take_for_its_own},
    };
    return UNIT_MAIN("http_text", tests);
}
