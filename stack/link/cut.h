/* A superframe as the frames that a device takes which cannot cut: what TSO does in a card, here in
 * software. The text stays where it is; each piece gets the headers and its share of the spans. */
#ifndef LINK_CUT_H
#define LINK_CUT_H

#include <rill/frame.h>

/* f[0] is the superframe, complete with its link header, all text in gather spans, its checksum
 * partial. It becomes the first piece, and the others are put behind it, into buffers that have
 * room for headers and text. Returns how many there are. */
unsigned cut_superframe(struct rill_frame *f);

#endif
