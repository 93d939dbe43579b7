/* Streams of stdio on sockets: libc's own would read and write the host's descriptor. */
#define RILL_POSIX_KEEP_NAMES
#include "posix/names.h"
#include "posix/standard.h"

#include <errno.h>
#include <pthread.h>
#include <rill/posix.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static int stream_close(void *fd)
{
    return rill_posix_close((int)(intptr_t)fd);
}

FILE *rill_posix_fdopen(int fd, const char *mode)
{
    return name_socket(fd) < 0 ? fdopen(fd, mode) : stream_on(fd, mode, stream_close);
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
    int result, error;
    pthread_cleanup_push(free, text);
    result = write_all(fd, text, length);
    error = errno;
    pthread_cleanup_pop(true);
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

/* glibc cannot make a file's stream of one by fopencookie(3). */
FILE *rill_posix_freopen(const char *path, const char *mode, FILE *stream)
{
    int fd = fileno(stream);
    if (name_socket(fd) >= 0)
        rill_posix_close(fd);
    return freopen(path, mode, standard_libcs(stream));
}
