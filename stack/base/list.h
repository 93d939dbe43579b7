/* An intrusive, circular, doubly linked list. A node lies in the object that it links and knows
 * whether it is linked: next == NULL means "on no list". The list owns nothing. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>

struct list_node {
    struct list_node *next, *previous;
};

struct list {
    struct list_node root;
};

static inline void list_init(struct list *l)
{
    l->root.next = l->root.previous = &l->root;
}

static inline bool list_empty(const struct list *l)
{
    return l->root.next == &l->root;
}

static inline bool list_linked(const struct list_node *n)
{
    return n->next != NULL;
}

static inline struct list_node *list_first(const struct list *l)
{
    return list_empty(l) ? NULL : l->root.next;
}

static inline struct list_node *list_last(const struct list *l)
{
    return list_empty(l) ? NULL : l->root.previous;
}

/* The node after n, NULL at the end. */
static inline struct list_node *list_next(const struct list *l, const struct list_node *n)
{
    return n->next == &l->root ? NULL : n->next;
}

static inline void list_append(struct list *l, struct list_node *n)
{
    assert(!list_linked(n));
    n->previous = l->root.previous;
    n->next = &l->root;
    l->root.previous->next = n;
    l->root.previous = n;
}

/* Takes a node off whatever list it is on; harmless where it is on none. */
static inline void list_remove(struct list_node *n)
{
    if (!list_linked(n))
        return;
    n->previous->next = n->next;
    n->next->previous = n->previous;
    n->next = n->previous = NULL;
}

/* Moves all nodes of `from` to the end of `to`; `from` is empty afterwards. */
static inline void list_splice(struct list *to, struct list *from)
{
    if (list_empty(from))
        return;
    from->root.next->previous = to->root.previous;
    to->root.previous->next = from->root.next;
    from->root.previous->next = &to->root;
    to->root.previous = from->root.previous;
    list_init(from);
}

#endif
