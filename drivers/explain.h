/* The stack's trace of a frame as one line of text. Records are pulled before the frames to which
 * they belong are written, and kept until they are used or replaced. */
#ifndef DRIVERS_EXPLAIN_H
#define DRIVERS_EXPLAIN_H

#include <rill/capture.h>
#include <rill/trace.h>

#define EXPLANATION_MAX 1024
#define EXPLAIN_FRAMES (2 * RILL_BATCH_MAX) /* a received batch and a sent batch */

struct explanation {
    enum rill_capture_direction direction;
    uint32_t frame;
    char text[EXPLANATION_MAX];
};

struct explain {
    const struct rill *stack;
    uint64_t place;         /* in the stack's trace */
    struct explanation *of; /* EXPLAIN_FRAMES */
    unsigned count;
};

/* Explains only what happens from now on. False: no memory. */
bool explain_begin(struct explain *, const struct rill *);
void explain_end(struct explain *);

/* Pulls the new records of the trace; the earlier explanations are discarded. */
void explain_pull(struct explain *);

/* The explanation of a frame; at least that it was received or sent. */
const char *explain_frame(const struct explain *, enum rill_capture_direction, uint32_t number);

#endif
