/* The loop that drives one port of a stack from one device: the only place that sleeps.
 *
 * A turn reads frames, then sends; if the device was empty a moment ago, it first sends what calls
 * have queued since the last turn. It sleeps only if none of this moved a frame and no timer was
 * due. If many frames arrive a turn ends early, so that the application can read, and sending waits
 * for a later turn. If the device does not accept frames, the loop waits for it, because their
 * gather spans are valid only until the next call into the stack. */
#ifndef DRIVERS_HOST_LOOP_H
#define DRIVERS_HOST_LOOP_H

#include "host/adopted.h"
#include "host/clock.h"
#include "host/external_loop.h"

#include <rill/device.h>

struct host_control;
struct rill_mailbox;

/* Frames that are moved together, and the size of their buffers. They are empty between two
 * batches. */
struct host_batch {
    unsigned frames; /* at most RILL_BATCH_MAX */
    uint32_t room;
    struct rill_frame frame[RILL_BATCH_MAX];
};

struct host_loop {
    struct rill *stack;
    struct rill_device *device;
    int port;
    struct rill_mailbox *mailbox; /* for calls of other threads; NULL: none */
    int bell; /* readable if the device has frames that its descriptor does not show; -1: none */
    struct host_adopted adopted;        /* host descriptors that also wake the loop */
    struct host_external_loop external; /* the program's, which sleeps instead of this one */
    struct host_control *control;       /* served in each turn; NULL: none */
    bool brought;                       /* the last turn had frames, calls, or an expired timer */
    rill_time due; /* the stack's deadline, as last set in the external timer */
    bool signal_reported;
    /* For exit(3) in a signal handler: the loop's current activity. */
    volatile bool turns, sleeps;
    struct host_clock clock;
    bool sends_superframes; /* the last batch sent had frames of more than 8 KB each */
    struct host_batch in, out;
    bool more;         /* the last turn may not have read everything */
    rill_time emptied; /* when the device was last empty */
    struct {
        unsigned frames;
        uint32_t bytes;
        rill_time since; /* arrival of the first of them */
    } unanswered;        /* received since the stack was last asked for frames */
    uint8_t *memory;     /* of the frames' buffers: one direction at a time */
};

/* Borrows stack and device, and continues the clock with which the stack was made. Returns 0, or -1
 * with ENOMEM. */
int host_loop_init(struct host_loop *, struct rill *, struct rill_device *, int port,
                   const struct host_clock *);
void host_loop_end(struct host_loop *);

/* See rill_host_fd. */
int host_loop_descriptor(struct host_loop *);

/* From now on makes the calls in the mailbox. Returns 0, or -1 with errno. */
int host_loop_mailbox(struct host_loop *, struct rill_mailbox *);

/* One turn: see rill_host_turn. */
int host_loop_turn(struct host_loop *, rill_time until);

#endif
