/* What the parts of the player share while a conversation is played. Positions of the stack count
 * from its own ISN, the peer's from the recorded one. */
#ifndef REPLAY_PLAYING_H
#define REPLAY_PLAYING_H

#include "replay/notation.h"
#include "replay/player.h"
#include "replay/stage.h"

struct player {
    const struct conversation *c;
    const struct conversation_host *own, *peer;
    enum conversation_side side;
    const struct player_options *options;
    struct player_report *report;

    struct stage stage;
    uint64_t trace_place;
    rill_time start, lag; /* recorded time t is played at start + lag + t */
    bool stuck;           /* it cannot go on */

    unsigned fed, called; /* recorded segments that are through: the peer's, our application's */
    unsigned number;      /* of the last of them */
    bool *received;       /* of the peer's stream: has arrived */
    position arrived;     /* gap-free, with the FIN: what the stack may acknowledge */
    position sent, acked; /* the stack's: highest sent; highest the peer has acknowledged */
    position edge;        /* the right edge of the peer's window */
    position offer;       /* of the stack's */
    position granted;     /* of the recorded host's, so far */
    bool known, finned;   /* our ISN is known; our FIN has been sent */
    bool peer_finned;     /* the peer's FIN has arrived, in order or not */
    unsigned reset;       /* packet with the peer's RST at RCV.NXT; 0: none */
    bool questioned;      /* a RST elsewhere in the window: RFC 5961 3 asks, RFC 793 closed */
    unsigned abort;       /* of the conversation's segments: see ending_abort */
    uint32_t isn, ts_first, ts_last; /* the stack's */
    struct spoken *said;             /* all that the stack has sent */
    unsigned said_count, said_room;

    int listener, fd;
    size_t longest;     /* text of a recorded segment of ours */
    size_t written;     /* by the application, may run ahead of what the socket took */
    size_t urgent;      /* the last of these bytes is urgent; 0: none */
    size_t readable;    /* by the application, of what will ever arrive */
    uint32_t largest;   /* window that the recorded host has offered, bytes */
    bool shut, closes;  /* its FIN: has been asked for; was a close, not a shutdown */
    bool ended;         /* the application has called for it */
    bool closed_second; /* and then the peer's FIN, and all before it, had come */
};

/* The highest position that the segment knows of, SACK included. */
position player_knows_of(const struct player *, const struct conversation_segment *);

/* It acknowledges what the recorded host never sent: nobody can wait for that, and nobody takes
 * such a segment (RFC 9293 3.10.7.4). */
bool player_is_forged(const struct player *, const struct conversation_segment *);

/* Something that is not allowed. */
void player_complain(struct player *, const char *what, position at);

/* ---- setting: the stack, like the recorded host ---- */
void setting_open(struct player *);

/* ---- ending ---- */
/* Brings the report's state up to date, before the trace forgets. */
void ending_follow(struct player *);
/* The one that the capture implies, by what has been played. */
enum rill_tcp_state ending_implied(const struct player *);
/* Its FIN was that of a close, not of a shutdown. */
bool ending_was_close(const struct conversation *, enum conversation_side);
/* The RST with which its application gives up; the conversation's count: none. */
unsigned ending_abort(const struct conversation *, enum conversation_side);

/* ---- judge: what the stack may send, given what has arrived ---- */
void judge_note_arrival(struct player *, const struct conversation_segment *);
void judge_frame(struct player *, struct rill_span frame);
void judge_end(struct player *);

/* ---- compare: what it sent beside what the recorded host sent ---- */
void compare(struct player *);

/* ---- application ---- */
void application_open(struct player *);
/* Reads what it may, writes what the socket takes of what it should have written by now. */
void application_turn(struct player *);
/* What the recorded host's segment i tells that its application has called. */
void application_call(struct player *, unsigned i);
/* Reads all there is, whatever its pace was. */
void application_drain(struct player *);

#endif
