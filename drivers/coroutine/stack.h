/* Stacks for coroutines: mapped with a guard below, reused, the newest first, because it is warm.
 *
 *     low |guard: no access| ... grows down ... | link of the kept ones| high */
#ifndef COROUTINE_STACK_H
#define COROUTINE_STACK_H

#include <stdbool.h>
#include <stddef.h>

struct stack {
    char *bottom; /* of what may be used; NULL: none */
    size_t size;
    unsigned valgrind; /* its number there */
};

struct stack_pool {
    size_t size, guard; /* bytes, whole pages */
    unsigned most;      /* that are kept */
    unsigned kept;
    size_t mapped, unmapped; /* ever */
    struct stack first;      /* of those that are kept; the next is named at its top */
};

/* False: sizes that no stack can have. */
bool stack_pool_init(struct stack_pool *, size_t size, size_t guard, unsigned most);
void stack_pool_end(struct stack_pool *); /* those that are out are not its business */

/* False: errno. */
bool stack_get(struct stack_pool *, struct stack *);
void stack_put(struct stack_pool *, struct stack *);

#endif
