/* The loop that drives one port of a stack from one device: the only place that sleeps.
 *
 * A turn first sends what calls have queued since the last turn, then reads frames, then sends
 * again. It sleeps only if none of this moved a frame and no timer was due. If many frames arrive a
 * turn ends early, so that the application can read, and sending waits for a later turn. If the
 * device does not accept frames, the loop waits for it, because their gather spans are valid only
 * until the next call into the stack. */
#ifndef DRIVERS_HOST_LOOP_H
#define DRIVERS_HOST_LOOP_H

#include "host/adopted.h"
#include "host/clock.h"
#include "host/foreign.h"

#include <rill/device.h>

struct host_control;
struct rill_mailbox;

/* Frames that are moved in a row, and how large their buffers are. Between two batches they are
 * empty. */
struct host_batch {
    unsigned frames; /* at most RILL_BATCH_MAX */
    uint32_t room;
    struct rill_frame frame[RILL_BATCH_MAX];
};

struct host_loop {
    struct rill *stack;
    struct rill_device *device;
    int port;
    struct rill_mailbox *mailbox; /* of threads; NULL: there are none */
    int bell; /* readable when the device has something that its descriptor does not show; -1 */
    struct host_adopted adopted;  /* host descriptors that are to wake it */
    struct host_foreign foreign;  /* who else sleeps for it */
    struct host_control *control; /* to be served beside it; NULL: none */
    bool brought;  /* something, by the last turn: frames, calls, a timer that ran out */
    rill_time due; /* the stack's deadline, as he was told last */
    bool signal_reported;
    /* For exit(3) in a signal handler: what the loop is in the midst of. */
    volatile bool turns, sleeps;
    struct host_clock clock;
    rill_time sent;         /* when a frame last went out */
    bool sends_superframes; /* what went out last: 8 KB each, or more */
    struct host_batch in, out;
    bool more;         /* may be there to be read than the last turn has read */
    rill_time emptied; /* when there was no more */
    struct {
        unsigned frames;
        uint32_t bytes;
        rill_time since; /* the first of them came */
    } unanswered;        /* what has come in since the stack was last asked what it sends */
    uint8_t *memory;     /* of the frames: one direction's at a time */
};

/* Borrows stack and device, and goes on with the clock that the stack was made by. Returns 0, or -1
 * with ENOMEM. */
int host_loop_init(struct host_loop *, struct rill *, struct rill_device *, int port,
                   const struct host_clock *);
void host_loop_end(struct host_loop *);

/* See rill_host_fd. */
int host_loop_descriptor(struct host_loop *);

/* Calls in the mailbox are made from now on. Returns 0, or -1 with errno. */
int host_loop_mailbox(struct host_loop *, struct rill_mailbox *);

/* One turn: see rill_host_turn. */
int host_loop_turn(struct host_loop *, rill_time until);

#endif
