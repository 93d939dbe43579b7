/* As both.h, but in real time: rill in the host's own loop, with a device on which nothing comes,
 * so that the host's descriptors and signals are there as on the kernel. */
#ifndef TESTS_BOTH_HOSTED_H
#define TESTS_BOTH_HOSTED_H

#include "both.h"

int hosted_main(const char *suite, const struct unit_test *, size_t count, int argc, char **argv);
#define HOSTED_MAIN(suite, tests, argc, argv) \
    hosted_main(suite, tests, sizeof(tests) / sizeof *(tests), argc, argv)

/* The name by which the calls know a host descriptor: on rill it is adopted. */
int hosted(int host_fd);
void hosted_close(int fd, int host_fd);

rill_time hosted_now(void); /* CLOCK_MONOTONIC */

#endif
