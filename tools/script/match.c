#include "script/match.h"

#include "script/live.h"
#include "wire/tcp_header.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

bool packet_is_pure_ack(const struct script_packet *p)
{
    return p->protocol == SCRIPT_TCP && p->length == 0 &&
           (p->flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) == TCP_ACK;
}

/* ------------------------------------------------------------------------ IP */

static const char *ip_difference(const struct script_packet *wanted,
                                 const struct script_packet *got)
{
    unsigned ecn = got->ip.tos & 3;
    if (wanted->protocol != got->protocol)
        return "protocol";
    if (wanted->ip.tos != (got->ip.tos & wanted->ip.tos_bits))
        return "tos";
    if (wanted->ip.ecn == ECN_ECT01 && ecn != ECN_ECT0 && ecn != ECN_ECT1)
        return "ECN bits";
    if (wanted->ip.ecn < ECN_ECT01 && ecn != wanted->ip.ecn)
        return "ECN bits";
    if (wanted->ip.has_ttl && wanted->ip.ttl != 255 && wanted->ip.ttl != got->ip.ttl)
        return "ttl"; /* 255 is never compared: section 23.13 */
    return NULL;
}

/* ------------------------------------------------------------------- options */

static bool timestamp_in_time(const struct script_option *wanted, const struct script_option *got,
                              const struct script_options *o, int64_t tolerance)
{
    int32_t off = (int32_t)(wire_get32(got->data) - wire_get32(wanted->data));
    return o->tick_usecs == 0 || wanted->value_any ||
           llabs((long long)off * o->tick_usecs) <= tolerance;
}

static const char *timestamp_difference(const struct script_option *wanted,
                                        const struct script_option *got,
                                        const struct script_options *o, int64_t tolerance)
{
    if (!timestamp_in_time(wanted, got, o, tolerance))
        return "timestamp value";
    if (o->strict && memcmp(wanted->data + 4, got->data + 4, 4))
        return "timestamp echo";
    return NULL;
}

static const char *option_difference(const struct script_option *wanted,
                                     const struct script_option *got,
                                     const struct script_options *o, int64_t tolerance)
{
    if (wanted->kind != got->kind || wanted->size != got->size)
        return "TCP options";
    if (wanted->kind == OPTION_TIMESTAMP)
        return timestamp_difference(wanted, got, o, tolerance);
    if (wanted->size < 3 || wanted->signature_good)
        return NULL;
    return memcmp(wanted->data, got->data, wanted->size - 2u) ? "TCP options" : NULL;
}

/* Compares as a set: NOP, EOL and the order are ignored (--ignore_syn_options_order). */
static const char *option_set_difference(const struct script_packet *wanted,
                                         const struct script_packet *got,
                                         const struct script_options *o, int64_t tolerance)
{
    unsigned left = 0;
    for (unsigned i = 0; i < got->options; i++)
        left += got->option[i].kind > OPTION_NOP;
    for (unsigned i = 0; i < wanted->options; i++) {
        const struct script_option *w = &wanted->option[i];
        if (w->kind <= OPTION_NOP)
            continue;
        const struct script_option *g = packet_option(got, w->kind);
        const char *difference = g ? option_difference(w, g, o, tolerance) : "TCP options";
        if (difference)
            return difference;
        left--;
    }
    return left ? "TCP options" : NULL;
}

static const char *options_difference(const struct script_packet *wanted,
                                      const struct script_packet *got,
                                      const struct script_options *o, int64_t tolerance)
{
    bool syn = wanted->flags & TCP_SYN;
    if (wanted->options_any || (o->relax.syn_options && syn))
        return NULL;
    if (o->relax.option_order && syn)
        return option_set_difference(wanted, got, o, tolerance);
    if (wanted->options != got->options)
        return "TCP options";
    for (unsigned i = 0; i < wanted->options; i++) {
        const char *difference =
            option_difference(&wanted->option[i], &got->option[i], o, tolerance);
        if (difference)
            return difference;
    }
    return NULL;
}

/* ----------------------------------------------------------------------- TCP */

/* ack is compared even without the ACK bit, and urgent without URG (sections 8 and 23.13). */
static const char *tcp_difference(const struct script_packet *wanted,
                                  const struct script_packet *got, const struct script_options *o,
                                  int64_t tolerance)
{
    uint16_t ignored = o->relax.push ? TCP_PSH : 0;
    if ((wanted->flags | ignored) != (got->flags | ignored))
        return "flags";
    if (got->reserved)
        return "reserved bits";
    if (!wanted->seq_any && wanted->seq != got->seq)
        return "sequence number";
    if (wanted->length != got->length)
        return "length";
    if (wanted->ack != got->ack)
        return "acknowledgement number";
    if (wanted->has_window && !o->relax.window && wanted->window != got->window)
        return "window";
    if (wanted->urgent != got->urgent)
        return "urgent pointer";
    return options_difference(wanted, got, o, tolerance);
}

/* ---------------------------------------------------------------------- ICMP */

/* Compares the written fields; of a quoted TCP segment only the protocol. */
static const char *icmp_difference(const struct script_packet *wanted,
                                   const struct script_packet *got)
{
    const struct script_echo *w = &wanted->echo, *g = &got->echo;
    if (wanted->type != got->type || wanted->code != got->code)
        return "type or code";
    if (wanted->has_id && wanted->id != got->id)
        return "id";
    if (wanted->has_mtu && wanted->mtu != got->mtu)
        return "MTU";
    if (!w->written)
        return NULL;
    bool same = g->written && w->protocol == g->protocol && w->raw == g->raw;
    return same && (w->protocol == SCRIPT_TCP || w->length == g->length) ? NULL : "what it carries";
}

const char *packet_difference(const struct script_packet *wanted, const struct script_packet *got,
                              const struct script_options *o, int64_t tolerance)
{
    const char *difference = ip_difference(wanted, got);
    if (difference)
        return difference;
    if (wanted->protocol == SCRIPT_TCP)
        return tcp_difference(wanted, got, o, tolerance);
    if (wanted->protocol == SCRIPT_UDP)
        return wanted->length == got->length ? NULL : "length";
    return icmp_difference(wanted, got);
}
