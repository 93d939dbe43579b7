/* Written for the kernel's sockets, and nothing in it is about rill: tests/interop/posix_test.sh
 * compiles it once as it stands and once with <rill/posix.h> in front, with the other ported_*.c.
 *
 *     ported calls          what calls say, a line each: the same on both
 *     ported threads PORT   echoes, with a thread for each connection; the first thread waits for
 *                           none of them
 *     ported select PORT    tells what is typed to whoever is connected, and prints what they say
 *     ported daemon PORT    binds, becomes a daemon, and answers its process number
 *     ported daemon_once_parent PORT     the same, and has had a child before
 *     ported daemon_once_threaded PORT   the same, and has had a second thread before
 *     ported interfaces 0   says the addresses of interfaces, by two calls
 *     ported exit PORT      asks and closes its listener in an exit handler that is older than it
 *     ported pause PORT     sleeps and pauses; any handled signal ends it
 *     ported jump PORT      its alarm's handler jumps out of recv(2); says so to PORT of 192.0.2.1
 *     ported forks PORT     echoes, with a process for each connection
 *     ported preforks PORT  echoes, by three processes that were begun before; their parent sleeps
 *     ported short PORT     has no memory for a thread; a child uses its listener, and it goes on
 *     ported fork PORT      a child uses its parent's connection, and then the parent does
 *     ported crowded PORT   the same, while there is not one descriptor left
 *     ported bare 0         what it says that has no standard input
 *     ported crowd PORT     the child has 300 threads, which ask for its readiness */
#define _GNU_SOURCE 1
#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* old programs make old calls */
#include "ported.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- calls ---- */

/* Numbers are one space: the lowest free one, whoever's it is. */
static void say_numbers(void)
{
    int pair[2], pipes[2];
    struct stat about;
    open_pair(pair);
    SAY(pipe(pipes));
    SAY(pipes[0] - pair[1]);
    SAY(fcntl(pair[0], F_GETFD));
    SAY(fcntl(pair[0], F_SETFD, FD_CLOEXEC));
    SAY(fcntl(pair[0], F_GETFD));
    SAY(fcntl(pair[0], F_SETFL, O_NONBLOCK));
    SAY(fcntl(pair[0], F_GETFL) == (O_RDWR | O_NONBLOCK));
    SAY(fstat(pair[0], &about));
    SAY(S_ISSOCK(about.st_mode));
    SAY(dup2(pair[0], 50));
    SAY(fcntl(pair[0], F_DUPFD, 60));
    SAY(close(pair[0]));
    SAY(dup3(pipes[0], 50, O_NONBLOCK)); /* no flag of its: 50 stays what it is */
    SAY(write(50, "x", 1));
    SAY(polled(pair[1], 1000));
    SAY(dup2(pipes[0], 50));
    SAY(close(60));
    SAY(recv(pair[1], pipes, 4, MSG_PEEK));
    SAY(read(pair[1], &about, 8));
    SAY(polled(pair[1], 1000) & POLLRDHUP);
    SAY(read(pair[1], &about, 8));
    SAY(close(pair[1]));
    int gone = socket(AF_INET, SOCK_STREAM, 0);
    SAY(close_range((unsigned)gone, (unsigned)gone, 0));
    SAY(close_range((unsigned)gone, 0, 0));
    SAY(open("/dev/null", O_RDONLY) - gone); /* its number is a file's now */
    SAY(read(gone, &about, 8));
    SAY(close(gone));
    SAY(close(pair[1]));
    SAY(send(pair[1], "x", 1, 0));
    SAY(polled(pair[1], 0));
    SAY(listen(0, 1));
    SAY(close(50));
}

