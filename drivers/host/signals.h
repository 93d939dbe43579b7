/* SIGINT and SIGTERM end a sleep and are reported once to each loop; a second one has its default
 * effect. Signals for which the program has a handler are left alone. */
#ifndef DRIVERS_HOST_SIGNALS_H
#define DRIVERS_HOST_SIGNALS_H

#include <stdbool.h>

/* Installs the handlers with the first acquire and restores them with the last release. Returns 0,
 * or -1 with errno. */
int host_signals_acquire(void);
void host_signals_release(void);

/* From now on the loops belong to this process, a child of the one that acquired the signals. */
void host_signals_inherit(void);

/* Readable after the first signal; polled together with the device by a loop that has not reported
 * the signal yet. */
int host_signals_descriptor(void);
bool host_signals_came(void);
int host_signals_number(void); /* of the last signal; 0: none */

/* For the program's handlers that also end the sleep: makes the descriptor readable until it is
 * hushed, which is harmless after one of the signals above. host_signals_ring is safe in a
 * handler. */
void host_signals_ring(void);
void host_signals_hush(void);

#endif
