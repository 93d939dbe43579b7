/* What each congestion control makes of a bottleneck: 10 Mbit/s, 20 ms each way, so that the path
 * holds 50,000 bytes without a queue. */
#include "../unit/unit.h"
#include "pair.h"

#include <linux/tcp.h>
#include <stdio.h>
#include <string.h>

#define PORT 80
#define RATE 10000000 /* bits a second */
#define PATH 50000    /* bytes: rate x round trip */

static struct pair p;
static struct pair_config config;
static int client, server, listener;
static size_t received;

static void set_path(uint32_t queue)
{
    config.there.delay = config.back.delay = RILL_MILLISECONDS(20);
    config.there.rate = RATE;
    config.there.queue = queue;
    config.end[0].check = config.end[1].check = false;
}

static void start(void)
{
    received = 0;
    pair_open(&p, &config);
    listener = pair_listen(&p, PORT);
    pair_connect(&p, listener, PORT, &client, &server);
}

static void begin(const char *congestion, uint32_t queue)
{
    pair_config_init(&config, 1);
    set_path(queue);
    strcpy(config.end[0].tcp.congestion, congestion);
    start();
}

static void end(void)
{
    pair_close(&p);
}

/* The application always has something to send, and reads all that comes. */
static bool step(void *context)
{
    static const char text[65536];
    static char read[65536];
    (void)context;
    rill_use(p.end[0]);
    while (rill_send(client, text, sizeof text, MSG_DONTWAIT) > 0)
        ;
    rill_use(p.end[1]);
    for (ssize_t n; (n = rill_recv(server, read, sizeof read, MSG_DONTWAIT)) > 0;)
        received += (size_t)n;
    return false;
}

/* Parts of the rate that arrived as text, in thousandths, in the next so much time. */
static unsigned utilisation(rill_time length)
{
    size_t before = received;
    pair_run(&p, p.now + length, step, NULL);
    uint64_t bits = (received - before) * 8;
    uint64_t thousandths = bits * 1000 / ((uint64_t)RATE / 1000 * (uint64_t)(length / 1000000));
    return (unsigned)thousandths;
}

static struct tcp_info info(void)
{
    struct tcp_info i = {0};
    socklen_t length = sizeof i;
    rill_use(p.end[0]);
    CU_ASSERT_EQUAL(rill_getsockopt(client, IPPROTO_TCP, TCP_INFO, &i, &length), 0);
    return i;
}

/* The longest of the smoothed round trips in the next so much time, in us. */
static uint32_t longest_rtt(rill_time length)
{
    uint32_t longest = 0;
    for (rill_time t = 0; t < length; t += RILL_MILLISECONDS(50)) {
        pair_run(&p, p.now + RILL_MILLISECONDS(50), step, NULL);
        struct tcp_info i = info();
        if (i.tcpi_rtt > longest)
            longest = i.tcpi_rtt;
    }
    return longest;
}

/* 1,448 of 1,514 bytes are text. */
#define TEXT_OF(thousandths) ((thousandths)*1448u / 1514u)

static void a_cubic_flow_fills_the_bottleneck(void)
{
    begin("cubic", PATH);
    utilisation(RILL_SECONDS(5));
    CU_ASSERT(utilisation(RILL_SECONDS(30)) >= TEXT_OF(950));
    end();
}

static void with_a_tenth_of_the_buffer_it_fills_three_quarters(void)
{
    begin("cubic", PATH / 10);
    utilisation(RILL_SECONDS(5));
    CU_ASSERT(utilisation(RILL_SECONDS(30)) >= TEXT_OF(750));
    end();
}

/* The rounds of 20, 40 and 80 segments begin before the queue is felt; the next one, at 160, finds
 * the round trip risen by an eighth, and a quarter more in each of five rounds makes 490 of it,
 * where path and queue hold 580. Reno's first slow start ends when the queue has overflowed. */
static void hystart_ends_the_first_slow_start_before_the_queue_does(void)
{
    begin("cubic", 16 * PATH);
    utilisation(RILL_SECONDS(4));
    CU_ASSERT_EQUAL(rill_cable_stats(p.cable, 0)->overflowed, 0);
    CU_ASSERT(info().tcpi_snd_ssthresh <= 500);
    CU_ASSERT(utilisation(RILL_SECONDS(1)) >= TEXT_OF(950));
    end();
    begin("reno", 16 * PATH);
    utilisation(RILL_SECONDS(4));
    CU_ASSERT(rill_cable_stats(p.cable, 0)->overflowed > 100);
    end();
}

