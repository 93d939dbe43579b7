/* A ladder whose rungs are drawn as packets arrive. Its memory is bounded: at LIVE_CONVERSATIONS
 * conversations it forgets all, and draws those in progress as if it had joined in the middle. */
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

/* Reports that packets are missing here, and forgets the earlier ones. */
void live_skip(struct live *, FILE *);

/* Draws the packet, after a title if the conversation is not that of the last packet. */
void live_draw(struct live *, FILE *, const struct packet *, bool colours);

#endif
