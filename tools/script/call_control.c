/* Control messages of sendmsg and recvmsg (language page, sections 13.3 and 23.6): cmsg_data is a
 * number, {scm_sec=, scm_nsec=} (three time stamps, the first in script time) or {ee_errno=, ...}
 * (an error with an address behind it, which is counted but not compared). */
#include "script/invocation.h"

#include <linux/errqueue.h>
#include <string.h>
#include <time.h>

#define DATA_MOST 64

enum control_form { CONTROL_NUMBER, CONTROL_TIMES, CONTROL_ERROR };

struct control {
    int level, type;
    enum control_form form;
    size_t size; /* of the data */
    union {
        int number;
        struct timespec time[3];
        struct sock_extended_err error;
        uint8_t bytes[DATA_MOST];
    };
};

_Static_assert(sizeof(struct sock_extended_err) + sizeof(struct sockaddr_in) <= DATA_MOST,
               "an error and its address fit");

/* ------------------------------------------------------------------- as written */

static int64_t member_value(struct run *r, const struct expression *e, const char *name)
{
    const struct expression *found = member(e, name);
    return found ? expression_value(r, found) : 0;
}

static void read_error(struct run *r, const struct expression *e, struct control *out)
{
    out->form = CONTROL_ERROR;
    out->size = sizeof out->error + sizeof(struct sockaddr_in);
    out->error = (struct sock_extended_err){
        .ee_errno = (uint32_t)member_value(r, e, "ee_errno"),
        .ee_origin = (uint8_t)member_value(r, e, "ee_origin"),
        .ee_type = (uint8_t)member_value(r, e, "ee_type"),
        .ee_code = (uint8_t)member_value(r, e, "ee_code"),
        .ee_info = (uint32_t)member_value(r, e, "ee_info"),
        .ee_data = (uint32_t)member_value(r, e, "ee_data"),
    };
}

static void read_data(struct run *r, const struct expression *e, struct control *out)
{
    if (e->kind != EXPRESSION_STRUCT) {
        out->size = sizeof out->number;
        out->number = (int)expression_value(r, e);
    } else if (member(e, "scm_sec")) {
        out->form = CONTROL_TIMES;
        out->size = sizeof out->time;
        out->time[0].tv_sec = member_value(r, e, "scm_sec");
        out->time[0].tv_nsec = member_value(r, e, "scm_nsec");
    } else if (member(e, "ee_errno")) {
        read_error(r, e, out);
    } else {
        run_unsupported(r, "cmsg_data of this form");
    }
}

static bool read_control(struct run *r, const struct expression *e, struct control *out)
{
    const struct expression *data = member(e, "cmsg_data");
    *out = (struct control){.level = (int)member_value(r, e, "cmsg_level"),
                            .type = (int)member_value(r, e, "cmsg_type")};
    if (data)
        read_data(r, data, out);
    else
        run_fail(r, "{cmsg_level=..., cmsg_type=..., cmsg_data=...} was expected");
    return run_good(r);
}

/* A buffer that holds what is written and no more; with the messages themselves where the call is
 * to send them. */
bool control_prepare(struct invocation *i, const struct expression *list, bool filled)
{
    struct control c;
    size_t room = 0;
    for (const struct expression *e = list->first; e; e = e->next) {
        if (!read_control(i->run, e, &c))
            return false;
        room += CMSG_SPACE(c.size);
    }
    i->message.msg_controllen = room;
    i->message.msg_control = room ? arena_get(i->run->arena, room) : NULL;
    struct cmsghdr *at = room && filled ? CMSG_FIRSTHDR(&i->message) : NULL;
    for (const struct expression *e = list->first; at && e; e = e->next) {
        read_control(i->run, e, &c);
        at->cmsg_level = c.level;
        at->cmsg_type = c.type;
        at->cmsg_len = CMSG_LEN(c.size);
        memcpy(CMSG_DATA(at), c.bytes, c.size);
        at = CMSG_NXTHDR(&i->message, at);
    }
    return true;
}

/* -------------------------------------------------------------------- as told */

static int64_t microseconds(const struct timespec *t)
{
    return (int64_t)t->tv_sec * 1000000 + t->tv_nsec / 1000;
}

/* What is written as zero is not compared; the stack's clock is at MACHINE_EPOCH when a script
 * begins. */
static bool times_equal(const struct run *r, const struct control *wanted,
                        const struct control *got)
{
    int64_t script = microseconds(&wanted->time[0]);
    int64_t live = microseconds(&got->time[0]) - MACHINE_EPOCH / 1000;
    return script == 0 || (live - script <= r->options->tolerance_usecs &&
                           script - live <= r->options->tolerance_usecs);
}

static bool control_equal(const struct run *r, const struct control *wanted,
                          const struct cmsghdr *at)
{
    struct control got = {.size = wanted->size};
    if (at->cmsg_level != wanted->level || at->cmsg_type != wanted->type ||
        at->cmsg_len != CMSG_LEN(wanted->size))
        return false;
    memcpy(got.bytes, CMSG_DATA(at), wanted->size);
    if (wanted->form == CONTROL_TIMES)
        return times_equal(r, wanted, &got);
    size_t compared = wanted->form == CONTROL_ERROR ? sizeof got.error : wanted->size;
    return memcmp(got.bytes, wanted->bytes, compared) == 0;
}

/* Count, order and contents. */
void control_compare(struct invocation *i, const struct expression *list)
{
    struct control wanted;
    struct cmsghdr *at = CMSG_FIRSTHDR(&i->message);
    unsigned number = 0;
    for (const struct expression *e = list->first; e; e = e->next) {
        number++;
        if (!read_control(i->run, e, &wanted))
            return;
        if (!at || !control_equal(i->run, &wanted, at)) {
            run_fail(i->run, "%s(): control message %u %s", i->line->name, number,
                     at ? "is not the one that was expected" : "is missing");
            return;
        }
        at = CMSG_NXTHDR(&i->message, at);
    }
    if (at)
        run_fail(i->run, "%s(): more than %u control messages", i->line->name, number);
}
