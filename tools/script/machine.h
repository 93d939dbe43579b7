/* One rill stack on the virtual clock, and the wire that its one port is on (language page,
 * sections 5 and 19). Packets of the stack are queued, oldest first, with the time of sending.
 *
 * Time is the stack's: it passes only in machine_pass and machine_step. A call in progress is tried
 * again after everything that happens to the stack. */
#ifndef SCRIPT_MACHINE_H
#define SCRIPT_MACHINE_H

#include "recorder.h"
#include "script/live.h"
#include "script/options.h"
#include "socket/run.h"

#define MACHINE_EPOCH RILL_SECONDS(1000)     /* the stack's time when a script begins */
#define MACHINE_END RILL_SECONDS(3000000000) /* 95 years later: the end of time */

struct machine {
    struct rill *rill;
    int port;
    rill_time now;
    struct live *first, **last; /* sent, not taken yet */
    struct call *pending;       /* NULL: none is in progress */
    bool pending_done;
    rill_time pending_end; /* when it completed */
    struct recorder recorder;
    unsigned turns_left; /* turns that the stack may still take before it counts as endless */
};

/* Opens a new stack with the addresses of the options, and makes it current. False: invalid
 * configuration. */
bool machine_open(struct machine *, const struct script_options *, const struct rill_config *);
void machine_close(struct machine *);

/* A packet arrives, from the IP header on. `more`: further ones arrive in the same batch, before
 * the stack answers. */
void machine_inject(struct machine *, const uint8_t *ip, size_t length, bool more);

/* The stack sends everything that is due now. */
void machine_pull(struct machine *);

/* Advances the time to the stack's next timer, or to the deadline of the call in progress. False,
 * without any effect: there is none until `limit` or MACHINE_END, or the stack has used up its
 * turns. */
bool machine_step(struct machine *, rill_time limit);

/* Advances the time to `until`, and runs everything that is due until then. */
void machine_pass(struct machine *, rill_time until);

/* Starts a call: true if it is done already. Else it is `pending` until it is done. */
bool machine_call(struct machine *, struct call *);

/* Lets time pass until a call is done, beside the one in progress. False: it would never end. */
bool machine_wait(struct machine *, struct call *);

/* Takes the oldest packet out of the queue; the caller frees it. */
struct live *machine_take(struct machine *);

static inline bool machine_exhausted(const struct machine *m)
{
    return m->turns_left == 0;
}

/* Script time, microseconds. */
static inline int64_t machine_clock(const struct machine *m)
{
    return (m->now - MACHINE_EPOCH) / 1000;
}

#endif
