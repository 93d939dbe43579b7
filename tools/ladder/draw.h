/* A ladder as text, one line for each packet:
 *
 *        0.174 ms  SYN_SENT     A --SYN------> B  SYN_RECEIVED  seq 0
 */
#ifndef LADDER_DRAW_H
#define LADDER_DRAW_H

#include "ladder/ladder.h"

#include <stdio.h>

/* Times are counted from the capture's first packet. */
void ladder_draw(FILE *, const struct ladder *, bool colours);

#endif
