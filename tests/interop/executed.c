/* What programs do with the sockets that they have from who executed them (exec(2)): a program for
 * the kernel's sockets, which says the same on rill. It executes itself. */
#define _GNU_SOURCE 1
#include "ported.h"

#include <err.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SELF "/proc/self/exe"

static char self[4096];

/* ---- The program that is executed: its descriptors are words ---- */

/* One has FD_CLOEXEC and is closed, the other is usable and as it was. */
static int be_executed(char **word)
{
    int fd = atoi(word[0]), closed = atoi(word[1]);
    if (fcntl(closed, F_GETFD) >= 0)
        return 4;
    if (fcntl(fd, F_GETFL) != (O_RDWR | O_NONBLOCK) || fcntl(fd, F_GETFD) != 0)
        return 5;
    fcntl(fd, F_SETFL, 0);
    return answer(fd);
}

/* As inetd(8) executes it. */
static int be_inetds(void)
{
    char line[80];
    struct sockaddr_in a;
    socklen_t length = sizeof a;
    if (getpeername(STDIN_FILENO, (struct sockaddr *)&a, &length) != 0)
        return 2;
    while (fgets(line, sizeof line, stdin))
        printf("heard %s", line);
    return 0;
}

/* It makes sockets, children and threads of its own, and executes itself once more. */
static void *connect_to(void *port)
{
    struct sockaddr_in a = at("127.0.0.1", *(int *)port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return connect(fd, (struct sockaddr *)&a, sizeof a) == 0 && answer(fd) == 0 ? NULL : port;
}

static int be_busy(char **word)
{
    char fd[20];
    void *failed;
    pthread_t thread;
    int port = atoi(word[1]), status;
    snprintf(fd, sizeof fd, "%s", word[0]);
    pthread_create(&thread, NULL, connect_to, &port);
    pthread_join(thread, &failed);
    if (failed)
        return 2;
    if (fork() == 0)
        _exit(answer(atoi(fd)));
    wait(&status);
    if (status)
        return 3;
    execl(SELF, self, "answer", fd, NULL);
    return 4;
}

static int be(char **word)
{
    if (strcmp(word[0], "executed") == 0)
        return be_executed(word + 1);
    if (strcmp(word[0], "inetd") == 0)
        return be_inetds();
    if (strcmp(word[0], "busy") == 0)
        return be_busy(word + 1);
    return answer(atoi(word[1]));
}

/* ---- Who executes it ---- */

enum way { EXECL, EXECLP, EXECLE, EXECV, EXECVP, EXECVE, EXECVPE, FEXECVE, EXECVEAT, BARE, WAYS };

static void execute_by(enum way way, char *const *words)
{
    char *const none[] = {NULL};
    const char *path = words[0], *second = words[1], *third = words[2], *fourth = words[3];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    switch (way) {
    case EXECL:
        execl(path, path, second, third, fourth, NULL);
        break;
    case EXECLP:
        execlp(path, path, second, third, fourth, NULL);
        break;
    case EXECLE:
        execle(path, path, second, third, fourth, NULL, environ);
        break;
    case EXECV:
        execv(path, words);
        break;
    case EXECVP:
        execvp(path, words);
        break;
    case EXECVE:
        execve(path, words, environ);
        break;
    case EXECVPE:
        execvpe(path, words, environ);
        break;
    case FEXECVE:
        fexecve(fd, words, environ);
        break;
    case EXECVEAT:
        execveat(fd, "", words, environ, AT_EMPTY_PATH);
        break;
    default:
        execve(path, words, none);
    }
}

struct words {
    char fd[12], closed[12];
    char *all[5];
};

static struct words words_of(const char *mode, int fd, int closed)
{
    struct words w;
    snprintf(w.fd, sizeof w.fd, "%d", fd);
    snprintf(w.closed, sizeof w.closed, "%d", closed);
    w.all[0] = self;
    w.all[1] = (char *)mode;
    return w;
}

/* For who has it as a copy. */
static char *const *whole(struct words *w)
{
    w->all[2] = w->fd;
    w->all[3] = w->closed;
    w->all[4] = NULL;
    return w->all;
}

static int exit_of(pid_t child)
{
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void say_ways(bool vforks)
{
    for (enum way way = 0; way < WAYS; way++) {
        int kept[2], closed[2];
        open_pair(kept);
        open_pair(closed);
        fcntl(kept[1], F_SETFL, O_NONBLOCK);
        fcntl(kept[0], F_SETFD, FD_CLOEXEC);
        fcntl(closed[0], F_SETFD, FD_CLOEXEC);
        fcntl(closed[1], F_SETFD, FD_CLOEXEC);
        struct words w = words_of("executed", kept[1], closed[1]);
        whole(&w);
        pid_t child = vforks ? vfork() : fork();
        if (child == 0) {
            execute_by(way, w.all);
            _exit(9);
        }
        close(kept[1]);
        close(closed[1]);
        SAY(way);
        SAY(ends(closed[0]));
        SAY(is_answered(kept[0]));
        SAY(exit_of(child));
        SAY(ends(kept[0]));
        close(kept[0]);
        close(closed[0]);
    }
}

static void say_spawned(void)
{
    int pair[2];
    posix_spawn_file_actions_t actions;
    pid_t child;
    open_pair(pair);
    fcntl(pair[0], F_SETFD, FD_CLOEXEC);
    fcntl(pair[1], F_SETFD, FD_CLOEXEC);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pair[1], 7);
    char *words[] = {self, (char *)"answer", (char *)"7", NULL};
    SAY(posix_spawn(&child, "/nowhere", &actions, NULL, words, environ));
    SAY(posix_spawn(&child, self, &actions, NULL, words, environ));
    close(pair[1]);
    SAY(is_answered(pair[0]));
    SAY(exit_of(child));
    SAY(ends(pair[0]));
    SAY(posix_spawnp(&child, "true", NULL, NULL, (char *[]){(char *)"true", NULL}, environ));
    SAY(exit_of(child));
    close(pair[0]);
}

static void say_shells(void)
{
    int pair[2];
    char command[4200], line[80] = "";
    open_pair(pair);
    send(pair[0], "hellohello", 10, 0);
    snprintf(command, sizeof command, "%s answer %d", self, pair[1]);
    SAY(system(command));
    FILE *said = popen("echo what the shell says; exit 3", "r");
    SAY(strcmp(fgets(line, sizeof line, said), "what the shell says\n"));
    SAY(pclose(said));
    FILE *told = popen(command, "w");
    SAY(pclose(told));
    SAY(recv(pair[0], line, 10, MSG_WAITALL));
    SAY(system("exit 5"));
    FILE *first = popen("cat >/dev/null", "w"), *second = popen("cat >/dev/null", "w");
    SAY(pclose(first)); /* it would wait for what the second still holds */
    SAY(pclose(second));
    close(pair[0]);
    close(pair[1]);
}

/* Longer than one may be. */
static const char *long_word(void)
{
    static char word[200000];
    memset(word, 'x', sizeof word - 1);
    return word;
}

/* What could not be executed has changed nothing. */
static void say_failures(void)
{
    int pair[2];
    open_pair(pair);
    fcntl(pair[1], F_SETFD, FD_CLOEXEC);
    for (int i = 0; i < 2; i++) {
        pid_t child = i == 0 ? 0 : fork();
        if (child == 0) {
            SAY(execl("/nowhere", "nowhere", NULL));
            SAY(execl("/etc/passwd", "passwd", NULL));
            SAY(execl("/", "root", NULL));
            SAY(execl(self, self, long_word(), NULL));
            SAY(fcntl(pair[0], F_GETFD));
            SAY(fcntl(pair[1], F_GETFD));
            send(pair[0], "hello", 5, 0);
            SAY(answer(pair[1]));
            if (i == 1)
                _exit(0);
        } else {
            SAY(exit_of(child));
        }
    }
    close(pair[0]);
    close(pair[1]);
}

static void *receive(void *fd)
{
    char byte;
    recv(*(int *)fd, &byte, 1, 0);
    return NULL;
}

/* Its other threads wait in calls. */
static void say_threads_end(void)
{
    int kept[2], closed[2];
    open_pair(kept);
    open_pair(closed);
    fcntl(kept[0], F_SETFD, FD_CLOEXEC);
    fcntl(closed[0], F_SETFD, FD_CLOEXEC);
    fcntl(closed[1], F_SETFD, FD_CLOEXEC);
    fcntl(kept[1], F_SETFL, O_NONBLOCK);
    struct words w = words_of("executed", kept[1], closed[1]);
    whole(&w);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread[3];
        for (int i = 0; i < 3; i++)
            pthread_create(&thread[i], NULL, receive, &closed[1]);
        usleep(100000);
        execv(self, w.all);
        _exit(9);
    }
    close(kept[1]);
    close(closed[1]);
    SAY(ends(closed[0]));
    SAY(is_answered(kept[0]));
    SAY(exit_of(child));
    close(kept[0]);
    close(closed[0]);
}

