/* setsockopt, getsockopt, fcntl, ioctl, poll (language page, sections 13.2, 13.3, 23.6). */
#include "script/freebsd.h"
#include "script/invocation.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#define VALUE_MAX 4096

/* ------------------------------------------------------------------- values */

static const char *word_of(const struct expression *e)
{
    return e->kind == EXPRESSION_WORD ? e->text : "a number";
}

static void option_unsupported(const struct invocation *i, const char *more)
{
    run_unsupported(i->run, "%s(%s, %s)%s", i->line->name, word_of(argument(i, 1)),
                    word_of(argument(i, 2)), more);
}

/* A structure of one of two types. */
static size_t struct_value(const struct invocation *i, const struct expression *e, uint8_t *out)
{
    struct run *r = i->run;
    const struct expression *onoff = member(e, "onoff"), *seconds = member(e, "tv_sec");
    const struct expression *linger = member(e, "linger"), *rest = member(e, "tv_usec");
    if (onoff) {
        struct linger value = {.l_onoff = (int)expression_value(r, onoff),
                               .l_linger = linger ? (int)expression_value(r, linger) : 0};
        memcpy(out, &value, sizeof value);
        return sizeof value;
    }
    if (seconds) {
        struct timeval value = {.tv_sec = (time_t)expression_value(r, seconds),
                                .tv_usec = rest ? (suseconds_t)expression_value(r, rest) : 0};
        memcpy(out, &value, sizeof value);
        return sizeof value;
    }
    option_unsupported(i, " of a structure that is neither {onoff=..., linger=...} nor "
                          "{tv_sec=..., tv_usec=...}");
    return 0;
}

/* [value], "bytes" or a structure, in memory format; returns its size. */
static size_t option_value(const struct invocation *i, const struct expression *e, uint8_t *out)
{
    if (e->kind == EXPRESSION_STRING) {
        size_t size = e->length < VALUE_MAX ? e->length : VALUE_MAX;
        memcpy(out, e->text, size);
        return size;
    }
    if (e->kind == EXPRESSION_STRUCT)
        return struct_value(i, e, out);
    if (e->kind == EXPRESSION_ARRAY && e->children != 1) {
        run_fail(i->run, "one value in brackets was expected");
        return 0;
    }
    int number = (int)expression_value(i->run, e->kind == EXPRESSION_ARRAY ? e->first : e);
    memcpy(out, &number, sizeof number);
    return sizeof number;
}

/* An option that the stack does not know is not a failure of the script. */
static bool option_unknown(struct invocation *i)
{
    bool expected = i->line->error && !strcmp(i->line->error, "ENOPROTOOPT");
    bool plug_in = i->error == ENOENT && !i->line->error; /* TCP_CONGESTION */
    if (i->result >= 0 || (i->error != ENOPROTOOPT && !plug_in) || expected)
        return false;
    option_unsupported(i, "");
    return true;
}

void setsockopt_start(struct invocation *i)
{
    uint8_t value[VALUE_MAX] = {0};
    if (freebsd_setsockopt(i))
        return;
    int level = (int)argument_number(i, 1), name = (int)argument_number(i, 2);
    const struct expression *e = argument(i, 3);
    bool null = e->kind == EXPRESSION_NUMBER && e->number == 0;
    option_value(i, e, value);
    int64_t length = argument_number(i, 4);
    if (length < 0 || length > VALUE_MAX)
        invocation_wrong(i, "a length that no value has");
    if (!run_good(i->run))
        return;
    invocation_done(
        i, rill_setsockopt(i->live_fd, level, name, null ? NULL : value, (socklen_t)length));
    option_unknown(i);
}

/* ---------------------------------------------------------------- getsockopt */

static void compare_number(struct invocation *i, const struct expression *wanted,
                           const uint8_t *value)
{
    int number;
    memcpy(&number, value, sizeof number);
    int64_t expected = expression_value(i->run, wanted);
    if (run_good(i->run) && number != (int)expected)
        run_fail(i->run, "getsockopt() returned %d, expected %" PRId64, number, expected);
}

static void compare_value(struct invocation *i, const uint8_t *value, socklen_t length)
{
    uint8_t wanted[VALUE_MAX] = {0};
    const struct expression *e = argument(i, 3);
    bool one = e->kind == EXPRESSION_ARRAY && e->children == 1;
    if (e->kind == EXPRESSION_ELLIPSIS || (one && e->first->kind == EXPRESSION_ELLIPSIS))
        return;
    if (one && length == sizeof(int)) {
        compare_number(i, e->first, value);
        return;
    }
    size_t size = option_value(i, e, wanted);
    size = e->kind == EXPRESSION_STRING && size < length ? length : size;
    if (run_good(i->run) && (size != length || memcmp(wanted, value, length)))
        invocation_wrong(i, "another value than was expected");
}

