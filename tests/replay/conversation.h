/* A capture read into conversations: the TCP connections whose handshake it shows, each with the
 * segments of both hosts in recorded order and the byte stream that each host sent. Numbers are
 * positions (SYN 0, first byte 1) and times count from the first segment, so that a player may
 * give them any ISN and any clock. Segments with a wrong checksum, fragments and all that is not
 * TCP over IPv4 are left out. */
#ifndef REPLAY_CONVERSATION_H
#define REPLAY_CONVERSATION_H

#include "base/position.h"
#include "wire/tcp_header.h"

#include <rill/capture.h>
#include <rill/time.h>

enum conversation_side { CONVERSATION_CLIENT, CONVERSATION_SERVER };

struct conversation_segment {
    rill_time when; /* since the conversation's first segment */
    enum conversation_side from;
    position seq, ack;        /* ack: 0 where the flag is missing */
    struct tcp_header header; /* as recorded; SACK blocks too */
    struct rill_span text;    /* owned by the conversation */
};

/* What one host did. */
struct conversation_host {
    uint32_t address; /* host order */
    uint16_t port;
    uint32_t isn;
    struct tcp_options options; /* of its SYN */
    uint8_t *stream;            /* the byte at position p lies at p - 1 */
    bool *known;                /* seen in the capture */
    size_t length, room;
    position fin; /* of its FIN; 0: none */
    bool aborted; /* it sent a RST that carries an ACK: its application gave up */
};

struct conversation {
    struct conversation_host host[2];
    struct conversation_segment *segment;
    unsigned count, room;
    rill_time start;
    bool answered; /* the SYN was */
};

struct conversations {
    struct conversation *conversation;
    unsigned count;
};

/* Reads them all. False: errno and the complaint say why; nothing is to be freed then. */
bool conversations_read(struct conversations *, const char *file, struct rill_complaint *);
void conversations_free(struct conversations *);

/* The handshake was seen, and every byte up to the last one that either host sent. */
bool conversation_complete(const struct conversation *);

/* The segment's position just behind its text and FIN. */
position conversation_end(const struct conversation_segment *);

#endif
