/* Segments and ends as tcpdump writes them, with relative numbers: the first byte is 1. */
#ifndef REPLAY_NOTATION_H
#define REPLAY_NOTATION_H

#include "base/position.h"
#include "wire/tcp_header.h"

#define NOTATION_MAX 96

/* A segment as it is told of: one that was recorded, or one that rill has sent. */
struct spoken {
    unsigned number; /* of its packet in the capture; of rill's: of the last one played before */
    position seq, ack;
    struct tcp_header header;
    size_t length; /* of its text */
    bool closed;   /* sent when both sides had closed; rill's: and nothing was left */
    bool abort;    /* recorded: its application gave up, RFC 9293 3.10.5 */
    bool matched;  /* the other side of the comparison has one like it */
};

/* Behind text and FIN. */
position spoken_end(const struct spoken *);

struct notation {
    char text[NOTATION_MAX];
};

/* "P." */
struct notation notation_flags(uint16_t flags);
/* "mss 1460,sackOK,TS,wscale 7": which options there are, and what was chosen in them. */
struct notation notation_options(const struct tcp_options *);
/* "[P.] 1:101 ack 1 win 229 length 100" */
struct notation notation_segment(const struct spoken *);
/* "192.0.2.1", "192.0.2.1:80" */
struct notation notation_address(uint32_t address);
struct notation notation_end(uint32_t address, uint16_t port);

#endif
