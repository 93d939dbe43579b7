/* Segmentation of superframes in software, for a device that cannot cut them: what TSO does in a
 * network card. The payload is not copied; each segment gets the headers and its part of the spans.
 */
#ifndef LINK_GSO_H
#define LINK_GSO_H

#include <rill/frame.h>

/* f[0] is the superframe, complete with its link header, all text in gather spans, its checksum
 * partial. It becomes the first piece, and the others are put behind it, into buffers that have
 * room for headers and text. Returns how many there are. */
unsigned gso_segment(struct rill_frame *f);

#endif
