/* Frames through one descriptor of a TAP: one for each read(2) and write(2), or several in one
 * system call if the kernel permits io_uring. */
#ifndef DRIVERS_TAP_FRAMES_H
#define DRIVERS_TAP_FRAMES_H

#include <rill/frame.h>

struct uring;

struct tap_frames {
    int fd;             /* non-blocking; -1: none yet. The owner closes it */
    bool has_header;    /* of vnet.h, before each frame */
    struct uring *ring; /* NULL: one frame per system call */
    unsigned expected;  /* frames: as many as were read last */
};

/* From now on moves frames in batches, if possible. */
void tap_frames_begin(struct tap_frames *);
void tap_frames_end(struct tap_frames *);

/* Like `read` of struct rill_device_ops, but fewer frames than max does not mean that there are no
 * more: after a pause only the first is read. */
int tap_frames_read(struct tap_frames *, struct rill_frame *, unsigned max);
int tap_frames_write(struct tap_frames *, const struct rill_frame *, unsigned max);

#endif
