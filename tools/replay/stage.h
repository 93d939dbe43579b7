/* The stack to which a recording is played: alone on its link, on the virtual clock, with all
 * object checks on. It is always 192.0.2.1 and its peer 192.0.2.2, because recorded addresses may
 * be anything, even 127.0.0.1 at both ends. */
#ifndef REPLAY_STAGE_H
#define REPLAY_STAGE_H

#include "recorder.h"
#include "wire/eth.h"

#include <rill/capture.h>
#include <rill/rill.h>

#define STAGE_OWN 0xc0000201  /* 192.0.2.1: rill */
#define STAGE_PEER 0xc0000202 /* 192.0.2.2 */
#define STAGE_BATCH 16        /* frames of one batch, before they are cut */
#define STAGE_TRACE 4096

/* The Ethernet header of an IPv4 frame from the peer to rill. */
extern const struct eth stage_head;

struct stage {
    struct rill *rill;
    int port;
    rill_time now;
    struct recorder recorder; /* records all frames, with comments */
    rill_time epoch;          /* added to `now` for the recording */
    bool offload;             /* its port cuts superframes and handles unfinished checksums */
    uint8_t *buffer;          /* STAGE_BATCH frames of `room` bytes */
    size_t room;
    uint8_t *wire; /* the same frames, cut and completed */
    struct rill_span *sent;
};

/* Defaults of every stage's stack; change them for the recording, then open. */
void stage_config(struct rill_config *);

/* Opens the stack and makes it current (rill_use); its announcements are over. `mtu`: of the link.
 * `offload`: its port is a card that cuts and accepts superframes and completes checksums. */
void stage_open(struct stage *, const struct rill_config *, uint16_t mtu, bool offload,
                struct rill_capture *);
void stage_close(struct stage *);
/* Records from now on; NULL: no more. */
void stage_record(struct stage *, struct rill_capture *);

/* Sends what is due now and returns the number of frames on the wire, which are in `sent` until the
 * next call; 0: no more. */
unsigned stage_pull(struct stage *);
/* A frame arrives; with offload its good checksum is made unfinished. */
void stage_feed(struct stage *, void *frame, size_t length);
/* The same for a frame that may be joined from several (simulator/join). */
void stage_feed_joined(struct stage *, struct rill_frame *);

#endif