static void say_inetd(void)
{
    int pair[2];
    char text[80] = "";
    open_pair(pair);
    fcntl(pair[0], F_SETFD, FD_CLOEXEC);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        for (int fd = 0; fd <= 1; fd++)
            dup2(pair[1], fd);
        close(pair[1]);
        execl(self, self, "inetd", NULL);
        _exit(9);
    }
    close(pair[1]);
    send(pair[0], "one\ntwo\n", 8, 0);
    shutdown(pair[0], SHUT_WR);
    SAY(recv(pair[0], text, 20, MSG_WAITALL));
    SAY(strcmp(text, "heard one\nheard two\n"));
    SAY(exit_of(child));
    SAY(ends(pair[0]));
    close(pair[0]);
}

static void say_busy(void)
{
    int pair[2], listener = listen_at("127.0.0.1", 50211);
    char port[] = "50211", fd[12];
    open_pair(pair);
    fcntl(pair[0], F_SETFD, FD_CLOEXEC);
    snprintf(fd, sizeof fd, "%d", pair[1]);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        execl(self, self, "busy", fd, port, NULL);
        _exit(9);
    }
    close(pair[1]);
    int other = accept(listener, NULL, NULL);
    SAY(is_answered(other));
    SAY(is_answered(pair[0]));
    SAY(is_answered(pair[0]));
    SAY(exit_of(child));
    SAY(ends(pair[0]));
    close(pair[0]);
    close(other);
    close(listener);
}

