#include "recorder.h"

#include "capture_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool recorder_begin(struct recorder *r, struct rill_capture *capture, const struct rill *stack)
{
    *r = (struct recorder){.capture = capture, .mark = -1};
    return explain_begin(&r->explain, stack);
}

void recorder_end(struct recorder *r)
{
    explain_end(&r->explain);
    *r = (struct recorder){0};
}

static void record(struct recorder *r, const struct rill_frame *f, rill_time when,
                   enum rill_capture_direction way, const char *comment)
{
    if (!r->capture || rill_capture_write(r->capture, f, when, way, comment) == 0)
        return;
    fprintf(stderr, "rill: the capture ends here: %s\n", strerror(errno));
    r->capture = NULL;
}

void recorder_arrive(struct recorder *r, struct rill_frame *f, unsigned n, rill_time when)
{
    if (!r->capture)
        return;
    r->mark = rill_capture_mark(r->capture);
    for (unsigned i = 0; i < n; i++) {
        f[i].number = ++r->received;
        if (r->mark >= 0)
            record(r, &f[i], when, RILL_CAPTURE_IN, NULL);
    }
}

void recorder_received(struct recorder *r, const struct rill_frame *f, unsigned n, rill_time when)
{
    if (!r->capture)
        return;
    explain_pull(&r->explain);
    if (r->mark >= 0)
        rill_capture_go_back(r->capture, r->mark);
    for (unsigned i = 0; i < n; i++)
        record(r, &f[i], when, RILL_CAPTURE_IN,
               explain_frame(&r->explain, RILL_CAPTURE_IN, f[i].number));
    if (r->capture)
        rill_capture_forget_mark(r->capture);
}

void recorder_sent(struct recorder *r, const struct rill_frame *f, unsigned n, rill_time when)
{
    if (!r->capture || !n)
        return;
    explain_pull(&r->explain);
    for (unsigned i = 0; i < n; i++)
        record(r, &f[i], when, RILL_CAPTURE_OUT,
               explain_frame(&r->explain, RILL_CAPTURE_OUT, f[i].number));
}
