/* The sysctl names of Linux and FreeBSD, and what each one means for rill's configuration. */
#ifndef SCRIPT_SYSCTL_NAMES_H
#define SCRIPT_SYSCTL_NAMES_H

#include <rill/stack.h>

#include <stdbool.h>
#include <stddef.h>

/* The offset of a field of TCP's configuration. */
#define TCP(field) offsetof(struct rill_config, tcp.field)

enum setting_form {
    SETTING_BOOL,
    SETTING_NOT, /* a bool with the opposite meaning */
    SETTING_UNSIGNED,
    SETTING_SYN_TIMEOUTS,
    SETTING_U8,
    SETTING_U16,
    SETTING_U32,
    SETTING_SEGMENTS,
    SETTING_COUNT,
    SETTING_SECONDS,
    SETTING_PAUSE, /* seconds, 0: never */
    SETTING_MILLISECONDS,
    SETTING_INTERVAL, /* milliseconds, 0: none */
    SETTING_MICROSECONDS,
    SETTING_SYN_RETRIES, /* converted to the time that they take */
    SETTING_RETRIES,     /* of data, likewise */
    SETTING_MAXRETRIES,  /* the same in FreeBSD */
    SETTING_ECN,
    SETTING_ECN_OPTION, /* Linux's numbers */
    SETTING_COOKIES,    /* enum rill_syn_cookies: Linux's numbers; FreeBSD's 1 is 1 */
    SETTING_COOKIES_ONLY,
    SETTING_FAST_OPEN,  /* Linux's bits, without those that rill does not have */
    SETTING_BIT_CLIENT, /* FreeBSD's two switches for them */
    SETTING_BIT_SERVER,
    SETTING_IGNORED, /* without effect here */
    SETTING_DEFAULT  /* rill has no choice: only this value is accepted */
};

struct setting {
    const char *name; /* dots between the parts; a star at the end stands for any */
    enum setting_form form;
    size_t offset; /* in rill_config; for SETTING_DEFAULT: the value */
};

/* Both `net.ipv4.x`, `net/ipv4/x` and `/proc/sys/net/ipv4/x` name x. */
bool sysctl_named(const char *row, const char *name);

/* NULL: no such name is known. */
const struct setting *setting_find(const char *name);

#endif
