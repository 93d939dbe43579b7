/* Features that the stack does not have yet. A script that needs one is unsupported, which is
 * reported before it runs: it must neither fail nor pass. Delete a row when the stack has the
 * feature. */
#ifndef SCRIPT_LACKS_H
#define SCRIPT_LACKS_H

#include "script/script.h"

/* The name of a feature that the event needs and the stack lacks, or NULL. */
const char *stack_lacks(const struct event *);

#endif
