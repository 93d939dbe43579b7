/* A recording sorted into conversations: the TCP connections in it, each with the segments of both
 * hosts in recorded order, the ICMP errors about them, and the byte stream that each host sent.
 * Numbers are positions (SYN 0, first byte 1) and times count from the first segment, so that a
 * player may give them any ISN and any clock. Segments with a wrong checksum are left out, as any
 * host would. */
#ifndef REPLAY_CONVERSATION_H
#define REPLAY_CONVERSATION_H

#include "base/position.h"
#include "recording/recording.h"
#include "wire/tcp_header.h"

enum conversation_side { CONVERSATION_CLIENT, CONVERSATION_SERVER };

struct conversation_segment {
    unsigned number; /* number of the packet in the capture */
    rill_time when;  /* since the conversation's first segment */
    enum conversation_side from;
    bool icmp;                /* an ICMP error to the other side, about its segment before `ack` */
    position seq, ack;        /* ack: 0 where the flag is missing */
    struct tcp_header header; /* as recorded; SACK blocks too */
    struct rill_span text;
    struct rill_span packet; /* from the IP header; owned by the recording, like the text */
};

/* What one host did. */
struct conversation_host {
    uint32_t address; /* host order */
    uint16_t port;
    uint32_t isn;
    bool numbered;              /* the ISN is known: it sent a SYN */
    struct tcp_options options; /* of its SYN */
    uint8_t *stream; /* the byte at position p is at p - 1; NULL: too little was recorded */
    size_t length;   /* to the last byte that it sent */
    size_t whole;    /* to the first byte that the recording lacks */
    position heard;  /* the highest of the other's positions that it has acknowledged */
    unsigned beyond; /* packet with text beyond the other's window; 0: none */
    size_t seen;     /* bytes of text in its segments, with repetitions */
    position fin;    /* of its FIN; 0: none */
};

struct conversation {
    struct conversation_host host[2];
    struct conversation_segment *segment;
    unsigned count, room;
    rill_time start;
    bool opened;   /* it begins with a SYN */
    bool answered; /* by a SYN of the other host */
    bool refused;  /* by a RST */
    bool reset;    /* a RST has been sent, by whomever */
    unsigned cut;  /* segments that the snap length has cut */
    unsigned next; /* an older one of the same bucket, from 1; 0: none */
};

struct conversations {
    struct conversation *conversation;
    unsigned count, room;
    unsigned *bucket; /* during sorting: the latest conversation of each, from 1 */
    unsigned ip6;     /* packets of TCP and UDP over IPv6 */
    unsigned wrong;   /* segments with a wrong checksum */
    unsigned answers; /* SYN-ACKs with an ISN that the client has not taken */
};

/* The recording must outlive them. */
void conversations_read(struct conversations *, const struct recording *);
void conversations_free(struct conversations *);

/* NULL: the side can be played: the recording has the handshake (or the refusal), every byte that
 * its host sent, every byte that it acknowledged, and the ACKs that permitted sending. Else what is
 * missing. */
const char *conversation_lacks(const struct conversation *, enum conversation_side);

/* Do its text and FIN belong to the stream? Not the text of a RST, which gives a reason (RFC
 * 1122 4.2.2.12), nor a segment without SYN and ACK, which every host drops (RFC 9293 3.10.7.4,
 * fifth). */
bool conversation_carries(const struct conversation_segment *);

/* The position of the segment's text, and the one after its text and FIN. */
position conversation_text(const struct conversation_segment *);
position conversation_end(const struct conversation_segment *);

/* The offered window in bytes: scaled if both hosts have sent a scale, and never on a SYN (RFC
 * 7323 2.2). */
uint32_t conversation_window(const struct conversation *, const struct conversation_segment *);

#endif
