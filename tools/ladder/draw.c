#include "ladder/draw.h"

#include <inttypes.h>
#include <string.h>

#define ARROW 22 /* columns between A and B */
#define LABEL 64

#define GREEN "\033[32m"
#define RED "\033[31m"
#define PLAIN "\033[0m"

static void draw_address(FILE *out, uint32_t a)
{
    fprintf(out, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
}

static void draw_end(FILE *out, char name, const struct end *e)
{
    fprintf(out, "%c is ", name);
    draw_address(out, e->address);
    if (e->port)
        fprintf(out, ":%u", e->port);
}

/* The label sits at the sender's end: "--SYN------>" and "<------SYN--". */
static void draw_arrow(FILE *out, const struct step *s, const char *label)
{
    static const char dashes[] = "------------------------";
    int width = ARROW - 4 - (int)strlen(label); /* both ends' "--" and the head */
    if (width < 1)
        width = 1;
    if (s->from == 0)
        fprintf(out, "A --%s%.*s-> B", label, width, dashes);
    else
        fprintf(out, "A <-%.*s%s-- B", width, dashes, label);
}

static void flags_label(char *label, uint16_t flags)
{
    static const struct {
        uint16_t flag;
        const char *name;
    } known[] = {{TCP_SYN, "SYN"}, {TCP_FIN, "FIN"}, {TCP_RST, "RST"}, {TCP_PSH, "PSH"},
                 {TCP_URG, "URG"}, {TCP_ECE, "ECE"}, {TCP_CWR, "CWR"}, {TCP_ACK, "ACK"}};
    *label = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (flags & known[i].flag)
            strcat(strcat(label, *label ? "," : ""), known[i].name);
}

static void draw_state(FILE *out, const struct step *s, unsigned end, bool colours)
{
    bool changed = colours && s->before[end] != s->after[end];
    fprintf(out, "%s%-12s%s", changed ? GREEN : "", rill_tcp_state_name(s->after[end]),
            changed ? PLAIN : "");
}

static void draw_segment(FILE *out, const struct step *s, bool colours)
{
    const struct tcp_header *tcp = &s->packet->tcp;
    char label[LABEL];
    flags_label(label, tcp->flags);
    draw_state(out, s, 0, colours);
    fprintf(out, "  %s", colours && tcp->flags & TCP_RST ? RED : "");
    draw_arrow(out, s, label);
    fprintf(out, "%s  ", colours && tcp->flags & TCP_RST ? PLAIN : "");
    draw_state(out, s, 1, colours);
    fprintf(out, "  seq %" PRIu32, s->seq);
    if (tcp->flags & TCP_ACK)
        fprintf(out, " ack %" PRIu32, s->ack);
    if (s->packet->length)
        fprintf(out, " len %" PRIu32, s->packet->length);
    if (s->again)
        fprintf(out, ", again");
    if (!s->received)
        fprintf(out, ", not there yet");
}

static void draw_arp(FILE *out, const struct step *s)
{
    const struct arp *arp = &s->packet->arp;
    const uint8_t *mac = arp->sender_mac.byte;
    bool reply = arp->operation == ARP_REPLY, announces = arp->sender == arp->target;
    draw_arrow(out, s, reply ? "ARP reply" : "ARP request");
    fprintf(out, "  %s", announces ? "I have " : reply ? "" : "who has ");
    draw_address(out, reply ? arp->sender : arp->target);
    if (reply)
        fprintf(out, " is at %02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
                mac[5]);
}

static const char *icmp_text(const struct icmp *icmp)
{
    static const char *const unreachable[] = {"network unreachable",  "host unreachable",
                                              "protocol unreachable", "port unreachable",
                                              "fragmentation needed", "source route failed"};
    if (icmp->type == ICMP_UNREACHABLE && icmp->code < sizeof unreachable / sizeof *unreachable)
        return unreachable[icmp->code];
    return icmp->type == ICMP_TIME_EXCEEDED ? "time exceeded" : "";
}

static void draw_icmp(FILE *out, const struct step *s)
{
    const struct icmp *icmp = &s->packet->icmp;
    char label[LABEL];
    if (icmp->type == ICMP_ECHO || icmp->type == ICMP_ECHO_REPLY) {
        draw_arrow(out, s, icmp->type == ICMP_ECHO ? "echo request" : "echo reply");
        fprintf(out, "  id %u seq %u len %" PRIu32, icmp->id, icmp->sequence, s->packet->length);
        return;
    }
    snprintf(label, sizeof label, "ICMP %u/%u", icmp->type, icmp->code);
    draw_arrow(out, s, label);
    fprintf(out, "  %s", icmp_text(icmp));
}

static void draw_fragment(FILE *out, const struct step *s)
{
    const struct ip4 *ip = &s->packet->fragment;
    draw_arrow(out, s, "fragment");
    fprintf(out, "  of %u at %u len %" PRIu32 "%s", ip->id, ip->fragment_offset, s->packet->length,
            ip->more_fragments ? "" : ", the last");
}

static void draw_step(FILE *out, const struct step *s, rill_time begin, bool colours)
{
    fprintf(out, "%12.3f ms  ", (double)(s->packet->when - begin) / 1e6);
    switch (s->packet->kind) {
    case PACKET_TCP:
        draw_segment(out, s, colours);
        break;
    case PACKET_ARP:
        draw_arp(out, s);
        break;
    case PACKET_ICMP:
        draw_icmp(out, s);
        break;
    case PACKET_UDP:
        draw_arrow(out, s, "UDP");
        fprintf(out, "  port %u to %u len %" PRIu32, s->packet->udp.source,
                s->packet->udp.destination, s->packet->length);
        break;
    case PACKET_FRAGMENT:
        draw_fragment(out, s);
        break;
    case PACKET_FOREIGN:
        break;
    }
    fputc('\n', out);
}

static void draw_head(FILE *out, const struct conversation *c, const struct step *first)
{
    fprintf(out, "%s: ", c->tcp ? "TCP" : "ARP, ICMP, UDP");
    draw_end(out, 'A', &c->end[0]);
    if (!c->tcp && c->end[0].address == c->end[1].address) { /* an announcement */
        fputs(", B is everybody\n", out);
        return;
    }
    fputs(", ", out);
    draw_end(out, 'B', &c->end[1]);
    fputc('\n', out);
    if (c->tcp && c->from_start)
        fprintf(out, "%15s  %-12s  A %*s B  %s\n", "", rill_tcp_state_name(first->before[0]), ARROW,
                "", rill_tcp_state_name(first->before[1]));
}

void ladder_draw(FILE *out, const struct ladder *l, bool colours)
{
    for (size_t c = 0, first = 0; c < l->conversations; c++) {
        while (l->step[first].conversation != c)
            first++;
        if (c)
            fputc('\n', out);
        draw_head(out, &l->conversation[c], &l->step[first]);
        for (size_t i = first; i < l->steps; i++)
            if (l->step[i].conversation == c)
                draw_step(out, &l->step[i], l->step[0].packet->when, colours);
    }
}
