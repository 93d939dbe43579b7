/* sysctl names of Linux and FreeBSD as fields of the stack's configuration (language page, sections
 * 14, 18, 23.7). A name without a row here, or a value that rill cannot have, is unsupported. */
#include "script/sysctl.h"

#include "script/sysctl_names.h"
#include "tcp/cc.h"
#include "tcp/fastopen.h"
#include "tcp/rtt.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAST_OPEN_BITS \
    (RILL_FAST_OPEN_CLIENT | RILL_FAST_OPEN_SERVER | RILL_FAST_OPEN_CLIENT_NO_COOKIE | \
     RILL_FAST_OPEN_SERVER_NO_COOKIE | RILL_FAST_OPEN_ALL_LISTENERS)

/* The shell's $((32*1024*1024)): scripts use only products. */
static bool product_parse(const char *text, int64_t *number)
{
    size_t length = strlen(text);
    if (length < 6 || strncmp(text, "$((", 3) || strcmp(text + length - 2, "))"))
        return false;
    char factor[16];
    int64_t value;
    *number = 1;
    for (const char *at = text + 3, *end = text + length - 2; at < end; at++) {
        size_t digits = strcspn(at, "*)");
        if (digits >= sizeof factor)
            return false;
        memcpy(factor, at, digits);
        factor[digits] = '\0';
        if (!number_parse(factor, false, &value) || value < 0 || value > UINT32_MAX)
            return false;
        *number = min_of(*number * value, (int64_t)UINT32_MAX + 1);
        at += digits;
    }
    return true;
}

/* The last number of a list such as "4096 87380 6291456". */
static bool last_number(const char *value, int64_t *number)
{
    size_t length = strlen(value), begin = length;
    while (begin && !isspace((unsigned char)value[begin - 1]))
        begin--;
    bool good = product_parse(value + begin, number) || number_parse(value + begin, false, number);
    return good && *number >= 0 && *number <= UINT32_MAX;
}

/* The number before the last of such a list; or its only number. */
static int64_t middle_number(const char *value, int64_t last)
{
    char words[64];
    int64_t number;
    size_t length = strlen(value);
    while (length && !isspace((unsigned char)value[length - 1]))
        length--;
    while (length && isspace((unsigned char)value[length - 1]))
        length--;
    snprintf(words, sizeof words, "%.*s", (int)length, value);
    return length && last_number(words, &number) ? number : last;
}

/* Initial and maximum size of a buffer: Linux's "min initial max"; FreeBSD's one number is the
 * initial size. */
struct buffer_setting {
    const char *name;
    size_t initial, most; /* in rill_config */
    bool alone;
};

static const struct buffer_setting buffer_settings[] = {
    {"net.ipv4.tcp_rmem", TCP(receive_buffer), TCP(receive_buffer_max), false},
    {"net.ipv4.tcp_wmem", TCP(send_buffer), TCP(send_buffer_max), false},
    {"net.inet.tcp.recvspace", TCP(receive_buffer), TCP(receive_buffer_max), true},
    {"net.inet.tcp.sendspace", TCP(send_buffer), TCP(send_buffer_max), true},
};

static uint32_t buffer_size(int64_t value)
{
    return (uint32_t)min_of(max_of(value, 4096), 1 << 30);
}

static void buffer_put(struct rill_config *c, const struct buffer_setting *s, const char *value,
                       int64_t last)
{
    uint32_t initial = buffer_size(middle_number(value, last)), most = buffer_size(last), before;
    memcpy(&before, (char *)c + s->most, sizeof before);
    if (s->alone)
        most = max_of(before, initial);
    initial = min_of(initial, most);
    memcpy((char *)c + s->initial, &initial, sizeof initial);
    memcpy((char *)c + s->most, &most, sizeof most);
}

static bool set_buffers(struct rill_config *c, const char *name, const char *value, int64_t last)
{
    for (size_t i = 0; i < sizeof buffer_settings / sizeof *buffer_settings; i++) {
        if (!sysctl_named(buffer_settings[i].name, name))
            continue;
        buffer_put(c, &buffer_settings[i], value, last);
        return true;
    }
    return false;
}

