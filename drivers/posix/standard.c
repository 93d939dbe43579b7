#define RILL_POSIX_KEEP_NAMES
#include "posix/standard.h"

#include "posix/close.h"

#include <rill/posix.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio_ext.h>

static ssize_t stream_read(void *fd, char *at, size_t n)
{
    return rill_posix_read((int)(intptr_t)fd, at, n);
}

static ssize_t stream_write(void *fd, const char *at, size_t n)
{
    ssize_t written = rill_posix_write((int)(intptr_t)fd, at, n);
    return written < 0 ? 0 : written; /* how fopencookie(3) reports a failure */
}

FILE *stream_on(int fd, const char *mode, cookie_close_function_t *closes)
{
    const cookie_io_functions_t calls = {stream_read, stream_write, NULL, closes};
    FILE *stream = fopencookie((void *)(intptr_t)fd, mode, calls);
    if (stream)
        stream->_fileno = fd; /* for fileno(3): glibc uses it nowhere else here */
    return stream;
}

/* ---- Standard streams ---- */

/* Ours is made when the descriptor first is a socket, and then kept: the program may have copied
 * the pointer. It goes by the number, whatever that is. */
static struct {
    FILE *libcs, *ours;
} standard[STDERR_FILENO + 1];

static FILE **stream_at(int fd)
{
    return fd == STDIN_FILENO ? &stdin : fd == STDOUT_FILENO ? &stdout : &stderr;
}

/* What the program has chosen for it, as the third argument of setvbuf(3). */
static int buffering_of(int fd, FILE *stream)
{
    if (fd == STDERR_FILENO || __fbufsize(stream) == 1)
        return _IONBF;
    return __flbf(stream) ? _IOLBF : _IOFBF;
}

static bool is_ours(int fd)
{
    return fd >= STDIN_FILENO && fd <= STDERR_FILENO && standard[fd].ours &&
           *stream_at(fd) == standard[fd].ours;
}

void standard_leave(int fd)
{
    if (!is_ours(fd))
        return;
    fflush(standard[fd].ours);
    *stream_at(fd) = standard[fd].libcs;
}

/* The program closes it itself, and it is freed. */
static int standard_close(void *cookie)
{
    int fd = (int)(intptr_t)cookie;
    if (is_ours(fd))
        *stream_at(fd) = standard[fd].libcs;
    standard[fd].ours = NULL;
    return close_number(fd);
}

void standard_follow(int fd)
{
    if (fd < STDIN_FILENO || fd > STDERR_FILENO || is_ours(fd))
        return;
    if (!standard[fd].ours)
        standard[fd].ours = stream_on(fd, fd == STDIN_FILENO ? "r" : "w", standard_close);
    if (!standard[fd].ours)
        return;
    standard[fd].libcs = *stream_at(fd);
    setvbuf(standard[fd].ours, NULL, buffering_of(fd, standard[fd].libcs), BUFSIZ);
    *stream_at(fd) = standard[fd].ours;
}

FILE *standard_libcs(FILE *stream)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (stream == standard[fd].ours)
            return standard[fd].libcs;
    return stream;
}

void standard_flush(void)
{
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
        if (standard[fd].ours)
            fflush(standard[fd].ours);
}
