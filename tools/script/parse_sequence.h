/* A segment's numbers, `START:END(LENGTH)` (language page, sections 3.2 and 18). */
#ifndef SCRIPT_PARSE_SEQUENCE_H
#define SCRIPT_PARSE_SEQUENCE_H

#include "script/parser.h"

void parse_sequence(struct parser *, struct script_packet *);

#endif
