/* The connections of a capture: ends, times, bytes. A connection is a pair of ends, from its first
 * packet to the SYN with which the same ports are reused. */
#ifndef GRAPH_SURVEY_H
#define GRAPH_SURVEY_H

#include "graph/segment.h"

#define SURVEY_MAX 65536 /* connections: later ones are only counted */

struct connection {
    struct graph_end end[2]; /* A opened it, or sent first */
    unsigned first, last;    /* its packets, by number */
    rill_time begin, end_time;
    uint64_t packets;
    uint64_t bytes[2]; /* of text sent by A and B, with repetitions */
    bool from_syn;     /* it begins with a SYN */
    bool over;         /* a FIN or RST was seen: a SYN starts another one */
    uint32_t isn;      /* of that SYN */
    unsigned older;    /* in its bucket: an index plus 1; 0: none */
};

struct survey {
    struct connection *connection; /* in the order of their first packets */
    unsigned count, room;
    unsigned *bucket;
    uint64_t packets;  /* packets with TCP */
    uint64_t left_out; /* of connections beyond SURVEY_MAX */
};

void survey_begin(struct survey *);
void survey_take(struct survey *, const struct segment *);
void survey_end(struct survey *);

/* The sender of the segment: 0 is A, 1 B, 2 another host. */
unsigned connection_sender(const struct connection *, const struct segment *);
/* Does the segment belong to this connection, not to an earlier or later one of the same ends? */
bool connection_holds(const struct connection *, const struct segment *);

#endif
