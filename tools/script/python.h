/* %{ }% blocks (language page, section 15): kept with the variables of their moment, run at the
 * end. */
#ifndef SCRIPT_PYTHON_H
#define SCRIPT_PYTHON_H

#include "script/run.h"

void python_handle(struct run *, const char *text);

/* All of them. */
void python_run(struct run *);

#endif
