/* Rules about what no stack at 192.0.2.1 may send, whatever it has received. */
#ifndef REPLAY_VIOLATION_H
#define REPLAY_VIOLATION_H

#include "replay/dissect.h"

/* NULL: the frame obeys the rules. Else one sentence. */
const char *violation_of(const struct dissected *);

/* The same for an answer to this frame: no ICMP error about something that must not cause one (RFC
 * 1122 3.2.2, 4.2.3.10), no reset that answers a reset or a group (RFC 9293 3.10.7.1). */
const char *violation_of_answer(const struct dissected *, struct rill_span heard);

#endif