/* FreeBSD's names that are not one of our fields. */
static bool set_freebsd(struct rill_config *c, const char *name, int64_t value)
{
    if (sysctl_named("net.inet.tcp.rfc1323", name)) {
        c->tcp.timestamps = value == 1 || value == 3;
        c->tcp.window_scaling = value == 1 || value == 2;
    } else if (sysctl_named("net.inet.tcp.msl", name) && value > 0 && value <= 43200000) {
        c->tcp.time_wait = 2 * RILL_MILLISECONDS(value);
    } else if (sysctl_named("net.inet.tcp.rexmit_slop", name) && value <= 1000) {
        c->tcp.minimum_rto = RILL_MILLISECONDS(30 + value); /* rexmit_min and slop */
        c->tcp.initial_rto = max_of(c->tcp.initial_rto, c->tcp.minimum_rto);
    } else {
        return false;
    }
    return true;
}

static bool put_ecn(char *field, enum setting_form form, int64_t value)
{
    static const enum rill_ecn linux_ecn[] = {
        RILL_ECN_OFF,
        RILL_ECN_REQUEST,
        RILL_ECN_ACCEPT,
        RILL_ECN_REQUEST_ACCURATE,
        RILL_ECN_ACCEPT_ACCURATE_REQUEST,
        RILL_ECN_ACCEPT_ACCURATE,
    };
    enum rill_ecn_option option = (enum rill_ecn_option)value;
    if (form == SETTING_ECN_OPTION) {
        memcpy(field, &option, sizeof option);
        return value <= RILL_ECN_OPTION_PERSISTENT;
    }
    if (value >= (int64_t)(sizeof linux_ecn / sizeof *linux_ecn))
        return false;
    memcpy(field, &linux_ecn[value], sizeof *linux_ecn);
    return true;
}

/* The time-out of a segment with n retransmissions. */
static rill_time time_of_retries(const struct rill_tcp_config *c, int64_t n, rill_time first)
{
    rill_time sum = 0, wait = first;
    for (int64_t i = 0; i <= n; i++) {
        sum += wait;
        wait = min_of(2 * wait, c->maximum_rto);
    }
    return sum;
}

/* The time-out of a SYN with n retransmissions after the linear ones. */
static rill_time time_of_syn_retries(const struct rill_tcp_config *c, int64_t n)
{
    return rtt_time_of_syns(c, c->syn_linear_timeouts + (unsigned)n + 1, c->maximum_rto);
}

/* The time that so many retransmissions take. */
static bool put_retries(char *field, const struct rill_tcp_config *c, enum setting_form form,
                        int64_t value)
{
    int64_t most = form == SETTING_SYN_RETRIES ? 127 : 255, n = min_of(value, most);
    rill_time time = form == SETTING_SYN_RETRIES ? time_of_syn_retries(c, n)
                     : form == SETTING_RETRIES   ? time_of_retries(c, n, RTT_RETRIES_RTO)
                                                 : time_of_retries(c, n, c->minimum_rto);
    memcpy(field, &time, sizeof time);
    return value <= most;
}

static rill_time unit_of(enum setting_form form)
{
    return form == SETTING_SECONDS || form == SETTING_PAUSE           ? RILL_SECONDS(1)
           : form == SETTING_MILLISECONDS || form == SETTING_INTERVAL ? RILL_MILLISECONDS(1)
                                                                      : RILL_MICROSECONDS(1);
}

static void put_bits(char *field, unsigned bits, bool on)
{
    unsigned number;
    memcpy(&number, field, sizeof number);
    number = on ? number | bits : number & ~bits;
    memcpy(field, &number, sizeof number);
}

