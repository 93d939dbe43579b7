/* socket(2), bind(2), listen(2), connect(2), accept(2), shutdown(2), close(2): each fills in a call
 * and runs it. */
#include "socket/run.h"

int rill_socket(int domain, int type, int protocol)
{
    struct call c = {.operation = CALL_SOCKET, .open = {domain, type, protocol}};
    return (int)call_run_open(&c);
}

int rill_bind(int fd, const struct sockaddr *address, socklen_t length)
{
    struct call c = {.operation = CALL_BIND, .fd = fd, .to = {address, length}};
    return (int)call_run(&c);
}

int rill_listen(int fd, int backlog)
{
    struct call c = {.operation = CALL_LISTEN, .fd = fd, .flags = backlog};
    return (int)call_run(&c);
}

int rill_connect(int fd, const struct sockaddr *address, socklen_t length)
{
    struct call c = {.operation = CALL_CONNECT, .fd = fd, .to = {address, length}};
    return (int)call_run(&c);
}

int rill_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
    struct call c = {.operation = CALL_ACCEPT, .fd = fd, .flags = flags, .from = {address, length}};
    return (int)call_run(&c);
}

int rill_accept(int fd, struct sockaddr *address, socklen_t *length)
{
    return rill_accept4(fd, address, length, 0);
}

int rill_shutdown(int fd, int how)
{
    struct call c = {.operation = CALL_SHUTDOWN, .fd = fd, .flags = how};
    return (int)call_run(&c);
}

int rill_close(int fd)
{
    struct call c = {.operation = CALL_CLOSE, .fd = fd};
    return (int)call_run(&c);
}
