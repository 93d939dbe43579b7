/* Assigns packets to conversations, and walks over all of them. */
#include "ladder/ladder.h"

#include <stdlib.h>

static bool end_is(const struct end *e, uint32_t address, uint16_t port)
{
    return e->address == address && e->port == port;
}

static uint16_t source_port(const struct packet *p)
{
    return p->kind == PACKET_TCP ? p->tcp.source : 0;
}

static uint16_t destination_port(const struct packet *p)
{
    return p->kind == PACKET_TCP ? p->tcp.destination : 0;
}

/* The end that sends the packet; 2: it is not of this conversation. */
static unsigned conversation_sender(const struct conversation *c, const struct packet *p)
{
    if (c->tcp != (p->kind == PACKET_TCP))
        return 2;
    for (unsigned from = 0; from < 2; from++)
        if (end_is(&c->end[from], p->source, source_port(p)) &&
            end_is(&c->end[!from], p->destination, destination_port(p)))
            return from;
    return 2;
}

/* The ports are reused: a new SYN after the end of the old conversation. */
static bool begins_anew(const struct conversation *c, const struct packet *p)
{
    return c->over && (p->tcp.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

static void conversation_begin(struct conversation *c, const struct packet *p)
{
    *c = (struct conversation){.tcp = p->kind == PACKET_TCP,
                               .end = {{.address = p->source, .port = source_port(p)},
                                       {.address = p->destination, .port = destination_port(p)}}};
    c->from_start = c->tcp && p->tcp.flags & TCP_SYN;
}

/* The same for both directions. */
static size_t bucket_of(const struct packet *p)
{
    uint64_t ports = (uint64_t)source_port(p) + destination_port(p);
    uint64_t ends = ((uint64_t)p->source + p->destination) << 17 | ports;
    return (ends * 0x9e3779b97f4a7c15 >> 32) % LADDER_BUCKETS;
}

/* The newest comes first: a reused pair of ports means the last conversation. */
void step_assign(struct ladder *l, size_t bucket[LADDER_BUCKETS], struct step *s)
{
    size_t *newest = &bucket[bucket_of(s->packet)];
    for (size_t i = *newest; i; i = l->conversation[i - 1].older) {
        struct conversation *c = &l->conversation[i - 1];
        unsigned from = conversation_sender(c, s->packet);
        if (from == 2)
            continue;
        if (s->packet->kind == PACKET_TCP && begins_anew(c, s->packet))
            break;
        s->conversation = i - 1;
        s->from = from;
        return;
    }
    s->conversation = l->conversations++;
    s->from = 0;
    conversation_begin(&l->conversation[s->conversation], s->packet);
    l->conversation[s->conversation].older = *newest;
    *newest = l->conversations;
}

void conversation_survey(struct conversation *c, struct survey *seen, const struct step *s)
{
    uint16_t flags = s->packet->tcp.flags;
    if (s->from == 1 && !seen->spoke) {
        seen->spoke = true;
        c->end[1].listens = (flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);
    }
    if (flags & TCP_FIN)
        seen->fin[s->from] = true;
    c->over |= flags & TCP_RST || (seen->fin[0] && seen->fin[1]);
}

static bool ladder_group(struct ladder *l, const struct packet *packet)
{
    struct survey *seen = calloc(l->steps, sizeof *seen);
    size_t *bucket = calloc(LADDER_BUCKETS, sizeof *bucket);
    for (size_t i = 0; seen && bucket && i < l->steps; i++) {
        struct step *s = &l->step[i];
        s->packet = &packet[i];
        step_assign(l, bucket, s);
        if (s->packet->kind == PACKET_TCP)
            conversation_survey(&l->conversation[s->conversation], &seen[s->conversation], s);
    }
    bool good = seen && bucket;
    free(seen);
    free(bucket);
    return good;
}

/* Backwards, so that each end's next segment is known, and the next one of both. */
static bool ladder_find_replies(struct ladder *l)
{
    const struct step *(*next)[2] = calloc(l->steps, sizeof *next);
    if (!next)
        return false;
    for (size_t i = l->steps; i-- > 0;) {
        struct step *s = &l->step[i];
        s->reply = next[s->conversation][!s->from];
        next[s->conversation][s->from] = s;
        s->next = l->conversation[s->conversation].first;
        l->conversation[s->conversation].first = s;
    }
    free(next);
    return true;
}

bool ladder_make(struct ladder *l, const struct packet *packet, size_t count)
{
    *l = (struct ladder){.steps = count};
    if (!count)
        return true;
    l->step = calloc(count, sizeof *l->step);
    l->conversation = calloc(count, sizeof *l->conversation);
    if (!l->step || !l->conversation || !ladder_group(l, packet) || !ladder_find_replies(l)) {
        ladder_end(l);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct step *s = &l->step[i];
        if (s->packet->kind != PACKET_TCP)
            continue;
        step_number(&l->conversation[s->conversation], s);
        step_follow(&l->conversation[s->conversation], s);
    }
    return true;
}

void ladder_end(struct ladder *l)
{
    free(l->step);
    free(l->conversation);
    *l = (struct ladder){0};
}