/* What is asked of any descriptor, and of files. */
static void say_what_is_no_file(void)
{
    int pair[2], set = epoll_create1(0), number = 0;
    struct stat about, other;
    char byte;
    struct iovec part = {&byte, 1};
    open_pair(pair);
    const int each[] = {pair[0], set};
    for (int i = 0; i < 2; i++) {
        int fd = each[i];
        SAY(lseek(fd, 0, SEEK_CUR));
        SAY(pread(fd, &byte, 1, 0));
        SAY(fsync(fd));
        SAY(ftruncate(fd, 0));
        SAY(isatty(fd));
        SAY(fstat(fd, &about));
        SAY(about.st_size);
        SAY(about.st_nlink);
        SAY(about.st_mode);
    }
    SAY(fstat(pair[0], &about) == 0 && fstat(pair[1], &other) == 0);
    SAY(about.st_ino == other.st_ino);
    SAY(read(set, &byte, 1));
    SAY(readv(set, &part, 1));
    SAY(write(set, &byte, 1));
    SAY(writev(set, &part, 1));
    SAY(recv(set, &byte, 1, 0));
    SAY(send(set, &byte, 1, 0));
    SAY(ioctl(set, FIONREAD, &number));
    SAY(ioctl(set, FIONBIO, &number));
    close(set);
    close(pair[0]);
    close(pair[1]);
}

/* As many as RLIMIT_NOFILE allows, and one more. */
static void say_how_many_may_be_polled(void)
{
    int pair[2];
    struct rlimit before, few = {.rlim_cur = 100};
    struct pollfd p[101];
    open_pair(pair);
    for (int i = 0; i < 101; i++)
        p[i] = (struct pollfd){.fd = i ? -1 : pair[0], .events = POLLOUT};
    getrlimit(RLIMIT_NOFILE, &before);
    few.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_NOFILE, &few);
    SAY(poll(p, 100, 0));
    SAY(poll(p, 101, 0));
    setrlimit(RLIMIT_NOFILE, &before);
    close(pair[0]);
    close(pair[1]);
}

static volatile int broken_pipes;

static void count_broken_pipe(int number)
{
    broken_pipes += number == SIGPIPE;
}

static void say_transfers(void)
{
    int pair[2], pipes[2], file = fileno(tmpfile());
    char text[64];
    struct iovec part[] = {{"one ", 4}, {"two ", 4}, {"three", 5}};
    struct mmsghdr many[2] = {{.msg_hdr = {.msg_iov = part, .msg_iovlen = 2}},
                              {.msg_hdr = {.msg_iov = part, .msg_iovlen = 3}}};
    open_pair(pair);
    SAY(pipe(pipes));
    signal(SIGPIPE, count_broken_pipe);
    SAY(writev(pair[0], part, 3));
    SAY(recv(pair[1], text, 13, MSG_WAITALL));
    SAY(writev(pair[0], part, -1));
    SAY(sendmmsg(pair[0], many, 2, 0));
    SAY(recv(pair[1], text, 21, MSG_WAITALL));
    SAY(write(file, "from a file", 11));
    SAY(lseek(file, 5, SEEK_SET));
    SAY(sendfile(pair[0], file, NULL, 100));
    SAY(lseek(file, 0, SEEK_CUR));
    SAY(sendfile(pair[0], file, &(off_t){-1}, 1));
    SAY(sendfile(pair[0], pipes[0], NULL, 1));
    SAY(sendfile(pair[0], -1, NULL, 1));
    SAY(recv(pair[1], text, 6, MSG_WAITALL));
    FILE *stream = fdopen(pair[1], "r+");
    SAY(fileno(stream) - pair[1]);
    SAY(fputs("by stdio\n", stream) >= 0 && fflush(stream) == 0);
    SAY(recv(pair[0], text, 9, MSG_WAITALL));
    SAY(dprintf(pair[0], "a %s\n", "line"));
    SAY(fgets(text, sizeof text, stream) == text && strcmp(text, "a line\n") == 0);
    SAY(fclose(stream));
    SAY(polled(pair[0], 1000) & POLLRDHUP);
    SAY(shutdown(pair[0], SHUT_WR));
    SAY(write(pair[0], "x", 1));
    SAY(broken_pipes);
    SAY(send(pair[0], "x", 1, MSG_NOSIGNAL));
    SAY(broken_pipes);
    SAY(close(pair[0]));
    close(pipes[0]);
    close(pipes[1]);
}

