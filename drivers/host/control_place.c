#include "host/control_place.h"

#include "diagnostic.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 16, NAMES_MAX = 16 };

_Static_assert(RILL_CONTROL_PATH == sizeof((struct sockaddr_un *)0)->sun_path, "unix(7)");

/* The directories in order of preference; false: there are no more. An empty name is skipped. */
static bool directory_name(unsigned i, char out[PATH_MAX])
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    *out = '\0';
    if (i == 0 && runtime && *runtime == '/')
        snprintf(out, PATH_MAX, "%s/rill", runtime);
    if (i == 1 && geteuid() == 0)
        strcpy(out, "/run/rill");
    if (i == 2)
        snprintf(out, PATH_MAX, "/tmp/rill-%u", (unsigned)geteuid());
    return i < 3;
}

/* It exists or can be created, is ours, and is closed to all others: anybody can write to /tmp. */
static bool directory_is_private(const char *name)
{
    struct stat is;
    if (!*name || (mkdir(name, 0700) != 0 && errno != EEXIST) || lstat(name, &is) != 0)
        return false;
    return S_ISDIR(is.st_mode) && is.st_uid == geteuid() && (is.st_mode & 077) == 0 &&
           access(name, W_OK | X_OK) == 0;
}

/* ---------------------------------------------------------------- one name */

static int address_of(const char *name, struct sockaddr_un *to)
{
    *to = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(name) >= sizeof to->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(to->sun_path, name);
    return 0;
}

int control_connect(const char *name)
{
    struct sockaddr_un to;
    if (address_of(name, &to) != 0)
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

/* Removes a socket without a listener, and nothing else. */
static void remove_stale(const char *name)
{
    struct stat is;
    if (lstat(name, &is) != 0 || !S_ISSOCK(is.st_mode))
        return;
    int fd = control_connect(name);
    if (fd >= 0)
        close(fd);
    else if (errno == ECONNREFUSED)
        unlink(name);
}

static int listen_at(const char *name)
{
    struct sockaddr_un at;
    if (address_of(name, &at) != 0)
        return -1;
    remove_stale(name);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* bind gives the name the socket's mode, so it is never open to others, not even for a
     * moment. */
    if (fd >= 0 && fchmod(fd, 0600) == 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
        listen(fd, BACKLOG) == 0)
        return fd;
    int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    return -1;
}

/* --------------------------------------------------------------- directories */

static void sweep(const char *directory)
{
    char pattern[PATH_MAX + 8];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/*.sock", directory);
    if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            remove_stale(found.gl_pathv[i]);
    globfree(&found);
}

/* Numbers the names, because a process may run several stacks. */
static int listen_in(const char *directory, char name[RILL_CONTROL_PATH])
{
    for (unsigned i = 1; i <= NAMES_MAX; i++) {
        char number[16] = "";
        if (i > 1)
            snprintf(number, sizeof number, "-%u", i);
        int length = snprintf(name, RILL_CONTROL_PATH, "%s/%.32s.%d%s.sock", directory,
                              program_invocation_short_name, (int)getpid(), number);
        int fd = length < RILL_CONTROL_PATH ? listen_at(name) : -1;
        if (fd >= 0 || errno != EADDRINUSE)
            return fd;
    }
    return -1;
}

static int listen_somewhere(char name[RILL_CONTROL_PATH])
{
    char directory[PATH_MAX];
    for (unsigned i = 0; directory_name(i, directory); i++) {
        if (!directory_is_private(directory))
            continue;
        sweep(directory);
        int fd = listen_in(directory, name);
        if (fd >= 0)
            return fd;
    }
    return -1;
}

int control_listen(const char *path, char name[RILL_CONTROL_PATH],
                   struct rill_diagnostic *diagnostic)
{
    if (!path) {
        int fd = listen_somewhere(name);
        if (fd < 0)
            diagnostic_set(diagnostic, EACCES, "no directory for a control socket");
        return fd;
    }
    int fd = listen_at(path);
    if (fd >= 0)
        snprintf(name, RILL_CONTROL_PATH, "%s", path);
    else if (errno == EADDRINUSE)
        diagnostic_set(diagnostic, errno, "--control %s: a stack listens there, or it is no socket",
                       path);
    else
        diagnostic_set(diagnostic, errno, "--control %s: %s", path, strerror(errno));
    return fd;
}

/* -------------------------------------------------------------- finding them */

static bool is_listed(char path[][RILL_CONTROL_PATH], unsigned count, const char *name)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(path[i], name) == 0)
            return true;
    return false;
}

/* Adds the sockets that match and answer; returns the new number of them. */
static unsigned find_in(const char *pattern, char path[][RILL_CONTROL_PATH], unsigned count,
                        unsigned max)
{
    glob_t found;
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc && count < max; i++) {
            const char *name = found.gl_pathv[i];
            int fd = is_listed(path, count, name) ? -1 : control_connect(name);
            if (fd < 0)
                continue;
            close(fd);
            snprintf(path[count++], RILL_CONTROL_PATH, "%s", name);
        }
    globfree(&found);
    return count;
}

unsigned rill_control_find(char path[][RILL_CONTROL_PATH], unsigned max)
{
    char directory[PATH_MAX], pattern[PATH_MAX + 8];
    unsigned count = 0;
    for (unsigned i = 0; directory_name(i, directory); i++) {
        snprintf(pattern, sizeof pattern, "%s/*.sock", directory);
        count = *directory ? find_in(pattern, path, count, max) : count;
    }
    if (geteuid() != 0)
        return count;
    count = find_in("/run/user/*/rill/*.sock", path, count, max);
    return find_in("/tmp/rill-*/*.sock", path, count, max);
}
