/* The stack's configuration that a script expects: defaults.sh of the public suites (language page,
 * sections 14 and 18). */
#ifndef SCRIPT_PRESET_H
#define SCRIPT_PRESET_H

#include "script/options.h"

void preset_apply(struct rill_config *, const struct script_options *);

/* What `defaults.sh` sets, again. */
void preset_linux(struct rill_config *);

#endif