/* Members of both kinds. */
static void say_epoll(void)
{
    int pair[2], pipes[2], set = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = 1}, got[4];
    open_pair(pair);
    SAY(pipe(pipes));
    SAY(epoll_ctl(set, EPOLL_CTL_ADD, pair[1], &e));
    SAY(epoll_ctl(set, EPOLL_CTL_ADD, pipes[0], &e));
    SAY(epoll_ctl(set, EPOLL_CTL_ADD, pipes[0], &e));
    SAY(epoll_ctl(set, EPOLL_CTL_MOD, pipes[1], &e));
    SAY(epoll_ctl(set, EPOLL_CTL_ADD, set, &e));
    SAY(epoll_wait(set, got, 4, 0));
    SAY(write(pipes[1], "x", 1));
    SAY(epoll_wait(set, got, 4, 1000));
    SAY(polled(set, 0));
    SAY(polled(pipes[0], 0));
    SAY(read(pipes[0], got, 1));
    SAY(write(pair[0], "x", 1));
    SAY(epoll_wait(set, got, 4, 1000));
    SAY(read(pair[1], got, 1));
    SAY(epoll_ctl(set, EPOLL_CTL_DEL, pipes[0], NULL));
    SAY(epoll_ctl(set, EPOLL_CTL_DEL, pipes[0], NULL));
    SAY(write(pipes[1], "x", 1));
    SAY(epoll_wait(set, got, 4, 0));
    SAY(polled(pipes[0], 0));
    SAY(close(pair[1]));
    SAY(epoll_ctl(set, EPOLL_CTL_MOD, pair[1], &e));
    SAY(close(set));
    SAY(close(pair[0]));
    SAY(close(pipes[0]));
    SAY(close(pipes[1]));
}

void close_all_but(int fd, int other)
{
    enum { SOME = 64 };
    for (int each = 3; each < SOME; each++)
        if (each != fd && each != other)
            close(each);
    close_range(SOME, ~0U, 0);
}

void on_alarm(int number)
{
    (void)number;
}

/* A handler by signal(2) has the call made again; one without SA_RESTART does not; poll(2) always
 * ends. */
static void say_signals(void)
{
    int pair[2];
    char byte;
    struct sigaction once = {.sa_handler = on_alarm}, before;
    const struct timeval timeout = {.tv_usec = 400000};
    open_pair(pair);
    signal(SIGALRM, on_alarm);
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    ualarm(100000, 0);
    SAY(recv(pair[0], &byte, 1, 0));
    ualarm(100000, 0);
    SAY(polled(pair[0], 5000));
    SAY(sigaction(SIGALRM, &once, &before));
    SAY(before.sa_handler == on_alarm && before.sa_flags & SA_RESTART);
    ualarm(100000, 0);
    SAY(recv(pair[1], &byte, 1, 0));
    SAY(usleep(1000));
    SAY(close(pair[0]));
    SAY(close(pair[1]));
}

/* What waits for a signal alone. */
static void say_pauses(void)
{
    int pair[2];
    char byte;
    sigset_t alarms, none;
    open_pair(pair);
    sigemptyset(&none);
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    signal(SIGALRM, on_alarm);
    ualarm(100000, 0);
    SAY(pause());
    sigprocmask(SIG_BLOCK, &alarms, NULL);
    raise(SIGALRM);
    SAY(sigsuspend(&none));
    sigprocmask(SIG_UNBLOCK, &alarms, NULL);
    SAY(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec){0}, NULL));
    SAY(clock_nanosleep(CLOCK_REALTIME, 0, &(struct timespec){.tv_nsec = -1}, NULL));
    ualarm(100000, 0);
    SAY(clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_sec = 5}, NULL) == EINTR);
    SAY(siginterrupt(SIGALRM, 1));
    ualarm(100000, 0);
    SAY(recv(pair[0], &byte, 1, 0));
    signal(SIGALRM, on_alarm);
    ualarm(100000, 0);
    SAY(recv(pair[0], &byte, 1, 0));
    SAY(siginterrupt(SIGALRM, 0));
    close(pair[0]);
    close(pair[1]);
}

/* The time is looked at after each datagram: there need not be another. */
static void say_datagrams_in_time(int fd)
{
    char text[2];
    struct iovec part = {text, sizeof text};
    struct mmsghdr m[2] = {{.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}},
                           {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}}};
    struct timespec none = {0}, some = {.tv_sec = 100}, invalid = {.tv_nsec = -1};
    SAY(send(fd, "a", 1, 0));
    SAY(polled(fd, 1000));
    SAY(recvmmsg(fd, m, 2, 0, &none));
    SAY(send(fd, "a", 1, 0));
    SAY(polled(fd, 1000));
    SAY(recvmmsg(fd, m, 1, 0, &some));
    SAY(some.tv_sec);
    SAY(recvmmsg(fd, m, 1, 0, &invalid));
}

