#include "ss/summary.h"

#include "ss/words.h"

#include <inttypes.h>
#include <string.h>

void summary_add(struct summary *y, const struct rill_status *s)
{
    const char *whose = words_whose(s);
    bool datagram = s->kind == RILL_STATUS_DATAGRAM;
    y->tcp += !datagram;
    y->udp += datagram;
    if (!datagram && s->state < RILL_TCP_STATE_COUNT)
        y->state[s->state]++;
    y->orphans += s->orphan;
    y->application += !strcmp(whose, "application");
    y->peer += !strcmp(whose, "peer");
}

static const char *state_name(int state)
{
    struct rill_status s = {.kind = RILL_STATUS_CONNECTION, .state = (uint8_t)state};
    return words_state(&s);
}

void summary_print(FILE *out, const struct summary *y, const struct rill_control_greeting *g)
{
    fprintf(out, "Total: %u\nTCP:   %u", y->tcp + y->udp, y->tcp);
    const char *between = " (";
    for (int i = RILL_TCP_LISTEN; i < RILL_TCP_STATE_COUNT; i++)
        if (y->state[i]) {
            fprintf(out, "%s%s %u", between, state_name(i), y->state[i]);
            between = ", ";
        }
    fprintf(out, "%s\nUDP:   %u\n", *between == ',' ? ")" : "", y->udp);
    fprintf(out, "Turn:  the application's %u, the peer's %u; orphans %u\n", y->application,
            y->peer, y->orphans);
    fprintf(out, "Memory: %" PRIu64 " KB used, %" PRIu64 " KB at most so far, of %" PRIu64 " KB\n",
            g->memory_used / 1024, g->memory_peak / 1024, g->memory / 1024);
}

void summary_json(struct json *j, const struct summary *y)
{
    json_open(j, "summary", '{');
    json_number(j, "tcp", y->tcp);
    json_number(j, "udp", y->udp);
    json_number(j, "orphans", y->orphans);
    json_number(j, "application_turn", y->application);
    json_number(j, "peer_turn", y->peer);
    json_open(j, "states", '{');
    for (int i = RILL_TCP_LISTEN; i < RILL_TCP_STATE_COUNT; i++)
        json_number(j, state_name(i), y->state[i]);
    json_close(j, '}');
    json_close(j, '}');
}
