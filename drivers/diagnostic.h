/* A driver's error report: one sentence into the caller's struct, the reason into errno. */
#ifndef DRIVERS_DIAGNOSTIC_H
#define DRIVERS_DIAGNOSTIC_H

#include <rill/device.h>

/* Sets errno to `error`. A sentence that is too long is cut. */
void diagnostic_set(struct rill_diagnostic *, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
