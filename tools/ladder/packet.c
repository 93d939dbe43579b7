#include "ladder/packet.h"

#include "recording/recording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A snap length has cut it, or the device was to cut it or to compute its checksum. */
static bool is_unfinished(const struct recorded *r)
{
    bool left = r->body.length >= IP4_HEADER &&
                (!wire_get16(r->body.at + 2) || !wire_get16(r->body.at + 10));
    return r->type == ETH_TYPE_IP4 && (r->cut || left);
}

/* Takes the length from the header: for TCP and UDP that is all that is drawn. (ICMP's checksum
 * would need the rest.) */
static void parse_unfinished(struct packet *p, struct rill_span in)
{
    struct ip4 ip;
    struct rill_span rest, text = {0};
    if (!ip4_parse_quoted(&ip, in, &rest) || ip.more_fragments || ip.fragment_offset)
        return;
    size_t missing = ip.total_length > in.length ? ip.total_length - in.length : 0;
    if (ip.protocol == IP_PROTOCOL_TCP && !tcp_header_parse(&p->tcp, rest, &text)) {
        p->kind = PACKET_TCP;
        p->length = (uint32_t)(text.length + missing);
    } else if (ip.protocol == IP_PROTOCOL_UDP && rest.length >= UDP_HEADER) {
        p->kind = PACKET_UDP;
        p->udp = (struct udp_header){.source = wire_get16(rest.at),
                                     .destination = wire_get16(rest.at + 2)};
        p->length = (uint32_t)(rest.length - UDP_HEADER + missing);
    }
    p->source = ip.source;
    p->destination = ip.destination;
}

/* Parses the payload of an IPv4 datagram; the kind stays FOREIGN if a header is invalid. */
static void parse_transport(struct packet *p, uint8_t protocol, struct rill_span in)
{
    struct rill_span text = {0};
    if (protocol == IP_PROTOCOL_TCP && !tcp_header_parse(&p->tcp, in, &text))
        p->kind = PACKET_TCP;
    else if (protocol == IP_PROTOCOL_UDP && !udp_header_parse(&p->udp, in, &text))
        p->kind = PACKET_UDP;
    else if (protocol == IP_PROTOCOL_ICMP && !icmp_parse(&p->icmp, in, &text))
        p->kind = PACKET_ICMP;
    p->length = (uint32_t)text.length;
}

static void parse_ip4(struct packet *p, struct rill_span in)
{
    struct ip4 ip;
    struct rill_span payload;
    if (ip4_parse(&ip, in, &payload))
        return;
    p->source = ip.source;
    p->destination = ip.destination;
    if (!ip.more_fragments && !ip.fragment_offset) {
        parse_transport(p, ip.protocol, payload);
        return;
    }
    p->kind = PACKET_FRAGMENT;
    p->fragment = ip;
    p->length = (uint32_t)payload.length;
}

static void parse_arp(struct packet *p, struct rill_span in)
{
    bool foreign;
    if (!arp_parse(&p->arp, in, &foreign))
        return;
    p->kind = PACKET_ARP;
    p->source = p->arp.sender;
    p->destination = p->arp.target;
}

static struct packet parse(uint16_t type, struct rill_span body, rill_time when)
{
    struct packet p = {.when = when};
    if (type == ETH_TYPE_ARP)
        parse_arp(&p, body);
    else if (type == ETH_TYPE_IP4)
        parse_ip4(&p, body);
    return p;
}

struct packet packet_parse(struct rill_span frame, rill_time when)
{
    struct eth eth;
    struct rill_span body;
    if (!eth_parse(&eth, frame, &body))
        return (struct packet){.when = when};
    return parse(eth.type, body, when);
}

struct packet packet_of(const struct recorded *r)
{
    struct packet p = parse(r->type, r->body, r->when);
    if (p.kind == PACKET_FOREIGN && is_unfinished(r))
        parse_unfinished(&p, r->body);
    return p;
}

static bool list_add(struct packet_list *list, const struct packet *p)
{
    list->seen++;
    if (list->count == PACKETS_MAX)
        return true;
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 256;
        struct packet *at = realloc(list->at, room * sizeof *at);
        if (!at)
            return false;
        list->at = at;
        list->room = room;
    }
    list->at[list->count++] = *p;
    return true;
}

const char *packet_list_read(struct packet_list *list, const char *file, const char *filter)
{
    static struct rill_diagnostic why;
    struct recording_reader reader;
    struct recorded r;
    bool good = recording_open(&reader, file, filter, &why) == RECORDING_GOOD;
    while (good && recording_next(&reader, &r, &why)) {
        struct packet p = packet_of(&r);
        list->foreign += p.kind == PACKET_FOREIGN;
        if (p.kind != PACKET_FOREIGN && !list_add(list, &p))
            good = !snprintf(why.text, sizeof why.text, "%s", strerror(ENOMEM));
    }
    recording_close(&reader);
    return why.text[0] ? why.text : NULL;
}

void packet_list_end(struct packet_list *list)
{
    free(list->at);
    *list = (struct packet_list){0};
}
