/* Plays one side of a recorded conversation with a stack on the virtual clock: the recorded peer's
 * segments arrive at their recorded times, with ports kept and addresses, ISN and timestamps
 * mapped; one that acknowledges what the stack has not sent yet waits for it, and all behind it
 * with it. The application does what the recorded host's did, as far as its segments tell: it
 * connects or listens, sends bytes when they were first sent, reads at the pace of the window that
 * was advertised, shuts down at the FIN, closes with a linger time of 0 where the host reset. */
#ifndef REPLAY_PLAYER_H
#define REPLAY_PLAYER_H

#include "replay/conversation.h"
#include "replay/difference.h"

#include <rill/capture.h>
#include <rill/rill.h>

#define PLAYER_TIMEOUT RILL_SECONDS(2) /* that a segment waits for what it acknowledges */

struct player_options {
    FILE *verbose;             /* prints every segment; NULL: none */
    struct rill_capture *pcap; /* records every segment */
    bool offload;              /* rill's card cuts and joins segments, and completes checksums */
};

struct player_report {
    struct differences differences;
    enum rill_tcp_state state, implied;
    size_t sent, delivered; /* bytes of the streams */
    unsigned joined;        /* the peer's segments that were joined to an earlier one */
};

/* True: both streams equal the recorded ones, the connection ended in the state that the capture
 * implies, and all differences are allowed. conversation_lacks must be NULL. The caller frees the
 * differences. */
bool player_run(const struct conversation *, enum conversation_side, const struct player_options *,
                struct player_report *);

#endif
