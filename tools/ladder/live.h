/* A ladder whose rungs are drawn as they come. Its memory is bounded: of the conversations it knows
 * at most LIVE_CONVERSATIONS, then it forgets them all, and one under way is drawn as one that was
 * joined in its middle. */
#ifndef LADDER_LIVE_H
#define LADDER_LIVE_H

#include "ladder/ladder.h"

#include <stdio.h>

#define LIVE_CONVERSATIONS 16384

struct live {
    struct ladder ladder; /* without steps */
    struct survey *seen;  /* of each conversation */
    size_t *bucket;
    struct step step; /* the last rung */
    rill_time begin;
    bool begun;
};

/* False: no memory. */
bool live_begin(struct live *);
void live_end(struct live *);

/* Says that packets are missing here, and forgets what was before them. */
void live_skip(struct live *, FILE *);

/* Draws the packet; a conversation other than the last one's has its title first. */
void live_draw(struct live *, FILE *, const struct packet *, bool colours);

#endif
