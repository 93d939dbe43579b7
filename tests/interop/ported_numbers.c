/* Numbers that a program expects or wants, and the standard streams (ported.c). */
#define _GNU_SOURCE 1
#include "ported.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WANTED = 100 };

/* How many numbers from 3 on dup2(2) takes. */
static int take_numbers(int fd)
{
    int taken = 0;
    for (int to = STDERR_FILENO + 1; to < WANTED; to++)
        taken += dup2(fd, to) == to;
    return taken;
}

/* Descriptors that are not the program's are nowhere in its way, nor in its child's that executes
 * another program with some on fixed numbers, such as those of LISTEN_FDS. */
void say_low_numbers(void)
{
    int status = 0, fd = socket(AF_INET, SOCK_STREAM, 0);
    SAY(fd);
    SAY(socket(AF_INET, SOCK_DGRAM, 0));
    pid_t child = fork();
    if (child == 0)
        _exit(take_numbers(STDOUT_FILENO));
    waitpid(child, &status, 0);
    SAY(WEXITSTATUS(status));
    SAY(take_numbers(fd));
    SAY(listen(WANTED - 1, 1));
    close_range(STDERR_FILENO + 1, WANTED - 1, 0);
}

/* More numbers than FD_SETSIZE: in a longer set, or none of those that are meant. */
void say_wide_select(void)
{
    enum { HIGH = 2000 };
    int pair[2];
    unsigned long bits[HIGH / 8 / sizeof(long) + 1] = {0};
    fd_set *wide = (fd_set *)bits, set;
    struct rlimit before, many = {.rlim_cur = 2 * HIGH};
    struct timeval soon = {.tv_sec = 1};
    open_pair(pair);
    getrlimit(RLIMIT_NOFILE, &before);
    many.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_NOFILE, &many);
    SAY(send(pair[0], "x", 1, 0));
    FD_ZERO(&set);
    FD_SET(pair[1], &set);
    SAY(select(getdtablesize(), &set, NULL, NULL, &soon));
    SAY(FD_ISSET(pair[1], &set) != 0);
    SAY(dup2(pair[1], HIGH));
    bits[HIGH / 8 / sizeof(long)] = 1ul << HIGH % (8 * sizeof(long));
    SAY(select(HIGH + 1, wide, NULL, NULL, &soon));
    SAY(recv(HIGH, &set, 1, 0));
    SAY(select(HIGH + 1, wide, NULL, NULL, &(struct timeval){0}));
    SAY(bits[HIGH / 8 / sizeof(long)] != 0);
    close(HIGH);
    close(pair[0]);
    close(pair[1]);
    setrlimit(RLIMIT_NOFILE, &before);
}

/* Its number is the next that is free. */
int say_bare(int unused)
{
    char byte;
    (void)unused;
    SAY(read(STDIN_FILENO, &byte, 1));
    SAY(socket(AF_INET, SOCK_STREAM, 0));
    SAY(close(STDIN_FILENO));
    SAY(close(STDIN_FILENO));
    SAY(open("/dev/zero", O_RDONLY));
    SAY(read(STDIN_FILENO, &byte, 1));
    SAY(dup2(STDOUT_FILENO, STDIN_FILENO));
    return 0;
}

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
static void say_reopened_stream(void)
{
    int pair[2];
    open_pair(pair);
    dup2(pair[0], STDIN_FILENO);
    close(pair[0]);
    SAY(freopen("/dev/zero", "r", stdin) == stdin);
    SAY(getc(stdin));
    SAY(polled(pair[1], 1000) & POLLRDHUP);
    SAY(fileno(stdin));
    close(pair[1]);
}

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
    say_reopened_stream();
    say_closed_stream();
}
