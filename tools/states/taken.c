#include "states/taken.h"

#include <inttypes.h>
#include <string.h>

#define NAME_LENGTH_MAX 31

/* RILL_TCP_STATE_COUNT: no state has this name. */
static unsigned state_named(const char *name)
{
    unsigned s = 0;
    while (s < RILL_TCP_STATE_COUNT && strcmp(name, rill_tcp_state_name((enum rill_tcp_state)s)))
        s++;
    return s;
}

static bool line_read(struct taken *t, const char *line)
{
    char name[2][NAME_LENGTH_MAX + 1];
    uint64_t count;
    if (sscanf(line, "%31s %31s %" SCNu64, name[0], name[1], &count) != 3)
        return false;
    unsigned from = state_named(name[0]), to = state_named(name[1]);
    if (from == RILL_TCP_STATE_COUNT || to == RILL_TCP_STATE_COUNT ||
        !rill_tcp_transition(from, to))
        return false;
    t->count[from][to] += count;
    return true;
}

unsigned taken_read(struct taken *t, FILE *in)
{
    char line[128];
    for (unsigned number = 1; fgets(line, sizeof line, in); number++)
        if (!line_read(t, line))
            return number;
    return 0;
}

unsigned taken_dark(const struct taken *t, FILE *out)
{
    unsigned transitions, dark = 0;
    const struct rill_tcp_transition *a = rill_tcp_transitions(&transitions);
    for (unsigned i = 0; i < transitions; i++) {
        if (a[i].never || t->count[a[i].from][a[i].to])
            continue;
        fprintf(out, "no run takes %s -> %s (%s)\n", rill_tcp_state_name(a[i].from),
                rill_tcp_state_name(a[i].to), a[i].event);
        dark++;
    }
    return dark;
}
