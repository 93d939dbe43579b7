/* Records the frames between a stack and the code that moves them, with the stack's comment on each
 * packet: for simulations, which have no device (rill_capture_device). An arriving frame is written
 * before the stack processes it, and again with its comment, so that after a failed assertion the
 * file has the frame that caused it. */
#ifndef DRIVERS_RECORDER_H
#define DRIVERS_RECORDER_H

#include "explain.h"

#include <sys/types.h>

struct recorder {
    struct rill_capture *capture; /* NULL: nothing is recorded */
    struct explain explain;
    uint32_t received; /* frames so far */
    off_t mark;        /* position of the last arrived frames; -1: not written */
};

/* The stack needs a trace (trace_records, at least RILL_CAPTURE_TRACE) for comments. The caller
 * keeps the capture. False: no memory. */
bool recorder_begin(struct recorder *, struct rill_capture *, const struct rill *);
void recorder_end(struct recorder *);

/* Before and after rill_receive: numbers and writes the frames, then adds their comments. */
void recorder_arrive(struct recorder *, struct rill_frame *, unsigned n, rill_time when);
void recorder_received(struct recorder *, const struct rill_frame *, unsigned n, rill_time when);

/* After rill_transmit. */
void recorder_sent(struct recorder *, const struct rill_frame *, unsigned n, rill_time when);

#endif
