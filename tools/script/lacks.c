#include "script/lacks.h"

#include "script/live.h"
#include "wire/tcp_header.h"

#include <string.h>

/* A peer may send a signature: a stack without them ignores it (RFC 9293 3.1, MUST-6). But nobody
 * here computes a valid one. */
static bool is_signed(const struct script_packet *p, bool sent)
{
    const struct script_option *o = packet_option(p, OPTION_MD5);
    return o && (sent || o->signature_good);
}

static const char *packet_lacks(const struct script_packet *p, bool sent)
{
    if (p->ip.has_label)
        return "IPv6";
    if (is_signed(p, sent))
        return "TCP MD5 signatures";
    return NULL;
}

const char *stack_lacks(const struct event *e)
{
    if (e->action != ACTION_INBOUND && e->action != ACTION_OUTBOUND)
        return NULL;
    return packet_lacks(e->packet, e->action == ACTION_OUTBOUND);
}
