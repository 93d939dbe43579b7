#include "replay/hostile.h"

#include "recording/grow.h"
#include "replay/repair.h"
#include "replay/service.h"
#include "replay/stage.h"
#include "replay/violation.h"

#include <rill/trace.h>

#define MTU 1500
#define FRAME_MAX (ETH_HEADER + 65535) /* no link carries longer ones */
#define PAUSE_MAX RILL_SECONDS(10)     /* the longest pause that is kept */
#define FORGETTING RILL_SECONDS(1200)  /* after which even the user time-out has expired */
#define TURNS_MAX 100000               /* more at one instant would be an endless loop */

struct thrower {
    struct stage stage;
    struct service service;
    struct hostile_report *report;
    struct rill_span heard; /* the last frame */
    unsigned number;        /* of its packet */
    unsigned sent;
};

static void report_failure(struct thrower *t, const char *what)
{
    difference_add(&t->report->wrong, t->number, false, "%s", what);
}

static void look_at(struct thrower *t, struct rill_span frame)
{
    struct dissected d;
    const char *wrong = dissect(&d, frame);
    wrong = wrong ? wrong : violation_of(&d);
    wrong = wrong || !t->heard.at ? wrong : violation_of_answer(&d, t->heard);
    if (wrong)
        report_failure(t, wrong);
    t->sent++;
}

static void pull(struct thrower *t)
{
    unsigned n, turns = 0;
    while ((n = stage_pull(&t->stage)) > 0 && turns++ < TURNS_MAX)
        for (unsigned i = 0; i < n; i++)
            look_at(t, t->stage.sent[i]);
    if (turns >= TURNS_MAX)
        report_failure(t, "it sends for ever");
}

static void pass(struct thrower *t, rill_time time)
{
    rill_time until = t->stage.now + time, next = 0;
    t->heard = span_of(NULL, 0); /* a timer's frame answers nothing */
    while (next < until) {
        next = rill_deadline(t->stage.rill);
        t->stage.now = min_of(max_of(next, t->stage.now), until);
        pull(t);
    }
}

/* In a block of its exact size, so that a sanitizer detects the first byte read beyond it. */
static void throw_one(struct thrower *t, const struct recorded *p, bool addressed)
{
    size_t length = p->frame.length;
    uint8_t *exact = grow(NULL, length ? length : 1);
    if (length)
        memcpy(exact, p->frame.at, length);
    if (addressed)
        repair_address(exact, length);
    t->number = p->number;
    t->heard = span_of(exact, length);
    stage_feed(&t->stage, exact, length);
    pull(t);
    service_turn(&t->service);
    t->heard = span_of(NULL, 0);
    free(exact);
    pull(t);
}

static void throw_all(struct thrower *t, const struct recording *r, bool addressed)
{
    rill_time last = r->count ? r->packet[0].when : 0;
    for (unsigned i = 0; i < r->count; i++) {
        const struct recorded *p = &r->packet[i];
        pass(t, p->when > last ? min_of(p->when - last, PAUSE_MAX) : 0);
        last = p->when;
        if (p->frame.length <= FRAME_MAX)
            throw_one(t, p, addressed);
    }
}

static void count(struct thrower *t, const struct recording *r)
{
    struct hostile_report *report = t->report;
    for (unsigned i = 0; i < r->count; i++)
        report->too_long += r->packet[i].frame.length > FRAME_MAX;
    report->frames = r->count - report->too_long;
    report->sent = t->sent;
    memcpy(report->drop, rill_counters(t->stage.rill)->drop, sizeof report->drop);
}

bool hostile_run(const struct recording *r, const struct hostile_options *o,
                 struct hostile_report *report)
{
    struct rill_config config;
    size_t used[HOSTILE_ROUNDS];
    *report = (struct hostile_report){0};
    struct thrower t = {.report = report};
    stage_config(&config);
    stage_open(&t.stage, &config, MTU, o->offload, o->pcap);
    t.stage.epoch = r->count ? r->packet[0].when - t.stage.now : 0;
    service_open(&t.service, r);
    for (unsigned round = 0; round < HOSTILE_ROUNDS; round++) {
        throw_all(&t, r, o->addressed);
        if (round == 0)
            count(&t, r);
        service_clear(&t.service);
        stage_record(&t.stage, NULL); /* record only the first round */
        pass(&t, FORGETTING);
        used[round] = rill_memory_used(t.stage.rill);
    }
    if (used[HOSTILE_ROUNDS - 1] > used[HOSTILE_ROUNDS - 2])
        report_failure(&t, "it holds more memory after each round");
    service_close(&t.service);
    stage_close(&t.stage);
    return report->wrong.forbidden == 0;
}

void hostile_print(FILE *out, const struct hostile_options *o, struct hostile_report *report)
{
    fprintf(out, "%s: %u frames, %u answers\n",
            o->addressed ? "addressed to rill, checksums put right" : "as they are", report->frames,
            report->sent);
    if (report->too_long)
        fprintf(out, "  %8u  longer than any link brings: left out\n", report->too_long);
    for (int i = 1; i < RILL_DROP_COUNT; i++)
        if (report->drop[i])
            fprintf(out, "  %8llu  %s\n", (unsigned long long)report->drop[i], rill_drop_text(i));
    differences_print(out, &report->wrong);
}
