/* UDP where there are very many sockets: a datagram is not compared with each. */
#include "udp/udp.h"

#include "base/bytes.h"
#include "udp/udp_queue.h"
#include "unit.h"

#define CROWD 20000
#define US rill_address_ip4(0xc0000202)
#define PEER rill_address_ip4(0xc0000201)

static struct memory memory = {.budget = 1 << 24};
static struct rill_counters counters;
static struct udp udp;
static struct udp_owner owner[CROWD];
static struct udp_socket *crowd[CROWD];

static void begin(void)
{
    struct rill_config config = {.ttl = 64, .seed = 1, .core = {.count = 1}};
    config.tcp.ephemeral_first = 32768;
    config.tcp.ephemeral_last = 60999;
    CU_ASSERT_TRUE_FATAL(udp_init(&udp, &memory, &config, &counters));
    for (unsigned i = 0; i < CROWD; i++) {
        crowd[i] = udp_open(&udp, &owner[i]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(crowd[i]);
        CU_ASSERT_EQUAL_FATAL(udp_bind(&udp, crowd[i], US, 0), 0);
    }
}

static unsigned longest_bucket(void)
{
    unsigned longest = 0;
    for (uint32_t b = 0; b < udp.buckets; b++) {
        unsigned length = 0;
        for (struct list_node *n = list_first(&udp.bucket[b]); n; n = list_next(&udp.bucket[b], n))
            length++;
        longest = max_of(longest, length);
    }
    return longest;
}

static void a_bucket_holds_few_sockets(void)
{
    begin();
    CU_ASSERT_EQUAL(udp.bound, CROWD);
    CU_ASSERT(longest_bucket() <= 4);
    udp_end(&udp);
    CU_ASSERT_EQUAL(memory.used, 0);
}

static void each_still_hears_its_own(void)
{
    begin();
    for (unsigned i = 0; i < CROWD; i++) {
        struct udp_arrival a = {.source = PEER,
                                .destination = US,
                                .header = {.source = 9, .destination = crowd[i]->local_port},
                                .data = span_of("hello", 5)};
        CU_ASSERT_EQUAL(udp_input(&udp, &a), RILL_DROP_NONE);
        CU_ASSERT_PTR_NOT_NULL(udp_first(crowd[i]));
        udp_close(&udp, crowd[i]);
    }
    CU_ASSERT_EQUAL(udp.bound, 0);
    udp_end(&udp);
    CU_ASSERT_EQUAL(memory.used, 0);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a bucket holds few sockets", a_bucket_holds_few_sockets},
        {"each socket still hears its own", each_still_hears_its_own},
    };
    return UNIT_MAIN("udp_crowd", tests);
}
