/* Closing, below the standard streams, which close their numbers themselves. */
#ifndef DRIVERS_POSIX_CLOSE_H
#define DRIVERS_POSIX_CLOSE_H

/* close(2) of a number that no standard stream follows any more (standard.h). */
int close_number(int fd);

#endif
