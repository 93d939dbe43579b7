/* Plays one side of a recorded conversation with a stack on the virtual clock: the recorded peer's
 * segments arrive at their recorded times, with ports kept and addresses, ISN and timestamps
 * mapped; one that acknowledges what the stack has not sent yet waits for it, and all behind it
 * with it. The application does what the recorded host's did, as far as its segments tell: it
 * connects or listens, sends bytes when they were first sent, reads at once, shuts down at the
 * FIN, closes with a linger time of 0 where the host reset. */
#ifndef REPLAY_PLAYER_H
#define REPLAY_PLAYER_H

#include "conversation.h"

#include <rill/rill.h>

#define PLAYER_PATIENCE RILL_SECONDS(2) /* that a segment waits for what it acknowledges */

struct player_report {
    char complaint[160]; /* empty: as it should be */
    enum rill_tcp_state state, implied;
    size_t sent, delivered; /* bytes of the streams */
    unsigned frames;        /* of the stack */
};

/* True: both streams are byte for byte as recorded, the connection ended in the state that the
 * capture implies, and no segment of the stack was wrong. */
bool player_run(const struct conversation *, enum conversation_side, struct player_report *);

#endif
