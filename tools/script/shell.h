/* Shell lines: commands with a meaning for a stack (language page, section 14). */
#ifndef SCRIPT_SHELL_H
#define SCRIPT_SHELL_H

#include "script/run.h"

void shell_handle(struct run *, const char *text);

#endif
