/* Switching between stacks: Boost.Context's C functions, which save the callee-saved registers and
 * make no system call; and the calls that inform sanitizers and valgrind about it. */
#ifndef COROUTINE_CONTEXT_H
#define COROUTINE_CONTEXT_H

#include <stddef.h>

/* A flow of execution with its own stack. */
struct context {
    void *at;         /* where it stands while it does not run: its saved registers */
    char *bottom;     /* of its stack; AddressSanitizer gives that of a thread's own */
    size_t size;      /* bytes */
    void *fake_stack; /* for AddressSanitizer */
    void *fiber;      /* for ThreadSanitizer */
    void (*begin)(void *argument);
    void *argument;
};

/* The context of the thread itself. */
void context_thread(struct context *);

/* A context that calls `begin` on that stack at the first switch to it; `begin` never returns. */
void context_make(struct context *, char *bottom, size_t size, void (*begin)(void *),
                  void *argument);

/* Switches from one to the other; returns when another context switches to `from`. */
void context_go(struct context *from, struct context *to);

/* Switches away from a context that never runs again. */
_Noreturn void context_leave(struct context *from, struct context *to);

/* No context switches to it again, and it is not running. */
void context_end(struct context *);

/* Informs the tools about memory: it is a stack from now on, it is no stack any more, or its
 * content is no longer used. */
unsigned tools_meet_stack(char *bottom, size_t size);
void tools_forget_stack(unsigned number);
void tools_clean_stack(char *bottom, size_t size);

#endif
