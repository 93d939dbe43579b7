/* The intrusive list. */
#include "base/list.h"

#include "unit.h"

struct item {
    int before;
    struct list_node node;
};

/* Whether the list holds exactly these nodes, in both directions. */
static bool holds(const struct list *l, struct list_node *const *expected, size_t count)
{
    const struct list_node *at = list_first(l);
    for (size_t i = 0; i < count; i++, at = list_next(l, at)) {
        if (at != expected[i])
            return false;
        if (at->previous != (i ? expected[i - 1] : &l->root))
            return false;
    }
    return at == NULL && l->root.previous == (count ? expected[count - 1] : &l->root);
}

#define HOLDS(list, ...) \
    holds(list, (struct list_node *[]){__VA_ARGS__}, \
          sizeof((struct list_node *[]){__VA_ARGS__}) / sizeof(void *))

static void an_empty_list_has_no_first(void)
{
    struct list l;
    list_init(&l);
    CU_ASSERT(list_empty(&l));
    CU_ASSERT_PTR_NULL(list_first(&l));
}

static void nodes_stay_in_the_order_of_appending(void)
{
    struct list l;
    struct list_node a = {0}, b = {0}, c = {0};
    list_init(&l);
    list_append(&l, &a);
    list_append(&l, &b);
    list_append(&l, &c);
    CU_ASSERT(HOLDS(&l, &a, &b, &c));
    CU_ASSERT_FALSE(list_empty(&l));
}

static void a_node_knows_whether_it_is_linked(void)
{
    struct list l;
    struct list_node a = {0};
    list_init(&l);
    CU_ASSERT_FALSE(list_linked(&a));
    list_append(&l, &a);
    CU_ASSERT(list_linked(&a));
    list_remove(&a);
    CU_ASSERT_FALSE(list_linked(&a));
    CU_ASSERT(list_empty(&l));
}

static void removing_closes_the_gap(void)
{
    struct list l;
    struct list_node a = {0}, b = {0}, c = {0};
    list_init(&l);
    list_append(&l, &a);
    list_append(&l, &b);
    list_append(&l, &c);
    list_remove(&b);
    CU_ASSERT(HOLDS(&l, &a, &c));
    list_remove(&b); /* harmless */
    CU_ASSERT(HOLDS(&l, &a, &c));
    list_append(&l, &b);
    CU_ASSERT(HOLDS(&l, &a, &c, &b));
    list_remove(&a);
    list_remove(&b);
    CU_ASSERT(HOLDS(&l, &c));
}

static void splicing_moves_all_to_the_end(void)
{
    struct list to, from;
    struct list_node a = {0}, b = {0}, c = {0};
    list_init(&to);
    list_init(&from);
    list_append(&to, &a);
    list_append(&from, &b);
    list_append(&from, &c);
    list_splice(&to, &from);
    CU_ASSERT(HOLDS(&to, &a, &b, &c));
    CU_ASSERT(list_empty(&from));
    list_splice(&to, &from); /* nothing */
    CU_ASSERT(HOLDS(&to, &a, &b, &c));
    list_splice(&from, &to); /* into an empty list */
    CU_ASSERT(HOLDS(&from, &a, &b, &c));
    CU_ASSERT(list_empty(&to));
}

static void a_node_leads_to_the_object_that_it_lies_in(void)
{
    struct item item = {0};
    CU_ASSERT_PTR_EQUAL(container_of(&item.node, struct item, node), &item);
}

static const struct unit_test tests[] = {
    {"an empty list has no first", an_empty_list_has_no_first},
    {"nodes stay in the order of appending", nodes_stay_in_the_order_of_appending},
    {"a node knows whether it is linked", a_node_knows_whether_it_is_linked},
    {"removing closes the gap", removing_closes_the_gap},
    {"splicing moves all to the end", splicing_moves_all_to_the_end},
    {"a node leads to the object that it lies in", a_node_leads_to_the_object_that_it_lies_in},
};

int main(void)
{
    return UNIT_MAIN("list", tests);
}
