/* The directory and the name of a control socket. */
#ifndef DRIVERS_HOST_CONTROL_PLACE_H
#define DRIVERS_HOST_CONTROL_PLACE_H

#include <rill/control.h>

/* A listening socket, mode 0600, that does not block. `path`: where, or NULL: in the first
 * directory of <rill/control.h> that is, or can be made, the owner's alone; what stacks that have
 * died left there is removed. Its name is left in `name`. -1 with a sentence and errno. */
int control_listen(const char *path, char name[RILL_CONTROL_PATH], struct rill_complaint *);

/* A connection to it, that does not block; -1 with errno, ECONNREFUSED where nobody listens any
 * more. */
int control_connect(const char *name);

#endif
