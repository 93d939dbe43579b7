/* A whole capture, played conversation after conversation and reported: what rill-replay does,
 * without its command line. */
#ifndef REPLAY_REPLAY_H
#define REPLAY_REPLAY_H

#include "replay/player.h"

/* In the order of what they mean for a whole file: the first that applies is its status. */
enum replay_status {
    REPLAY_EXACT = 0,
    REPLAY_DIFFERENT = 1,   /* a difference that is not allowed */
    REPLAY_UNREADABLE = 2,  /* the file, or what stands behind some packet of it */
    REPLAY_UNSUPPORTED = 3, /* a conversation, or a link type, that cannot be played */
};

struct replay_options {
    bool side[2];       /* which ones rill plays, one after the other */
    bool hostile;       /* no conversations: every frame is thrown at a stack */
    const char *filter; /* libpcap's; "": all */
    struct player_options player;
};

/* Over a whole file. A conversation counts once for each side that was played. */
struct replay_sums {
    unsigned played, exact, unsupported;
    unsigned allowed, forbidden; /* differences */
    unsigned joined;             /* segments that came behind another in a superframe */
};

/* Tells on `out` what happened, a line for each conversation and each difference and one for all
 * of them. */
enum replay_status replay_file(const char *file, const struct replay_options *, FILE *out,
                               struct replay_sums *);

#endif
