/* What a server costs, read from /proc: itself and all its descendants. */
#ifndef C10K_METER_H
#define C10K_METER_H

#include <stdint.h>
#include <sys/types.h>

struct meter {
    double cpu;      /* seconds, user and system */
    uint64_t memory; /* bytes: the proportional share (PSS) of what is resident */
};

/* All zeros where the process has gone. */
struct meter meter_read(pid_t);

#endif
