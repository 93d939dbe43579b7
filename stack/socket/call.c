#include "socket/call.h"

#include <errno.h>

enum call_state call_end(struct call *c, int64_t value)
{
    c->result = value < 0 ? -1 : value;
    c->error = value < 0 ? (int)-value : 0;
    return CALL_DONE;
}

rill_time call_wake_time(const struct call *c)
{
    return c->again ? min_of(c->again, c->deadline) : c->deadline;
}

ssize_t outcome(int64_t value)
{
    if (value >= 0)
        return (ssize_t)value;
    errno = (int)-value;
    return -1;
}