static bool length_argument(struct invocation *i, socklen_t *length)
{
    const struct expression *e = argument(i, 4);
    bool one = e->kind == EXPRESSION_ARRAY && e->children == 1;
    int64_t value = one ? expression_value(i->run, e->first) : -1;
    if (value >= 0 && value <= VALUE_MAX) {
        *length = (socklen_t)value;
        return true;
    }
    invocation_wrong(i, "[length] was expected");
    return false;
}

static bool comparison_skipped(const struct invocation *i, int level, int name)
{
    return i->run->options->relax.receive_buffer && level == SOL_SOCKET && name == SO_RCVBUF;
}

void getsockopt_start(struct invocation *i)
{
    uint8_t value[VALUE_MAX] = {0};
    int level = (int)argument_number(i, 1), name = (int)argument_number(i, 2);
    socklen_t length = 0, room;
    if (!run_good(i->run) || !length_argument(i, &length))
        return;
    room = length;
    invocation_done(i, rill_getsockopt(i->live_fd, level, name, value, &length));
    if (option_unknown(i) || i->result < 0 || comparison_skipped(i, level, name))
        return;
    if (length != room)
        run_fail(i->run, "getsockopt() returned a length of %u, expected %u", length, room);
    else
        compare_value(i, value, length);
}

/* -------------------------------------------------------------- fcntl, ioctl */

void fcntl_start(struct invocation *i)
{
    int command = (int)argument_number(i, 1);
    int value = argument(i, 2) ? (int)argument_number(i, 2) : 0;
    if (run_good(i->run))
        invocation_done(i, rill_fcntl(i->live_fd, command, value));
}

/* [value]: the result that the call must return; FIONBIO gets it as its argument. */
void ioctl_start(struct invocation *i)
{
    int64_t request = argument_number(i, 1);
    const struct expression *e = argument(i, 2);
    int value = 0;
    if (request == FIONBIO && e && e->kind == EXPRESSION_ARRAY && e->children == 1)
        value = (int)expression_value(i->run, e->first);
    if (!run_good(i->run))
        return;
    invocation_done(i, rill_ioctl(i->live_fd, (unsigned long)request, &value));
    i->value = value;
}

void ioctl_finish(struct invocation *i)
{
    const struct expression *e = argument(i, 2);
    if (i->result < 0 || !e || e->kind != EXPRESSION_ARRAY || e->children != 1)
        return;
    int64_t wanted = expression_value(i->run, e->first);
    int value = i->value;
    if (run_good(i->run) && value != (int)wanted)
        run_fail(i->run, "ioctl() returned %d, expected %" PRId64, value, wanted);
}

/* ---------------------------------------------------------------------- poll */

static bool poll_entry(struct invocation *i, const struct expression *e, struct pollfd *out)
{
    const struct expression *fd = member(e, "fd"), *events = member(e, "events");
    if (!fd || !events) {
        invocation_wrong(i, "{fd=..., events=..., revents=...} was expected");
        return false;
    }
    int64_t name = expression_value(i->run, fd);
    const struct descriptor_name *d = run_descriptor(i->run, (int)name);
    out->fd = name < 0 ? -1 : d ? d->live : INT32_MAX;
    out->events = (short)expression_value(i->run, events);
    return run_good(i->run);
}

void poll_start(struct invocation *i)
{
    const struct expression *list = argument(i, 0);
    int64_t count = argument_number(i, 1), timeout = argument_number(i, 2);
    if (list->kind != EXPRESSION_ARRAY || list->children != count) {
        invocation_wrong(i, "a list of as many entries as the count says was expected");
        return;
    }
    i->poll = arena_get(i->run->arena, sizeof *i->poll * ((size_t)count + 1));
    nfds_t n = 0;
    for (const struct expression *e = list->first; e; e = e->next)
        if (!poll_entry(i, e, &i->poll[n++]))
            return;
    timeout = timeout < 0 ? -1 : timeout > INT32_MAX ? INT32_MAX : timeout;
    i->waits = true;
    i->call = (struct call){
        .operation = CALL_POLL,
        .fd = -1,
        .poll = {i->poll, n},
        .timeout = timeout < 0 ? RILL_NEVER : RILL_MILLISECONDS(timeout),
    };
}

void poll_finish(struct invocation *i)
{
    unsigned n = 0;
    for (const struct expression *e = argument(i, 0)->first; e; e = e->next, n++) {
        const struct expression *wanted = member(e, "revents");
        int64_t value = wanted ? expression_value(i->run, wanted) : 0;
        if (run_good(i->run) && i->poll[n].revents != (short)value)
            run_fail(i->run, "poll() returned revents 0x%x, expected 0x%x",
                     (unsigned)i->poll[n].revents, (unsigned)value);
    }
}
