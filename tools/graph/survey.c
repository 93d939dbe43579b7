#include "graph/survey.h"

#include "recording/grow.h"

#define BUCKET_BITS 16

void survey_begin(struct survey *s)
{
    *s = (struct survey){.bucket = calloc((size_t)1 << BUCKET_BITS, sizeof *s->bucket)};
    assert(s->bucket);
}

void survey_end(struct survey *s)
{
    free(s->connection);
    free(s->bucket);
    *s = (struct survey){0};
}

unsigned connection_sender(const struct connection *c, const struct segment *s)
{
    for (unsigned from = 0; from < 2; from++)
        if (graph_end_equal(&c->end[from], &s->source) &&
            graph_end_equal(&c->end[!from], &s->destination))
            return from;
    return 2;
}

bool connection_holds(const struct connection *c, const struct segment *s)
{
    return s->number >= c->first && s->number <= c->last && connection_sender(c, s) < 2;
}

static uint64_t mix(const struct graph_end *e)
{
    uint64_t half[2];
    memcpy(half, e->address.byte, sizeof half);
    return (half[0] * 31 ^ half[1] ^ (uint64_t)e->port << 40) * 0x9e3779b97f4a7c15;
}

/* The same for both directions. */
static size_t bucket_of(const struct segment *s)
{
    return (mix(&s->source) + mix(&s->destination)) >> (64 - BUCKET_BITS);
}

static bool is_syn(const struct segment *s)
{
    return (s->tcp.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

/* The ports are reused. A retransmitted SYN has the same number. */
static bool begins_anew(const struct connection *c, const struct segment *s)
{
    return is_syn(s) && c->over && !(c->from_syn && c->isn == s->tcp.seq.n);
}

static struct connection *find(struct survey *v, const struct segment *s)
{
    for (unsigned i = v->bucket[bucket_of(s)]; i; i = v->connection[i - 1].older) {
        struct connection *c = &v->connection[i - 1];
        if (connection_sender(c, s) < 2)
            return begins_anew(c, s) ? NULL : c;
    }
    return NULL;
}

/* NULL: there are too many. */
static struct connection *begin(struct survey *v, const struct segment *s)
{
    if (v->count == SURVEY_MAX)
        return NULL;
    v->connection = grow_one(v->connection, v->count, &v->room, sizeof *v->connection);
    struct connection *c = &v->connection[v->count++];
    bool answer = (s->tcp.flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);
    *c = (struct connection){.end = {s->source, s->destination},
                             .first = s->number,
                             .begin = s->when,
                             .from_syn = is_syn(s),
                             .isn = s->tcp.seq.n};
    if (answer) { /* the SYN was not recorded: the sender of the SYN-ACK is B */
        c->end[0] = s->destination;
        c->end[1] = s->source;
    }
    unsigned *bucket = &v->bucket[bucket_of(s)];
    c->older = *bucket;
    *bucket = v->count;
    return c;
}

void survey_take(struct survey *v, const struct segment *s)
{
    struct connection *c = find(v, s);
    v->packets++;
    if (!c)
        c = begin(v, s);
    if (!c) {
        v->left_out++;
        return;
    }
    c->last = s->number;
    c->begin = min_of(c->begin, s->when); /* merged files may be out of order */
    c->end_time = max_of(c->end_time, s->when);
    c->packets++;
    c->bytes[connection_sender(c, s)] += s->length;
    c->over |= s->tcp.flags & (TCP_FIN | TCP_RST);
}
