#include "shared_memory.h"

#include "descriptor.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define NAME "rill-shared"

/* Linux maps programs, libraries, heaps and stacks near the ends of the address space, and the
 * shadows of sanitizers, the heaps of Go, Java and V8 elsewhere. ThreadSanitizer ends a program
 * that maps anything there. */
#if defined(__SANITIZE_THREAD__)
enum { PLACES = 0 };
#else
enum { PLACES = 8 };
#endif
#define FIRST_PLACE ((uint64_t)0x200000000000)
#define BETWEEN_PLACES ((uint64_t)1 << 30)

/* ftruncate(2) would raise SIGXFSZ. */
static bool may_be_long(size_t bytes)
{
    struct rlimit longest;
    return getrlimit(RLIMIT_FSIZE, &longest) == 0 &&
           (longest.rlim_cur == RLIM_INFINITY || longest.rlim_cur >= bytes);
}

static int make_file(size_t bytes)
{
    int fd = may_be_long(bytes) ? descriptor_raise(memfd_create(NAME, MFD_CLOEXEC)) : -1;
    if (fd < 0 || ftruncate(fd, (off_t)bytes) == 0)
        return fd;
    close(fd);
    return -1;
}

static void *map_at(void *place, size_t bytes, int fd, int flags)
{
    flags |= MAP_SHARED | MAP_NORESERVE | (fd < 0 ? MAP_ANONYMOUS : 0);
    return mmap(place, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);
}

static void *map_somewhere(size_t bytes, int fd)
{
    for (uint64_t i = 0; UINTPTR_MAX > UINT32_MAX && i < PLACES; i++) {
        void *place = (void *)(uintptr_t)(FIRST_PLACE + i * BETWEEN_PLACES); /* NOLINT */
        void *at = map_at(place, bytes, fd, MAP_FIXED_NOREPLACE);
        if (at != MAP_FAILED)
            return at;
    }
    return map_at(NULL, bytes, fd, 0);
}

bool shared_memory_make(struct shared_memory *m, size_t bytes)
{
    *m = (struct shared_memory){.bytes = bytes, .fd = make_file(bytes)};
    m->at = map_somewhere(bytes, m->fd);
    if (m->at != MAP_FAILED)
        return true;
    int error = errno;
    m->at = NULL;
    shared_memory_end(m);
    errno = error;
    return false;
}

bool shared_memory_map(const struct shared_memory *m)
{
    return map_at(m->at, m->bytes, m->fd, MAP_FIXED_NOREPLACE) == m->at;
}

void shared_memory_end(struct shared_memory *m)
{
    if (m->at)
        munmap(m->at, m->bytes);
    if (m->fd >= 0)
        close(m->fd);
    *m = (struct shared_memory){.fd = -1};
}

bool shared_memory_is(int fd)
{
    static const char kind[] = "/memfd:" NAME " (deleted)";
    char path[32], target[sizeof kind] = "";
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(path, target, sizeof target);
    return n == sizeof kind - 1 && memcmp(target, kind, sizeof kind - 1) == 0;
}
