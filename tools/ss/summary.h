/* -s: counts of sockets. */
#ifndef SS_SUMMARY_H
#define SS_SUMMARY_H

#include "ss/json.h"

struct summary {
    unsigned tcp, udp;
    unsigned state[RILL_TCP_STATE_COUNT]; /* of TCP */
    unsigned orphans;
    unsigned application, peer; /* which side must act next */
};

void summary_add(struct summary *, const struct rill_status *);
void summary_print(FILE *, const struct summary *, const struct rill_control_greeting *);
void summary_json(struct json *, const struct summary *);

#endif
