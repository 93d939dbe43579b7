/* rill-ladder --live: follows a stream of packets and draws each at once. */
#ifndef LADDER_WATCH_H
#define LADDER_WATCH_H

/* `place`: a stack's control socket, "-" for standard input, or NULL for the only running stack.
 * Returns the exit status when the stream has ended. Ctrl-C ends the process with 0. */
int watch(const char *place, const char *filter);

#endif
