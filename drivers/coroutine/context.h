/* Switching between stacks: Boost.Context's C functions, which save the callee-saved registers and
 * make no system call; and the calls that inform sanitizers and valgrind about it. */
#ifndef COROUTINE_CONTEXT_H
#define COROUTINE_CONTEXT_H

#include <stddef.h>

/* One who runs on a stack of his own. */
struct context {
    void *at;         /* where it stands while it does not run: its registers lie there */
    char *bottom;     /* of its stack; of a thread's own a sanitizer tells it */
    size_t size;      /* bytes */
    void *fake_stack; /* of AddressSanitizer */
    void *fiber;      /* of ThreadSanitizer */
    void (*begin)(void *argument);
    void *argument;
};

/* The thread's own. */
void context_thread(struct context *);

/* One that calls `begin` on that stack when it is gone to first; that never returns. */
void context_make(struct context *, char *bottom, size_t size, void (*begin)(void *),
                  void *argument);

/* Goes from one to the other, and comes back when somebody goes to `from`. */
void context_go(struct context *from, struct context *to);

/* Leaves one that will not be gone to again. */
_Noreturn void context_leave(struct context *from, struct context *to);

/* It is not gone to again, and nobody stands on it. */
void context_end(struct context *);

/* The tools' view of memory that is a stack: it is one, it is none, whatever was there is over. */
unsigned tools_meet_stack(char *bottom, size_t size);
void tools_forget_stack(unsigned number);
void tools_clean_stack(char *bottom, size_t size);

#endif
