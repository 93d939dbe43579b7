#include "ip/group.h"

#include "base/bytes.h"

/* --------------------------------------------------------------- the table */

void groups_init(struct groups *gs, struct memory *m, struct random *r)
{
    *gs = (struct groups){.memory = m, .random = r, .deadline = RILL_NEVER};
    for (unsigned i = 0; i < GROUP_BUCKETS; i++)
        list_init(&gs->bucket[i]);
    for (unsigned i = 0; i < RILL_PORTS_MAX; i++)
        gs->port[i] = (struct group_port){.answer_at = RILL_NEVER,
                                          .v1_until = -1,
                                          .v2_until = -1,
                                          .interval = IGMP_QUERY_INTERVAL,
                                          .robustness = IGMP_ROBUSTNESS};
}

static struct group *group_of(struct list_node *n)
{
    return container_of(n, struct group, node);
}

void group_free(struct groups *gs, struct group *g)
{
    list_remove(&g->node);
    gs->count--;
    memory_put(gs->memory, g, sizeof *g);
}

void groups_end(struct groups *gs)
{
    for (unsigned i = 0; gs->memory && i < GROUP_BUCKETS; i++)
        for (struct list_node *n; (n = list_first(&gs->bucket[i])) != NULL;)
            group_free(gs, group_of(n));
}

static struct list *bucket_of(const struct groups *gs, uint32_t address)
{
    return (struct list *)&gs->bucket[(address ^ address >> 8) % GROUP_BUCKETS];
}

struct group *group_find(const struct groups *gs, int port, uint32_t address)
{
    struct list *bucket = bucket_of(gs, address);
    for (struct list_node *n = list_first(bucket); n; n = list_next(bucket, n))
        if (group_of(n)->address == address && group_of(n)->port == port)
            return group_of(n);
    return NULL;
}

struct group *group_new(struct groups *gs, int port, uint32_t address)
{
    struct group *g = memory_get(gs->memory, sizeof *g);
    if (!g)
        return NULL;
    g->address = address;
    g->port = (uint8_t)port;
    g->change_at = g->answer_at = RILL_NEVER;
    list_append(bucket_of(gs, address), &g->node);
    gs->count++;
    return g;
}

struct group *groups_next(const struct groups *gs, const struct group *g)
{
    unsigned i = 0;
    if (g) {
        struct list *bucket = bucket_of(gs, g->address);
        struct list_node *n = list_next(bucket, &g->node);
        if (n)
            return group_of(n);
        i = (unsigned)(bucket - gs->bucket) + 1;
    }
    for (; i < GROUP_BUCKETS; i++)
        if (!list_empty(&gs->bucket[i]))
            return group_of(list_first(&gs->bucket[i]));
    return NULL;
}

bool group_wanted(const struct groups *gs, int port, uint32_t address, uint32_t source)
{
    const struct group *g = group_find(gs, port, address);
    return address == IGMP_ALL_SYSTEMS || (g && source_wanted(&g->filter, source));
}

bool group_joined(const struct groups *gs, int port, uint32_t address)
{
    const struct group *g = group_find(gs, port, address);
    return address == IGMP_ALL_SYSTEMS || (g && !filter_wants_nothing(&g->filter));
}

/* -------------------------------------------------------------- its timers */

unsigned igmp_version(const struct groups *gs, int port, rill_time now)
{
    const struct group_port *p = &gs->port[port];
    return now < p->v1_until ? 1 : now < p->v2_until ? 2 : 3;
}

rill_time igmp_delay(struct groups *gs, rill_time most)
{
    return (rill_time)random_below(gs->random, (uint64_t)most) + 1;
}

bool igmp_silent(int port, uint32_t address)
{
    return port == RILL_LOOPBACK_PORT || address == IGMP_ALL_SYSTEMS;
}

void group_told(struct groups *gs, struct group *g, rill_time now)
{
    rill_time most = igmp_version(gs, g->port, now) == 3 ? IGMP_UNSOLICITED_INTERVAL
                                                         : IGMP_V2_UNSOLICITED_INTERVAL;
    g->change_at = g->left || g->changes ? now + igmp_delay(gs, most) : RILL_NEVER;
    if (g->change_at == RILL_NEVER && filter_wants_nothing(&g->filter))
        group_free(gs, g);
}
