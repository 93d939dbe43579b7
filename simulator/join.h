/* Joins segments that arrive together, as a receiver's card or kernel does (LRO; Linux's
 * Documentation/networking/segmentation-offloads.rst, generic receive offload): successive segments
 * of a flow become one superframe, if it could be cut into exactly these again. */
#ifndef SIMULATOR_JOIN_H
#define SIMULATOR_JOIN_H

#include "base/bytes.h"

#include <stdbool.h>

/* Appends the segment to the frame, a segment or a superframe made here. Checksums are checked
 * first; the result's is partial. False: the segment does not fit, and nothing was
 * changed. */
bool join(struct rill_frame *, struct rill_span segment);

#endif
