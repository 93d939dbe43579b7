/* SIGINT and SIGTERM end a sleep and are reported once to each loop; a second one has its default
 * effect. A signal that the program handles itself is left alone. */
#ifndef DRIVERS_HOST_SIGNALS_H
#define DRIVERS_HOST_SIGNALS_H

#include <stdbool.h>

/* Installs the handlers with the first acquire and restores them with the last release. Returns 0,
 * or -1 with errno. */
int host_signals_acquire(void);
void host_signals_release(void);

/* Readable from the first signal on: to be polled beside the device, by a loop that has not
 * reported the signal yet. */
int host_signals_descriptor(void);
bool host_signals_came(void);

#endif
