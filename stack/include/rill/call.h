/* Calls in progress, for bindings in which many calls wait at once on one stack: coroutines
 * (<rill/coroutine.h>), threads (<rill/threads.h>), or your own. A program that only uses sockets
 * does not need this header.
 *
 * A call that must wait can be *parked*. The stack then keeps it (this allocates memory only for a
 * poll of several descriptors) and tries it again only when something happens to the socket that it
 * waits for, so the cost of a wake does not depend on the number of parked calls. When the call is
 * done, has timed out or was stopped, the stack puts it into its owner's *completion queue*:
 *
 *     wait hook:  rill_park                      (the caller's coroutine, or thread, sleeps)
 *     loop:       rill_receive, rill_transmit, rill_try_parked, then rill_take_done for each queue
 *
 * While a parked call must be tried, rill_deadline is rill_now; it includes their time-outs. */
#ifndef RILL_CALL_H
#define RILL_CALL_H

#include <rill/socket.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rill_call;

/* The finished calls, in the order in which they finished. All zeros: empty. The caller owns it and
 * must keep it while a call is parked for it. */
struct rill_completion_queue {
    struct rill_call *first, *last;
};

/* For the wait hook: parks the waiting call. The hook then sleeps until rill_take_done has returned
 * `user_data`, and returns 0. If it returns earlier, the call is no longer parked and continues as
 * with any hook. While the call is parked, other calls on the stack may be made, and may wait.
 * NULL: ENOMEM; EDEADLK: no call waits. */
struct rill_call *rill_park(struct rill *, struct rill_completion_queue *, void *user_data);

/* Tries the parked calls whose result may have changed. Must not be called inside another call. */
void rill_try_parked(struct rill *);

/* Takes the next call from the queue and returns its `user_data`; NULL: it is empty. */
void *rill_take_done(struct rill_completion_queue *);

/* Ends a parked call now: it returns what it has transferred so far, or fails with `error`, and is
 * put into its completion queue. No effect if it is there already. */
void rill_stop(struct rill *, struct rill_call *, int error);

/* ---- Calls of other threads: <rill/threads.h> ---- */

/* Makes the stack this thread's current stack without access to it: each call is passed to
 * `forward`, which lets the stack's owner begin it (rill_begin) and returns when it is done.
 * rill_use ends this. */
void rill_use_forwarded(struct rill *, void (*forward)(void *context, struct rill_call *),
                        void *context);

/* For the owner: begins a call of another thread. True: it is done; false: it is parked, and will
 * be put into the queue. */
bool rill_begin(struct rill *, struct rill_call *, struct rill_completion_queue *, void *user_data);

/* Makes a call that was not begun fail with `error`. */
void rill_refuse(struct rill_call *, int error);

/* ---- Calls of other processes ---- */

/* Copies a call that was forwarded into `room`, with all that it passes by pointer. The room is
 * memory shared with the owner's process at the same address; the owner begins the copy. Text that
 * does not fit is moved in pieces, each a call of its own: `moved` is how much was moved before, 0
 * at first. NULL with the errno that the call fails with. */
#define RILL_PACKED_MIN ((size_t)72 << 10) /* bytes of room */
struct rill_call *rill_pack(const struct rill_call *, void *room, size_t bytes, size_t moved);

/* Copies the result of the copy back into the call, with all that it returns by pointer, and adds
 * to `moved`. True: the next piece is to be packed; false: the call is done. */
bool rill_unpack(struct rill_call *, const struct rill_call *packed, size_t *moved);

/* Describes a parked call for display: "recv of 5". Valid until the next call. */
struct rill_call_facts {
    const char *name; /* static */
    int fd;           /* -1: none, or several */
    rill_time until;  /* its time-out */
};
struct rill_call_facts rill_call_facts(const struct rill_call *);

#ifdef __cplusplus
}
#endif

#endif
