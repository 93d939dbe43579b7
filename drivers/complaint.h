/* A driver's error report: one sentence into the caller's struct, the reason into errno. */
#ifndef DRIVERS_COMPLAINT_H
#define DRIVERS_COMPLAINT_H

#include <rill/device.h>

/* Sets errno to `error`. A sentence that is too long is cut. */
void complain(struct rill_complaint *, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
