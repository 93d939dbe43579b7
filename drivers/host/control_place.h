/* The directory and the name of a control socket. */
#ifndef DRIVERS_HOST_CONTROL_PLACE_H
#define DRIVERS_HOST_CONTROL_PLACE_H

#include <rill/control.h>

/* Returns a non-blocking listening socket of mode 0600, and its name in `name`. `path`: where;
 * NULL: in the first directory of <rill/control.h> that only the owner can enter, or that can be
 * created so; sockets of dead stacks in it are removed. -1 with a diagnostic and errno. */
int control_listen(const char *path, char name[RILL_CONTROL_PATH], struct rill_diagnostic *);

/* Returns a non-blocking connection, or -1 with errno: ECONNREFUSED if there is no listener any
 * more. */
int control_connect(const char *name);

#endif
