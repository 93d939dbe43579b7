/* What the parts of the player share while a conversation is played. Positions of the stack count
 * from its own ISN, the peer's from the recorded one. */
#ifndef REPLAY_PLAYING_H
#define REPLAY_PLAYING_H

#include "../sim/dissect.h"
#include "player.h"

struct player {
    const struct conversation *c;
    const struct conversation_host *own, *peer;
    enum conversation_side side;
    struct player_report *report;

    struct rill *rill;
    uint64_t trace_place;
    int port;
    rill_time now, lag; /* recorded time t is played at start + lag + t */
    rill_time start;

    unsigned fed, called; /* recorded segments that are through: the peer's, our application's */
    bool *received;       /* of the peer's stream: has arrived */
    position arrived;     /* gap-free, with the FIN: what the stack may acknowledge */
    position sent, acked; /* the stack's: highest sent; highest the peer has acknowledged */
    position edge;        /* the right edge of the peer's window */
    bool known, finned;   /* our ISN is known; our FIN has been sent */
    bool peer_finned;     /* the peer's FIN has arrived, in order or not */
    uint32_t isn, ts_first, ts_last; /* the stack's */
    uint32_t window_shift;

    int listener, fd;
    size_t longest; /* text of a recorded segment of ours */
    size_t written; /* by the application, may run ahead of what the socket took */
    bool shut;
};

/* The first complaint counts. */
void player_complain(struct player *, const char *what, position at);

/* ---- judge: what the stack may send, given what has arrived ---- */
void judge_note_arrival(struct player *, const struct conversation_segment *);
void judge_frame(struct player *, struct rill_span frame);

/* ---- application ---- */
void application_open(struct player *);
/* Reads all there is, writes what the socket takes of what it should have written by now. */
void application_turn(struct player *);
/* What the recorded host's segment i tells that its application has called. */
void application_call(struct player *, unsigned i);

#endif
