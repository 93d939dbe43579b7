#include "tcp/record.h"

#include <string.h>

void record_end(struct tcp_conn *c)
{
    struct tcp_busy *b = c->busy;
    if (b && b->records < RECORD_ENDS && c->snd.end > c->snd.nxt && !record_ends_at(c, c->snd.end))
        b->record_end[b->records++] = c->snd.end;
}

position record_next_end(struct tcp_conn *c)
{
    struct tcp_busy *b = c->busy;
    unsigned sent = 0;
    if (!b || !b->records)
        return RECORD_NONE;
    while (sent < b->records && b->record_end[sent] <= c->snd.nxt)
        sent++;
    b->records -= (uint8_t)sent;
    memmove(b->record_end, b->record_end + sent, b->records * sizeof *b->record_end);
    return b->records ? b->record_end[0] : RECORD_NONE;
}

bool record_ends_at(const struct tcp_conn *c, position to)
{
    for (unsigned i = 0; c->busy && i < c->busy->records; i++)
        if (c->busy->record_end[i] == to)
            return true;
    return false;
}
