/* Time: nanoseconds since an instant that the host chooses. The stack never reads a clock; the
 * caller passes the time in. A rill_time is a point in time or a duration, signed 64 bits (292
 * years). */
#ifndef RILL_TIME_H
#define RILL_TIME_H

#include <stdint.h>

typedef int64_t rill_time;

#define RILL_NEVER INT64_MAX /* no deadline */

#define RILL_MICROSECONDS(n) ((rill_time)(n)*1000)
#define RILL_MILLISECONDS(n) ((rill_time)(n)*1000000)
#define RILL_SECONDS(n) ((rill_time)(n)*1000000000)

#endif
