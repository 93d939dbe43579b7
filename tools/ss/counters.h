/* Counters, as nstat(8) prints them and under Linux's MIB names; behind them, what was dropped, as
 * RillDrop and the reason's name. */
#ifndef SS_COUNTERS_H
#define SS_COUNTERS_H

#include "ss/json.h"

#include <rill/counters.h>

void counters_print(FILE *, const struct rill_counters *, bool zeros);

/* Members "counters" and "drops": all of them, zeros too. */
void counters_json(struct json *, const struct rill_counters *);

#endif
