/* Compares rill's messages in an exchange with the recorded host's: equal ones are partners, at
 * whatever time they were sent. */
#include "recording/grow.h"
#include "replay/exchange.h"
#include "wire/icmp.h"

struct sorted {
    const struct message **at;
    unsigned count;
};

static int order(const void *a, const void *b)
{
    const struct message *x = *(const struct message *const *)a;
    const struct message *y = *(const struct message *const *)b;
    int order = message_order(x, y);
    return order ? order : (x > y) - (x < y); /* both lie in one array */
}

/* The messages of one host in `all`, or of both (0), sorted so that equal ones are adjacent. */
static struct sorted sort(const struct messages *all, uint32_t source)
{
    struct sorted s = {.at = grow(NULL, (all->count + 1) * sizeof *s.at)};
    for (unsigned i = 0; i < all->count; i++)
        if (!source || all->at[i].source == source)
            s.at[s.count++] = &all->at[i];
    qsort(s.at, s.count, sizeof *s.at, order);
    return s;
}

/* How many messages are less than this one; `behind`: less or equal. */
static unsigned rank(const struct sorted *s, const struct message *m, bool behind)
{
    unsigned low = 0, high = s->count;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        int order = message_order(s->at[middle], m);
        if (order < 0 || (order == 0 && behind))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static unsigned count_like(const struct sorted *s, const struct message *m)
{
    return rank(s, m, true) - rank(s, m, false);
}

/* The replies to the peer's requests. */
static struct messages replies_due(const struct exchange *x, unsigned side)
{
    struct messages due = {0};
    for (unsigned i = 0; i < x->messages.count; i++) {
        struct message m = x->messages.at[i];
        if (m.source == x->address[side] ||
            (m.kind != MESSAGE_ARP_REQUEST && m.kind != MESSAGE_ECHO))
            continue;
        m.type = m.kind == MESSAGE_ECHO ? ICMP_ECHO_REPLY : 0;
        m.kind = m.kind == MESSAGE_ECHO ? MESSAGE_ECHO_REPLY : MESSAGE_ARP_REPLY;
        messages_add(&due, &m);
    }
    return due;
}

/* A host decides itself which requests it sends and when; rill has no application that pings or
 * uses other protocols; and hosts report only unreachable ports and protocols, routers the rest
 * (RFC 1122 3.2.2.1). */
static bool may_lack(const struct message *m)
{
    if (m->kind != MESSAGE_ICMP)
        return m->kind == MESSAGE_ARP_REQUEST || m->kind == MESSAGE_ECHO ||
               m->kind == MESSAGE_OTHER;
    return m->type != ICMP_UNREACHABLE ||
           (m->code != ICMP_UNREACHABLE_PORT && m->code != ICMP_UNREACHABLE_PROTOCOL);
}

/* Replies that every host must send (RFC 826, RFC 1122 3.2.2.6): the recorded one was lost. */
static bool may_add(const struct message *m)
{
    return m->kind == MESSAGE_ARP_REQUEST || m->kind == MESSAGE_ARP_REPLY ||
           m->kind == MESSAGE_ECHO_REPLY;
}

static void tell(struct differences *d, const struct message *m, bool allowed, const char *who)
{
    difference_add(d, m->number, allowed, "%s: %s", who, notation_message(m).text);
}

/* A reply that was recorded more often than rill has sent it, though rill has answered every
 * request: the network has duplicated it. */
static bool is_copy(const struct sorted *ours, const struct sorted *due, const struct message *m)
{
    unsigned sent = count_like(ours, m);
    return (m->kind == MESSAGE_ARP_REPLY || m->kind == MESSAGE_ECHO_REPLY) && sent > 0 &&
           sent >= count_like(due, m);
}

void exchange_compare(const struct exchange *x, unsigned side, const struct messages *said,
                      struct differences *d)
{
    struct messages replies = replies_due(x, side);
    struct sorted theirs = sort(&x->messages, x->address[side]), ours = sort(said, 0),
                  due = sort(&replies, 0);
    for (unsigned i = 0, k = 0; i < theirs.count || k < ours.count;) {
        int order = i == theirs.count ? 1
                    : k == ours.count ? -1
                                      : message_order(theirs.at[i], ours.at[k]);
        if (order < 0)
            tell(d, theirs.at[i], may_lack(theirs.at[i]) || is_copy(&ours, &due, theirs.at[i]),
                 "only recorded");
        if (order > 0)
            tell(d, ours.at[k], may_add(ours.at[k]), "only rill sends");
        i += order <= 0;
        k += order >= 0;
    }
    free(theirs.at);
    free(ours.at);
    free(due.at);
    messages_free(&replies);
}
