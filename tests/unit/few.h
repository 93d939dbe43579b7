/* A process that has few descriptors left. */
#ifndef TESTS_FEW_H
#define TESTS_FEW_H

#include <sys/resource.h>

/* The process can open `left` more descriptors, from the lowest free one on, until the second is
 * called. Returns how many it may have then (RLIMIT_NOFILE). */
rlim_t few_begin(unsigned left);
void few_end(void); /* keeps errno */

#endif
