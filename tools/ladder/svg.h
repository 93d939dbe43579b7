/* A ladder as one page of SVG: each conversation between two lifelines, times and states in columns
 * beside them. Green: a state that changed. Orange: sent again. Dashed, and short of the other
 * line: not there when the other end spoke next. Red: a reset. */
#ifndef LADDER_SVG_H
#define LADDER_SVG_H

#include "ladder/ladder.h"

#include <stdio.h>

#define SVG_RUNGS_MAX 2000 /* on a page: what browsers still scroll with ease */

/* The first SVG_RUNGS_MAX packets; a sentence at the end tells where there are more. Times are
 * counted from the capture's first packet. */
void ladder_svg(FILE *, const struct ladder *);

#endif