/* Where ACKs follow each other closely they end it before a queue as long as the path overflows. */
static void a_train_of_acks_ends_the_first_slow_start(void)
{
    pair_config_init(&config, 1);
    set_path(5 * PATH);
    config.there.rate = 5 * RATE;
    strcpy(config.end[0].tcp.congestion, "cubic");
    start();
    utilisation(RILL_SECONDS(2));
    CU_ASSERT_EQUAL(rill_cable_stats(p.cable, 0)->overflowed, 0);
    CU_ASSERT(utilisation(RILL_SECONDS(5)) >= 5 * TEXT_OF(950));
    end();
}

static void bbr_fills_it_and_keeps_the_queue_short(void)
{
    begin("bbr", 8 * PATH);
    utilisation(RILL_SECONDS(2));
    CU_ASSERT(utilisation(RILL_SECONDS(20)) >= TEXT_OF(900));
    uint64_t overflowed = rill_cable_stats(p.cable, 0)->overflowed;
    CU_ASSERT_EQUAL(overflowed, 0);
    CU_ASSERT(longest_rtt(RILL_SECONDS(20)) <
              75000); /* at most cwnd's two paths, of which 40 ms are the path */
    end();
    begin("cubic", 8 * PATH);
    CU_ASSERT(longest_rtt(RILL_SECONDS(30)) > 150000);
    end();
}

/* One in a hundred lost: no sign of congestion to BBR. */
static void bbr_does_not_mind_random_loss(void)
{
    unsigned filled[2];
    for (int i = 0; i < 2; i++) {
        begin(i ? "bbr" : "cubic", 2 * PATH);
        config.there.loss_ppm = 10000;
        rill_cable_change(p.cable, 0, &config.there);
        utilisation(RILL_SECONDS(5));
        filled[i] = utilisation(RILL_SECONDS(20));
        end();
    }
    CU_ASSERT(filled[1] >= TEXT_OF(850));
    CU_ASSERT(filled[0] < TEXT_OF(600));
}

/* A switch that marks beyond 15,000 bytes (RFC 8257 3.1): the queue stays there, and nothing is
 * lost. A Reno that obeys marks empties the path each time. */
static void dctcp_keeps_the_queue_at_the_threshold(void)
{
    unsigned filled[2];
    uint32_t rtt[2];
    for (int i = 0; i < 2; i++) {
        pair_config_init(&config, 1);
        for (int e = 0; e < 2; e++) {
            strcpy(config.end[e].tcp.congestion, i ? "dctcp" : "reno");
            config.end[e].tcp.ecn = RILL_ECN_REQUEST;
        }
        set_path(4 * PATH);
        config.there.discipline = RILL_CABLE_STEP;
        config.there.threshold = 15000;
        start();
        utilisation(RILL_SECONDS(5));
        filled[i] = utilisation(RILL_SECONDS(20));
        rtt[i] = longest_rtt(RILL_SECONDS(5));
        CU_ASSERT(rill_cable_stats(p.cable, 0)->marked > 0);
        CU_ASSERT_EQUAL(rill_cable_stats(p.cable, 0)->overflowed, 0);
        end();
    }
    CU_ASSERT(filled[1] >= TEXT_OF(980));
    CU_ASSERT(filled[1] > filled[0]);
    CU_ASSERT(rtt[1] < 58000); /* 40 ms, 12 ms of the threshold, and a round's growth */
}

static void a_greatest_rate_is_kept_to(void)
{
    begin("cubic", PATH);
    uint64_t rate = 250000; /* bytes: a fifth of the path's */
    rill_use(p.end[0]);
    CU_ASSERT_EQUAL(rill_setsockopt(client, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof rate), 0);
    utilisation(RILL_SECONDS(1));
    unsigned got = utilisation(RILL_SECONDS(10));
    CU_ASSERT(got <= 200);
    CU_ASSERT(got >= 190);
    CU_ASSERT_EQUAL(info().tcpi_max_pacing_rate, rate);
    CU_ASSERT_EQUAL(info().tcpi_pacing_rate, rate);
    CU_ASSERT(info().tcpi_rtt < 50000); /* no queue anywhere */
    end();
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a CUBIC flow fills the bottleneck", a_cubic_flow_fills_the_bottleneck},
        {"with a tenth of the buffer it fills three quarters",
         with_a_tenth_of_the_buffer_it_fills_three_quarters},
        {"HyStart ends the first slow start before the queue does",
         hystart_ends_the_first_slow_start_before_the_queue_does},
        {"a train of ACKs ends the first slow start", a_train_of_acks_ends_the_first_slow_start},
        {"BBR fills it and keeps the queue short", bbr_fills_it_and_keeps_the_queue_short},
        {"BBR does not mind random loss", bbr_does_not_mind_random_loss},
        {"DCTCP keeps the queue at the threshold", dctcp_keeps_the_queue_at_the_threshold},
        {"a greatest rate is kept to", a_greatest_rate_is_kept_to},
    };
    return UNIT_MAIN("congestion_flow", tests);
}
