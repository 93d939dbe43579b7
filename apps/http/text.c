#include "http/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct slice slice_of(const char *s)
{
    return (struct slice){s, strlen(s)};
}

bool slice_equal(struct slice s, const char *other)
{
    return s.length == strlen(other) && memcmp(s.at, other, s.length) == 0;
}

bool slice_equal_ignoring_case(struct slice s, const char *other)
{
    return s.length == strlen(other) && strncasecmp(s.at, other, s.length) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct slice slice_trim(struct slice s)
{
    while (s.length > 0 && is_blank(s.at[0])) {
        s.at++;
        s.length--;
    }
    while (s.length > 0 && is_blank(s.at[s.length - 1]))
        s.length--;
    return s;
}

/* The end of the first element: a comma outside quotes, or the end of the list. */
static size_t element_length(struct slice list)
{
    bool quoted = false;
    size_t n = 0;
    for (; n < list.length && (quoted || list.at[n] != ','); n++) {
        if (list.at[n] == '"')
            quoted = !quoted;
    }
    return n;
}

bool slice_next(struct slice *list, struct slice *element)
{
    while (list->length > 0) {
        size_t n = element_length(*list);
        size_t past = n < list->length ? n + 1 : n;
        *element = slice_trim((struct slice){list->at, n});
        *list = (struct slice){list->at + past, list->length - past};
        if (element->length > 0)
            return true;
    }
    return false;
}

int text_hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Makes room for n more characters and a NUL. */
static bool reserve(struct text *t, size_t n)
{
    if (t->failed || n >= TEXT_MAX - t->length) {
        t->failed = true;
        return false;
    }
    size_t room = t->room ? t->room : 512;
    while (room <= t->length + n)
        room *= 2;
    if (room == t->room)
        return true;
    char *at = realloc(t->at, room);
    if (!at) {
        t->failed = true;
        return false;
    }
    t->at = at;
    t->room = room;
    return true;
}

void text_add_bytes(struct text *t, const void *bytes, size_t n)
{
    if (!reserve(t, n))
        return;
    memcpy(t->at + t->length, bytes, n);
    t->length += n;
    t->at[t->length] = 0;
}

void text_add(struct text *t, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int n = vsnprintf(NULL, 0, format, arguments);
    if (n >= 0 && reserve(t, (size_t)n)) {
        vsnprintf(t->at + t->length, (size_t)n + 1, format, again);
        t->length += (size_t)n;
    }
    va_end(again);
    va_end(arguments);
}

void text_add_html(struct text *t, const char *s)
{
    for (; *s; s++) {
        if (strchr("&<>\"'", *s))
            text_add(t, "&#%d;", *s);
        else
            text_add_bytes(t, s, 1);
    }
}

void text_add_url(struct text *t, const char *s)
{
    for (; *s; s++) {
        if (isalnum((unsigned char)*s) || strchr("-._~/", *s))
            text_add_bytes(t, s, 1);
        else
            text_add(t, "%%%02X", (unsigned char)*s);
    }
}

void text_clear(struct text *t)
{
    t->length = 0;
    t->failed = false;
}

void text_free(struct text *t)
{
    free(t->at);
    *t = (struct text){0};
}
