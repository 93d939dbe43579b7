/* A ladder as text, one line for each packet:
 *
 *        0.174 ms  SYN_SENT     A --SYN------> B  SYN_RECEIVED  seq 0
 */
#ifndef LADDER_DRAW_H
#define LADDER_DRAW_H

#include "ladder/ladder.h"

#include <stdio.h>

/* The title, with the initial states if they are known (first), and one rung. */
void draw_title(FILE *, const struct conversation *, const struct step *first);
void draw_step(FILE *, const struct step *, rill_time begin, bool colours);

/* Times are relative to the capture's first packet. */
void ladder_draw(FILE *, const struct ladder *, bool colours);

#endif
