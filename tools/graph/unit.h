/* Chooses the unit of an axis, so that its numbers are short. */
#ifndef GRAPH_UNIT_H
#define GRAPH_UNIT_H

#include <stdint.h>

struct unit {
    double of;        /* its size in the original unit */
    const char *name; /* "kB" */
};

struct unit unit_of_bytes(int64_t most);
struct unit unit_of_time(int64_t nanoseconds);
struct unit unit_of_rate(int64_t bits);

#endif
