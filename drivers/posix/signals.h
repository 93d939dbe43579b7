/* The program's signal handlers. They run between its calls to rill, never inside one; so they may
 * jump (siglongjmp), call exit(3), and use sockets, as with the kernel's sockets. */
#ifndef DRIVERS_POSIX_SIGNALS_H
#define DRIVERS_POSIX_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

/* Which signals are ignored: a bit for each. A host that is opened does not leave SIGINT and
 * SIGTERM so; what the program has said, or whoever started it in the background, holds again. */
uint64_t signals_ignored(void);
void signals_ignore(uint64_t);

/* This thread begins a call of rill's: from now on they wait for its end, and end its wait. */
void signals_hold(void);

/* Some have come within it. */
bool signals_pending(void);

/* It has ended: they run at once again. Those that came within it are run by the second. False: one
 * of them does not want interrupted calls to be made again. */
void signals_release(void);
bool signals_run(void);

#endif
