/* --follow: state changes as they happen, each with the time, its cause and the sentence of RFC
 * 9293. */
#ifndef SS_FOLLOW_H
#define SS_FOLLOW_H

#include <rill/trace.h>
#include <stdio.h>

/* One record: a state change, or records that came too fast. `date`: when it was, since 1970. */
void follow_print(FILE *, const struct rill_trace_record *, rill_time date);

#endif
