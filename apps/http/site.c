#include "http/site.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <strings.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) /* does not block on a FIFO */

/* Without openat2(2): opens step by step, and follows no symbolic link. */
static int open_by_steps(int root, const char *path)
{
    char segment[NAME_MAX + 1];
    int at = openat(root, ".", OPEN_FLAGS);
    while (at >= 0 && *path) {
        size_t n = strcspn(path, "/");
        if (n >= sizeof segment) {
            close(at);
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(segment, path, n);
        segment[n] = 0;
        path += n;
        int next = openat(at, segment, OPEN_FLAGS | O_NOFOLLOW | (*path ? O_DIRECTORY : 0));
        close(at);
        at = next;
        path += strspn(path, "/");
    }
    return at;
}

static int open_beneath(int root, const char *path)
{
    struct open_how how = {.flags = OPEN_FLAGS, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    long file = syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof how);
    if (file < 0 &&
        (errno == ENOSYS || errno == EPERM)) /* an old kernel, or a sandbox around a new one */
        return open_by_steps(root, path);
    return (int)file;
}

static int status_of(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
        return 404;
    case EACCES:
    case EPERM:
    case EXDEV: /* leads outside */
    case ELOOP:
    case ENXIO: /* a socket, or a device that is not there */
        return 403;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN: /* renamed while it was looked up */
        return 503;
    default:
        return 500;
    }
}

int site_open(const struct site *s, const char *path, struct stat *facts, int *status)
{
    int file = open_beneath(s->root, path);
    if (file < 0 || fstat(file, facts) != 0) {
        *status = status_of(errno);
    } else if (!S_ISREG(facts->st_mode) && !S_ISDIR(facts->st_mode)) {
        *status = 403;
    } else {
        return file;
    }
    if (file >= 0)
        close(file);
    return -1;
}

const char *site_content_type(const char *path)
{
    static const char *const types[][2] = {
        {"html", "text/html; charset=utf-8"},
        {"htm", "text/html; charset=utf-8"},
        {"txt", "text/plain; charset=utf-8"},
        {"md", "text/markdown; charset=utf-8"},
        {"css", "text/css; charset=utf-8"},
        {"csv", "text/csv; charset=utf-8"},
        {"js", "text/javascript; charset=utf-8"},
        {"mjs", "text/javascript; charset=utf-8"},
        {"json", "application/json"},
        {"xml", "application/xml"},
        {"pdf", "application/pdf"},
        {"wasm", "application/wasm"},
        {"zip", "application/zip"},
        {"gz", "application/gzip"},
        {"tar", "application/x-tar"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},
        {"gif", "image/gif"},
        {"webp", "image/webp"},
        {"svg", "image/svg+xml"},
        {"ico", "image/vnd.microsoft.icon"},
        {"mp3", "audio/mpeg"},
        {"ogg", "audio/ogg"},
        {"mp4", "video/mp4"},
        {"webm", "video/webm"},
        {"woff2", "font/woff2"},
    };
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++) {
        if (strcasecmp(dot + 1, types[i][0]) == 0)
            return types[i][1];
    }
    return "application/octet-stream";
}
