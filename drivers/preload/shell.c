/* system(3) and popen(3): libc would start the shell past us. */
#include "posix/owner.h"
#include "preload/real.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 127 << 8 /* wait(2): exit(127) */ };

/* Returns an errno value. */
static int start_shell(pid_t *pid, const char *command, const posix_spawn_file_actions_t *actions,
                       const posix_spawnattr_t *attributes)
{
    char *words[] = {(char *)"sh", (char *)"-c", (char *)"--", (char *)command, NULL};
    return posix_spawn(pid, "/bin/sh", actions, attributes, words, environ);
}

static int await(pid_t pid)
{
    int status = -1;
    pid_t ended;
    while ((ended = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
        ;
    return ended < 0 ? -1 : status;
}

/* ---- system(3) ---- */

/* Threads may call it at the same time: the first ignores the signals, the last restores them. */
static struct {
    pthread_mutex_t lock;
    unsigned calls;
    struct sigaction interrupt, quit; /* as they were before */
} ignored = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct signals_before {
    struct sigaction interrupt, quit;
    sigset_t mask;
};

static void ignore_signals(struct signals_before *before)
{
    struct sigaction ignores = {.sa_handler = SIG_IGN};
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, &child, &before->mask);
    pthread_mutex_lock(&ignored.lock);
    if (ignored.calls++ == 0) {
        sigaction(SIGINT, &ignores, &ignored.interrupt);
        sigaction(SIGQUIT, &ignores, &ignored.quit);
    }
    before->interrupt = ignored.interrupt;
    before->quit = ignored.quit;
    pthread_mutex_unlock(&ignored.lock);
}

static void restore_signals(const struct signals_before *before)
{
    int error = errno;
    pthread_mutex_lock(&ignored.lock);
    if (--ignored.calls == 0) {
        sigaction(SIGINT, &before->interrupt, NULL);
        sigaction(SIGQUIT, &before->quit, NULL);
    }
    pthread_mutex_unlock(&ignored.lock);
    pthread_sigmask(SIG_SETMASK, &before->mask, NULL);
    errno = error;
}

/* The shell has the signals as they were. */
static int start_with(const struct signals_before *before, pid_t *pid, const char *command)
{
    posix_spawnattr_t attributes;
    sigset_t defaults;
    sigemptyset(&defaults);
    if (before->interrupt.sa_handler != SIG_IGN)
        sigaddset(&defaults, SIGINT);
    if (before->quit.sa_handler != SIG_IGN)
        sigaddset(&defaults, SIGQUIT);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &before->mask);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    int error = start_shell(pid, command, NULL, &attributes);
    posix_spawnattr_destroy(&attributes);
    return error;
}

int system(const char *command)
{
    struct signals_before before;
    pid_t pid;
    if (!command || !owner_has_stack())
        return rill_real_system(command);
    ignore_signals(&before);
    int error = start_with(&before, &pid, command);
    int status = error ? FAILED : await(pid);
    restore_signals(&before);
    return status;
}

/* ---- popen(3) ---- */

struct piped {
    FILE *stream;
    pid_t pid;
    LIST_ENTRY(piped) all;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static LIST_HEAD(, piped) all_piped = LIST_HEAD_INITIALIZER(all_piped);

static bool mode_good(const char *mode)
{
    size_t length = strlen(mode);
    return (*mode == 'r' || *mode == 'w') && (length == 1 || (length == 2 && mode[1] == 'e'));
}

/* POSIX: the shell has no streams of earlier calls, or their commands would wait for its end. */
static int close_earlier(posix_spawn_file_actions_t *actions)
{
    struct piped *p;
    int error = 0;
    LIST_FOREACH(p, &all_piped, all)
    if (!error && fileno(p->stream) > STDERR_FILENO)
        error = posix_spawn_file_actions_addclose(actions, fileno(p->stream));
    return error;
}

/* `ends` are those of the pipe. The lock is held. */
static int start_piped(struct piped *p, const char *command, const char *mode, const int *ends)
{
    posix_spawn_file_actions_t actions;
    bool reads = *mode == 'r';
    int ours = reads ? ends[0] : ends[1], its = reads ? ends[1] : ends[0];
    posix_spawn_file_actions_init(&actions);
    int error = close_earlier(&actions);
    if (!error)
        error =
            posix_spawn_file_actions_adddup2(&actions, its, reads ? STDOUT_FILENO : STDIN_FILENO);
    error = error ? error : start_shell(&p->pid, command, &actions, NULL);
    posix_spawn_file_actions_destroy(&actions);
    close(its);
    p->stream = error ? NULL : fdopen(ours, reads ? "r" : "w");
    if (!p->stream)
        close(ours);
    else if (!mode[1])
        fcntl(ours, F_SETFD, 0);
    return error;
}

FILE *popen(const char *command, const char *mode)
{
    int ends[2], error;
    if (!owner_has_stack() || !mode_good(mode))
        return rill_real_popen(command, mode);
    struct piped *p = calloc(1, sizeof *p);
    pthread_mutex_lock(&lock);
    if (!p || pipe2(ends, O_CLOEXEC) != 0)
        error = errno;
    else
        error = start_piped(p, command, mode, ends);
    bool good = !error && p->stream;
    if (good)
        LIST_INSERT_HEAD(&all_piped, p, all);
    pthread_mutex_unlock(&lock);
    if (good)
        return p->stream;
    free(p);
    errno = error ? error : ENOMEM;
    return NULL;
}

/* Takes it out of the list; NULL: it is libc's. */
static struct piped *take_piped(const FILE *stream)
{
    struct piped *p;
    pthread_mutex_lock(&lock);
    LIST_FOREACH(p, &all_piped, all)
    if (p->stream == stream)
        break;
    if (p)
        LIST_REMOVE(p, all);
    pthread_mutex_unlock(&lock);
    return p;
}

int pclose(FILE *stream)
{
    struct piped *p = take_piped(stream);
    if (!p)
        return rill_real_pclose(stream);
    pid_t pid = p->pid;
    free(p);
    fclose(stream);
    return await(pid);
}
