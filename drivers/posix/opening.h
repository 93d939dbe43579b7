#ifndef DRIVERS_POSIX_OPENING_H
#define DRIVERS_POSIX_OPENING_H

#include <stdbool.h>

/* As posix_begin_any (home.h), but opens a host if there is none, by RILL_OPTIONS; sets errno if it
 * cannot. */
bool posix_begin_first(void);

#endif
