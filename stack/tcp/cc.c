#include "tcp/cc.h"

#include "base/bytes.h"

static const struct cc_ops *const cc_all[] = {&cc_reno, &cc_cubic, &cc_dctcp, &cc_bbr};

#define CC_COUNT (sizeof cc_all / sizeof *cc_all)

_Static_assert(CC_COUNT <= CC_NUMBER_MASK + 1, "a connection has two bits for its number");

const struct cc_ops *cc_find(const char *name)
{
    for (unsigned i = 0; i < CC_COUNT; i++)
        if (strcmp(cc_all[i]->name, name) == 0)
            return cc_all[i];
    return NULL;
}

const struct cc_ops *cc_at(unsigned number)
{
    assert(number < CC_COUNT);
    return cc_all[number];
}

unsigned cc_count(void)
{
    return CC_COUNT;
}

unsigned cc_number(const struct cc_ops *ops)
{
    unsigned i = 0;
    while (cc_all[i] != ops)
        i++;
    return i;
}