/* Calls that libraries make by their numbers. */
static void say_calls_by_number(void)
{
    int pair[2], set = (int)syscall(SYS_epoll_create1, 0);
    struct sockaddr_in a = at("127.0.0.1", 50207);
    int datagrams = socket(AF_INET, SOCK_DGRAM, 0);
    char text[8];
    struct iovec part = {text, sizeof text};
    struct mmsghdr m = {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}};
    struct epoll_event e = {.events = EPOLLIN};
    SAY(bind(datagrams, (struct sockaddr *)&a, sizeof a));
    SAY(connect(datagrams, (struct sockaddr *)&a, sizeof a));
    SAY(syscall(SYS_epoll_ctl, set, EPOLL_CTL_ADD, datagrams, &e));
    SAY(epoll_pwait2(set, &e, 1, &(struct timespec){.tv_nsec = 1000}, NULL));
    SAY(syscall(SYS_sendmmsg, datagrams, &m, 1, 0));
    SAY(syscall(SYS_epoll_pwait2, set, &e, 1, &(struct timespec){.tv_sec = 1}, NULL, 8));
    SAY(syscall(SYS_recvmmsg, datagrams, &m, 1, 0, NULL));
    say_datagrams_in_time(datagrams);
    SAY(syscall(SYS_close, datagrams));
    SAY(syscall(SYS_close, set));
    open_pair(pair);
    SAY(syscall(SYS_close, pair[1]));
    SAY(polled(pair[0], 1000) & POLLRDHUP);
    SAY(syscall(SYS_close, pair[1]));
    SAY(syscall(SYS_getppid) == getppid());
    struct ifreq loopback = {.ifr_name = "lo"};
    struct ifconf all = {.ifc_len = 0};
    SAY(ioctl(pair[0], SIOCGIFINDEX, &loopback));
    SAY(loopback.ifr_ifindex);
    SAY(ioctl(pair[0], SIOCGIFCONF, &all));
    SAY(all.ifc_len > 0);
    close(pair[0]);
}

/* Whoever is not accepted for want of a number waits until there is one. */
static void say_limits(void)
{
    int listener = listen_at("127.0.0.1", 50206), client = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = at("127.0.0.1", 50206);
    struct rlimit before, none = {.rlim_cur = 0};
    getrlimit(RLIMIT_NOFILE, &before);
    none.rlim_max = before.rlim_max;
    SAY(connect(client, (struct sockaddr *)&a, sizeof a));
    SAY(setrlimit(RLIMIT_NOFILE, &none));
    SAY(accept(listener, NULL, NULL));
    SAY(socket(AF_INET, SOCK_STREAM, 0));
    SAY(dup(client));
    SAY(setrlimit(RLIMIT_NOFILE, &before));
    int fd = accept(listener, NULL, NULL);
    SAY(fd - client);
    SAY(close(fd));
    SAY(close(client));
    SAY(close(listener));
}

static long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A loop that asks, and never waits, sees what comes all the same. */
static void say_what_spinning_sees(void)
{
    int pair[2];
    char byte = 0;
    long until = now_ms() + 2000;
    open_pair(pair);
    SAY(send(pair[0], "x", 1, 0));
    while (recv(pair[1], &byte, 1, MSG_DONTWAIT) < 0 && now_ms() < until)
        ;
    SAY(byte);
    SAY(send(pair[1], "y", 1, 0));
    while (polled(pair[0], 0) == 0 && now_ms() < until)
        ;
    SAY(polled(pair[0], 0));
    close(pair[0]);
    close(pair[1]);
}

/* A set may be as long as its descriptors ask for. */
static void say_what_a_short_set_is(void)
{
    int pair[2];
    open_pair(pair);
    size_t words = (size_t)pair[1] / NFDBITS + 1;
    fd_mask *set = calloc(words + 1, sizeof *set);
    set[words] = 42;
    FD_SET(pair[1], (fd_set *)set);
    SAY(select(pair[1] + 1, (fd_set *)set, NULL, NULL, &(struct timeval){0, 1000}));
    SAY(set[words]);
    free(set);
    close(pair[0]);
    close(pair[1]);
}

