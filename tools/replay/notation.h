/* Segments and ends in tcpdump's notation, with relative numbers: the first byte is 1. */
#ifndef REPLAY_NOTATION_H
#define REPLAY_NOTATION_H

#include "base/position.h"
#include "wire/tcp_header.h"

#define NOTATION_MAX 96

/* A segment for display: a recorded one, or one that rill has sent. */
struct spoken {
    unsigned number; /* of its packet in the capture; of rill's: of the last one played before */
    position seq, ack;
    struct tcp_header header;
    size_t length; /* of its text */
    bool closed;   /* sent after both FINs, a close or an abort; rill's: and no state was left */
    bool listens;  /* recorded: by a server, before what acknowledges its SYN-ACK */
    bool abort;    /* recorded: its application aborted, RFC 9293 3.10.5 */
    bool matched;  /* it has a partner on the other side of the comparison */
};

/* The position after text and FIN. */
position spoken_end(const struct spoken *);

struct notation {
    char text[NOTATION_MAX];
};

/* "P." */
struct notation notation_flags(uint16_t flags);
/* "mss 1460,sackOK,TS,wscale 7": the options and their values. */
struct notation notation_options(const struct tcp_options *);
/* "[P.] 1:101 ack 1 win 229 length 100" */
struct notation notation_segment(const struct spoken *);
/* "192.0.2.1", "192.0.2.1:80" */
struct notation notation_address(uint32_t address);
struct notation notation_end(uint32_t address, uint16_t port);

#endif
