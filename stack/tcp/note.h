/* What TCP writes into the trace: one function for each kind of event, each doing nothing while
 * tracing is off. */
#ifndef TCP_NOTE_H
#define TCP_NOTE_H

#include "tcp/segment.h"

void note_state(struct tcp *, const struct head *, enum rill_tcp_state to, enum rill_reason);
void note_loss(struct tcp *, const struct tcp_conn *, enum rill_reason);
void note_timer(struct tcp *, const struct tcp_conn *, enum rill_reason);

/* A segment that reaches an entry, before it is taken (a drop is a record of its own), and one that
 * leaves it. */
void note_in(struct tcp *, const struct head *, const struct tcp_arrival *);
void note_out(struct tcp *, const struct head *, const struct tcp_emission *, enum rill_reason);

#endif
