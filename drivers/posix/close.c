#define RILL_POSIX_KEEP_NAMES
#include "posix/close.h"

#include "posix/entry.h"
#include "posix/names.h"
#include "posix/owner.h"

#include <rill/posix.h>
#include <rill/socket.h>

int close_number(int fd)
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
