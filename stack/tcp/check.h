/* Whole-object checks, on in tests, simulation and fuzzing (rill_config.check). */
#ifndef TCP_CHECK_H
#define TCP_CHECK_H

#include "tcp/core.h"

/* Every invariant of one connection. */
void tcp_check(const struct tcp *, const struct tcp_conn *);

#endif
