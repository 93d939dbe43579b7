/* Frames through one descriptor of a TAP: one for each read(2) and write(2), or several in one
 * system call if the kernel permits io_uring. */
#ifndef DRIVERS_TAP_FRAMES_H
#define DRIVERS_TAP_FRAMES_H

#include <rill/frame.h>

struct uring;

struct tap_frames {
    int fd;             /* does not block; -1: none yet. It is the owner's to close */
    bool has_header;    /* of vnet.h, in front of each frame */
    struct uring *ring; /* NULL: one by one */
    unsigned expected;  /* frames: as many as came last */
};

/* From now on in batches, if that can be. */
void tap_frames_begin(struct tap_frames *);
void tap_frames_end(struct tap_frames *);

/* As struct rill_device_ops has it, but that fewer frames than max need not be all that are there:
 * after a silence the first comes alone. */
int tap_frames_read(struct tap_frames *, struct rill_frame *, unsigned max);
int tap_frames_write(struct tap_frames *, const struct rill_frame *, unsigned max);

#endif
