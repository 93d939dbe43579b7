/* The standard streams of a program whose descriptors 0 to 2 may be sockets: meanwhile stdin,
 * stdout or stderr is a stream of ours. */
#ifndef DRIVERS_POSIX_STANDARD_H
#define DRIVERS_POSIX_STANDARD_H

#include <stdio.h>

/* A stream that reads and writes the number by rill's calls. */
FILE *stream_on(int fd, const char *mode, cookie_close_function_t *closes);

/* The descriptor is about to be another file, or closed; and it is a socket now, by whatever call
 * gave it this number. */
void standard_leave(int fd);
void standard_follow(int fd);

/* libc's stream, in place of which ours stands; any other stream is itself. */
FILE *standard_libcs(FILE *);

/* At exit(3), before the sockets end: libc itself writes only afterwards. */
void standard_flush(void);

#endif
