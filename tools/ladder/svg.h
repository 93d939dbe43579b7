/* A ladder as one SVG page: each conversation between two lifelines, with times and states in
 * columns beside them. Green: a changed state. Orange: a repetition. Dashed and short: not received
 * when the other end sent its next segment. Red: a reset. */
#ifndef LADDER_SVG_H
#define LADDER_SVG_H

#include "ladder/ladder.h"

#include <stdio.h>

#define SVG_RUNGS_MAX 2000 /* on a page: browsers can still scroll it easily */

/* The first SVG_RUNGS_MAX packets; a last sentence says if there are more. Times are relative to
 * the capture's first packet. */
void ladder_svg(FILE *, const struct ladder *);

#endif