/* What is the host's a child uses as ever, and takes nothing from its parent. */
static void say_what_a_child_may(void)
{
    int pipes[2], status = 0, set = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN};
    struct sigaction quiet = {.sa_handler = SIG_DFL};
    char byte;
    sigaction(SIGCHLD, &quiet, NULL);
    SAY(pipe(pipes));
    SAY(epoll_ctl(set, EPOLL_CTL_ADD, pipes[0], &e));
    pid_t child = fork();
    if (child == 0) {
        long begun = now_ms();
        usleep(50000);
        int slept = now_ms() - begun >= 50;
        int mine[2], told = pipe(mine) == 0 && write(mine[1], "x", 1) == 1 && polled(mine[0], 1000);
        close(pipes[0]);
        _exit(2 * slept + told);
    }
    waitpid(child, &status, 0);
    SAY(WEXITSTATUS(status));
    SAY(write(pipes[1], "x", 1));
    SAY(epoll_wait(set, &e, 1, 1000));
    SAY(read(pipes[0], &byte, 1));
    close(pipes[0]);
    close(pipes[1]);
    close(set);
}

static int say_calls(void)
{
    signal(SIGINT, SIG_IGN); /* before there is a socket */
    SAY(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
    SAY(socketpair(AF_INET, SOCK_STREAM, 0, (int[2]){0}));
    say_low_numbers();
    say_limits();
    say_what_spinning_sees();
    say_what_a_short_set_is();
    say_what_a_child_may();
    say_numbers();
    say_what_is_no_file();
    say_standard();
    say_how_many_may_be_polled();
    say_wide_select();
    say_transfers();
    say_epoll();
    say_signals();
    say_pauses();
    say_calls_by_number();
    say_children();
    say_threads();
    say_children();
    SAY(raise(SIGINT));
    SAY(usleep(1000));
    return 0;
}

/* ---- Servers ---- */

static void *echo(void *of)
{
    char text[4096];
    int fd = *(int *)of;
    free(of);
    for (ssize_t n; (n = recv(fd, text, sizeof text, 0)) > 0;)
        send(fd, text, (size_t)n, 0);
    close(fd);
    return NULL;
}

static void *accept_all(void *of)
{
    for (int fd; (fd = accept(*(int *)of, NULL, NULL)) >= 0;) {
        pthread_t thread;
        int *own = malloc(sizeof *own);
        *own = fd;
        pthread_create(&thread, NULL, echo, own);
        pthread_detach(thread);
    }
    return NULL;
}

/* The first thread has opened the listener, and makes no call again. */
static int serve_threads(int port)
{
    pthread_t thread;
    int listener = listen_at("0.0.0.0", port);
    pthread_create(&thread, NULL, accept_all, &listener);
    pthread_join(thread, NULL);
    return 0;
}

static int serve_select(int port)
{
    int listener = listen_at("0.0.0.0", port), peer = accept(listener, NULL, NULL);
    char text[4096];
    for (;;) {
        fd_set set;
        FD_ZERO(&set);
        FD_SET(STDIN_FILENO, &set);
        FD_SET(peer, &set);
        if (select(peer + 1, &set, NULL, NULL, NULL) < 0)
            err(1, "select");
        for (int from = 0; from <= peer; from += peer) {
            if (!FD_ISSET(from, &set))
                continue;
            ssize_t n = read(from, text, sizeof text);
            if (n <= 0)
                return 0;
            write(from ? STDOUT_FILENO : peer, text, (size_t)n);
        }
    }
}

static char *text_of(const struct sockaddr *a)
{
    return inet_ntoa(((const struct sockaddr_in *)a)->sin_addr);
}

static void say_listed(void)
{
    struct ifaddrs *list;
    if (getifaddrs(&list) != 0)
        err(1, "getifaddrs");
    for (struct ifaddrs *i = list; i; i = i->ifa_next)
        if (i->ifa_addr && i->ifa_addr->sa_family != AF_PACKET) {
            printf("%s %s", i->ifa_name, text_of(i->ifa_addr));
            printf("/%s\n", text_of(i->ifa_netmask));
        }
    freeifaddrs(list);
}

static int say_interfaces(int unused)
{
    const unsigned long each[] = {SIOCGIFADDR, SIOCGIFNETMASK, SIOCGIFBRDADDR};
    struct ifreq request[8];
    struct ifconf all = {.ifc_len = sizeof request, .ifc_req = request};
    int fd = socket(AF_INET, SOCK_DGRAM, unused);
    ioctl(fd, SIOCGIFCONF, &all);
    say_listed();
    for (int i = 0; i < all.ifc_len / (int)sizeof *request; i++) {
        printf("%s %s", request[i].ifr_name, text_of(&request[i].ifr_addr));
        for (int k = 0; k < 3 && ioctl(fd, each[k], &request[i]) == 0; k++)
            printf(" %s", text_of(&request[i].ifr_addr));
        printf("\n");
    }
    return 0;
}

/* Asleep, and then for ever but for a signal: its stack answers. */
static int serve_pause(int port)
{
    listen_at("0.0.0.0", port);
    signal(SIGUSR1, on_alarm);
    clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_sec = 1}, NULL);
    printf("pauses\n");
    return pause() == -1 && errno == EINTR ? 0 : 1;
}

