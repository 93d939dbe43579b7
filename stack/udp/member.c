#include "udp/member.h"

static struct udp_member *member_of(struct list_node *n)
{
    return n ? container_of(n, struct udp_member, node) : NULL;
}

struct udp_member *udp_member_first(const struct udp_socket *s)
{
    return member_of(list_first(&s->members));
}

struct udp_member *udp_member_next(const struct udp_socket *s, const struct udp_member *m)
{
    return member_of(list_next(&s->members, &m->node));
}

struct udp_member *udp_member_find(const struct udp_socket *s, uint32_t group, uint8_t port)
{
    struct udp_member *m = udp_member_first(s);
    while (m && (m->group != group || m->port != port))
        m = udp_member_next(s, m);
    return m;
}

struct udp_member *udp_member_add(struct udp *u, struct udp_socket *s, uint32_t group, uint8_t port)
{
    struct udp_member *m = memory_get(u->memory, sizeof *m);
    if (!m)
        return NULL;
    m->group = group;
    m->port = port;
    list_append(&s->members, &m->node);
    list_append(&u->members[port], &m->in_port);
    s->member_count++;
    return m;
}

void udp_member_remove(struct udp *u, struct udp_socket *s, struct udp_member *m)
{
    list_remove(&m->node);
    list_remove(&m->in_port);
    s->member_count--;
    memory_put(u->memory, m, sizeof *m);
}

void udp_members_want(const struct udp *u, uint32_t group, uint8_t port, struct source_filter *want)
{
    const struct list *members = &u->members[port];
    *want = (struct source_filter){.exclude = false};
    for (struct list_node *n = list_first(members); n; n = list_next(members, n)) {
        const struct udp_member *m = container_of(n, struct udp_member, in_port);
        if (m->group == group)
            filter_merge(want, &m->filter);
    }
}

bool udp_member_wants(const struct udp_socket *s, const struct udp_arrival *a)
{
    const struct udp_member *m = udp_member_find(s, rill_address_to_ip4(a->destination), a->port);
    return m ? source_wanted(&m->filter, rill_address_to_ip4(a->source)) : !s->members_only;
}
