#include "script/nstat.h"

#include <inttypes.h>
#include <rill/counters.h>
#include <stdio.h>
#include <string.h>

#define LINE_LENGTH 56 /* nstat's columns: name, count, rate */

const char *nstat_lines(struct run *r)
{
    const struct rill_counters *counted = rill_counters(r->machine.rill);
    char *text = arena_get(r->arena, RILL_COUNTER_COUNT * LINE_LENGTH + 1), *at = text;
    for (int i = 0; i < RILL_COUNTER_COUNT; i++)
        if (counted->value[i])
            at += snprintf(at, LINE_LENGTH + 1, "%-32.31s%-16" PRIu64 "%6.1f\n",
                           rill_counter_name((enum rill_counter)i), counted->value[i], 0.0);
    *at = '\0';
    return text;
}

const char *nstat_grep(struct run *r, const char *lines, const char *pattern)
{
    char *text = arena_copy(r->arena, lines, strlen(lines)), *kept = text;
    for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        if (!strstr(line, pattern))
            continue;
        size_t length = (size_t)(end - line);
        memmove(kept, line, length);
        kept += length;
        *kept++ = '\n';
    }
    *kept = '\0';
    return text;
}

bool nstat_unknown(const char *pattern)
{
    if (strncmp(pattern, "Tcp", 3) && strncmp(pattern, "Ip", 2))
        return false;
    for (int i = 0; i < RILL_COUNTER_COUNT; i++)
        if (strstr(rill_counter_name((enum rill_counter)i), pattern))
            return false;
    return true;
}
