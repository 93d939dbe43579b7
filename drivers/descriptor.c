#include "descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { HIGH = 200 };

int descriptor_raise(int fd)
{
    int error = errno, raised = -1;
    for (int least = HIGH; raised < 0 && fd >= 0 && least > fd; least /= 2) /* RLIMIT_NOFILE */
        raised = fcntl(fd, F_DUPFD_CLOEXEC, least);
    if (raised >= 0)
        close(fd);
    errno = error;
    return raised < 0 ? fd : raised;
}
