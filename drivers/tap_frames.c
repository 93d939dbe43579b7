#include "tap_frames.h"

#include "uring.h"
#include "vnet.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <unistd.h>

void tap_frames_begin(struct tap_frames *t)
{
    t->ring = uring_open();
}

void tap_frames_end(struct tap_frames *t)
{
    uring_close(t->ring);
    t->ring = NULL;
}

static unsigned min_of(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* The interface was deleted while we use it. */
static int failed(int error)
{
    errno = error == EBADFD ? ENODEV : error;
    return -1;
}

/* ---- Reading ---- */

/* The frame's buffer holds `length` bytes: a header, if there is one, and the frame. False: they
 * are not a frame. */
static bool take_frame(const struct tap_frames *t, struct rill_frame *f, int32_t length)
{
    int32_t header = t->has_header ? VNET_HEADER : 0;
    if (length < header)
        return false; /* a frame shorter than its header is impossible */
    *f = (struct rill_frame){.buffer = f->buffer,
                             .room = f->room,
                             .start = (uint32_t)header,
                             .length = (uint32_t)(length - header)};
    return !t->has_header || vnet_read(f->buffer, f);
}

/* False: there is none; errno. */
static bool read_frame(const struct tap_frames *t, struct rill_frame *f)
{
    ssize_t length;
    do
        length = read(t->fd, f->buffer, f->room);
    while (length > 0 && !take_frame(t, f, (int32_t)length));
    if (length == 0)
        errno = EAGAIN; /* a TAP never returns 0 */
    return length > 0;
}

static int read_singly(const struct tap_frames *t, struct rill_frame *frame, unsigned max)
{
    unsigned n = 0;
    while (n < max && read_frame(t, &frame[n]))
        n++;
    if (n > 0 || max == 0 || errno == EAGAIN || errno == EINTR)
        return (int)n;
    return failed(errno);
}

static void swap(struct rill_frame *a, struct rill_frame *b)
{
    struct rill_frame c = *a;
    *a = *b;
    *b = c;
}

/* Moves the frames that were read to the front. Returns their number, and in *error why there are
 * not more. */
static unsigned sort_out(const struct tap_frames *t, struct rill_frame *frame,
                         const int32_t *result, unsigned n, int *error)
{
    unsigned good = 0;
    for (unsigned i = 0; i < n; i++) {
        if (result[i] < 0)
            *error = -result[i];
        else if (take_frame(t, &frame[i], result[i]))
            swap(&frame[good++], &frame[i]);
    }
    return good;
}

/* Requests n frames at once. Returns how many were read. */
static unsigned read_together(struct tap_frames *t, struct rill_frame *frame, unsigned n,
                              int *error)
{
    int32_t result[URING_MAX];
    for (unsigned i = 0; i < n; i++)
        uring_read(t->ring, t->fd, frame[i].buffer, frame[i].room);
    if (uring_submit(t->ring, result) == 0)
        return sort_out(t, frame, result, n, error);
    tap_frames_end(t); /* the kernel may execute the entries much later */
    *error = EOPNOTSUPP;
    return 0;
}

/* A read that finds nothing also costs, though less than a system call. So it requests only as many
 * as were read last, and one more to learn whether there are more. */
static int read_batch(struct tap_frames *t, struct rill_frame *frame, unsigned max)
{
    unsigned n = 0, asked = t->expected + 1, some;
    int error = EAGAIN;
    do {
        asked = min_of(min_of(asked, URING_MAX), max - n);
        some = read_together(t, frame + n, asked, &error);
        n += some;
    } while (some == asked && n < max);
    t->expected = n;
    if (n > 0 || error == EAGAIN || error == EINTR)
        return (int)n;
    return failed(error);
}

/* After a pause the first frame is probably alone, and its sender waits for the answer. */
static int read_first(struct tap_frames *t, struct rill_frame *frame)
{
    int n = read_singly(t, frame, 1);
    t->expected = n > 0;
    return n;
}

int tap_frames_read(struct tap_frames *t, struct rill_frame *frame, unsigned max)
{
    if (max < 2 || !t->ring)
        return read_singly(t, frame, max);
    if (t->expected == 0)
        return read_first(t, frame);
    int n = read_batch(t, frame, max);
    if (n >= 0 || errno != EOPNOTSUPP)
        return n;
    tap_frames_end(t); /* the kernel has io_uring, but not for TAPs */
    return read_singly(t, frame, max);
}

/* ---- Writing ---- */

/* One frame as an iovec of its parts. */
struct parts {
    uint8_t header[VNET_HEADER];
    struct iovec part[2 + RILL_GATHER_MAX];
    unsigned count;
};

static const struct iovec *parts_of(const struct tap_frames *t, const struct rill_frame *f,
                                    struct parts *p)
{
    unsigned n = 0;
    assert(t->has_header || (!f->checksum_partial && f->gso_size == 0));
    if (t->has_header) {
        vnet_write(p->header, f);
        p->part[n++] = (struct iovec){p->header, VNET_HEADER};
    }
    p->part[n++] = (struct iovec){f->buffer + f->start, f->length};
    for (unsigned i = 0; i < f->gather_count; i++)
        p->part[n++] = (struct iovec){(void *)f->gather[i].at, f->gather[i].length};
    p->count = n;
    return p->part;
}

/* EIO: the interface is down; a wire without link would lose the frame too. ENOMEM: the kernel has
 * no room for 64 KB at the moment. */
static bool is_lost(int error)
{
    return error == EIO || error == ENOMEM;
}

static bool is_written(const struct tap_frames *t, const struct rill_frame *f)
{
    struct parts p;
    const struct iovec *part = parts_of(t, f, &p);
    return writev(t->fd, part, (int)p.count) >= 0 || is_lost(errno);
}

static int write_singly(const struct tap_frames *t, const struct rill_frame *frame, unsigned max)
{
    unsigned n = 0;
    while (n < max && is_written(t, &frame[n]))
        n++;
    if (n > 0 || max == 0 || errno == EAGAIN || errno == ENOBUFS || errno == EINTR)
        return (int)n;
    return failed(errno);
}

/* If frames after one that found no room were written, that one counts as lost, as on a full wire.
 * Returns how many were written or lost; 0: none, with errno. */
static unsigned count_written(const int32_t *result, unsigned n)
{
    unsigned gone = 0;
    for (unsigned i = 0; i < n; i++) {
        if (result[i] >= 0 || is_lost(-result[i]))
            gone = i + 1;
        else
            errno = -result[i];
    }
    return gone;
}

static unsigned write_together(struct tap_frames *t, const struct rill_frame *frame, unsigned n)
{
    int32_t result[URING_MAX];
    struct parts p[URING_MAX];
    for (unsigned i = 0; i < n; i++) {
        const struct iovec *part = parts_of(t, &frame[i], &p[i]);
        uring_write(t->ring, t->fd, part, p[i].count);
    }
    if (uring_submit(t->ring, result) == 0)
        return count_written(result, n);
    tap_frames_end(t);
    errno = EOPNOTSUPP;
    return 0;
}

int tap_frames_write(struct tap_frames *t, const struct rill_frame *frame, unsigned max)
{
    if (max < 2 || !t->ring)
        return write_singly(t, frame, max);
    unsigned n = write_together(t, frame, min_of(max, URING_MAX));
    if (n > 0 || errno == EAGAIN || errno == ENOBUFS || errno == EINTR)
        return (int)n;
    if (errno != EOPNOTSUPP)
        return failed(errno);
    tap_frames_end(t);
    return write_singly(t, frame, max);
}
