/* The processes that use one stack: the one that has it, and its descendants by fork(2). They share
 * memory that was mapped before the first of them was born:
 *
 *     users      of each descriptor of rill's: how many of the processes have a name for it
 *     relative   a process: the descriptors that it has names for
 *     seat       a thread of a child: its letter to the mailbox, and room for a copy of its call
 *
 * Each child holds one end of a pipe, its lifeline. The other end is watched by the attendant
 * (attendant.h). */
#ifndef DRIVERS_POSIX_FAMILY_H
#define DRIVERS_POSIX_FAMILY_H

#include <stdbool.h>

struct rill_mailbox;

/* Of rill's; as many as the host's (NAMES_MAX). Unused pages cost nothing. */
enum { DESCRIPTORS_MAX = 1 << 20, FAMILY_RELATIVES = 256 };

/* Is there one? The second creates it: without memory, or descriptors, there is none. Then
 * family_hold is to be called for everything that this process has names for. */
bool family_exists(void);
bool family_found(void);

/* Does this process use another process's stack? */
bool family_is_child(void);

/* The least from `from` on of the family's own descriptors, both ends of the post and a child's end
 * of its lifeline; INT_MAX: none. */
int family_kept(int from);

/* The least of the two, of which only one may be less than `from`. */
static inline int least_from(int from, int fd, int other)
{
    return fd >= from && fd < other ? fd : other;
}

/* Around fork(2). The first is for a family that has an attendant; without it, or without memory or
 * descriptors, the child gets no part in the family. */
void family_before_fork(void);
void family_in_parent(void);
void family_in_child(void);

/* From now on only this process uses the stack: a new family begins with its first child. */
void family_forget(void);

/* Lets the calling thread, of a child, make calls. 0, or -1 with errno. */
int family_attach(struct rill_mailbox *);

/* Called when this process has got its first name for rill's descriptor; or has lost its last one:
 * true, if no other process has a name for it. */
void family_hold(int rills);
bool family_leave(int rills);

/* For a child: rill adopts the host's descriptor that this process has as `fd`. Returns rill's
 * number, or -1 with errno. The second closes it again. */
int family_adopt(int fd);
void family_disown(int rills);

/* ---- For the attendant ---- */

/* A message to it. With FAMILY_BORN a descriptor comes: its end of the child's lifeline; with
 * FAMILY_LENDS one that rill is to adopt. */
struct family_message {
    enum { FAMILY_BORN, FAMILY_CALLS, FAMILY_LENDS, FAMILY_RETURNS } what;
    int number; /* of a relative, unused, of a seat, of the descriptor */
};

/* The descriptor where messages arrive. The second takes one; *fd is -1 if it has no descriptor.
 * False: there is none, or it means nothing. */
int family_post(void);
bool family_take(struct family_message *, int *fd);

/* Tells the thread in that seat which descriptor it has lent. */
void family_lend(int seat, int fd);

/* The relative has ended. Its calls are forgotten first. Then the second returns, one after the
 * other, those descriptors from `from` on that it alone had a name for; -1: there is none, and
 * another may take its place. */
void family_unseat(int dead);
int family_inherit(int dead, int from);

#endif
