/* One TCP segment of a capture, over IPv4 or IPv6, with the fields that graphs show. Lengths come
 * from the headers, so they are right even if the capture kept only the headers. */
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
    struct note note; /* its packet's, borrowed */
};

bool graph_end_equal(const struct graph_end *, const struct graph_end *);

/* False: not TCP, or a later fragment, or the TCP header is incomplete. */
bool segment_of(struct segment *, const struct recorded *);

/* Reads the segments of a capture one after the other; memory holds one. */
struct capture {
    struct recording_reader reader;
    struct notes notes;
};

/* FILE is a name that can be opened twice. Like recording_open; call capture_close in any case. */
enum recording_status capture_open(struct capture *, const char *file, const char *filter,
                                   struct rill_diagnostic *);
/* Like recording_next. */
bool capture_next(struct capture *, struct segment *, struct rill_diagnostic *);
void capture_close(struct capture *);

#endif
