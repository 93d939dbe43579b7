/* The program's signal handlers. They run between its calls of rill, never within one: so they may
 * jump (siglongjmp), call exit(3), and use sockets, as they do with the kernel's. */
#ifndef DRIVERS_POSIX_SIGNALS_H
#define DRIVERS_POSIX_SIGNALS_H

#include <stdbool.h>

/* A host has been opened, which does not leave SIGINT and SIGTERM ignored: what the program has
 * said holds again. */
void signals_restore_ignored(void);

/* This thread begins a call of rill's: from now on they wait for its end, and end its wait. */
void signals_hold(void);

/* Some have come within it. */
bool signals_pending(void);

/* It has ended: they run at once again. Those that came within it are run by the second. False: one
 * of them does not want interrupted calls to be made again. */
void signals_release(void);
bool signals_run(void);

#endif
