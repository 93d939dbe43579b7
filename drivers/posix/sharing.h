/* The processes that use one stack: the one that has it, and its descendants by fork(2). They share
 * memory that was mapped before the first of them was made:
 *
 *     users      of each descriptor of rill's: how many of the processes have a name for it
 *     process    the descriptors that it has names for
 *     slot       of a thread of a child: its request to the mailbox, and a copy of its call
 *
 * Each child holds the write end of a pipe, which nobody writes. The read end hangs up when the
 * child ends or executes another program; the monitor (monitor.h) waits for that. */
#ifndef DRIVERS_POSIX_SHARING_H
#define DRIVERS_POSIX_SHARING_H

#include "shared_memory.h"

#include <stdbool.h>
#include <sys/types.h>

struct message;
struct rill_mailbox;

/* Of rill's; as many as the host's (NAMES_MAX). Unused pages cost nothing. */
enum { DESCRIPTORS_MAX = 1 << 20, PROCESSES_MAX = 256 };

/* Is the stack shared? The second makes the shared memory: without memory, or descriptors, it
 * cannot. Then sharing_hold is to be called for everything that this process has names for. */
bool sharing_begun(void);
bool sharing_begin(void);

/* Does this process use another process's stack? */
bool sharing_is_child(void);

/* The least from `from` on of its own descriptors, both ends of the channel and a child's exit
 * pipe; INT_MAX: none. */
int sharing_kept(int from);

/* The least of the two, of which only one may be less than `from`. */
static inline int least_from(int from, int fd, int other)
{
    return fd >= from && fd < other ? fd : other;
}

/* Around fork(2). The first is called if the stack is shared and has a monitor; without it, or
 * without memory or descriptors, the child has no part in the stack. */
void sharing_before_fork(void);
void sharing_in_parent(void);
void sharing_in_child(void);

/* From now on only this process uses the stack: it is shared anew with its first child. */
void sharing_end(void);

/* ---- SCM_RIGHTS (unix(7)) ----
 *
 * A descriptor of rill's that is sent to another process is held by a ticket, which goes in its
 * place: an exit pipe, for the monitor a process that has this descriptor only. It hangs up when
 * nobody has the ticket any more, because the receiver has taken the descriptor over, or never got
 * it. */

/* Returns the ticket, -1 with errno: ETOOMANYREFS if there are too many. It needs a monitor. */
int sharing_pass(int rills);

/* What the ticket stands for; -1: it is none. The stack must be shared. */
int sharing_passed(int fd);

/* ---- For a program that takes the place of one of the processes, by exec(2) ----
 *
 * It is a new one among the processes, reserved before the old one ends, which is when the old
 * one's exit pipe hangs up. The new program has all descriptors named here at the same numbers. If
 * there is no such program after all, the exit pipe is to be closed. */
struct sharing_part {
    struct shared_memory memory;
    int process, exit_pipe, sender;
};

/* Needs a monitor. False with errno. */
bool sharing_reserve(struct sharing_part *);
void sharing_hold_for(const struct sharing_part *, int rills);

/* Where in the memory's file the old program may leave the new one so many bytes of notes: memory
 * only while they are there. */
#define SHARING_NOTE_MAX ((off_t)32 << 20)
off_t sharing_note_place(const struct sharing_part *);

/* In the new program. False with errno: the memory's place is not free. */
bool sharing_resume(const struct sharing_part *);

/* Lets the calling thread, of a child, make calls. 0, or -1 with errno. */
int sharing_attach(struct rill_mailbox *);

/* Called when this process has got its first name for rill's descriptor; or has lost its last one:
 * true, if no other process has a name for it. */
void sharing_hold(int rills);
bool sharing_leave(int rills);

/* For a child: rill adopts the host's descriptor that this process has as `fd`. Returns rill's
 * number, or -1 with errno. The second closes it again. */
int sharing_adopt(int fd);
void sharing_disown(int rills);

/* ---- For the monitor ---- */

/* Receives a message from the channel; *fd is -1 if it has no descriptor. False: there is none, or
 * it means nothing. */
bool sharing_receive(struct message *, int *fd);

/* Tells the slot's thread as what number the descriptor that it has lent has arrived. */
void sharing_lent(int slot, int fd);

/* The process has ended. First its calls are forgotten. Then the second returns, one after the
 * other, those descriptors from `from` on that only it had a name for; -1: there is none, and its
 * place is free. */
void sharing_free_slots(int ended);
int sharing_reclaim(int ended, int from);

/* The same for the process that has the stack; and has it children? */
int sharing_reclaim_from_owner(int from);
bool sharing_has_children(void);

#endif
