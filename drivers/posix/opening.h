#ifndef DRIVERS_POSIX_OPENING_H
#define DRIVERS_POSIX_OPENING_H

#include <stdbool.h>

/* As posix_begin_any (entry.h), but opens a host if there is none, by RILL_OPTIONS; sets errno if
 * it cannot. */
bool posix_begin_first(void);

/* There is a stack: it and its children need what happens at exit(3) and fork(2). */
void posix_register(void);

#endif
