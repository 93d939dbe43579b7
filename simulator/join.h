/* What a receiver's card or kernel does to segments that arrive together (LRO; Linux's
 * Documentation/networking/segmentation-offloads.rst, generic receive offload): successive ones of
 * a flow become one superframe, if it could be cut into just these again. */
#ifndef SIMULATOR_JOIN_H
#define SIMULATOR_JOIN_H

#include "base/bytes.h"

#include <stdbool.h>

/* Puts the segment behind what is in the frame, a segment or a superframe made here; their
 * checksums are looked at first, and that of the whole is partial. False: it does not belong there,
 * or has no room, and nothing was changed. */
bool join(struct rill_frame *, struct rill_span segment);

#endif
