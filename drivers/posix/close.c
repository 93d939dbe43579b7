#define RILL_POSIX_KEEP_NAMES
#include "posix/close.h"

#include "cancellation.h"
#include "posix/entry.h"
#include "posix/names.h"
#include "posix/owner.h"

#include <rill/posix.h>
#include <rill/socket.h>

static int close_whole(int fd)
{
    if (name_socket(fd) >= 0) {
        int last = name_close(fd);
        if (last < 0 || owner_is_unreachable() || !posix_begin_any())
            return 0;
        return posix_end(rill_close(last));
    }
    if (name_adopted(fd) >= 0 && posix_begin_any()) {
        name_forget(fd);
        posix_end(0);
    }
    return close(fd);
}

int close_number(int fd)
{
    int state = cancellation_disable(), result = close_whole(fd);
    cancellation_restore(state);
    return result;
}
