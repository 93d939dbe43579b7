/* Streams of bytes over the connections of a pair, checked byte by byte. */
#ifndef TESTS_STREAM_H
#define TESTS_STREAM_H

#include "pair.h"

/* Sends total[e] bytes from each end e between the two descriptors, shuts both sides down and reads
 * to the end; false: not all arrived equal by `until`. */
bool streams_run(struct pair *, const int fd[2], const size_t total[2], rill_time until);

#endif
