#include "coroutine/stack_pool.h"

#include "coroutine/context.h"

#include <sys/mman.h>
#include <unistd.h>

#define SIZE_MIN ((size_t)16 << 10)
#define STACK_SIZE_MAX ((size_t)1 << 30)

static size_t pages(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (bytes + page - 1) / page * page;
}

bool stack_pool_init(struct stack_pool *p, size_t size, size_t guard, unsigned max)
{
    if (size < SIZE_MIN || size > STACK_SIZE_MAX || guard > STACK_SIZE_MAX)
        return false;
    *p = (struct stack_pool){.size = pages(size), .guard = pages(guard), .max = max};
    return true;
}

/* The place in a kept stack that links to the next one. */
static struct stack *link_of(const struct stack *s)
{
    return (struct stack *)(s->bottom + s->size - sizeof *s);
}

/* False: the stack lies between two others in one mapping, and vm.max_map_count allows no split. */
static bool stack_unmap(struct stack_pool *p, const struct stack *s)
{
    if (munmap(s->bottom - p->guard, p->guard + s->size) != 0)
        return false;
    tools_forget_stack(s->valgrind);
    p->unmapped++;
    return true;
}

static bool stack_map(struct stack_pool *p, struct stack *s)
{
    size_t whole = p->guard + p->size;
    char *low = mmap(NULL, whole, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (low == MAP_FAILED)
        return false;
    *s = (struct stack){.bottom = low + p->guard, .size = p->size};
    if (mprotect(s->bottom, s->size, PROT_READ | PROT_WRITE) != 0) {
        munmap(low, whole);
        return false;
    }
    s->valgrind = tools_meet_stack(s->bottom, s->size);
    p->mapped++;
    return true;
}

bool stack_get(struct stack_pool *p, struct stack *s)
{
    if (!p->kept)
        return stack_map(p, s);
    *s = p->first;
    tools_clean_stack(s->bottom, s->size);
    p->first = *link_of(s);
    p->kept--;
    return true;
}

void stack_put(struct stack_pool *p, struct stack *s)
{
    tools_clean_stack(s->bottom, s->size);
    if (p->kept < p->max || !stack_unmap(p, s)) {
        *link_of(s) = p->first;
        p->first = *s;
        p->kept++;
    }
    *s = (struct stack){0};
}

void stack_pool_end(struct stack_pool *p)
{
    while (p->kept) {
        struct stack s;
        stack_get(p, &s);
        stack_unmap(p, &s);
    }
}
