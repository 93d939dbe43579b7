/* Numbers that a program expects or wants, and the standard streams (ported.c). */
#define _GNU_SOURCE 1
#include "ported.h"

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* How it was done before there was dup2(2): the lowest free number. */
static int close_and_dup(int fd, int to)
{
    close(to);
    return dup(fd);
}

/* inetd(8)'s way: the socket is standard input and output. */
static void say_standard_streams(int (*move)(int fd, int to))
{
    int pair[2], out = dup(STDOUT_FILENO), in = dup(STDIN_FILENO);
    char text[16] = "";
    open_pair(pair);
    fflush(stdout);
    move(pair[0], STDIN_FILENO);
    move(pair[0], STDOUT_FILENO);
    send(pair[1], "ask\n", 4, 0);
    printf("%s", polled(STDIN_FILENO, 1000) ? fgets(text, sizeof text, stdin) : "deaf");
    fflush(stdout);
    FILE *copy = stdout;
    move(in, STDIN_FILENO);
    move(out, STDOUT_FILENO);
    SAY(fprintf(copy, "by a copy of the pointer\n"));
    SAY(fflush(copy));
    SAY(polled(pair[1], 1000));
    SAY(recv(pair[1], text, sizeof text, MSG_DONTWAIT));
    SAY(close(in));
    SAY(close(out));
    close(pair[0]);
    SAY(recv(pair[1], text, 1, 0));
    close(pair[1]);
}

/* As daemons do. */
static void say_closed_stream(void)
{
    int pair[2], in = dup(STDIN_FILENO);
    open_pair(pair);
    dup2(pair[0], STDIN_FILENO);
    close(pair[0]);
    SAY(fclose(stdin));
    SAY(polled(pair[1], 1000) & POLLRDHUP);
    dup2(in, STDIN_FILENO);
    close(in);
    close(pair[1]);
}

void say_standard(void)
{
    say_standard_streams(dup2);
    say_standard_streams(close_and_dup);
    say_closed_stream();
}
