/* A decorator that records the frames read from and written to the inner device.
 *
 * With an explanation, each call asks the stack what it did with the frames of the previous read:
 * they are written at once without a comment, and again with it if the file allows going back. */
#include "capture_file.h"
#include "explain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A copy of the last batch that was read. */
struct batch {
    struct rill_frame frame[RILL_BATCH_MAX]; /* their buffers lie in `bytes` */
    unsigned count;
    rill_time when;
    uint8_t *bytes;
    size_t room;
    off_t mark; /* position of the batch in the file; -1: not written yet */
};

struct capture_device {
    struct rill_device device;
    struct rill_device *inner;
    struct rill_capture *capture;
    rill_time (*clock)(void);
    bool failed;   /* the file can no longer be written */
    uint32_t read; /* frames so far */
    struct explain explain;
    struct batch batch;
};

static struct capture_device *self(struct rill_device *d)
{
    return (struct capture_device *)d;
}

static bool explains(const struct capture_device *d)
{
    return d->explain.stack != NULL;
}

static void record(struct capture_device *d, const struct rill_frame *frame, rill_time when,
                   enum rill_capture_direction direction, const char *comment)
{
    if (d->failed || rill_capture_write(d->capture, frame, when, direction, comment) == 0)
        return;
    d->failed = true;
    fprintf(stderr, "rill: the capture ends here: %s\n", strerror(errno));
}

/* ---- The batch that has no explanation yet ---- */

static bool batch_reserve(struct batch *b, size_t room)
{
    if (room <= b->room)
        return true;
    uint8_t *bytes = realloc(b->bytes, room);
    if (bytes) {
        b->bytes = bytes;
        b->room = room;
    }
    return bytes != NULL;
}

/* Copies of the frames. False: no memory. */
static bool batch_keep(struct batch *b, const struct rill_frame *frame, unsigned n)
{
    size_t length = 0;
    for (unsigned i = 0; i < n; i++)
        length += frame[i].length;
    if (!batch_reserve(b, length))
        return false;
    uint8_t *at = b->bytes;
    for (unsigned i = 0; i < n; i++) {
        memcpy(at, frame[i].buffer + frame[i].start, frame[i].length);
        b->frame[i] = frame[i];
        b->frame[i].buffer = at;
        b->frame[i].start = 0;
        at += frame[i].length;
    }
    b->count = n;
    return true;
}

/* The stack has processed the batch by now: writes the explanations. */
static void settle(struct capture_device *d)
{
    struct batch *b = &d->batch;
    if (!explains(d))
        return;
    explain_pull(&d->explain);
    if (b->count && b->mark >= 0)
        rill_capture_go_back(d->capture, b->mark);
    for (unsigned i = 0; i < b->count; i++)
        record(d, &b->frame[i], b->when, RILL_CAPTURE_IN,
               explain_frame(&d->explain, RILL_CAPTURE_IN, b->frame[i].number));
    rill_capture_forget_mark(d->capture);
    b->count = 0;
}

/* ---- The device ---- */

static void record_read(struct capture_device *d, const struct rill_frame *frame, unsigned n)
{
    struct batch *b = &d->batch;
    b->when = d->clock();
    bool kept = explains(d) && !d->failed && batch_keep(b, frame, n);
    b->mark = kept ? rill_capture_mark(d->capture) : -1;
    for (unsigned i = 0; i < n && (!kept || b->mark >= 0); i++)
        record(d, &frame[i], b->when, RILL_CAPTURE_IN, NULL);
}

static int capture_read(struct rill_device *device, struct rill_frame *frame, unsigned max)
{
    struct capture_device *d = self(device);
    settle(d);
    int n = d->inner->ops->read(d->inner, frame, max < RILL_BATCH_MAX ? max : RILL_BATCH_MAX);
    int error = errno;
    for (int i = 0; i < n; i++)
        frame[i].number = ++d->read;
    if (n > 0)
        record_read(d, frame, (unsigned)n);
    errno = error;
    return n;
}

static int capture_write(struct rill_device *device, const struct rill_frame *frame, unsigned n)
{
    struct capture_device *d = self(device);
    settle(d);
    int taken = d->inner->ops->write(d->inner, frame, n);
    int error = errno;
    rill_time now = taken > 0 ? d->clock() : 0;
    for (int i = 0; i < taken; i++)
        record(d, &frame[i], now, RILL_CAPTURE_OUT,
               explains(d) ? explain_frame(&d->explain, RILL_CAPTURE_OUT, frame[i].number) : NULL);
    errno = error;
    return taken;
}

static int capture_descriptor(const struct rill_device *device)
{
    const struct capture_device *d = (const struct capture_device *)device;
    return d->inner->ops->descriptor(d->inner);
}

static void capture_close(struct rill_device *device)
{
    struct capture_device *d = self(device);
    d->inner->ops->close(d->inner);
    rill_capture_close(d->capture);
    explain_end(&d->explain);
    free(d->batch.bytes);
    free(d);
}

struct rill_device *rill_capture_device(struct rill_device *inner, struct rill_capture *capture,
                                        rill_time (*clock)(void))
{
    static const struct rill_device_ops ops = {
        .read = capture_read,
        .write = capture_write,
        .descriptor = capture_descriptor,
        .close = capture_close,
    };
    struct capture_device *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->device = (struct rill_device){.ops = &ops, .facts = inner->facts};
    d->inner = inner;
    d->capture = capture;
    d->clock = clock;
    return &d->device;
}

void rill_capture_explain(struct rill_device *device, struct rill *stack)
{
    struct capture_device *d = self(device);
    if (explains(d)) {
        settle(d);
        explain_end(&d->explain);
    }
    if (stack && capture_comments(d->capture) && !explain_begin(&d->explain, stack))
        d->explain.stack = NULL;
}
