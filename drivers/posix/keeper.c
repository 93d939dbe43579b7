#define RILL_POSIX_KEEP_NAMES
#include "posix/keeper.h"

#include "posix/kept.h"
#include "posix/monitor.h"
#include "posix/names.h"
#include "posix/owner.h"
#include "posix/sharing.h"

#include <errno.h>
#include <fcntl.h>
#include <rill/posix.h>
#include <rill/socket.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static _Thread_local bool begins;
static int cancels = -1; /* a byte that is sent here ends the keeper; exec(2) closes it */

bool keeper_begins(void)
{
    return begins;
}

/* The program's, which have low numbers (descriptor.h); but not a capture's file. */
static void close_the_programs(void)
{
    enum { LOW = 200 };
    struct stat about;
    for (int fd = 0; fd < LOW; fd++)
        if (fstat(fd, &about) == 0 && !S_ISREG(about.st_mode) && !posix_keeps(fd))
            close(fd);
    for (int fd = name_next(LOW); fd >= 0; fd = name_next((unsigned)fd + 1))
        if (name_socket(fd) >= 0)
            close(fd);
}

/* Without /dev/null (chroot(2)) they stay closed. */
static void fill_standard_descriptors(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd < STDERR_FILENO);
}

/* What the stack watched for the program alone. */
static void disown(void)
{
    for (int fd = name_next(0); fd >= 0; fd = name_next((unsigned)fd + 1))
        if (name_adopted(fd) >= 0)
            rill_close(name_adopted(fd));
}

static void keep(void)
{
    prctl(PR_SET_NAME, "rill-keeper");
    owner_keep_for_others();
    disown();
    close_the_programs();
    fill_standard_descriptors();
    monitor_reap_owner();
    monitor_in_keeper();
    names_unlock();
    owner_unlock();
    monitor_unlock();
    if (!monitor_start() || !sharing_has_children())
        owner_end_for_others();
    owner_run_for_others();
}

/* Ours alone does not hang up. */
static _Noreturn void wait_and_keep(int begun, int exit_pipe)
{
    char byte;
    close(cancels);
    if (exit_pipe >= 0)
        close(exit_pipe);
    if (read(begun, &byte, 1) == 0) {
        close(begun);
        keep();
    }
    _exit(0);
}

/* Returns in the process that executes: whether the keeper is there. */
static bool fork_twice(int begun, int exit_pipe)
{
    int status = 0;
    begins = true;
    pid_t between = fork();
    if (between == 0) {
        pid_t keeper = fork();
        if (keeper == 0)
            wait_and_keep(begun, exit_pipe);
        _exit(keeper < 0 ? errno : 0);
    }
    begins = false;
    if (between < 0)
        return false;
    while (waitpid(between, &status, 0) < 0 && errno == EINTR)
        ;
    errno = WEXITSTATUS(status);
    return status == 0;
}

/* Its signals are the program's. */
bool keeper_begin(int exit_pipe)
{
    int ends[2];
    sigset_t all, before;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    cancels = ends[1];
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    bool made = fork_twice(ends[0], exit_pipe);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    int error = errno;
    close(ends[0]);
    if (!made)
        close(cancels);
    errno = error;
    return made;
}

void keeper_cancel(void)
{
    char byte = 0;
    send(cancels, &byte, 1, MSG_NOSIGNAL);
    close(cancels);
}
