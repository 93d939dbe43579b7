#include "posix/names.h"

#include "cancellation.h"
#include "posix/relay.h"
#include "posix/sharing.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <rill/socket.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
    pthread_mutex_t lock;
    atomic_int of[NAMES_MAX];   /* 0: unknown; n: rill's n - 1; -n: the same, but adopted */
    int users[DESCRIPTORS_MAX]; /* by rill's descriptor: how many names or adoptions it has */
    atomic_bool is_set[DESCRIPTORS_MAX]; /* by rill's descriptor: it is an epoll set */
    int end;                             /* above all numbers that were ever used */
} names = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int name_value(int fd)
{
    return fd >= 0 && fd < NAMES_MAX ? atomic_load_explicit(&names.of[fd], memory_order_acquire)
                                     : 0;
}

int name_socket(int fd)
{
    int value = name_value(fd);
    return value > 0 ? value - 1 : -1;
}

int name_adopted(int fd)
{
    int value = name_value(fd);
    return value < 0 ? -value - 1 : -1;
}

int name_next(unsigned from)
{
    for (unsigned fd = from; fd < (unsigned)names.end; fd++)
        if (name_value((int)fd) != 0)
            return (int)fd;
    return -1;
}

/* Call it with the lock held. */
static void name_set(int fd, int value)
{
    atomic_store_explicit(&names.of[fd], value, memory_order_release);
    if (fd >= names.end)
        names.end = fd + 1;
}

void names_lock(void)
{
    pthread_mutex_lock(&names.lock);
    relay_lock();
}

void names_unlock(void)
{
    relay_unlock();
    pthread_mutex_unlock(&names.lock);
}

void names_in_child(void)
{
    pthread_mutex_init(&names.lock, NULL);
    relay_in_child();
    for (int fd = 0; fd < names.end; fd++) {
        int rills = name_adopted(fd);
        if (rills < 0)
            continue;
        names.users[rills] = 0;
        names.of[fd] = 0;
        sharing_leave(rills);
    }
}

void names_hold(void)
{
    for (int fd = 0; fd < names.end; fd++)
        if (name_socket(fd) >= 0)
            sharing_hold(name_socket(fd));
}

int name_give(int fd, int rills)
{
    if (fd >= NAMES_MAX || rills >= DESCRIPTORS_MAX) {
        close(fd);
        errno = EMFILE;
        return -1;
    }
    pthread_mutex_lock(&names.lock);
    if (names.users[rills]++ == 0) {
        names.is_set[rills] = false;
        sharing_hold(rills);
    }
    name_set(fd, rills + 1);
    pthread_mutex_unlock(&names.lock);
    return fd;
}

int name_reserve(bool close_on_exec)
{
    return socket(AF_UNIX, SOCK_STREAM | (close_on_exec ? SOCK_CLOEXEC : 0), 0);
}

int name_new(int rills, bool close_on_exec)
{
    int fd = name_reserve(close_on_exec);
    return fd < 0 ? -1 : name_give(fd, rills);
}

int name_new_set(int rills, bool close_on_exec)
{
    int fd = epoll_create1(close_on_exec ? EPOLL_CLOEXEC : 0);
    if (fd < 0 || name_give(fd, rills) < 0)
        return -1;
    names.is_set[rills] = true;
    return fd;
}

bool name_is_hosts(int fd)
{
    int rills = name_socket(fd);
    return rills < 0 || names.is_set[rills];
}

bool name_is_set(int fd)
{
    int rills = name_socket(fd);
    return rills >= 0 && names.is_set[rills];
}

bool names_have(int rills)
{
    return names.users[rills] > 0;
}

int name_dup(int fd, int least, bool close_on_exec)
{
    int copy = fcntl(fd, close_on_exec ? F_DUPFD_CLOEXEC : F_DUPFD, least);
    return copy < 0 ? -1 : name_give(copy, name_socket(fd));
}

int name_dup_to(int fd, int to, int flags)
{
    int copy = dup3(fd, to, flags);
    return copy < 0 ? -1 : name_give(copy, name_socket(fd));
}

int name_close(int fd)
{
    int last = -1;
    pthread_mutex_lock(&names.lock);
    int rills = name_socket(fd);
    if (rills >= 0) {
        names.of[fd] = 0;
        if (--names.users[rills] == 0 && sharing_leave(rills))
            last = rills;
        close(fd);
    }
    pthread_mutex_unlock(&names.lock);
    return last;
}

/* A thread that is cancelled here would leave a relay that nobody ends. */
static int adopt_by_parent(int fd)
{
    int state = cancellation_disable(), rills = -1;
    int relayed = relay_begin(fd);
    if (relayed >= 0 && (rills = sharing_adopt(relayed)) < 0)
        relay_end(fd);
    cancellation_restore(state);
    return rills;
}

static int adopt(int fd)
{
    return sharing_is_child() ? adopt_by_parent(fd) : rill_adopt(fd);
}

static void disown(int fd, int rills)
{
    if (sharing_is_child()) {
        sharing_disown(rills);
        relay_end(fd);
    } else {
        rill_close(rills);
    }
}

/* Another thread of a child may have adopted it meanwhile: then that one counts. */
static int name_set_adopted(int fd, int rills)
{
    if (fd >= NAMES_MAX || rills >= DESCRIPTORS_MAX) {
        disown(fd, rills);
        errno = EMFILE;
        return -1;
    }
    pthread_mutex_lock(&names.lock);
    int adopted = name_adopted(fd);
    if (adopted < 0) {
        adopted = rills;
        name_set(fd, -rills - 1);
    }
    names.users[adopted]++;
    pthread_mutex_unlock(&names.lock);
    if (adopted != rills)
        disown(fd, rills);
    return adopted;
}

/* Counts one more user of an adopted descriptor; -1: it is not adopted. */
static int name_count(int fd)
{
    pthread_mutex_lock(&names.lock);
    int rills = name_adopted(fd);
    if (rills >= 0)
        names.users[rills]++;
    pthread_mutex_unlock(&names.lock);
    return rills;
}

/* No call of rill's is made under the lock: it may wait for the stack's owner, which may wait for
 * the lock. So another thread may run between the two steps of this function, or of a release. */
int name_adopt(int fd)
{
    int rills = name_count(fd);
    while (rills < 0) {
        rills = adopt(fd);
        if (rills >= 0)
            return name_set_adopted(fd, rills);
        if (errno != EEXIST)
            return -1;
        sched_yield();
        rills = name_count(fd);
    }
    return rills;
}

static int name_leave(int fd, int rills, bool all)
{
    int last = -1;
    pthread_mutex_lock(&names.lock);
    if (name_adopted(fd) == rills && (all || --names.users[rills] == 0)) {
        names.users[rills] = 0;
        names.of[fd] = 0;
        last = rills;
    }
    pthread_mutex_unlock(&names.lock);
    return last;
}

void name_release(int fd, int rills)
{
    int error = errno, last = name_leave(fd, rills, false);
    if (last >= 0)
        disown(fd, last);
    errno = error;
}

static int name_leave_at_all(int fd)
{
    int rills = name_adopted(fd);
    return rills < 0 ? -1 : name_leave(fd, rills, true);
}

void name_forget(int fd)
{
    int last = name_leave_at_all(fd);
    if (last >= 0)
        disown(fd, last);
}
