/* SIGINT and SIGTERM end a sleep and are reported once to each loop; a second one has its default
 * effect. Signals with a handler of the program are left alone. */
#ifndef DRIVERS_HOST_SIGNALS_H
#define DRIVERS_HOST_SIGNALS_H

#include <stdbool.h>

/* Installs the handlers with the first acquire and restores them with the last release. Returns 0,
 * or -1 with errno. */
int host_signals_acquire(void);
void host_signals_release(void);

/* This process, a child of the one that has acquired them, has its loops from now on. */
void host_signals_inherit(void);

/* Readable from the first signal on: to be polled beside the device, by a loop that has not
 * reported the signal yet. */
int host_signals_descriptor(void);
bool host_signals_came(void);
int host_signals_number(void); /* the last; 0: none */

/* For handlers of somebody else's, who wants the sleep to end, too: it becomes readable, until it
 * is hushed, which is harmless where one of the above has come. Safe in a handler: the first. */
void host_signals_ring(void);
void host_signals_hush(void);

#endif
