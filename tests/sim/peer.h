/* The other end of one TCP connection, driven by hand: each call writes one segment, tells the
 * stack under test, and takes note of what it answers. The peer speaks without options and
 * believes nothing: what it receives has to be in order and as expected. */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include "lone.h"

#define PEER_WINDOW 8192

struct peer {
    struct lone *lone;
    struct forge way;
    uint16_t port, to; /* ours, the stack's */
    uint32_t seq, ack; /* our SND.NXT, our RCV.NXT */
    int fd;            /* the application's end in the stack; -1: none yet */
};

/* Connects from 192.0.2.2 to a listening socket of the stack, which accepts. */
struct peer peer_connect(struct lone *, int listener, uint16_t to, uint16_t port);
/* Lets the application of the stack connect to 192.0.2.2; established afterwards. */
struct peer peer_accept(struct lone *, uint16_t port);

/* One segment at our SND.NXT that acknowledges RCV.NXT; what the flags and the text occupy moves
 * SND.NXT. */
void peer_send(struct peer *, uint16_t flags, struct rill_span text);
/* Takes the segments sent to this peer since `from` (an index of lone_sent): moves RCV.NXT over
 * text in order and a FIN, and returns the flags of all of them together. */
uint16_t peer_take(struct peer *, unsigned from);

/* A few hundred bytes each way, all acknowledged: the connection works. */
void peer_exchange(struct peer *);
/* Both sides close; the peer answers everything. The descriptor is closed. */
void peer_finish(struct peer *);

/* Frame of a segment with these fields, for those who want to damage it. */
size_t peer_frame(const struct peer *, uint8_t *at, uint16_t flags, struct rill_span text);

#endif
