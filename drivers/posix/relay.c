#define RILL_POSIX_KEEP_NAMES
#include "posix/relay.h"

#include "descriptor.h"

#include <errno.h>
#include <pthread.h>
#include <rill/posix.h>
#include <semaphore.h>
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

/* Until it is cancelled. */
static void *watch(void *of)
{
    struct relay *r = of;
    for (;;) {
        if (!is_readable(r->from, -1) || eventfd_write(r->to, 1) != 0)
            continue;
        while (sem_wait(&r->drained) != 0)
            ;
    }
    return NULL;
}

static bool start(struct relay *r)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before); /* signals are for the program's threads */
    int error = pthread_create(&r->thread, NULL, watch, r);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
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

int relay_begin(int fd)
{
    if (!is_signalfd(fd))
        return fd;
    struct relay *r = malloc(sizeof *r);
    if (!r)
        return -1;
    r->from = fd;
    r->to = descriptor_raise(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (r->to < 0 || sem_init(&r->drained, 0, 0) != 0 || !start(r))
        return discard(r);
    pthread_mutex_lock(&lock);
    LIST_INSERT_HEAD(&relays, r, all);
    pthread_mutex_unlock(&lock);
    return r->to;
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

void relay_end(int fd)
{
    pthread_mutex_lock(&lock);
    struct relay *r = relay_of(fd);
    if (r)
        LIST_REMOVE(r, all);
    pthread_mutex_unlock(&lock);
    if (!r)
        return;
    pthread_cancel(r->thread);
    pthread_join(r->thread, NULL);
    discard(r);
}

/* A signal that comes after the look makes it readable again. */
void relay_read(int fd)
{
    eventfd_t count;
    int error = errno;
    pthread_mutex_lock(&lock);
    struct relay *r = relay_of(fd);
    if (r && !is_readable(fd, 0) && eventfd_read(r->to, &count) == 0)
        sem_post(&r->drained);
    pthread_mutex_unlock(&lock);
    errno = error;
}

void relay_in_child(void)
{
    pthread_mutex_init(&lock, NULL);
    while (!LIST_EMPTY(&relays)) {
        struct relay *r = LIST_FIRST(&relays);
        LIST_REMOVE(r, all);
        discard(r);
    }
}
