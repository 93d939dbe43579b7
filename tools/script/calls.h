/* System calls of a script (language page, sections 13 and 23.5). One may be in progress. */
#ifndef SCRIPT_CALLS_H
#define SCRIPT_CALLS_H

#include "script/run.h"

void call_handle(struct run *, const struct call_line *);

/* The call in progress is given up to `limit` more microseconds. False: it still waits. */
bool call_wait(struct run *, int64_t limit);
/* The call in progress ends with its stack. */
void call_abandon(struct run *);
/* What a call that is done has brought is looked at, at once or once it is noticed. */
void call_notice(struct run *);

#endif
