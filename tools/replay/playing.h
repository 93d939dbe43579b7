/* State that the parts of the player share. Positions of the stack count from its own ISN, the
 * peer's from the recorded one. */
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
    bool stuck;           /* the conversation cannot go on */

    unsigned fed, called; /* recorded segments that are done: the peer's, our application's */
    unsigned number;      /* of the last of them */
    bool *received;       /* bytes of the peer's stream that have arrived */
    position arrived;     /* without gaps, with the FIN: what the stack may acknowledge */
    position sent, acked; /* the stack's: highest sent; highest the peer has acknowledged */
    position edge;        /* the right edge of the peer's window */
    position offer;       /* of the stack's window */
    position granted;     /* of the recorded host's window, so far */
    bool known, finned;   /* our ISN is known; our FIN has been sent */
    bool peer_finned;     /* the peer's FIN has arrived, in order or not */
    unsigned reset;       /* packet with the peer's RST at RCV.NXT; 0: none */
    bool questioned; /* a RST elsewhere in the window: RFC 5961 3 challenges it, RFC 793 closed */
    unsigned abort;  /* of the conversation's segments: see ending_abort */
    unsigned alive;  /* the same: see ending_alive */
    uint32_t isn, ts_first, ts_last; /* the stack's */
    struct spoken *said;             /* all segments that the stack has sent */
    unsigned said_count, said_room;

    int listener, fd;
    size_t longest;     /* length of the recorded host's longest segment */
    size_t written;     /* by the application; the socket may have taken less */
    size_t urgent;      /* the last of these bytes is urgent; 0: none */
    size_t readable;    /* by the application, of the whole stream */
    uint32_t largest;   /* window of the recorded host, bytes */
    bool shut, closes;  /* its FIN: was requested; came from a close, not a shutdown */
    bool ended;         /* the application has closed or shut down */
    bool closed_second; /* after the peer's FIN and all before it had arrived */
};

/* The highest position that the segment acknowledges, SACK included. */
position player_knows_of(const struct player *, const struct conversation_segment *);

/* Does it acknowledge data that the recorded host never sent? The player must not wait for it;
 * every host drops such a segment (RFC 9293 3.10.7.4). */
bool player_is_forged(const struct player *, const struct conversation_segment *);

/* Reports a forbidden difference. */
void player_report_failure(struct player *, const char *what, position at);

/* ---- setting: the stack, like the recorded host ---- */
void setting_open(struct player *);

/* ---- ending ---- */
/* Updates the report's state, before the trace drops its records. */
void ending_follow(struct player *);
/* The state that the capture implies, by what has been played. */
enum rill_tcp_state ending_implied(const struct player *);
/* Did its FIN come from a close, not from a shutdown? */
bool ending_was_close(const struct conversation *, enum conversation_side);
/* The RST by which its application aborts; the conversation's count: none. */
unsigned ending_abort(const struct conversation *, enum conversation_side);

/* The last segment that its host shows to have taken: no RST recorded before it, of either host,
 * had ended the connection there. */
unsigned ending_alive(const struct conversation *, enum conversation_side);

/* ---- judge: what the stack may send, given what has arrived ---- */
void judge_note_arrival(struct player *, const struct conversation_segment *);
void judge_frame(struct player *, struct rill_span frame);
void judge_end(struct player *);

/* ---- compare: the stack's segments with the recorded host's ---- */
void compare(struct player *);

/* ---- application ---- */
void application_open(struct player *);
/* Reads as much as it may, and writes as much as is due and the socket takes. */
void application_turn(struct player *);
/* Makes the application's call that the recorded host's segment i implies. */
void application_call(struct player *, unsigned i);
/* Writes all that the recorded host has ever sent. */
void application_finish(struct player *);
/* Reads everything, whatever the recorded pace was. */
void application_drain(struct player *);

#endif
