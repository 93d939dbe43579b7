#include "script/freebsd.h"

#include "script/sysctl.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

static bool says(const struct expression *e, enum expression_kind kind, const char *text)
{
    return e->kind == kind && !strcmp(e->text, text);
}

/* [value] or value. */
static int64_t number_of(struct invocation *i, const struct expression *e)
{
    bool one = e->kind == EXPRESSION_ARRAY && e->children == 1;
    return expression_value(i->run, one ? e->first : e);
}

/* tcp(4): no options in any segment. The MSS stays, which --freebsd does not compare. */
static void set_no_options(struct run *r)
{
    sysctl_set(r, "net.inet.tcp.rfc1323", "0");
    sysctl_set(r, "net.inet.tcp.sack.enable", "0");
}

/* tcp(4): the seconds after which connect gives up. */
static void set_keepinit(struct run *r, int64_t seconds)
{
    char milliseconds[24];
    snprintf(milliseconds, sizeof milliseconds, "%" PRId64, seconds * 1000);
    sysctl_set(r, "net.inet.tcp.keepinit", milliseconds);
}

/* Options that rill has only for all sockets, which suffices for a script's one connection. False:
 * another one. */
static bool set_for_all(struct invocation *i, const struct expression *name)
{
    bool no_options = says(name, EXPRESSION_WORD, "TCP_NOOPT");
    if (!no_options && !says(name, EXPRESSION_WORD, "TCP_KEEPINIT"))
        return false;
    int64_t value = number_of(i, argument(i, 3));
    if (no_options && value)
        set_no_options(i->run);
    else if (!no_options)
        set_keepinit(i->run, value);
    return true;
}

/* Options that select one of FreeBSD's TCPs, while here rill is under test, or switch off a signal
 * that rill never sends. */
static bool without_effect(const struct expression *name)
{
    return says(name, EXPRESSION_WORD, "TCP_FUNCTION_BLK") ||
           says(name, EXPRESSION_WORD, "SO_NOSIGPIPE");
}

bool freebsd_setsockopt(struct invocation *i)
{
    const struct expression *name = argument(i, 2), *value = argument(i, 3);
    if (without_effect(name) || set_for_all(i, name)) {
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
