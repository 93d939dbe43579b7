#include "ladder/live.h"

#include "ladder/draw.h"

#include <stdlib.h>
#include <string.h>

bool live_begin(struct live *l)
{
    *l = (struct live){0};
    l->ladder.conversation = calloc(LIVE_CONVERSATIONS, sizeof *l->ladder.conversation);
    l->seen = calloc(LIVE_CONVERSATIONS, sizeof *l->seen);
    l->bucket = calloc(LADDER_BUCKETS, sizeof *l->bucket);
    if (l->ladder.conversation && l->seen && l->bucket)
        return true;
    live_end(l);
    return false;
}

void live_end(struct live *l)
{
    ladder_end(&l->ladder);
    free(l->seen);
    free(l->bucket);
    *l = (struct live){0};
}

static void forget(struct live *l)
{
    memset(l->bucket, 0, LADDER_BUCKETS * sizeof *l->bucket);
    l->ladder.conversations = 0;
    l->begun = false; /* print the title again */
}

void live_skip(struct live *l, FILE *out)
{
    forget(l);
    fputs("\n... more has passed than could be drawn; from here on anew\n", out);
}

/* The receiver of a SYN is assumed to listen, until its answer shows otherwise. */
static void begin_conversation(struct conversation *c, const struct packet *p)
{
    c->live = true;
    c->end[1].listens = c->from_start && !(p->tcp.flags & TCP_ACK);
}

/* Follows the packet; true: it begins a conversation. */
static bool take(struct live *l, const struct packet *p)
{
    struct step *s = &l->step;
    size_t before = l->ladder.conversations;
    *s = (struct step){.packet = p, .received = true};
    step_assign(&l->ladder, l->bucket, s);
    struct conversation *c = &l->ladder.conversation[s->conversation];
    bool is_new = l->ladder.conversations > before;
    if (is_new) {
        begin_conversation(c, p);
        l->seen[s->conversation] = (struct survey){0};
    }
    if (p->kind == PACKET_TCP) {
        conversation_survey(c, &l->seen[s->conversation], s);
        step_number(c, s);
        step_follow(c, s);
    }
    return is_new;
}

void live_draw(struct live *l, FILE *out, const struct packet *p, bool colours)
{
    bool first = !l->begin;
    if (first)
        l->begin = p->when;
    if (l->ladder.conversations == LIVE_CONVERSATIONS)
        forget(l);
    size_t shown = l->step.conversation;
    bool begun = l->begun, is_new = take(l, p);
    if (!begun || shown != l->step.conversation) {
        if (!first)
            fputc('\n', out);
        draw_title(out, &l->ladder.conversation[l->step.conversation], is_new ? &l->step : NULL);
    }
    l->begun = true;
    draw_step(out, &l->step, l->begin, colours);
}
