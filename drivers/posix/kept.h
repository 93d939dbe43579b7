#ifndef DRIVERS_POSIX_KEPT_H
#define DRIVERS_POSIX_KEPT_H

#include <stdbool.h>

/* Descriptors that stay when the program closes all numbers: those of owner.h, the relays' and the
 * monitor's. The least one from `from` on, INT_MAX: none; and is `fd` one of them? */
int posix_kept(int from);
bool posix_keeps(int fd);

#endif