static bool set_congestion(struct rill_config *c, const char *name, const char *value)
{
    bool linux_name = sysctl_named("net.ipv4.tcp_congestion_control", name);
    if (!linux_name && !sysctl_named("net.inet.tcp.cc.algorithm", name))
        return false;
    if (!linux_name && !strcmp(value, "newreno"))
        value = "reno";
    snprintf(c->tcp.congestion, sizeof c->tcp.congestion, "%s", value);
    return strlen(value) < sizeof c->tcp.congestion; /* config_good checks whether it exists */
}

/* True: all in the list exist. */
static bool has_congestions(const char *name, const char *value)
{
    if (!sysctl_named("net.ipv4.tcp_available_congestion_control", name) &&
        !sysctl_named("net.ipv4.tcp_allowed_congestion_control", name))
        return false;
    while (*value) {
        char one[16];
        int length = 0;
        if (sscanf(value, "%15s%n", one, &length) != 1)
            break;
        if (!cc_find(one))
            return false;
        value += length;
    }
    return true;
}

/* One key or two, separated by a comma: each has four 32-bit words in hexadecimal, joined by
 * dashes. */
static bool set_fast_open_keys(struct rill_config *c, const char *name, const char *value)
{
    uint8_t key[sizeof c->tcp.fast_open_key];
    size_t at = 0;
    if (!sysctl_named("net.ipv4.tcp_fastopen_key", name))
        return false;
    for (const char *text = value; *text && at < sizeof key; at += 4) {
        char *end;
        unsigned long word = strtoul(text, &end, 16);
        if (end == text)
            return false;
        for (unsigned i = 0; i < 4; i++)
            key[at + i] = (uint8_t)(word >> 8 * i);
        text = end + (*end == '-' || *end == ',');
    }
    if (at == 0 || at % FAST_OPEN_KEY_BYTES)
        return false;
    memcpy(c->tcp.fast_open_key, key, at);
    c->tcp.fast_open_keys = (unsigned)(at / FAST_OPEN_KEY_BYTES);
    return true;
}

static bool put_cookies(char *field, enum setting_form form, int64_t value)
{
    enum rill_syn_cookies cookies = (enum rill_syn_cookies)value;
    if (value > RILL_SYN_COOKIES_ALWAYS)
        return false;
    if (form == SETTING_COOKIES_ONLY) {
        if (!value)
            return true; /* the other switch sets the value then */
        cookies = RILL_SYN_COOKIES_ALWAYS;
    }
    memcpy(field, &cookies, sizeof cookies);
    return true;
}

/* False: rill does not support the value. */
static bool setting_put(const struct setting *s, struct rill_config *c, int64_t value)
{
    char *field = (char *)c + s->offset;
    rill_time time = unit_of(s->form) * value;
    bool time_good = value > 0 && value < 1000000000;
    unsigned number = (unsigned)value;
    bool on = value;
    switch (s->form) {
    case SETTING_NOT:
        on = !on;
        memcpy(field, &on, sizeof on);
        return true;
    case SETTING_BOOL:
        memcpy(field, &on, sizeof on);
        return true;
    case SETTING_U8:
        memcpy(field, &(uint8_t){(uint8_t)value}, sizeof(uint8_t));
        return value >= 1 && value <= UINT8_MAX;
    case SETTING_U16:
        memcpy(field, &(uint16_t){(uint16_t)value}, sizeof(uint16_t));
        return value <= UINT16_MAX;
    case SETTING_U32:
        memcpy(field, &number, sizeof number);
        return value <= UINT32_MAX;
    case SETTING_UNSIGNED:
        memcpy(field, &number, sizeof number);
        return value <= 30;
    case SETTING_SYN_TIMEOUTS:
        memcpy(field, &number, sizeof number);
        return value <= 127;
    case SETTING_SEGMENTS:
    case SETTING_COUNT:
        memcpy(field, &number, sizeof number);
        return value >= 1 && value <= (s->form == SETTING_SEGMENTS ? 1000 : 1 << 20);
    case SETTING_SECONDS:
    case SETTING_MILLISECONDS:
    case SETTING_MICROSECONDS:
        if (time_good)
            memcpy(field, &time, sizeof time);
        return time_good;
    case SETTING_SYN_RETRIES:
    case SETTING_RETRIES:
    case SETTING_MAXRETRIES:
        return put_retries(field, &c->tcp, s->form, value);
    case SETTING_ECN:
    case SETTING_ECN_OPTION:
        return put_ecn(field, s->form, value);
    case SETTING_COOKIES:
    case SETTING_COOKIES_ONLY:
        return put_cookies(field, s->form, value);
    case SETTING_PAUSE:
    case SETTING_INTERVAL:
        memcpy(field, &time, sizeof time);
        return value < 1000000000;
    case SETTING_FAST_OPEN:
        put_bits(field, UINT32_MAX, false);
        put_bits(field, number & FAST_OPEN_BITS, true);
        return true;
    case SETTING_BIT_CLIENT:
        put_bits(field, RILL_FAST_OPEN_CLIENT, on);
        return true;
    case SETTING_BIT_SERVER:
        put_bits(field, RILL_FAST_OPEN_SERVER, on);
        return true;
    case SETTING_IGNORED:
        return true;
    case SETTING_DEFAULT:
        break;
    }
    return value == (int64_t)s->offset;
}

