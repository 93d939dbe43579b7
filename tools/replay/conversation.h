/* A recording sorted into conversations: the TCP connections in it, each with the segments of both
 * hosts in recorded order, the ICMP errors about them, and the byte stream that each host sent.
 * Numbers are positions (SYN 0, first byte 1) and times count from the first segment, so that a
 * player may give them any ISN and any clock. Segments with a wrong checksum are left out, as any
 * host would; one whose sum the recording host's card was to finish is taken. */
#ifndef REPLAY_CONVERSATION_H
#define REPLAY_CONVERSATION_H

#include "base/position.h"
#include "recording/recording.h"
#include "wire/tcp_header.h"

enum conversation_side { CONVERSATION_CLIENT, CONVERSATION_SERVER };

struct conversation_segment {
    unsigned number; /* of the packet in the capture */
    rill_time when;  /* since the conversation's first segment */
    enum conversation_side from;
    bool icmp;                /* an ICMP error to the other side, about its segment before `ack` */
    position seq, ack;        /* ack: 0 where the flag is missing */
    struct tcp_header header; /* as recorded; SACK blocks too */
    struct rill_span text;
    struct rill_span packet; /* IP; like the text, the recording's */
};

/* What one host did. */
struct conversation_host {
    uint32_t address; /* host order */
    uint16_t port;
    uint32_t isn;
    bool numbered;              /* the ISN is known: it sent a SYN */
    struct tcp_options options; /* of its SYN */
    uint8_t *stream; /* the byte at position p lies at p - 1; NULL: too little is there */
    size_t length;   /* up to the last byte that it sent */
    size_t whole;    /* up to the first byte that the recording lacks */
    position heard;  /* the highest that it has acknowledged of the other's */
    unsigned beyond; /* packet with text behind the edge of the other's window; 0: none */
    size_t seen;     /* bytes of text in its segments, copies too */
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
    unsigned cut;  /* segments of which the snap length has left only a part */
    unsigned next; /* an older one of the same bucket, from 1; 0: none */
};

struct conversations {
    struct conversation *conversation;
    unsigned count, room;
    unsigned *bucket; /* while they are sorted: the latest conversation of each, from 1 */
    unsigned ip6;     /* packets of TCP and UDP over IPv6 */
    unsigned wrong;   /* segments with a wrong checksum */
};

/* The recording must outlive them. */
void conversations_read(struct conversations *, const struct recording *);
void conversations_free(struct conversations *);

/* NULL: one side can be played: the handshake (or the refusal) was seen, every byte that its host
 * sent, every byte that it acknowledged, and the ACKs that let it send them. Else what is
 * missing. */
const char *conversation_lacks(const struct conversation *, enum conversation_side);

/* Its text and its FIN are the stream's: not what a RST tells as its reason (RFC 1122 4.2.2.12),
 * nor what has neither SYN nor ACK, which nobody takes (RFC 9293 3.10.7.4, fifth). */
bool conversation_carries(const struct conversation_segment *);

/* Of the segment's text, and the one just behind its text and FIN. */
position conversation_text(const struct conversation_segment *);
position conversation_end(const struct conversation_segment *);

/* The window that it offers, in bytes: a scale counts where both hosts have sent one, and never on
 * a SYN (RFC 7323 2.2). */
uint32_t conversation_window(const struct conversation *, const struct conversation_segment *);

#endif
