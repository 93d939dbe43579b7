/* Stacks for coroutines: mapped with a guard below, reused, the newest first, because the cache
 * holds it.
 *
 *     low |guard: no access| ... grows down ... | link of the kept ones| high */
#ifndef COROUTINE_STACK_POOL_H
#define COROUTINE_STACK_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct stack {
    char *bottom; /* of the usable part; NULL: none */
    size_t size;
    unsigned valgrind; /* valgrind's number for it */
};

struct stack_pool {
    size_t size, guard; /* bytes, whole pages */
    unsigned max;       /* the most stacks that are kept */
    unsigned kept;
    size_t mapped, unmapped; /* total counts */
    struct stack first;      /* of the kept ones; the link to the next is at its top */
};

/* False: invalid sizes. */
bool stack_pool_init(struct stack_pool *, size_t size, size_t guard, unsigned max);
void stack_pool_end(struct stack_pool *); /* does not free stacks in use */

/* False: errno. */
bool stack_get(struct stack_pool *, struct stack *);
void stack_put(struct stack_pool *, struct stack *);

#endif
