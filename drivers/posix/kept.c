#include "posix/kept.h"

#include "posix/monitor.h"
#include "posix/owner.h"
#include "posix/relay.h"
#include "posix/sharing.h"

int posix_kept(int from)
{
    int kept = least_from(from, relay_kept(from), owner_kept(from));
    return least_from(from, monitor_kept(from), kept);
}

bool posix_keeps(int fd)
{
    return fd >= 0 && posix_kept(fd) == fd;
}
