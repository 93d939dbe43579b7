/* The words of rill-ss: those of ss, if it has some. */
#ifndef SS_WORDS_H
#define SS_WORDS_H

#include <rill/status.h>

#define WORDS_TIME 24
#define WORDS_END 56 /* room for any address and a port */

/* "ESTAB", "TIME-WAIT"; of a datagram socket ESTAB or UNCONN. */
const char *words_state(const struct rill_status *);

/* "established", "close-wait", as written in state filters, or ss's own spelling in any case;
 * RILL_TCP_STATE_COUNT: not a state. CLOSED is "unconnected" or "closed". */
enum rill_tcp_state words_state_named(const char *name);

/* "tcp", "udp" */
const char *words_netid(const struct rill_status *);

/* "192.0.2.2:80", "*:80", "*:*" */
const char *words_local(char out[WORDS_END], const struct rill_status *);
const char *words_remote(char out[WORDS_END], const struct rill_status *);

/* "250ms", "12.3s", "5min3s", "2h5min" */
const char *words_time(char out[WORDS_TIME], rill_time);

/* Which side must act next, as one clause: "the application has to close: the peer has". */
const char *words_turn(const struct rill_status *);

/* The same as one word: "application", "peer", "nobody". */
const char *words_whose(const struct rill_status *);

#endif
