/* --follow: state changes as they happen, each with the time, its cause and the sentence of RFC
 * 9293. */
#ifndef SS_FOLLOW_H
#define SS_FOLLOW_H

#include <rill/trace.h>
#include <stdio.h>

/* One record: a state change, or a gap because the reader was too slow. `date`: its time, since
 * 1970. */
void follow_print(FILE *, const struct rill_trace_record *, rill_time date);

#endif
