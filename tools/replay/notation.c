#include "replay/notation.h"

#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 2, 3))) static void add(struct notation *n, const char *format, ...)
{
    size_t length = strlen(n->text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(n->text + length, sizeof n->text - length, format, arguments);
    va_end(arguments);
}

struct notation notation_flags(uint16_t flags)
{
    static const char letters[] = "FSRP.UEW"; /* from the lowest bit on */
    struct notation n = {.text = ""};
    for (unsigned i = 0; letters[i]; i++)
        if (flags & 1u << i)
            add(&n, "%c", letters[i]);
    return n;
}

/* Adds one option to the list; value -1: it has no value. */
static void add_option(struct notation *n, bool there, const char *name, int value)
{
    if (!there)
        return;
    add(n, "%s%s", n->text[0] ? "," : "", name);
    if (value >= 0)
        add(n, " %d", value);
}

struct notation notation_options(const struct tcp_options *o)
{
    struct notation n = {.text = ""};
    add_option(&n, o->has_mss, "mss", o->mss);
    add_option(&n, o->has_sack_permitted, "sackOK", -1);
    add_option(&n, o->has_timestamps, "TS", -1);
    add_option(&n, o->has_window_scale, "wscale", o->window_scale);
    add_option(&n, o->has_fast_open, "tfo", o->fast_open.length);
    add_option(&n, o->sack_count > 0, "sack", o->sack_count);
    add_option(&n, n.text[0] == 0, "none", -1);
    return n;
}

position spoken_end(const struct spoken *s)
{
    return s->seq + (position)s->length + !!(s->header.flags & TCP_SYN) +
           !!(s->header.flags & TCP_FIN);
}

struct notation notation_segment(const struct spoken *s)
{
    struct notation n = {.text = ""};
    add(&n, "[%s] %lld:%lld", notation_flags(s->header.flags).text, (long long)s->seq,
        (long long)s->seq + (long long)s->length);
    if (s->header.flags & TCP_ACK)
        add(&n, " ack %lld", (long long)s->ack);
    add(&n, " win %u length %zu", s->header.window, s->length);
    return n;
}

struct notation notation_address(uint32_t a)
{
    struct notation n = {.text = ""};
    add(&n, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
    return n;
}

struct notation notation_end(uint32_t address, uint16_t port)
{
    struct notation n = notation_address(address);
    add(&n, ":%u", port);
    return n;
}
