/* A capture that rill has written tells rill-graph what the trace tells: the same windows and
 * round trips at the same times. */
#include "../unit/unit.h"
#include "record.h"
#include "stream.h"

#include "graph/flow.h"
#include "graph/survey.h"

#include <rill/capture.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT 80
#define TOTAL 400000
#define RECORDS (1 << 16)

static char file[] = "/tmp/graph_test.XXXXXX.pcapng";
static struct rill_trace_record record[RECORDS];
static unsigned records;
static struct flow flow;
static struct connection connection;

static void read_trace(const struct rill *stack)
{
    uint64_t place = 0, lost = 0;
    records = rill_trace_read(stack, &place, record, RECORDS, &lost);
    CU_ASSERT_EQUAL(lost, 0);
}

/* One percent is lost on the way there, at 10 Mbit/s and 20 ms. */
static void run_lossy(struct rill_capture *capture)
{
    struct pair_config c;
    struct pair p;
    int client, server;
    pair_config_init(&c, 11);
    c.there = (struct rill_cable_config){
        .delay = RILL_MILLISECONDS(20), .rate = 10000000, .loss_ppm = 10000};
    c.back.delay = RILL_MILLISECONDS(20);
    c.end[0].trace_records = RECORDS;
    c.capture = capture;
    pair_open(&p, &c);
    pair_connect(&p, pair_listen(&p, PORT), PORT, &client, &server);
    CU_ASSERT(
        streams_run(&p, (int[]){client, server}, (size_t[]){TOTAL, 0}, p.now + RILL_SECONDS(60)));
    CU_ASSERT(rill_cable_stats(p.cable, 0)->lost > 1);
    read_trace(p.end[0]);
    pair_close(&p);
}

static void survey(void)
{
    struct survey v;
    struct capture c;
    struct segment s;
    struct rill_diagnostic why;
    survey_begin(&v);
    CU_ASSERT_EQUAL_FATAL(capture_open(&c, file, "", &why), RECORDING_GOOD);
    while (capture_next(&c, &s, &why))
        survey_take(&v, &s);
    CU_ASSERT_EQUAL_FATAL(v.count, 1);
    connection = v.connection[0];
    capture_close(&c);
    survey_end(&v);
}

static void follow(void)
{
    struct series_view view = {.to = RILL_NEVER};
    struct capture c;
    struct segment s;
    struct rill_diagnostic why;
    flow_begin(&flow, connection.begin, &view);
    CU_ASSERT_EQUAL_FATAL(capture_open(&c, file, "", &why), RECORDING_GOOD);
    while (capture_next(&c, &s, &why))
        (connection_sender(&connection, &s) ? flow_answer : flow_send)(&flow, &s);
    flow_end(&flow);
    capture_close(&c);
}

static void record_a_run(void)
{
    struct rill_diagnostic why;
    int fd = mkstemps(file, 7);
    CU_ASSERT_FATAL(fd >= 0);
    fclose(fdopen(fd, "w"));
    struct rill_capture *capture = rill_capture_create(file, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(capture);
    run_lossy(capture);
    rill_capture_close(capture);
    if (record_capture()) /* --pcap: the picture in docs/graphs.md is made of it */
        run_lossy(NULL);
    survey();
    follow();
    remove(file);
}

static bool tells(const struct rill_trace_record *r)
{
    return (r->event == RILL_EVENT_SEGMENT_IN || r->event == RILL_EVENT_SEGMENT_OUT) && r->rto;
}

/* The points of a series are the trace's, in their order; the same one twice is one. */
static void equals(enum flow_series which, int64_t (*value)(const struct rill_trace_record *))
{
    const struct series *s = &flow.series[which];
    struct point last = {.when = -1};
    unsigned point = 0;
    for (unsigned i = 0; i < records; i++) {
        int64_t expected = tells(&record[i]) ? value(&record[i]) : -1;
        rill_time when = record[i].when - connection.begin;
        if (expected < 0 || (when == last.when && expected == last.low))
            continue;
        CU_ASSERT_FATAL(point < s->count);
        last = s->at[point++];
        CU_ASSERT_EQUAL_FATAL(last.when, when);
        CU_ASSERT_EQUAL_FATAL(last.low, expected);
    }
    CU_ASSERT_EQUAL(point, s->count);
    CU_ASSERT(point > 100);
}

static int64_t cwnd(const struct rill_trace_record *r)
{
    return r->cwnd ? (int64_t)r->cwnd : -1;
}

static int64_t ssthresh(const struct rill_trace_record *r)
{
    return !r->cwnd || r->ssthresh >= UINT32_MAX / 2 ? -1 : (int64_t)r->ssthresh;
}

static int64_t in_flight(const struct rill_trace_record *r)
{
    return r->in_flight;
}

static int64_t srtt(const struct rill_trace_record *r)
{
    return r->srtt ? RILL_MICROSECONDS(r->srtt) : -1;
}

/* Comments round it down to milliseconds. */
static int64_t rto(const struct rill_trace_record *r)
{
    return r->rto / RILL_MILLISECONDS(1) * RILL_MILLISECONDS(1);
}

static void comments_equal_the_trace(void)
{
    CU_ASSERT(flow.commented);
    equals(FLOW_CWND, cwnd);
    equals(FLOW_SSTHRESH, ssthresh);
    equals(FLOW_FLIGHT, in_flight);
    equals(FLOW_SRTT, srtt);
    equals(FLOW_RTO, rto);
}

/* What the trace says was sent again is what is drawn so. */
static void retransmissions_are_those_of_the_trace(void)
{
    unsigned again = 0;
    for (unsigned i = 0; i < records; i++)
        again += record[i].event == RILL_EVENT_SEGMENT_OUT &&
                 strstr(rill_reason_text(record[i].reason), "retransmission");
    CU_ASSERT(again > 1);
    CU_ASSERT_EQUAL(flow.series[FLOW_RETRANSMITTED].count, again);
    CU_ASSERT_EQUAL(flow.segments_again, again);
}

/* And what is inferred agrees with what is known: 20 ms each way, and what the rate makes wait. */
static void what_is_measured_is_the_path(void)
{
    const struct series *s = &flow.series[FLOW_RTT];
    CU_ASSERT(s->count > 50);
    for (unsigned i = 0; i < s->count; i++)
        CU_ASSERT(s->at[i].low >= RILL_MILLISECONDS(40) && s->at[i].low < RILL_MILLISECONDS(300));
    CU_ASSERT(flow.una > 1 && flow.una <= TOTAL + 1); /* the run ends at the last byte */
    CU_ASSERT_EQUAL(flow.seen.max, TOTAL + 2);        /* SYN and FIN too */
    CU_ASSERT(flow_window_known(&flow));
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a run is recorded", record_a_run},
        {"comments equal the trace", comments_equal_the_trace},
        {"retransmissions are those of the trace", retransmissions_are_those_of_the_trace},
        {"what is measured is the path", what_is_measured_is_the_path},
    };
    return UNIT_MAIN("graph", tests);
}
