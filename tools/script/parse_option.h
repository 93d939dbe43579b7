/* `<OPTION, ...>` after a TCP segment (language page, section 9). */
#ifndef SCRIPT_PARSE_OPTION_H
#define SCRIPT_PARSE_OPTION_H

#include "script/parser.h"

void parse_options(struct parser *, struct script_packet *);

#endif
