#include "coroutine/context.h"

#include <stdlib.h>

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(low, high) 0
#define VALGRIND_STACK_DEREGISTER(number)
#endif

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

/* From <boost/context/detail/fcontext.hpp>, a C++ header for C functions. */
struct transfer_t {
    void *fctx; /* where the context that switched to this one has stopped */
    void *data;
};
struct transfer_t jump_fcontext(void *to, void *data);
void *make_fcontext(void *top, size_t size, void (*begin)(struct transfer_t));

/* ---- Tools ---- */

unsigned tools_meet_stack(char *bottom, size_t size)
{
    return VALGRIND_STACK_REGISTER(bottom, bottom + size - 1);
}

void tools_forget_stack(unsigned number)
{
    VALGRIND_STACK_DEREGISTER(number);
}

void tools_clean_stack(char *bottom, size_t size)
{
#if defined(__SANITIZE_ADDRESS__)
    __asan_unpoison_memory_region(bottom, size);
#else
    (void)bottom, (void)size;
#endif
}

static void tools_before(struct context *from, const struct context *to, int leaves)
{
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(leaves ? NULL : &from->fake_stack, to->bottom, to->size);
#elif defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(to->fiber, 0);
#endif
    (void)from, (void)to, (void)leaves;
}

static void tools_after(struct context *self, struct context *from)
{
#if defined(__SANITIZE_ADDRESS__)
    const void *bottom;
    size_t size;
    __sanitizer_finish_switch_fiber(self->fake_stack, &bottom, &size);
    from->bottom = (char *)bottom;
    from->size = size;
#endif
    (void)self, (void)from;
}

/* ---- Contexts ---- */

/* What the context that stops passes to the one that goes on. */
struct passage {
    struct context *from, *to;
};

static void arrive(struct transfer_t t)
{
    const struct passage *p = t.data;
    p->from->at = t.fctx;
    tools_after(p->to, p->from);
}

static void first(struct transfer_t t)
{
    struct context *self = ((const struct passage *)t.data)->to;
    arrive(t);
    self->begin(self->argument);
    abort();
}

void context_thread(struct context *c)
{
    *c = (struct context){0};
#if defined(__SANITIZE_THREAD__)
    c->fiber = __tsan_get_current_fiber();
#endif
}

void context_make(struct context *c, char *bottom, size_t size, void (*begin)(void *),
                  void *argument)
{
    *c = (struct context){.bottom = bottom, .size = size, .begin = begin, .argument = argument};
    c->at = make_fcontext(bottom + size, size, first);
#if defined(__SANITIZE_THREAD__)
    c->fiber = __tsan_create_fiber(0);
#endif
}

void context_go(struct context *from, struct context *to)
{
    struct passage p = {from, to};
    tools_before(from, to, 0);
    arrive(jump_fcontext(to->at, &p));
}

void context_leave(struct context *from, struct context *to)
{
    struct passage p = {from, to};
    tools_before(from, to, 1);
    jump_fcontext(to->at, &p);
    abort();
}

void context_end(struct context *c)
{
#if defined(__SANITIZE_THREAD__)
    __tsan_destroy_fiber(c->fiber);
#endif
    *c = (struct context){0};
}
