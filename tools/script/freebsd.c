#include "script/freebsd.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>

static bool says(const struct expression *e, enum expression_kind kind, const char *text)
{
    return e->kind == kind && !strcmp(e->text, text);
}

bool freebsd_setsockopt(struct invocation *i)
{
    const struct expression *name = argument(i, 2), *value = argument(i, 3);
    if (says(name, EXPRESSION_WORD, "TCP_FUNCTION_BLK")) {
        /* selects one of FreeBSD's TCPs: here rill is under test */
        errno = EBADF;
        invocation_done(i, i->live_fd < 0 ? -1 : 0);
        return true;
    }
    if (!says(name, EXPRESSION_WORD, "TCP_CONGESTION") ||
        !says(value, EXPRESSION_STRING, "newreno"))
        return false;
    invocation_done(i, rill_setsockopt(i->live_fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
    return true;
}
