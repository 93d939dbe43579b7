/* Fast Open in a replay (RFC 7413): maps the recorded hosts' cookies. If rill is the client, it has
 * connected to the server before and got the recorded cookie. If it is the server, it makes cookies
 * with a known key, so that the recorded client's can be replaced by valid ones. */
#ifndef REPLAY_COOKIE_H
#define REPLAY_COOKIE_H

#include "replay/playing.h"

/* The SYN of the client, NULL: none. */
const struct conversation_segment *cookie_syn(const struct conversation *);

/* Configures Fast Open as far as the recorded hosts used it. */
void cookie_configure(const struct player *, struct rill_config *);

/* Call it when the stage is open, before the conversation: rill gets the server's cookie. */
void cookie_prime(struct player *);

/* The cookie that replaces the segment's own; length 0: unchanged. A cookie that the recorded
 * server refused is not made valid. */
struct tcp_fast_open cookie_map(const struct player *, const struct conversation_segment *);

#endif
