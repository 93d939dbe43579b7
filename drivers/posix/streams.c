/* Streams of stdio on sockets: libc's own would read and write the host's descriptor. */
#define RILL_POSIX_KEEP_NAMES
#include "posix/streams.h"

#include "posix/names.h"

#include <errno.h>
#include <rill/posix.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>

static ssize_t stream_read(void *fd, char *at, size_t n)
{
    return rill_posix_read((int)(intptr_t)fd, at, n);
}

static ssize_t stream_write(void *fd, const char *at, size_t n)
{
    ssize_t written = rill_posix_write((int)(intptr_t)fd, at, n);
    return written < 0 ? 0 : written; /* how fopencookie(3) reports a failure */
}

static int stream_close(void *fd)
{
    return rill_posix_close((int)(intptr_t)fd);
}

static FILE *stream_of(int fd, const char *mode, cookie_close_function_t *closes)
{
    const cookie_io_functions_t calls = {stream_read, stream_write, NULL, closes};
    FILE *stream = fopencookie((void *)(intptr_t)fd, mode, calls);
    if (stream)
        stream->_fileno = fd; /* for fileno(3): glibc uses it nowhere else here */
    return stream;
}

FILE *rill_posix_fdopen(int fd, const char *mode)
{
    return name_socket(fd) < 0 ? fdopen(fd, mode) : stream_of(fd, mode, stream_close);
}

/* As in stdio: everything is written, or it fails. */
static int write_all(int fd, const char *text, int length)
{
    int done = 0;
    while (done < length) {
        ssize_t n = rill_posix_write(fd, text + done, (size_t)(length - done));
        if (n < 0)
            return -1;
        done += (int)n;
    }
    return length;
}

int rill_posix_vdprintf(int fd, const char *format, va_list list)
{
    char *text;
    if (name_socket(fd) < 0)
        return vdprintf(fd, format, list);
    int length = vasprintf(&text, format, list);
    if (length < 0)
        return -1;
    int result = write_all(fd, text, length), error = errno;
    free(text);
    errno = error;
    return result;
}

int rill_posix_dprintf(int fd, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int result = rill_posix_vdprintf(fd, format, list);
    va_end(list);
    return result;
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

void stream_leave(int fd)
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
    return rill_posix_close(fd);
}

void stream_follow(int fd)
{
    if (fd < STDIN_FILENO || fd > STDERR_FILENO || is_ours(fd))
        return;
    if (!standard[fd].ours)
        standard[fd].ours = stream_of(fd, fd == STDIN_FILENO ? "r" : "w", standard_close);
    if (!standard[fd].ours)
        return;
    standard[fd].libcs = *stream_at(fd);
    setvbuf(standard[fd].ours, NULL, buffering_of(fd, standard[fd].libcs), BUFSIZ);
    *stream_at(fd) = standard[fd].ours;
}

/* glibc cannot make a file's stream of one by fopencookie(3). */
FILE *rill_posix_freopen(const char *path, const char *mode, FILE *stream)
{
    int fd = fileno(stream);
    if (name_socket(fd) >= 0)
        rill_posix_close(fd);
    bool ours = fd >= STDIN_FILENO && fd <= STDERR_FILENO && stream == standard[fd].ours;
    return freopen(path, mode, ours ? standard[fd].libcs : stream);
}

void streams_flush(void)
{
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
        if (standard[fd].ours)
            fflush(standard[fd].ours);
}
