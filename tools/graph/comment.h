/* The facts in rill's comment on a packet (drivers/explain.c) about the connection that received or
 * sent it, as numbers again. */
#ifndef GRAPH_COMMENT_H
#define GRAPH_COMMENT_H

#include <rill/time.h>
#include <stdbool.h>
#include <stdint.h>

struct comment {
    bool known;               /* it has facts of a connection; else the fields below mean nothing */
    uint32_t cwnd, in_flight; /* bytes; cwnd 0: none yet */
    uint32_t ssthresh;        /* bytes; UINT32_MAX: none yet */
    rill_time srtt, rto;      /* srtt 0: no sample yet */
    bool retransmits;         /* the reason for which the segment was sent */
};

/* Accepts any text, also a comment by another program. */
struct comment comment_parse(const char *text);

#endif