/* "first last"; config_good checks them. */
static bool set_ports(struct rill_config *c, const char *name, const char *value, int64_t last)
{
    int64_t first = middle_number(value, -1);
    if (!sysctl_named("net.ipv4.ip_local_port_range", name) || first < 0 || last > UINT16_MAX)
        return false;
    c->tcp.ephemeral_first = (uint16_t)min_of(first, UINT16_MAX);
    c->tcp.ephemeral_last = (uint16_t)last;
    return true;
}

/* False: unknown name, or rill does not support the value. */
static bool config_put(struct rill_config *c, const char *name, const char *value)
{
    int64_t number = 0;
    bool numeric = last_number(value, &number);
    if (set_fast_open_keys(c, name, value) || set_congestion(c, name, value) ||
        has_congestions(name, value))
        return true;
    if (numeric && (set_freebsd(c, name, number) || set_buffers(c, name, value, number) ||
                    set_ports(c, name, value, number)))
        return true;
    const struct setting *s = setting_find(name);
    if (!s)
        return false;
    return numeric ? setting_put(s, c, number) : s->form == SETTING_IGNORED;
}

static unsigned retries_in_time(const struct rill_tcp_config *c, rill_time time, rill_time first)
{
    unsigned n = 0;
    while (time_of_retries(c, n, first) < time)
        n++;
    return n;
}

/* As many retransmissions, counted from the RTO from which they were counted: FreeBSD's setting
 * begins with the minimum. */
static rill_time same_retries(const struct rill_tcp_config *c, const struct rill_tcp_config *before)
{
    rill_time time = before->user_timeout, first = before->minimum_rto;
    unsigned n = retries_in_time(before, time, first);
    if (time_of_retries(before, n, first) != time) {
        first = RTT_RETRIES_RTO;
        n = retries_in_time(before, time, first);
    }
    return time_of_retries(c, n, first);
}

/* Linux knows how many retransmissions there are, not their time: a new maximum of the RTO, and
 * linear time-outs of SYNs, change the time of as many. */
static void keep_retries(struct rill_tcp_config *c, const struct rill_tcp_config *before)
{
    bool other_maximum = c->maximum_rto != before->maximum_rto;
    if (other_maximum || c->syn_linear_timeouts != before->syn_linear_timeouts)
        c->syn_timeout = time_of_syn_retries(c, rtt_syn_retries(before));
    if (other_maximum)
        c->user_timeout = same_retries(c, before);
}

/* A running stack keeps the ranges with which it was created. */
void sysctl_set(struct run *r, const char *name, const char *value)
{
    struct rill_config tried = *run_config(r);
    if (config_put(&tried, name, value) && config_good(&tried)) {
        keep_retries(&tried.tcp, &run_config(r)->tcp);
        *run_config(r) = tried;
    } else {
        run_unsupported(r, "sysctl %s=%s", name, value);
    }
}
