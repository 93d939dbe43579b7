/* Sets the configuration by name and value, as in `sysctl NAME=VALUE`. */
#ifndef SCRIPT_SYSCTL_H
#define SCRIPT_SYSCTL_H

#include "script/run.h"

void sysctl_set(struct run *, const char *name, const char *value);

#endif
