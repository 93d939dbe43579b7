/* One TCP segment of a capture, over IPv4 or IPv6, as far as graphs show it. Lengths are the
 * header's, so that a capture whose snap length kept the headers only has them all. */
#ifndef GRAPH_SEGMENT_H
#define GRAPH_SEGMENT_H

#include "recording/notes.h"
#include "recording/recording.h"
#include "wire/tcp_header.h"

struct graph_end {
    struct rill_address address;
    uint16_t port;
};

struct segment {
    rill_time when;
    unsigned number; /* in the file, from 1 */
    struct graph_end source, destination;
    struct tcp_header tcp;
    uint32_t length;  /* bytes of text */
    struct note note; /* of its packet, borrowed */
};

bool graph_end_equal(const struct graph_end *, const struct graph_end *);

/* False: it is no TCP, or a fragment behind the first, or its TCP header is not whole. */
bool segment_of(struct segment *, const struct recorded *);

/* The segments of a capture, one after the other in the memory of one. */
struct capture {
    struct recording_reader reader;
    struct notes notes;
};

/* FILE is a name that can be opened twice. As recording_open; capture_close in any case. */
enum recording_status capture_open(struct capture *, const char *file, const char *filter,
                                   struct rill_complaint *);
/* As recording_next. */
bool capture_next(struct capture *, struct segment *, struct rill_complaint *);
void capture_close(struct capture *);

#endif
