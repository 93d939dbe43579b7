#include "script/print.h"

#include "script/icmp_names.h"
#include "wire/tcp_header.h"
#include "wire/wire.h"

#include <inttypes.h>
#include <stdlib.h>

void seconds_print(FILE *out, int64_t microseconds)
{
    fprintf(out, "%s%" PRId64 ".%06" PRId64, microseconds < 0 ? "-" : "",
            (int64_t)llabs(microseconds) / 1000000, (int64_t)llabs(microseconds) % 1000000);
}

static void ip_print(FILE *out, const struct script_packet *p)
{
    static const char *const ecn[] = {"noecn", "ect1", "ect0", "ce", "ect01"};
    const char *before = "[";
    if (p->ip.tos_bits) {
        bool all = p->ip.tos_bits == SCRIPT_TOS;
        fprintf(out, "%s%s 0x%x", before, all ? "tos" : "dscp", all ? p->ip.tos : p->ip.tos >> 2);
        before = ", ";
    }
    if (p->ip.ecn != ECN_UNSAID) {
        fprintf(out, "%s%s", before, ecn[p->ip.ecn]);
        before = ", ";
    }
    if (p->ip.has_ttl) {
        fprintf(out, "%sttl %u", before, p->ip.ttl);
        before = ", ";
    }
    if (p->ip.has_label) {
        fprintf(out, "%sflowlabel 0x%x", before, p->ip.label);
        before = ", ";
    }
    if (*before == ',')
        fputs("] ", out);
}

static unsigned ace_of(uint16_t flags)
{
    return (flags & TCP_AE ? 4u : 0) | (flags & TCP_CWR ? 2u : 0) | (flags & TCP_ECE ? 1u : 0);
}

static void flags_print(FILE *out, const struct script_packet *p)
{
    static const struct {
        uint16_t bit;
        char name;
    } names[] = {{TCP_SYN, 'S'}, {TCP_FIN, 'F'}, {TCP_RST, 'R'}, {TCP_PSH, 'P'}, {TCP_URG, 'U'}};
    static const struct {
        uint16_t bit;
        char name;
    } ecn[] = {{TCP_ECE, 'E'}, {TCP_CWR, 'W'}, {TCP_AE, 'A'}};
    bool any = p->flags & TCP_ACK;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (p->flags & names[i].bit) {
            fputc(names[i].name, out);
            any = true;
        }
    for (size_t i = 0; i < sizeof ecn / sizeof *ecn && !p->ace; i++)
        if (p->flags & ecn[i].bit) {
            fputc(ecn[i].name, out);
            any = true;
        }
    if (p->flags & TCP_ACK)
        fputc('.', out);
    if (p->ace)
        fprintf(out, "%u", ace_of(p->flags));
    fputs(any ? " " : "- ", out);
}

static void blob_print(FILE *out, const char *name, const uint8_t *at, int size)
{
    fprintf(out, "%s%s", name, size > 0 ? " " : "");
    for (int i = 0; i < size; i++)
        fprintf(out, "%02x", at[i]);
}

static void sack_print(FILE *out, const struct script_option *o)
{
    fputs("sack", out);
    for (int at = 0; at + 10 <= o->size; at += 8)
        fprintf(out, " %u:%u", wire_get32(o->data + at), wire_get32(o->data + at + 4));
}

static void timestamp_print(FILE *out, const struct script_option *o)
{
    if (o->value_any)
        fprintf(out, "TS val ... ecr %u", wire_get32(o->data + 4));
    else
        fprintf(out, "TS val %u ecr %u", wire_get32(o->data), wire_get32(o->data + 4));
}

static void option_print(FILE *out, const struct script_option *o)
{
    char name[16];
    switch (o->kind) {
    case OPTION_EOL:
        fputs("eol", out);
        return;
    case OPTION_NOP:
        fputs("nop", out);
        return;
    case OPTION_MSS:
        fprintf(out, "mss %u", wire_get16(o->data));
        return;
    case OPTION_WINDOW_SCALE:
        fprintf(out, "wscale %u", o->data[0]);
        return;
    case OPTION_SACK_PERMITTED:
        fputs("sackOK", out);
        return;
    case OPTION_SACK:
        sack_print(out, o);
        return;
    case OPTION_TIMESTAMP:
        timestamp_print(out, o);
        return;
    case OPTION_FAST_OPEN:
        blob_print(out, "FO", o->data, o->size - 2);
        return;
    case OPTION_EXPERIMENT:
        blob_print(out, "FOEXP", o->data + 2, o->size - 4);
        return;
    case OPTION_MD5:
        blob_print(out, "md5", o->data, o->size - 2);
        return;
    default:
        snprintf(name, sizeof name, "gen-%u", o->kind);
        blob_print(out, name, o->data, o->size - 2);
    }
}

static void options_print(FILE *out, const struct script_packet *p)
{
    if (p->options_any)
        fputs(" <...>", out);
    for (unsigned i = 0; i < p->options; i++) {
        fputs(i ? "," : " <", out);
        option_print(out, &p->option[i]);
    }
    if (p->options)
        fputc('>', out);
}

static void tcp_print(FILE *out, const struct script_packet *p)
{
    flags_print(out, p);
    if (p->seq_any)
        fprintf(out, "...(%u)", p->length);
    else
        fprintf(out, "%u:%u(%u)", p->seq, p->seq + p->length, p->length);
    if (p->flags & TCP_ACK || p->ack)
        fprintf(out, " ack %u", p->ack);
    if (p->has_window)
        fprintf(out, " win %u", p->window);
    if (p->urgent)
        fprintf(out, " urg %u", p->urgent);
    options_print(out, p);
}

static void icmp_print(FILE *out, const struct script_packet *p)
{
    const char *type = icmp_type_name(false, p->type);
    const char *code = icmp_code_name(false, p->type, p->code);
    if (type)
        fprintf(out, "icmp %s", type);
    else
        fprintf(out, "icmp type_%u", p->type);
    if (code)
        fprintf(out, " %s", code);
    else if (p->code)
        fprintf(out, " code_%u", p->code);
    if (p->has_mtu)
        fprintf(out, " mtu %u", p->mtu);
    if (p->has_id)
        fprintf(out, " id %u", p->id);
    if (p->echo.written && p->echo.protocol == SCRIPT_TCP)
        fprintf(out, " [%u:%u(%u)]", p->echo.seq, p->echo.seq + p->echo.length, p->echo.length);
    else if (p->echo.written)
        fprintf(out, " [%s (%u)]", p->echo.raw ? "raw" : "udp", p->echo.length);
}

void packet_print(FILE *out, const struct script_packet *p, bool inbound)
{
    fputs(inbound ? "< " : "> ", out);
    ip_print(out, p);
    if (p->protocol == SCRIPT_UDP)
        fprintf(out, "udp (%u)", p->length);
    else if (p->protocol == SCRIPT_ICMP)
        icmp_print(out, p);
    else
        tcp_print(out, p);
}
