/* Counters, in the format of nstat(8) and with Linux's MIB names; then the drops, as RillDrop and
 * the reason's name. */
#ifndef SS_COUNTERS_H
#define SS_COUNTERS_H

#include "ss/json.h"

#include <rill/counters.h>

void counters_print(FILE *, const struct rill_counters *, bool zeros);

/* Members "counters" and "drops": all of them, including zeros. */
void counters_json(struct json *, const struct rill_counters *);

#endif
