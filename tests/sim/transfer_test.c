/* Bytes arrive equal and in order, whatever the cable does, and every timer is found in the end. */
#include "../unit/unit.h"
#include "stream.h"

#include "base/hash.h"
#include "tcp/cc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT 80

/* Moves `total` bytes each way and closes; false: not all arrived equal within ten virtual minutes,
 * or something stayed. */
static bool transfer(const struct pair_config *config, size_t total, rill_time *took)
{
    struct pair p;
    int client, server;
    pair_open(&p, config);
    int listener = pair_listen(&p, PORT);
    pair_connect(&p, listener, PORT, &client, &server);
    rill_time start = p.now;
    bool good = streams_run(&p, (int[]){client, server}, (size_t[]){total, total},
                            p.now + RILL_SECONDS(600));
    if (took)
        *took = p.now - start;
    rill_use(p.end[0]);
    rill_close(client);
    rill_use(p.end[1]);
    rill_close(server);
    rill_close(listener);
    pair_run_for(&p, RILL_SECONDS(300)); /* TIME_WAIT and the last retransmissions are over then */
    for (int i = 0; i < 2; i++)
        good = good && rill_deadline(p.end[i]) == RILL_NEVER;
    pair_close(&p);
    return good;
}

static void a_clean_cable_moves_bytes_both_ways(void)
{
    struct pair_config c;
    rill_time took;
    pair_config_init(&c, 1);
    CU_ASSERT(transfer(&c, 1000000, &took));
    CU_ASSERT(took < RILL_SECONDS(1));
}

static void make_bad(struct pair_config *c, uint32_t ppm)
{
    struct rill_cable_config *way[2] = {&c->there, &c->back};
    for (int i = 0; i < 2; i++) {
        way[i]->delay = RILL_MILLISECONDS(5);
        way[i]->loss_ppm = way[i]->reorder_ppm = way[i]->duplicate_ppm = ppm;
    }
}

static unsigned seeds(void)
{
    const char *n = getenv("SEEDS");
    return n ? (unsigned)strtoul(n, NULL, 10) : 1000;
}

/* The bound: 1 % loss, reordering and duplication each, a thousand seeds. */
static void run_seeds(uint32_t ppm, bool sack, unsigned count, size_t total)
{
    for (uint64_t seed = 1; seed <= count; seed++) {
        struct pair_config c;
        pair_config_init(&c, seed);
        make_bad(&c, ppm);
        c.end[0].tcp.sack = sack;
        if (!transfer(&c, total, NULL)) {
            printf("seed %llu at %u ppm, sack %d: failed\n", (unsigned long long)seed, ppm, sack);
            CU_FAIL("bytes differ, or a timer was lost");
            return;
        }
    }
}

static void one_percent_of_everything_bad_is_survived(void)
{
    run_seeds(10000, true, seeds(), 50000);
}

static void it_is_survived_without_sack(void)
{
    run_seeds(10000, false, seeds() / 4, 50000);
}

static void ten_percent_is_survived(void)
{
    run_seeds(100000, true, seeds() / 10, 20000);
}

static void every_mtu_carries_it(void)
{
    static const uint16_t mtu[] = {68, 69, 100, 127, 128, 296, 576, 1280, 9000, 65521, 65535};
    for (unsigned i = 0; i < sizeof mtu / sizeof *mtu; i++) {
        struct pair_config c;
        pair_config_init(&c, i + 1);
        make_bad(&c, 20000);
        c.mtu = mtu[i];
        CU_ASSERT(transfer(&c, 30000, NULL));
    }
}

/* RFC 4987 3.6: both ends agree on what the cookie carried, scales and SACK among them. */
static void a_cookie_carries_it(void)
{
    static const uint16_t mtu[] = {128, 576, 1500, 9000, 65535};
    for (unsigned i = 0; i < 2 * sizeof mtu / sizeof *mtu; i++) {
        struct pair_config c;
        pair_config_init(&c, i + 1);
        c.mtu = mtu[i / 2];
        c.end[0].tcp.timestamps = i & 1;
        c.end[1].tcp.syn_cookies = RILL_SYN_COOKIES_ALWAYS;
        CU_ASSERT(transfer(&c, 300000, NULL));
    }
}

/* Any configuration that is in range, drawn from the seed: buffers of a few KiB to 1 GiB, path MTU
 * by probing through a black hole, bursts, quick ACKs, old forms of the options. */
static void draw_tcp(struct random *random, struct rill_tcp_config *t)
{
    t->receive_buffer = 4096 + (uint32_t)random_below(random, 1 << 17);
    t->receive_buffer_max = 1u << (18 + random_below(random, 13));
    t->send_buffer = 4096 + (uint32_t)random_below(random, 1 << 16);
    t->send_buffer_max = 1u << (18 + random_below(random, 13));
    t->sack = random_below(random, 4);
    t->timestamps = random_below(random, 3);
    t->window_scaling = random_below(random, 4);
    t->ecn = (enum rill_ecn)random_below(random, 3);
    t->initial_window = 1 + (unsigned)random_below(random, 20);
    t->burst_segments = 1 + (unsigned)random_below(random, 10);
    t->quick_acks = (unsigned)random_below(random, 32);
    t->delay_fin_ack = random_below(random, 2);
    t->slow_start_after_idle = random_below(random, 2);
    t->metrics = random_below(random, 4);
    t->metrics_ssthresh = random_below(random, 2);
    t->mtu_probing =
        random_below(random, 2) ? RILL_MTU_PROBING_ALWAYS : RILL_MTU_PROBING_BLACK_HOLE;
    t->base_mss = (uint16_t)(88 + random_below(random, 400));
    t->mtu_probe_floor = (uint16_t)(48 + random_below(random, 40));
    strcpy(t->congestion, cc_at((unsigned)random_below(random, cc_count()))->name);
    t->pacing = random_below(random, 4) == 0;
    t->slow_start_segments = (unsigned)random_below(random, 10);
}

static void any_configuration_carries_it(void)
{
    for (uint64_t seed = 1; seed <= seeds() / 10; seed++) {
        struct random random;
        struct pair_config c;
        random_seed(&random, seed);
        pair_config_init(&c, seed);
        make_bad(&c, (uint32_t)random_below(&random, 20000));
        for (int i = 0; i < 2; i++)
            draw_tcp(&random, &c.end[i].tcp);
        c.there.mtu = random_below(&random, 2) ? (uint16_t)(560 + random_below(&random, 940)) : 0;
        if (!transfer(&c, (size_t)random_below(&random, 200000), NULL)) {
            printf("seed %llu: failed\n", (unsigned long long)seed);
            CU_FAIL("bytes differ, or a timer was lost");
        }
    }
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a clean cable moves bytes both ways", a_clean_cable_moves_bytes_both_ways},
        {"1 % loss, reordering and duplication are survived",
         one_percent_of_everything_bad_is_survived},
        {"they are survived without SACK", it_is_survived_without_sack},
        {"10 % are survived", ten_percent_is_survived},
        {"every MTU carries it", every_mtu_carries_it},
        {"a cookie carries it", a_cookie_carries_it},
        {"any configuration carries it", any_configuration_carries_it},
    };
    return UNIT_MAIN("transfer", tests);
}