/* ---- Clients ---- */

static int connect_home(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = at("192.0.2.1", port);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
        err(1, "cannot connect");
    return fd;
}

static sigjmp_buf start;

static void jump(int number)
{
    siglongjmp(start, number);
}

static int jump_out(int port)
{
    char byte;
    int fd = connect_home(port);
    signal(SIGALRM, jump);
    if (sigsetjmp(start, 1) == 0) {
        alarm(1);
        recv(fd, &byte, 1, 0);
        errx(1, "recv came back");
    }
    send(fd, "jumped\n", 7, 0);
    return recv(fd, &byte, 1, 0) == 0 ? 0 : 1;
}

static int fork_and_go_on(int port, int (*child)(int fd))
{
    int status = 1, fd = connect_home(port);
    pid_t number = fork();
    if (number == 0)
        exit(child(fd));
    waitpid(number, &status, 0);
    send(fd, "of the parent\n", 14, 0);
    return WEXITSTATUS(status);
}

static int say_as_child(int fd)
{
    return send(fd, "of the child\n", 13, 0) < 0 ? 3 : 4;
}

static int fork_off(int port)
{
    return fork_and_go_on(port, say_as_child);
}

enum { CROWD = 300 };
static pthread_barrier_t all_have_asked;

static void *ask_with_others(void *fd)
{
    struct pollfd p[] = {{.fd = *(int *)fd, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
    poll(p, 2, 0);
    pthread_barrier_wait(&all_have_asked);
    return NULL;
}

static int be_a_crowd(int fd)
{
    pthread_t thread[CROWD];
    pthread_barrier_init(&all_have_asked, NULL, CROWD);
    for (int i = 0; i < CROWD; i++)
        if (pthread_create(&thread[i], NULL, ask_with_others, &fd) != 0)
            err(1, "no thread");
    for (int i = 0; i < CROWD; i++)
        pthread_join(thread[i], NULL);
    return 4;
}

static int fork_into_a_crowd(int port)
{
    return fork_and_go_on(port, be_a_crowd);
}

/* There is one descriptor less than the child's part in the stack would take. */
static int fork_crowded(int port)
{
    struct rlimit few;
    int spare = socket(AF_INET, SOCK_STREAM, 0);
    getrlimit(RLIMIT_NOFILE, &few);
    few.rlim_cur = (rlim_t)spare + 2;
    setrlimit(RLIMIT_NOFILE, &few);
    close(spare);
    return fork_off(port);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int port);
    } mode[] = {
        {"threads", serve_threads},
        {"select", serve_select},
        {"daemon", serve_daemon},
        {"interfaces", say_interfaces},
        {"exit", exit_late},
        {"pause", serve_pause},
        {"daemon_once_parent", serve_daemon_once_parent},
        {"daemon_once_threaded", serve_daemon_once_threaded},
        {"jump", jump_out},
        {"forks", serve_forks},
        {"preforks", serve_preforks},
        {"short", go_on_without_memory},
        {"fork", fork_off},
        {"crowded", fork_crowded},
        {"crowd", fork_into_a_crowd},
        {"bare", say_bare},
    };
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 3)
        return say_calls();
    for (size_t i = 0; i < sizeof mode / sizeof *mode; i++)
        if (strcmp(argv[1], mode[i].name) == 0)
            return mode[i].run(atoi(argv[2]));
    errx(2, "what is %s?", argv[1]);
}
