/* The process with the stack executes another program (exec(2)), and a process of its own keeps the
 * stack, as long as one of the others is left. It is the child of a child, so that the program does
 * not see it among its children.
 *
 *     the process --fork--> - --fork--> keeper: waits until it has executed
 *          | exec
 *     the program: one of those that share the stack */
#ifndef DRIVERS_POSIX_KEEPER_H
#define DRIVERS_POSIX_KEEPER_H

#include <stdbool.h>

/* Before exec(2), while the stack is paused (owner.h), with all locks held. `exit_pipe` is the
 * program's (sharing.h), -1: it has no part in the stack. The second is for an exec(2) that has
 * failed: the keeper ends, and nothing has happened. False with errno: there is none. */
bool keeper_begin(int exit_pipe);
void keeper_cancel(void);

/* For fork.c: this thread is about to make the keeper, which is no child like others. */
bool keeper_begins(void);

#endif
