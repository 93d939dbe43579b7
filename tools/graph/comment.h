/* What rill's comment on a packet (drivers/explain.c) tells of the connection that took or sent it:
 * as numbers again. */
#ifndef GRAPH_COMMENT_H
#define GRAPH_COMMENT_H

#include <rill/time.h>
#include <stdbool.h>
#include <stdint.h>

struct comment {
    bool known;               /* it tells of a connection; else nothing below is meant */
    uint32_t cwnd, in_flight; /* bytes; cwnd 0: none yet */
    uint32_t ssthresh;        /* bytes; UINT32_MAX: none yet */
    rill_time srtt, rto;      /* srtt 0: no sample yet */
    bool retransmits;         /* the segment was sent for this */
};

/* Any text, also one of another writer. */
struct comment comment_parse(const char *text);

#endif
