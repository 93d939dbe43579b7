#include "script/lacks.h"

#include "script/live.h"
#include "wire/tcp_header.h"

#include <string.h>

/* A symbol that requires the feature anywhere in a call. */
struct lacking_symbol {
    const char *name, *feature;
};

static const struct lacking_symbol symbols[] = {
    {"AF_INET6", "IPv6"},
};

static const char *symbol_lacks(const char *name)
{
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        if (!strcmp(symbols[i].name, name))
            return symbols[i].feature;
    return NULL;
}

static const char *option_lacks(const struct script_packet *p)
{
    if (packet_option(p, OPTION_MD5))
        return "TCP MD5 signatures";
    return NULL;
}

/* A peer may request it: a stack without it ignores the reserved bit and the option (RFC 9293 3.1,
 * MUST-6). */
static bool is_accurate_ecn(const struct script_packet *p)
{
    return p->flags & TCP_AE || packet_option(p, OPTION_ACCURATE_ECN_0) ||
           packet_option(p, OPTION_ACCURATE_ECN_1);
}

static const char *packet_lacks(const struct script_packet *p, bool sent)
{
    if (sent && is_accurate_ecn(p))
        return "accurate ECN";
    if (p->ip.has_label)
        return "IPv6";
    return option_lacks(p);
}

/* Checks every word of the call at any depth: walks the tree through its parents, without a
 * stack. */
static const char *call_lacks(const struct call_line *c)
{
    const struct expression *e = c->arguments;
    const char *feature = NULL;
    while (e && !feature) {
        if (e->kind == EXPRESSION_WORD)
            feature = symbol_lacks(e->text);
        const struct expression *next = e->first;
        while (!next && e) {
            next = e == c->arguments ? NULL : e->next;
            e = next ? e : e->parent;
        }
        e = next;
    }
    return feature;
}

const char *stack_lacks(const struct event *e)
{
    if (e->action == ACTION_CALL)
        return call_lacks(e->call);
    if (e->action != ACTION_INBOUND && e->action != ACTION_OUTBOUND)
        return NULL;
    return packet_lacks(e->packet, e->action == ACTION_OUTBOUND);
}
