/* The other end of one TCP connection, driven by hand: each call writes one segment, tells the
 * stack under test, and takes note of what it answers. The peer speaks without options and
 * believes nothing: what it receives has to be in order and as expected. */
#ifndef TESTS_REMOTE_H
#define TESTS_REMOTE_H

#include "lone.h"

#define REMOTE_WINDOW 8192

struct remote {
    struct lone *lone;
    struct forge way;
    uint16_t port, to; /* ours, the stack's */
    uint32_t seq, ack; /* our SND.NXT, our RCV.NXT */
    int fd;            /* the application's end in the stack; -1: none yet */
};

/* Connects from 192.0.2.2 to a listening socket of the stack, which accepts. */
struct remote remote_connect(struct lone *, int listener, uint16_t to, uint16_t port);
/* The same with an MSS option on the SYN. */
struct remote remote_connect_mss(struct lone *, int listener, uint16_t to, uint16_t port,
                                 uint16_t mss);
/* Lets the application of the stack connect to 192.0.2.2; established afterwards. */
struct remote remote_accept(struct lone *, uint16_t port);

/* One segment at our SND.NXT that acknowledges RCV.NXT; what the flags and the text occupy moves
 * SND.NXT. */
void remote_send(struct remote *, uint16_t flags, struct rill_span text);
/* Takes the segments sent to this peer since `from` (an index of lone_sent): moves RCV.NXT over
 * text in order and a FIN, and returns the flags of all of them together. */
uint16_t remote_take(struct remote *, unsigned from);

/* A few hundred bytes each way, all acknowledged: the connection works. */
void remote_exchange(struct remote *);
/* Both sides close; the peer answers everything. The descriptor is closed. */
void remote_finish(struct remote *);

/* Frame of a segment with these fields, for those who want to damage it. */
size_t remote_frame(const struct remote *, uint8_t *at, uint16_t flags, struct rill_span text);

#endif
