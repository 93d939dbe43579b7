/* A decorator: what the inner device reads and takes is recorded on its way. */
#include <errno.h>
#include <rill/capture.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct capture_device {
    struct rill_device device;
    struct rill_device *inner;
    struct rill_capture *capture;
    rill_time (*clock)(void);
    bool failed; /* the file can no longer be written */
};

static struct capture_device *self(struct rill_device *d)
{
    return (struct capture_device *)d;
}

static void record(struct capture_device *d, const struct rill_frame *frame, int n)
{
    rill_time now = n > 0 ? d->clock() : 0;
    for (int i = 0; i < n && !d->failed; i++) {
        if (rill_capture_write(d->capture, &frame[i], now) == 0)
            continue;
        d->failed = true;
        fprintf(stderr, "rill: the capture ends here: %s\n", strerror(errno));
    }
}

static int capture_read(struct rill_device *device, struct rill_frame *frame, unsigned max)
{
    struct capture_device *d = self(device);
    int n = d->inner->ops->read(d->inner, frame, max);
    int error = errno;
    record(d, frame, n);
    errno = error;
    return n;
}

static int capture_write(struct rill_device *device, const struct rill_frame *frame, unsigned n)
{
    struct capture_device *d = self(device);
    int taken = d->inner->ops->write(d->inner, frame, n);
    int error = errno;
    record(d, frame, taken);
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
