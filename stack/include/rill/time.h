/* Time as rill knows it: nanoseconds since an instant that the host chooses, always handed in,
 * never read. A rill_time is a point on that line, a difference of two is a length; both are signed
 * 64 bit (292 years). */
#ifndef RILL_TIME_H
#define RILL_TIME_H

#include <stdint.h>

typedef int64_t rill_time;

#define RILL_NEVER INT64_MAX /* the deadline of nothing */

#define RILL_MICROSECONDS(n) ((rill_time)(n)*1000)
#define RILL_MILLISECONDS(n) ((rill_time)(n)*1000000)
#define RILL_SECONDS(n) ((rill_time)(n)*1000000000)

#endif
