/* System calls of a script (language page, sections 13 and 23.5). One may be in progress. */
#ifndef SCRIPT_CALLS_H
#define SCRIPT_CALLS_H

#include "script/run.h"

void call_handle(struct run *, const struct call_line *);

/* Waits up to `limit` more microseconds for the call in progress. False: it still waits. */
bool call_wait(struct run *, int64_t limit);
/* The call in progress ends with its stack. */
void call_abandon(struct run *);
/* Checks the result of a call that is done, at once or when it is noticed. */
void call_notice(struct run *);

#endif
