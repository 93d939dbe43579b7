#include "script/connections.h"

#include "tcp/timewait.h"

#include <stdio.h>
#include <string.h>

/* FreeBSD's names, if they differ from the RFC's. */
static const char *name_of(enum rill_tcp_state state)
{
    return state == RILL_TCP_SYN_RECEIVED ? "SYN_RCVD" : rill_tcp_state_name(state);
}

static bool state_find(const char *name, enum rill_tcp_state *state)
{
    for (int i = 0; i < RILL_TCP_STATE_COUNT; i++)
        if (!strcmp(name_of((enum rill_tcp_state)i), name)) {
            *state = (enum rill_tcp_state)i;
            return true;
        }
    return false;
}

static unsigned count_in(const struct table *t, enum rill_tcp_state state)
{
    unsigned count = 0;
    uint64_t cursor = 0;
    for (head_ref ref; (ref = table_walk(t, &cursor)) != 0;)
        count += table_at(t, ref)->state == state;
    return count;
}

/* Sets their time-out to now; the stack's next turn ends them. */
static void forget_time_waits(struct tcp *t)
{
    uint64_t cursor = 0;
    for (head_ref ref; (ref = table_walk(&t->table, &cursor)) != 0;)
        if (ref_kind(ref) == HEAD_TIME_WAIT) {
            struct tcp_time_wait *w = (struct tcp_time_wait *)(void *)table_at(&t->table, ref);
            w->expires = (uint32_t)(t->now / 1000000);
        }
    timewait_expire(t);
}

static bool grep(struct run *r, struct sockstat *s, char *const *word, unsigned words)
{
    enum rill_tcp_state state;
    char text[16];
    if (s->stage == SOCKSTAT_LISTED && words == 3 && !strcmp(word[1], "-c") &&
        state_find(word[2], &state)) {
        s->count = count_in(&r->machine.rill->net.tcp.table, state);
        s->stage = SOCKSTAT_COUNTED;
        return true;
    }
    snprintf(text, sizeof text, "%u", s->count);
    bool quiet = words == 3 && !strcmp(word[1], "-q");
    if (s->stage != SOCKSTAT_COUNTED || words != 2u + quiet)
        return false;
    if (!strstr(text, word[1 + quiet]))
        run_fail(r, "sockstat: %s connections are in the state, expected %s", text,
                 word[1 + quiet]);
    return true;
}

bool connections_command(struct run *r, struct sockstat *s, char *const *word, unsigned words)
{
    bool drop = words == 3 && !strcmp(word[0], "tcpdrop") && !strcmp(word[1], "-s") &&
                !strcmp(word[2], "TIME_WAIT");
    if (!r->open)
        return false;
    if (drop)
        forget_time_waits(&r->machine.rill->net.tcp);
    else if (!strcmp(word[0], "sockstat"))
        s->stage = SOCKSTAT_LISTED;
    else
        return !strcmp(word[0], "grep") && grep(r, s, word, words);
    return true;
}
