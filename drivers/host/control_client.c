/* The client side of a control socket. */
#include "diagnostic.h"
#include "host/control_place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { TIMEOUT = 5 }; /* seconds */

/* Makes the connection blocking, with this time-out. */
static int set_timeout(int fd, int seconds)
{
    struct timeval timeout = {.tv_sec = seconds};
    int flags = fcntl(fd, F_GETFL);
    if (fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0)
        return -1;
    return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
}

static int refuse(int fd, const char *path, struct rill_diagnostic *diagnostic)
{
    int error = errno;
    if (error == EACCES || error == EPERM)
        diagnostic_set(diagnostic, error, "%s: it belongs to somebody else: be that user, or root",
                       path);
    else if (error == ECONNREFUSED || error == ENOENT)
        diagnostic_set(diagnostic, error, "%s: no stack listens there", path);
    else if (error == EAGAIN)
        diagnostic_set(diagnostic, error, "%s: it does not answer: the process is stopped, or busy",
                       path);
    else
        diagnostic_set(diagnostic, error, "%s: %s", path, strerror(error));
    if (fd >= 0)
        close(fd);
    return -1;
}

static int refuse_greeting(int fd, const char *path, const struct rill_control_greeting *g,
                           struct rill_diagnostic *diagnostic)
{
    if (g->magic != RILL_CONTROL_MAGIC)
        diagnostic_set(diagnostic, EPROTO, "%s: that is no stack's control socket", path);
    else
        diagnostic_set(diagnostic, EPROTO,
                       "%s: process %d is rill %.16s, this is another build: use its", path,
                       (int)g->pid, g->release);
    close(fd);
    return -1;
}

static bool speaks_our_language(const struct rill_control_greeting *g)
{
    return g->magic == RILL_CONTROL_MAGIC && g->version == RILL_CONTROL_VERSION &&
           g->status_size == sizeof(struct rill_status) &&
           g->record_size == sizeof(struct rill_trace_record) &&
           g->counters_size == sizeof(struct rill_counters);
}

static void end_strings(struct rill_control_greeting *g)
{
    g->program[sizeof g->program - 1] = '\0';
    g->device[sizeof g->device - 1] = '\0';
    g->release[sizeof g->release - 1] = '\0';
}

int rill_control_ask(const char *path, struct rill_control_request request,
                     struct rill_control_greeting *g, struct rill_diagnostic *diagnostic)
{
    int fd = control_connect(path);
    request.magic = RILL_CONTROL_MAGIC;
    request.version = RILL_CONTROL_VERSION;
    *g = (struct rill_control_greeting){0};
    if (fd < 0 || set_timeout(fd, TIMEOUT) != 0 ||
        send(fd, &request, sizeof request, MSG_NOSIGNAL) != sizeof request)
        return refuse(fd, path, diagnostic);
    ssize_t got = recv(fd, g, sizeof *g, MSG_WAITALL);
    if (got < 0)
        return refuse(fd, path, diagnostic);
    end_strings(g);
    if ((size_t)got < sizeof *g || !speaks_our_language(g))
        return refuse_greeting(fd, path, g, diagnostic);
    bool endless = request.what == RILL_CONTROL_TRACE || request.what == RILL_CONTROL_FRAMES;
    if (endless && set_timeout(fd, 0) != 0)
        return refuse(fd, path, diagnostic);
    return fd;
}
