/* %{ }% blocks (language page, section 15): stored with their variables, and run at the end. */
#ifndef SCRIPT_PYTHON_H
#define SCRIPT_PYTHON_H

#include "script/run.h"

void python_handle(struct run *, const char *text);

/* Runs all blocks. */
void python_run(struct run *);

#endif
