#include "script/nstat.h"

#include <inttypes.h>
#include <rill/counters.h>
#include <stdio.h>
#include <string.h>

#define LINE_LENGTH 56 /* nstat's columns: name, count, rate */

static bool is_counter(const char *name)
{
    for (int i = 0; i < RILL_COUNTER_COUNT; i++)
        if (!strcmp(rill_counter_name((enum rill_counter)i), name))
            return true;
    return false;
}

bool nstat_read(struct nstat *n, char *const *word, unsigned words)
{
    *n = (struct nstat){.name = word + words, .names = 0};
    for (unsigned i = 1; i < words; i++) {
        if (word[i][0] == '-' && !n->names) {
            if (strspn(word[i], "-nsaz") != strlen(word[i]))
                return false;
            n->silent |= strchr(word[i], 'n') != NULL;
            n->forgets |= strchr(word[i], 's') != NULL;
            n->absolute |= strchr(word[i], 'a') != NULL;
            n->zeros |= strchr(word[i], 'z') != NULL;
            continue;
        }
        if (!is_counter(word[i]))
            return false;
        if (!n->names++)
            n->name = word + i;
    }
    return true;
}

static bool wanted(const struct nstat *n, enum rill_counter counter)
{
    for (unsigned i = 0; i < n->names; i++)
        if (!strcmp(n->name[i], rill_counter_name(counter)))
            return true;
    return !n->names;
}

/* Makes the current counts the base of the next nstat. */
static void remember(struct run *r, const struct rill_counters *counted)
{
    r->counted = arena_get(r->arena, sizeof *r->counted);
    *r->counted = *counted;
}

const char *nstat_lines(struct run *r, const struct nstat *n)
{
    const struct rill_counters *counted = rill_counters(r->machine.rill);
    const struct rill_counters *before = n->absolute ? NULL : r->counted;
    char *text = arena_get(r->arena, RILL_COUNTER_COUNT * LINE_LENGTH + 1), *at = text;
    for (int i = 0; i < RILL_COUNTER_COUNT && !n->silent; i++) {
        uint64_t more = counted->value[i] - (before ? before->value[i] : 0);
        if ((more || n->zeros) && wanted(n, (enum rill_counter)i))
            at += snprintf(at, LINE_LENGTH + 1, "%-32.31s%-16" PRIu64 "%6.1f\n",
                           rill_counter_name((enum rill_counter)i), more, 0.0);
    }
    *at = '\0';
    if (!n->forgets)
        remember(r, counted);
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
