/* Which sockets are shown: ss(8)'s flags for protocols and states, and of its expressions `state
 * S`, `exclude S`, `sport = :N`, `dport = :N`, `src E`, `dst E`, all of which must hold. E is an
 * address, a prefix such as 10.0.0.0/8, or `*`, with or without a port behind it (:80), or only
 * that. */
#ifndef SS_FILTER_H
#define SS_FILTER_H

#include <rill/status.h>

#include <stdbool.h>

#define FILTER_ENDS_MAX 16

/* What the local or the remote end must be. */
struct filter_end {
    bool is_remote;
    uint32_t network, mask; /* host order; both 0: any address */
    uint16_t port;          /* 0: any */
};

struct filter {
    bool tcp, udp;   /* neither: both */
    uint32_t states; /* bits by enum rill_tcp_state */
    struct filter_end end[FILTER_ENDS_MAX];
    unsigned ends;
};

enum filter_scope { SCOPE_CONNECTED, SCOPE_LISTENING, SCOPE_ALL };

/* The states that ss shows without an expression, with -l, with -a. */
void filter_begin(struct filter *, enum filter_scope);

/* The words after the options, up to NULL. NULL, or the error: a sentence about *wrong. */
const char *filter_parse(struct filter *, char *const *word, const char **wrong);

bool filter_passes(const struct filter *, const struct rill_status *);

#endif
