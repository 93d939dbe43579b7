/* What a stack reports about an application's writes: SO_TIMESTAMPING and MSG_ZEROCOPY. */
#ifndef SIMULATOR_REPORTS_H
#define SIMULATOR_REPORTS_H

#include "world.h"

/* Asks for all reports about what an open end writes from now on. False: it has no memory for that,
 * or the stack does not know them. */
bool reports_begin(const struct end *);

/* Reads the reports that have come, and compares them with what was written. */
void reports_read(struct end *);

/* Everything written has been acknowledged: no buffer may be in use any more. */
void reports_finish(struct end *);

#endif
