/* A system call, from its name on (language page, sections 3.4 and 13). */
#ifndef SCRIPT_PARSE_CALL_H
#define SCRIPT_PARSE_CALL_H

#include "script/parser.h"

struct call_line *parse_call(struct parser *);

#endif
