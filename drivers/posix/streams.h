/* The standard streams of a program whose descriptors 0 to 2 may be sockets (streams.c). */
#ifndef DRIVERS_POSIX_STREAMS_H
#define DRIVERS_POSIX_STREAMS_H

/* The descriptor is about to be another file, or closed; and it is a socket now, by whatever call
 * gave it this number. Meanwhile stdin, stdout or stderr is a stream of ours. */
void stream_leave(int fd);
void stream_follow(int fd);

/* At exit(3), before the sockets end: libc itself writes only afterwards. */
void streams_flush(void);

#endif
