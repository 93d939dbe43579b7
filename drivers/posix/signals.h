/* The program's signal handlers. They run between its calls of rill, never within one: so they may
 * jump (siglongjmp), call exit(3), and use sockets, as they do with the kernel's. */
#ifndef DRIVERS_POSIX_SIGNALS_H
#define DRIVERS_POSIX_SIGNALS_H

#include <stdbool.h>

/* A host has been opened, which does not leave SIGINT and SIGTERM ignored: what the program has
 * said holds again. */
void signals_restore_ignored(void);

/* Some have come within the call in progress. */
bool signals_pending(void);

/* Runs their handlers. False: one of them does not want interrupted calls to be made again. */
bool signals_run(void);

#endif
