#include "replay/playing.h"

#include "tcp/seq.h"

position player_knows_of(const struct player *p, const struct conversation_segment *s)
{
    position highest = s->ack;
    for (unsigned i = 0; i < s->header.options.sack_count; i++) {
        position right = seq_unwrap(s->header.options.sack[i].right, (seq32){p->own->isn}, s->ack);
        highest = max_of(right, highest);
    }
    return highest;
}

bool player_is_forged(const struct player *p, const struct conversation_segment *s)
{
    return player_knows_of(p, s) > (position)p->own->length + 1 + !!p->own->fin;
}

void player_report_failure(struct player *p, const char *what, position at)
{
    difference_add(&p->report->differences, p->number, false, "%s (position %lld, %.6f s)", what,
                   (long long)at, (double)(p->stage.now - p->start) / 1e9);
}
