#ifndef DRIVERS_POSIX_OPENING_H
#define DRIVERS_POSIX_OPENING_H

#include <stdbool.h>

/* As posix_begin_any (entry.h), but opens a host if there is none, by RILL_OPTIONS; sets errno if
 * it cannot. */
bool posix_begin_first(void);

/* Descriptors that stay when the program closes all numbers: those of owner.h and the monitor's.
 * The least one from `from` on, INT_MAX: none; and is `fd` one of them? */
int posix_kept(int from);
bool posix_keeps(int fd);

#endif
