#include "socket/call.h"

#include <errno.h>

enum call_state call_end(struct call *c, int64_t value)
{
    c->result = value < 0 ? -1 : value;
    c->error = value < 0 ? (int)-value : 0;
    return CALL_DONE;
}

int64_t outcome(int64_t value)
{
    if (value >= 0)
        return value;
    errno = (int)-value;
    return -1;
}
