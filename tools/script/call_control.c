/* Control messages of sendmsg and recvmsg (language page, sections 13.3 and 23.6): cmsg_data is a
 * number, {scm_sec=, scm_nsec=} (three time stamps, the first in script time), {ee_errno=, ...} (an
 * error with an address behind it, which is counted but not compared), or, which the language page
 * does not have, {tv_sec=, tv_usec=} or {tv_sec=, tv_nsec=} (a time stamp in script time) or
 * {ipi_ifindex=, ipi_spec_dst=inet_addr(...), ipi_addr=inet_addr(...)}. */
#include "script/invocation.h"

#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#define DATA_MAX 64
#define SECONDS_MAX 3000000000 /* as MACHINE_END */

enum control_form { CONTROL_BYTES, CONTROL_TIMES, CONTROL_TIME, CONTROL_FINE_TIME, CONTROL_ERROR };

struct control {
    int level, type;
    enum control_form form;
    size_t size; /* of the data */
    union {
        int number;
        struct timespec time[3];
        struct timeval coarse_time;
        struct in_pktinfo packet_info;
        struct sock_extended_err error;
        uint8_t bytes[DATA_MAX];
    };
};

_Static_assert(sizeof(struct sock_extended_err) + sizeof(struct sockaddr_in6) <= DATA_MAX,
               "an error and its address fit");

/* ------------------------------------------------------------------- expected */

static int64_t member_value(struct run *r, const struct expression *e, const char *name)
{
    const struct expression *found = member(e, name);
    return found ? expression_value(r, found) : 0;
}

static void read_error(struct run *r, const struct expression *e, struct control *out)
{
    out->form = CONTROL_ERROR;
    out->size = sizeof out->error + (out->level == IPPROTO_IPV6 ? sizeof(struct sockaddr_in6)
                                                                : sizeof(struct sockaddr_in));
    out->error = (struct sock_extended_err){
        .ee_errno = (uint32_t)member_value(r, e, "ee_errno"),
        .ee_origin = (uint8_t)member_value(r, e, "ee_origin"),
        .ee_type = (uint8_t)member_value(r, e, "ee_type"),
        .ee_code = (uint8_t)member_value(r, e, "ee_code"),
        .ee_info = (uint32_t)member_value(r, e, "ee_info"),
        .ee_data = (uint32_t)member_value(r, e, "ee_data"),
    };
}

/* Seconds and a fraction, limited to the longest script. */
static struct timespec read_timespec(struct run *r, const struct expression *e, const char *seconds,
                                     const char *fraction)
{
    int64_t whole = member_value(r, e, seconds), rest = member_value(r, e, fraction);
    if (whole >= 0 && whole <= SECONDS_MAX && rest >= 0 && rest < 1000000000)
        return (struct timespec){(time_t)whole, (long)rest};
    run_fail(r, "a time stamp that no script can have");
    return (struct timespec){0, 0};
}

/* The message of SO_TIMESTAMP or SO_TIMESTAMPNS. */
static void read_time(struct run *r, const struct expression *e, struct control *out)
{
    bool fine = member(e, "tv_nsec");
    struct timespec t = read_timespec(r, e, "tv_sec", fine ? "tv_nsec" : "tv_usec");
    out->form = fine ? CONTROL_FINE_TIME : CONTROL_TIME;
    out->size = fine ? sizeof *out->time : sizeof out->coarse_time;
    if (fine)
        *out->time = t;
    else
        out->coarse_time = (struct timeval){.tv_sec = t.tv_sec, .tv_usec = t.tv_nsec};
}

static void read_packet_info(struct run *r, const struct expression *e, struct control *out)
{
    uint32_t own = 0, to = 0;
    const struct expression *source = member(e, "ipi_spec_dst"), *target = member(e, "ipi_addr");
    if ((source && !expression_address(source, &own)) ||
        (target && !expression_address(target, &to)))
        run_fail(r, "inet_addr(\"a.b.c.d\") was expected in a packet's information");
    out->size = sizeof out->packet_info;
    out->packet_info = (struct in_pktinfo){
        .ipi_ifindex = (int)member_value(r, e, "ipi_ifindex"),
        .ipi_spec_dst.s_addr = htonl(own),
        .ipi_addr.s_addr = htonl(to),
    };
}

/* ip(7) passes the TOS field in one byte, everything else in an int. */
static void read_number(struct run *r, const struct expression *e, struct control *out)
{
    bool one_byte = out->level == IPPROTO_IP && out->type == IP_TOS;
    out->number = (int)expression_value(r, e);
    out->size = one_byte ? 1 : sizeof out->number;
    if (one_byte)
        out->bytes[0] = (uint8_t)out->number;
}

static void read_data(struct run *r, const struct expression *e, struct control *out)
{
    if (e->kind != EXPRESSION_STRUCT) {
        read_number(r, e, out);
    } else if (member(e, "tv_sec")) {
        read_time(r, e, out);
    } else if (member(e, "ipi_ifindex")) {
        read_packet_info(r, e, out);
    } else if (member(e, "scm_sec")) {
        out->form = CONTROL_TIMES;
        out->size = sizeof out->time;
        out->time[0] = read_timespec(r, e, "scm_sec", "scm_nsec");
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

/* A buffer exactly large enough for the list; for a sending call it contains the messages. */
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

/* -------------------------------------------------------------------- received */

/* The (first) time stamp in microseconds. */
static int64_t control_time(const struct control *c)
{
    if (c->form == CONTROL_TIME)
        return (int64_t)c->coarse_time.tv_sec * 1000000 + c->coarse_time.tv_usec;
    return (int64_t)c->time[0].tv_sec * 1000000 + c->time[0].tv_nsec / 1000;
}

/* A time written as zero is not compared; the stack's clock is at MACHINE_EPOCH when a script
 * begins. */
static bool times_equal(const struct run *r, const struct control *wanted,
                        const struct control *got)
{
    int64_t script = control_time(wanted), live = control_time(got) - MACHINE_EPOCH / 1000;
    return script == 0 || (live - script <= r->options->tolerance_usecs &&
                           script - live <= r->options->tolerance_usecs);
}

static bool control_equal(const struct run *r, const struct control *wanted,
                          const struct cmsghdr *at)
{
    struct control got = {.form = wanted->form, .size = wanted->size};
    if (at->cmsg_level != wanted->level || at->cmsg_type != wanted->type ||
        at->cmsg_len != CMSG_LEN(wanted->size))
        return false;
    memcpy(got.bytes, CMSG_DATA(at), wanted->size);
    if (wanted->form != CONTROL_BYTES && wanted->form != CONTROL_ERROR)
        return times_equal(r, wanted, &got);
    size_t compared = wanted->form == CONTROL_ERROR ? sizeof got.error : wanted->size;
    return memcmp(got.bytes, wanted->bytes, compared) == 0;
}

/* Compares count, order and contents. */
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
