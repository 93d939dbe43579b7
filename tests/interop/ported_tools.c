/* What the programs ported.c, executed.c and passed.c share. */
#define _GNU_SOURCE 1
#include "ported.h"

#include <arpa/inet.h>
#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct sockaddr_in at(const char *address, int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, address, &a.sin_addr);
    return a;
}

int listen_at(const char *address, int port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in a = at(address, port);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 16) != 0)
        err(1, "cannot listen");
    return fd;
}

void say(const char *call, long result)
{
    printf("%s: %ld %s\n", call, result, result < 0 ? strerrorname_np(errno) : "");
}

void open_pair(int pair[2])
{
    int listener = listen_at("127.0.0.1", 50200);
    struct sockaddr_in a = at("127.0.0.1", 50200);
    pair[0] = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(pair[0], (struct sockaddr *)&a, sizeof a) != 0)
        err(1, "cannot connect");
    pair[1] = accept(listener, NULL, NULL);
    close(listener);
}

int polled(int fd, int timeout_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLRDHUP};
    return poll(&p, 1, timeout_ms) < 0 ? -1 : p.revents;
}

bool ends(int fd)
{
    char byte;
    return polled(fd, 3000) & POLLIN && recv(fd, &byte, 1, 0) == 0;
}

bool is_answered(int fd)
{
    char text[6] = "";
    return send(fd, "hello", 5, 0) == 5 && recv(fd, text, 5, MSG_WAITALL) == 5 &&
           strcmp(text, "hello") == 0;
}

int answer(int fd)
{
    char text[6];
    if (recv(fd, text, 5, MSG_WAITALL) != 5)
        return 2;
    return send(fd, text, 5, 0) == 5 ? 0 : 3;
}
