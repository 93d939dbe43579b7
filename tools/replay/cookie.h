/* Fast Open in a replay (RFC 7413): what the recorded hosts' cookies are mapped to. Where rill is
 * the client it has met the server before, and was given the recorded cookie; where it is the
 * server it makes cookies with a key that is known here, so that the recorded client's become good
 * ones. */
#ifndef REPLAY_COOKIE_H
#define REPLAY_COOKIE_H

#include "replay/playing.h"

/* The SYN of the client, NULL: none. */
const struct conversation_segment *cookie_syn(const struct conversation *);

/* A stack that takes part as far as the recorded hosts did. */
void cookie_configure(const struct player *, struct rill_config *);

/* The stage is open, the conversation has not begun: rill meets the server. */
void cookie_prime(struct player *);

/* The cookie that the segment is to bring instead of its own, length 0: it stays. A cookie that the
 * recorded server did not take is not made good. */
struct tcp_fast_open cookie_map(const struct player *, const struct conversation_segment *);

#endif
