/* Which sockets are shown: ss(8)'s flags for protocols and states, and of its expressions `state
 * S`, `exclude S`, `sport = :N`, `dport = :N`, `src A`, `dst A`, all of which must hold. */
#ifndef SS_FILTER_H
#define SS_FILTER_H

#include <rill/status.h>

#include <stdbool.h>

struct filter {
    bool tcp, udp;                    /* neither: both */
    uint32_t states;                  /* bits by enum rill_tcp_state */
    uint16_t local_port, remote_port; /* 0: any */
    struct rill_address local, remote;
};

enum filter_scope { SCOPE_CONNECTED, SCOPE_LISTENING, SCOPE_ALL };

/* The states that ss shows without an expression, with -l, with -a. */
void filter_begin(struct filter *, enum filter_scope);

/* The words after the options, up to NULL. NULL, or the error: a sentence about *wrong. */
const char *filter_parse(struct filter *, char *const *word, const char **wrong);

bool filter_passes(const struct filter *, const struct rill_status *);

#endif
