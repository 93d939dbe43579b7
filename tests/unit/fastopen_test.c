/* Fast Open's cookies, which Linux makes too, and the count of what is pending. */
#include "tcp/fastopen.h"

#include "unit.h"

#include "base/bytes.h"

/* Google's harness for packet scripts, whose TFO_COOKIE and TFO_COOKIE_ZERO a Linux kernel made. */
static const uint8_t known_key[16] = {0xa1, 0xa1, 0xa1, 0xa1, 0xb2, 0xb2, 0xb2, 0xb2,
                                      0xc3, 0xc3, 0xc3, 0xc3, 0xd4, 0xd4, 0xd4, 0xd4};
static const uint8_t known_cookie[8] = {0x30, 0x21, 0xb9, 0xd8, 0x89, 0x01, 0x7e, 0xeb};
static const uint8_t zero_cookie[8] = {0xb7, 0xc1, 0x23, 0x50, 0xa9, 0x0d, 0xc8, 0xf5};

static const struct rill_address client = {{[10] = 0xff, 0xff, 192, 0, 2, 1}};
static const struct rill_address server = {{[10] = 0xff, 0xff, 192, 168, 0, 1}};

static void cookies_are_those_of_linux(void)
{
    struct fast_open_keys keys = fast_open_keys_load(known_key, 1);
    struct tcp_fast_open cookie = fast_open_cookie(&keys.key[0], client, server);
    CU_ASSERT_EQUAL(cookie.length, sizeof known_cookie);
    CU_ASSERT(memcmp(cookie.cookie, known_cookie, sizeof known_cookie) == 0);
    cookie = fast_open_cookie(&(struct hash_key){0, 0}, client, server);
    CU_ASSERT(memcmp(cookie.cookie, zero_cookie, sizeof zero_cookie) == 0);
}

/* TFO_COOKIE of the same harness for IPv6. */
static void cookies_are_those_of_linux_for_ip6(void)
{
    static const struct rill_address client6 = {{0xfd, 0x3d, 0xfa, 0x7b, 0xd1, 0x7d, [15] = 1}};
    static const struct rill_address server6 = {{0xfd, 0x3d, 0x0a, 0x0b, 0x17, 0xd6, [15] = 1}};
    static const uint8_t known[8] = {0xc1, 0xd1, 0xe9, 0x74, 0x2a, 0x47, 0xa9, 0xbc};
    static const uint8_t zero[8] = {0x82, 0xaf, 0x1a, 0x8f, 0x9a, 0x20, 0x5c, 0x34};
    struct fast_open_keys keys = fast_open_keys_load(known_key, 1);
    struct tcp_fast_open cookie = fast_open_cookie(&keys.key[0], client6, server6);
    CU_ASSERT(memcmp(cookie.cookie, known, sizeof known) == 0);
    cookie = fast_open_cookie(&(struct hash_key){0, 0}, client6, server6);
    CU_ASSERT(memcmp(cookie.cookie, zero, sizeof zero) == 0);
}

static void a_cookie_is_good_for_its_key_and_its_addresses(void)
{
    uint8_t bytes[32] = {1, 2, 3}, back[32] = {0};
    memcpy(bytes + 16, known_key, sizeof known_key);
    struct fast_open_keys keys = fast_open_keys_load(bytes, 2), first = keys, none = {.count = 0};
    first.count = 1;
    fast_open_keys_store(&keys, back);
    CU_ASSERT(memcmp(bytes, back, sizeof bytes) == 0);
    struct tcp_fast_open fresh = fast_open_cookie(&keys.key[0], client, server);
    struct tcp_fast_open old = fast_open_cookie(&keys.key[1], client, server);
    CU_ASSERT_EQUAL(fast_open_key_of(&keys, &fresh, client, server), 1);
    CU_ASSERT_EQUAL(fast_open_key_of(&keys, &old, client, server), 2);
    CU_ASSERT_EQUAL(fast_open_key_of(&first, &old, client, server), 0);
    CU_ASSERT_EQUAL(fast_open_key_of(&none, &fresh, client, server), 0);
    CU_ASSERT_EQUAL(fast_open_key_of(&keys, &fresh, server, client), 0);
    fresh.length = 4; /* a part of it proves nothing */
    CU_ASSERT_EQUAL(fast_open_key_of(&keys, &fresh, client, server), 0);
    old.cookie[7] ^= 1;
    CU_ASSERT_EQUAL(fast_open_key_of(&keys, &old, client, server), 0);
}

static void a_place_that_was_reset_comes_back_after_a_minute(void)
{
    struct fast_open_queue q = {.limit = 2};
    rill_time at = RILL_SECONDS(1000);
    CU_ASSERT_TRUE(fast_open_queue_has_room(&q, at));
    q.pending = 2;
    CU_ASSERT_FALSE(fast_open_queue_has_room(&q, at));
    fast_open_queue_hold(&q, at);
    fast_open_queue_hold(&q, at + RILL_SECONDS(30));
    CU_ASSERT_EQUAL(q.pending, 2);
    CU_ASSERT_FALSE(fast_open_queue_has_room(&q, at + RILL_SECONDS(59)));
    CU_ASSERT_TRUE(fast_open_queue_has_room(&q, at + RILL_SECONDS(60)));
    CU_ASSERT_EQUAL(q.pending, 1);
    fast_open_queue_has_room(&q, at + RILL_SECONDS(89));
    CU_ASSERT_EQUAL(q.pending, 1);
    fast_open_queue_has_room(&q, at + RILL_SECONDS(90));
    CU_ASSERT_EQUAL(q.pending, 0);
}

/* Against a list of the times, one by one. */
static void the_count_is_that_of_a_naive_one(void)
{
    struct fast_open_queue q = {.limit = 1000};
    struct random dice;
    int64_t held[1000], second = 5;
    unsigned count = 0;
    random_seed(&dice, 1);
    for (int round = 0; round < 5000; round++) {
        second += (int64_t)random_below(&dice, round % 50 ? 3 : 90);
        if (count < sizeof held / sizeof *held) {
            held[count++] = second;
            q.pending++;
            fast_open_queue_hold(&q, RILL_SECONDS(second));
        }
        unsigned left = 0;
        for (unsigned i = 0; i < count; i++)
            if (held[i] + 60 > second)
                held[left++] = held[i];
        count = left;
        fast_open_queue_has_room(&q, RILL_SECONDS(second));
        CU_ASSERT_EQUAL_FATAL(q.pending, count);
        CU_ASSERT_EQUAL_FATAL(q.held, count);
    }
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"cookies are those of Linux", cookies_are_those_of_linux},
        {"cookies are those of Linux for IPv6", cookies_are_those_of_linux_for_ip6},
        {"a cookie is good for its key and its addresses",
         a_cookie_is_good_for_its_key_and_its_addresses},
        {"a place that was reset comes back after a minute",
         a_place_that_was_reset_comes_back_after_a_minute},
        {"the count is that of a naive one", the_count_is_that_of_a_naive_one},
    };
    return UNIT_MAIN("fastopen", tests);
}
