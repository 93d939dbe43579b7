/* TCP's trace records: a function for each kind of event; it does nothing while tracing is off. */
#ifndef TCP_TRACEPOINT_H
#define TCP_TRACEPOINT_H

#include "tcp/segment.h"

void tracepoint_state(struct tcp *, const struct head *, enum rill_tcp_state to, enum rill_reason);
void tracepoint_loss(struct tcp *, const struct tcp_conn *, enum rill_reason);
void tracepoint_timer(struct tcp *, const struct tcp_conn *, enum rill_reason);

/* A segment arrives, while tracing is on: its record is written before those of its effects, and
 * completed afterwards. The states are those of the flow's entry. */
struct rill_trace_record *tracepoint_segment_in(struct tcp *, const struct flow *,
                                                enum rill_tcp_state, const struct tcp_arrival *);
void tracepoint_segment_taken(const struct tcp *, struct rill_trace_record *, const struct flow *,
                              enum rill_tcp_state, enum rill_drop);

/* A segment leaves an entry. `cut`: if it is a superframe, the port cuts it, and each piece has its
 * own record. */
void tracepoint_segment_out(struct tcp *, const struct head *, const struct tcp_emission *,
                            enum rill_reason, bool cut);

#endif
