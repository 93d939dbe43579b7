/* getsockopt(2), setsockopt(2), getsockname(2), getpeername(2), fcntl(2), ioctl(2): each fills in a
 * call and runs it. */
#include "socket/run.h"

#include <fcntl.h>
#include <stdarg.h>

int rill_getsockopt(int fd, int level, int name, void *value, socklen_t *length)
{
    struct call c = {.operation = CALL_GET_OPTION, .fd = fd, .get = {level, name, value, length}};
    return (int)call_run(&c);
}

int rill_setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
    struct call c = {.operation = CALL_SET_OPTION, .fd = fd, .set = {level, name, value, length}};
    return (int)call_run(&c);
}

int rill_getsockname(int fd, struct sockaddr *to, socklen_t *length)
{
    struct call c = {.operation = CALL_LOCAL_NAME, .fd = fd, .from = {to, length}};
    return (int)call_run(&c);
}

int rill_getpeername(int fd, struct sockaddr *to, socklen_t *length)
{
    struct call c = {.operation = CALL_PEER_NAME, .fd = fd, .from = {to, length}};
    return (int)call_run(&c);
}

int rill_fcntl(int fd, int command, ...)
{
    struct call c = {.operation = CALL_FCNTL, .fd = fd, .flags = command};
    if (command == F_SETFL || command == F_SETFD) { /* fcntl(2): the others have none */
        va_list list;
        va_start(list, command);
        c.argument = va_arg(list, int);
        va_end(list);
    }
    return (int)call_run(&c);
}

int rill_ioctl(int fd, unsigned long request, ...)
{
    struct call c = {.operation = CALL_IOCTL, .fd = fd, .ioctl = {request, NULL}};
    va_list list;
    va_start(list, request);
    c.ioctl.value = va_arg(list, int *);
    va_end(list);
    return (int)call_run(&c);
}
