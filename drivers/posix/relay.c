#define RILL_POSIX_KEEP_NAMES
#include "posix/relay.h"

#include "cancellation.h"
#include "descriptor.h"
#include "posix/sharing.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <rill/posix.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>

struct relay {
    int from, to;
    sem_t drained; /* `from` was read until nothing was left, and `to` with it */
    pthread_t thread;
    LIST_ENTRY(relay) all;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static LIST_HEAD(, relay) relays = LIST_HEAD_INITIALIZER(relays);
static atomic_int count; /* of the relays: without one nothing needs the lock */

struct held {
    sigset_t mask;
    int cancellation;
};

/* Takes the lock. Meanwhile the thread is neither cancelled, nor runs a handler that may close or
 * read a descriptor. */
static void hold(struct held *before)
{
    sigset_t all;
    sigfillset(&all);
    before->cancellation = cancellation_disable();
    pthread_sigmask(SIG_BLOCK, &all, &before->mask);
    pthread_mutex_lock(&lock);
}

static void leave(const struct held *before)
{
    pthread_mutex_unlock(&lock);
    pthread_sigmask(SIG_SETMASK, &before->mask, NULL);
    cancellation_restore(before->cancellation);
}

void relay_lock(void)
{
    pthread_mutex_lock(&lock);
}

void relay_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

static bool is_signalfd(int fd)
{
    static const char kind[] = "anon_inode:[signalfd]";
    char path[32], target[sizeof kind] = "";
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(path, target, sizeof target - 1);
    return n == sizeof kind - 1 && memcmp(target, kind, sizeof kind - 1) == 0;
}

static bool is_readable(int fd, int timeout_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, timeout_ms) > 0;
}

/* Until it is cancelled, or `to` is closed. It looks again under the lock, because the program may
 * have read `from` meanwhile. */
static void *watch(void *of)
{
    struct relay *r = of;
    struct held before;
    for (;;) {
        is_readable(r->from, -1);
        hold(&before);
        bool readable = is_readable(r->from, 0);
        bool failed = readable && eventfd_write(r->to, 1) != 0;
        leave(&before);
        if (failed)
            return NULL;
        while (readable && sem_wait(&r->drained) != 0)
            ;
    }
}

/* Call it with all signals blocked, which are for the program's threads. */
static bool start(struct relay *r)
{
    int error = pthread_create(&r->thread, NULL, watch, r);
    errno = error;
    return error == 0;
}

static int discard(struct relay *r)
{
    int error = errno;
    if (r && r->to >= 0)
        close(r->to);
    free(r);
    errno = error;
    return -1;
}

/* Call it with the lock held. */
static struct relay *relay_of(int fd)
{
    struct relay *r;
    LIST_FOREACH(r, &relays, all)
    if (r->from == fd)
        return r;
    return NULL;
}

/* Call it with the lock held. A signal that is pending already is seen at once. */
static int begin(int fd)
{
    if (relay_of(fd)) {
        errno = EEXIST;
        return -1;
    }
    struct relay *r = malloc(sizeof *r);
    if (!r)
        return -1;
    r->from = fd;
    r->to = descriptor_raise(eventfd(is_readable(fd, 0), EFD_CLOEXEC | EFD_NONBLOCK));
    if (r->to < 0 || sem_init(&r->drained, 0, 0) != 0 || !start(r))
        return discard(r);
    LIST_INSERT_HEAD(&relays, r, all);
    atomic_fetch_add(&count, 1);
    return r->to;
}

int relay_begin(int fd)
{
    struct held before;
    if (!is_signalfd(fd))
        return fd;
    hold(&before);
    int to = begin(fd);
    leave(&before);
    return to;
}

static void end(struct relay *r)
{
    int state = cancellation_disable();
    pthread_cancel(r->thread);
    pthread_join(r->thread, NULL);
    discard(r);
    cancellation_restore(state);
}

void relay_end(int fd)
{
    struct held before;
    if (atomic_load(&count) == 0)
        return;
    hold(&before);
    struct relay *r = relay_of(fd);
    if (r) {
        LIST_REMOVE(r, all);
        atomic_fetch_sub(&count, 1);
    }
    leave(&before);
    if (r)
        end(r);
}

int relay_kept(int from)
{
    int kept = INT_MAX;
    struct held before;
    struct relay *r;
    if (atomic_load(&count) == 0)
        return kept;
    hold(&before);
    LIST_FOREACH(r, &relays, all)
    kept = least_from(from, r->to, kept);
    leave(&before);
    return kept;
}

/* A signal that comes after the look makes it readable again. */
void relay_read(int fd)
{
    eventfd_t signals;
    struct held before;
    int error = errno;
    if (atomic_load(&count) == 0)
        return;
    hold(&before);
    struct relay *r = relay_of(fd);
    if (r && !is_readable(fd, 0) && eventfd_read(r->to, &signals) == 0)
        sem_post(&r->drained);
    leave(&before);
    errno = error;
}

void relay_in_child(void)
{
    pthread_mutex_init(&lock, NULL);
    atomic_store(&count, 0);
    while (!LIST_EMPTY(&relays)) {
        struct relay *r = LIST_FIRST(&relays);
        LIST_REMOVE(r, all);
        discard(r);
    }
}
