/* Calls in progress, for hosts that let many of them wait at once on one stack: coroutines
 * (<rill/coroutine.h>), threads (<rill/threads.h>), or something of your own. A program that uses
 * sockets needs nothing of this.
 *
 * A call that must wait can be *parked*. The stack then holds it (no memory is allocated but for a
 * poll of several descriptors), tries it again when something happens to what it waits for, and
 * only then: a wake costs the same however many others are parked. Once it is done, or has timed
 * out, or was stopped, it is laid down on its owner's *desk*:
 *
 *     wait hook:  rill_park                      (the caller's coroutine, or thread, sleeps)
 *     loop:       rill_receive, rill_transmit, rill_try_parked, then rill_take_done for each desk
 *
 * While parked calls are to be tried rill_deadline is now; it counts their time-outs in. */
#ifndef RILL_CALL_H
#define RILL_CALL_H

#include <rill/socket.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rill_call;

/* Where calls lie that are done, in the order in which they were. All zeros: empty. The caller's,
 * and it must stay while a call is parked for it. */
struct rill_desk {
    struct rill_call *first, *last;
};

/* In the wait hook: parks the call that waits. When the hook has been told that it is done, it
 * returns 0; where it returns before, the call is parked no more and goes on as with any hook.
 * While it is parked the stack may be called, and wait, again. `whose` comes back from
 * rill_take_done. NULL: ENOMEM; EDEADLK, no call waits. */
struct rill_call *rill_park(struct rill *, struct rill_desk *, void *whose);

/* Tries what may have a new outcome. Not to be called from the middle of a call. */
void rill_try_parked(struct rill *);

/* Takes the next from the desk and returns whose it is; NULL: none. */
void *rill_take_done(struct rill_desk *);

/* A parked call ends now, with what it has got so far, or fails with `error`; it is on its desk
 * then. Harmless where it is there already. */
void rill_stop(struct rill *, struct rill_call *, int error);

/* ---- Calls of other threads: <rill/threads.h> ---- */

/* The stack becomes this thread's current one, but the thread never touches it: each call is handed
 * to `carry`, which sees to it that the stack's owner begins it, and returns when it is done.
 * Undone by rill_use. */
void rill_use_by(struct rill *, void (*carry)(void *context, struct rill_call *), void *context);

/* The owner begins a call that was carried to him. True: it is done; else it is parked, and comes
 * to the desk. */
bool rill_begin(struct rill *, struct rill_call *, struct rill_desk *, void *whose);

/* A call that was not begun fails with `error`. */
void rill_refuse(struct rill_call *, int error);

/* What a parked call is, as people say it: "recv of 5". Valid until the next call. */
struct rill_call_facts {
    const char *name; /* static */
    int fd;           /* -1: of none, or several */
    rill_time until;
};
struct rill_call_facts rill_call_facts(const struct rill_call *);

#ifdef __cplusplus
}
#endif

#endif
