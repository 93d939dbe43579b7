/* The stack that a recording is played to: alone on its link, on the virtual clock, whole-object
 * checks on. It is always 192.0.2.1 and its peer 192.0.2.2, whoever they were in the capture:
 * recorded addresses may be anything, 127.0.0.1 at both ends too. */
#ifndef REPLAY_STAGE_H
#define REPLAY_STAGE_H

#include "recorder.h"
#include "wire/eth.h"

#include <rill/capture.h>
#include <rill/rill.h>

#define STAGE_OWN 0xc0000201  /* 192.0.2.1: rill */
#define STAGE_PEER 0xc0000202 /* 192.0.2.2 */
#define STAGE_BATCH 16        /* frames that are sent at once, before they are cut */
#define STAGE_TRACE 4096

/* Of a frame of IPv4 from the peer to rill. */
extern const struct eth stage_head;

struct stage {
    struct rill *rill;
    int port;
    rill_time now;
    struct recorder recorder; /* everything that passes is written there, with comments */
    rill_time epoch;          /* what is added to `now` there */
    bool offload;             /* its port cuts superframes and leaves and finishes checksums */
    uint8_t *buffer;          /* STAGE_BATCH frames of `room` bytes */
    size_t room;
    uint8_t *wire; /* the same, cut and finished */
    struct rill_span *sent;
};

/* What every stage's stack is like; change what a recording asks for, then open. */
void stage_config(struct rill_config *);

/* Becomes the current stack (rill_use); its first announcements are over. `mtu`: of the link.
 * `offload`: its port is a card that cuts superframes, takes them in and does sums. */
void stage_open(struct stage *, const struct rill_config *, uint16_t mtu, bool offload,
                struct rill_capture *);
void stage_close(struct stage *);
/* From now on; NULL: no more. */
void stage_record(struct stage *, struct rill_capture *);

/* Sends what is due now and returns how many frames the wire sees, which lie in `sent` until the
 * next call; 0: no more. */
unsigned stage_pull(struct stage *);
/* A frame arrives; with offload the good checksum in it is left unfinished. */
void stage_feed(struct stage *, void *frame, size_t length);
/* The same for one that may have been joined of several (simulator/join). */
void stage_feed_joined(struct stage *, struct rill_frame *);

#endif
