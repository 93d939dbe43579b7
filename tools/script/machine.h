/* One rill stack on the virtual clock, and the wire that its one port is on (language page,
 * sections 5 and 19). What the stack sends lies in a queue, oldest first, stamped with the time it
 * left.
 *
 * Time is the stack's: it passes only in machine_pass and machine_step. A call in progress is tried
 * again after everything that happens to the stack. */
#ifndef SCRIPT_MACHINE_H
#define SCRIPT_MACHINE_H

#include "recorder.h"
#include "script/live.h"
#include "script/options.h"
#include "socket/run.h"

#define MACHINE_EPOCH RILL_SECONDS(1000)     /* the stack's time of a script's beginning */
#define MACHINE_END RILL_SECONDS(3000000000) /* 95 years later nothing happens any more */

struct machine {
    struct rill *rill;
    int port;
    rill_time now;
    struct live *first, **last; /* sent, not taken yet */
    struct call *pending;       /* NULL: none is in progress */
    bool pending_done;
    rill_time pending_end; /* when it was done */
    struct recorder recorder;
    unsigned turns_left; /* of the stack, before it counts as endless */
};

/* A new stack with the addresses of the options, made the current one. False: the configuration is
 * not good. */
bool machine_open(struct machine *, const struct script_options *, const struct rill_config *);
void machine_close(struct machine *);

/* A packet arrives, from the IP header on. `more`: others come with it in one batch, before the
 * stack answers. */
void machine_inject(struct machine *, const uint8_t *ip, size_t length, bool more);

/* Whatever the stack has to send at this instant is sent. */
void machine_pull(struct machine *);

/* Time goes on to its next timer, or to the deadline of the call in progress. False, and nothing
 * has happened: there is none until `limit` or MACHINE_END, or the stack has had all its turns. */
bool machine_step(struct machine *, rill_time limit);

/* Time goes on to `until`, with everything that is due in between and at that instant. */
void machine_pass(struct machine *, rill_time until);

/* Starts a call: true where it is done already. Else it is `pending` until it is done. */
bool machine_call(struct machine *, struct call *);

/* Lets time pass until a call is done, beside the one that is in progress. False: nothing would
 * ever end it. */
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
