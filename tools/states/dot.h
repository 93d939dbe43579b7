/* RFC 9293's figure 5 in graphviz's language, with what runs have taken lit up and counted. */
#ifndef STATES_DOT_H
#define STATES_DOT_H

#include "states/taken.h"

/* `taken` NULL: the diagram alone. */
void dot_draw(FILE *, const struct taken *);

#endif