/* A child that kills itself when it sends a message to anybody (seccomp(2)). */
static void be_sandboxed(bool by_number)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sendmsg, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (by_number ? syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0
                  : prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0)
        _exit(8);
}

static void say_sandboxed(bool by_number)
{
    int pair[2];
    open_pair(pair);
    pid_t child = fork();
    if (child == 0) {
        close(pair[0]);
        be_sandboxed(by_number);
        _exit(answer(pair[1]));
    }
    close(pair[1]);
    SAY(is_answered(pair[0]));
    SAY(exit_of(child));
    close(pair[0]);
}

/* Not the thread that has opened the sockets, and is the only one to have used them. */
static void *start_shell(void *fd)
{
    char command[4200];
    snprintf(command, sizeof command, "%s answer %d", self, *(int *)fd);
    SAY(system(command));
    return NULL;
}

static void say_second_thread(void)
{
    int pair[2];
    pthread_t thread;
    open_pair(pair);
    send(pair[0], "hello", 5, 0);
    pthread_create(&thread, NULL, start_shell, &pair[1]);
    pthread_join(thread, NULL);
    close(pair[0]);
    close(pair[1]);
}

/* The first process executes: what it has, and its child, go on. */
static void execute_first(int threads)
{
    int pair[2], own[2], waits[2];
    pthread_t thread;
    open_pair(pair);
    open_pair(own);
    open_pair(waits);
    fcntl(own[1], F_SETFD, FD_CLOEXEC);
    fcntl(waits[1], F_SETFD, FD_CLOEXEC);
    for (int i = 0; i < threads; i++)
        pthread_create(&thread, NULL, receive, &waits[1]);
    usleep(threads * 50000);
    if (fork() == 0) {
        close(pair[1]);
        close(own[1]);
        close(waits[1]);
        SAY(ends(own[0]));
        SAY(ends(waits[0]));
        SAY(is_answered(pair[0]));
        _exit(0);
    }
    close(pair[0]);
    close(own[0]);
    close(waits[0]);
    char fd[12];
    snprintf(fd, sizeof fd, "%d", pair[1]);
    execl("/nowhere", "nowhere", NULL);
    execl(self, self, long_word(), NULL);
    execl(self, self, "answer", fd, NULL);
    err(1, "execl");
}

/* Only on rill: without room for it, or without descriptors, it says so and goes on. */
static int starve(int resource, rlim_t most)
{
    const struct rlimit few = {most, most};
    int pair[2];
    char fd[12];
    open_pair(pair);
    snprintf(fd, sizeof fd, "%d", pair[1]);
    send(pair[0], "hello", 5, 0);
    pid_t child = fork();
    if (child == 0) {
        setrlimit(resource, &few);
        execl(self, self, "answer", fd, NULL);
        _exit(9);
    }
    int result = exit_of(child);
    send(pair[0], "hello", 5, 0);
    return answer(pair[1]) == 0 ? result : 8;
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    ssize_t n = readlink(SELF, self, sizeof self - 1);
    self[n < 0 ? 0 : n] = '\0';
    if (argc < 2) {
        say_ways(false);
        say_ways(true);
        say_spawned();
        say_shells();
        say_failures();
        say_threads_end();
        say_inetd();
        say_busy();
        say_sandboxed(false);
        say_sandboxed(true);
    } else if (strcmp(argv[1], "first") == 0) {
        execute_first(atoi(argv[2]));
    } else if (strcmp(argv[1], "second") == 0) {
        say_second_thread();
    } else if (strcmp(argv[1], "cramped") == 0) {
        return starve(RLIMIT_AS, 40 << 20);
    } else if (strcmp(argv[1], "crowded") == 0) {
        return starve(RLIMIT_NOFILE, 5);
    } else {
        return be(argv + 1);
    }
}
