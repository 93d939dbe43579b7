/* Plays a whole capture, one conversation after another, and reports the result: rill-replay
 * without its command line. */
#ifndef REPLAY_REPLAY_H
#define REPLAY_REPLAY_H

#include "replay/player.h"

/* In order of severity for a whole file: the first that applies is its status. */
enum replay_status {
    REPLAY_EXACT = 0,
    REPLAY_DIFFERENT = 1,   /* a difference that is not allowed */
    REPLAY_UNREADABLE = 2,  /* the file, or its rest after some packet */
    REPLAY_UNSUPPORTED = 3, /* a conversation, or a link type, that cannot be played */
};

struct replay_options {
    bool side[2];       /* the sides that rill plays, one after the other */
    bool hostile;       /* no conversations: every frame is sent to a stack */
    const char *filter; /* libpcap's; "": all */
    FILE *complaints;   /* where is said why the file cannot be read; NULL: with the result */
    struct player_options player;
};

/* Sums over a whole file. A conversation counts once for each side that was played. */
struct replay_sums {
    unsigned played, exact, unsupported;
    unsigned allowed, forbidden; /* differences */
    unsigned joined;             /* segments that were joined to an earlier one */
};

/* Prints the result on `out`: a line for each conversation and each difference, and one for the
 * sums. */
enum replay_status replay_file(const char *file, const struct replay_options *, FILE *out,
                               struct replay_sums *);

#endif
