/* What the stack does not have yet. A script that needs it is unsupported, which is said before it
 * runs: it must neither fail nor pass. A row goes when the stack has learnt the thing. */
#ifndef SCRIPT_LACKS_H
#define SCRIPT_LACKS_H

#include "script/script.h"

/* The name of something that the event needs and the stack lacks, or NULL. */
const char *stack_lacks(const struct event *);

#endif
