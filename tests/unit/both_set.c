#include "both_set.h"

#include <string.h>

int pair[2];
int set;

void begin(void)
{
    open_pair(pair);
    set = on->epoll_create1(0);
    CU_ASSERT(set >= 0);
}

void end(void)
{
    CU_ASSERT_EQUAL(on->close(set), 0);
    on->close(pair[0]);
    on->close(pair[1]);
    settle();
}

int control(int operation, int fd, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.fd = fd};
    return on->epoll_ctl(set, operation, fd, &e);
}

void add_to(int epfd, int fd, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.fd = fd};
    CU_ASSERT_EQUAL(on->epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &e), 0);
}

void add(int fd, uint32_t events)
{
    add_to(set, fd, events);
}

uint32_t said_by(int epfd)
{
    struct epoll_event e[8];
    settle();
    int n = on->epoll_wait(epfd, e, 8, 0);
    CU_ASSERT(n >= 0);
    return n == 1 ? e[0].events : n ? UINT32_MAX : 0;
}

uint32_t said(void)
{
    return said_by(set);
}

void say(int fd, const char *text)
{
    CU_ASSERT_EQUAL(on->send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
    settle();
}

size_t read_some(int fd, size_t most)
{
    static char text[65536];
    ssize_t n = on->recv(fd, text, most, MSG_DONTWAIT);
    return n > 0 ? (size_t)n : 0;
}

void read_all(int fd)
{
    while (read_some(fd, 256))
        ;
    settle();
}
