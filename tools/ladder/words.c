#include "ladder/words.h"

#include <inttypes.h>
#include <string.h>

static void say_address(FILE *out, uint32_t a)
{
    fprintf(out, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
}

static void say_end(FILE *out, char name, const struct end *e)
{
    fprintf(out, "%c is ", name);
    say_address(out, e->address);
    if (e->port)
        fprintf(out, ":%u", e->port);
}

static void flags_label(char *label, uint16_t flags)
{
    static const struct {
        uint16_t flag;
        const char *name;
    } known[] = {{TCP_SYN, "SYN"}, {TCP_FIN, "FIN"}, {TCP_RST, "RST"},
                 {TCP_PSH, "PSH"}, {TCP_URG, "URG"}, {TCP_ECE, "ECE"},
                 {TCP_CWR, "CWR"}, {TCP_AE, "AE"},   {TCP_ACK, "ACK"}};
    *label = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (flags & known[i].flag)
            strcat(strcat(label, *label ? "," : ""), known[i].name);
}

static void arp_label(char *label, const struct packet *p)
{
    strcpy(label, p->arp.operation == ARP_REPLY ? "ARP reply" : "ARP request");
}

static void icmp_label(char *label, const struct packet *p)
{
    if (p->icmp.type == ICMP_ECHO || p->icmp.type == ICMP_ECHO_REPLY)
        strcpy(label, p->icmp.type == ICMP_ECHO ? "echo request" : "echo reply");
    else
        snprintf(label, WORDS_LABEL, "ICMP %u/%u", p->icmp.type, p->icmp.code);
}

void words_label(char label[WORDS_LABEL], const struct packet *p)
{
    switch (p->kind) {
    case PACKET_TCP:
        flags_label(label, p->tcp.flags);
        break;
    case PACKET_ARP:
        arp_label(label, p);
        break;
    case PACKET_ICMP:
        icmp_label(label, p);
        break;
    case PACKET_UDP:
        strcpy(label, "UDP");
        break;
    case PACKET_FRAGMENT:
        strcpy(label, "fragment");
        break;
    case PACKET_FOREIGN:
        *label = 0;
        break;
    }
}

static void say_segment(FILE *out, const struct step *s)
{
    fprintf(out, "seq %" PRIu32, s->seq);
    if (s->packet->tcp.flags & TCP_ACK)
        fprintf(out, " ack %" PRIu32, s->ack);
    if (s->packet->length)
        fprintf(out, " len %" PRIu32, s->packet->length);
    if (s->again)
        fprintf(out, ", again");
    if (!s->received)
        fprintf(out, ", not there yet");
}

static void say_arp(FILE *out, const struct arp *arp)
{
    const uint8_t *mac = arp->sender_mac.byte;
    bool reply = arp->operation == ARP_REPLY, announces = arp->sender == arp->target;
    fputs(announces ? "I have " : reply ? "" : "who has ", out);
    say_address(out, reply ? arp->sender : arp->target);
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

static void say_icmp(FILE *out, const struct packet *p)
{
    if (p->icmp.type == ICMP_ECHO || p->icmp.type == ICMP_ECHO_REPLY)
        fprintf(out, "id %u seq %u len %" PRIu32, p->icmp.id, p->icmp.sequence, p->length);
    else
        fputs(icmp_text(&p->icmp), out);
}

void words_note(FILE *out, const struct step *s)
{
    const struct packet *p = s->packet;
    switch (p->kind) {
    case PACKET_TCP:
        say_segment(out, s);
        break;
    case PACKET_ARP:
        say_arp(out, &p->arp);
        break;
    case PACKET_ICMP:
        say_icmp(out, p);
        break;
    case PACKET_UDP:
        fprintf(out, "port %u to %u len %" PRIu32, p->udp.source, p->udp.destination, p->length);
        break;
    case PACKET_FRAGMENT:
        fprintf(out, "of %u at %u len %" PRIu32 "%s", p->fragment.id, p->fragment.fragment_offset,
                p->length, p->fragment.more_fragments ? "" : ", the last");
        break;
    case PACKET_FOREIGN:
        break;
    }
}

void words_title(FILE *out, const struct conversation *c)
{
    fprintf(out, "%s: ", c->tcp ? "TCP" : "ARP, ICMP, UDP");
    say_end(out, 'A', &c->end[0]);
    fputs(", ", out);
    if (!c->tcp && c->end[0].address == c->end[1].address) /* an announcement */
        fputs("B is everybody", out);
    else
        say_end(out, 'B', &c->end[1]);
}
