#include "ladder/packet.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The payload of an IPv4 datagram; the kind stays FOREIGN where a header lies. */
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

struct packet packet_parse(struct rill_span frame, rill_time when)
{
    struct packet p = {.when = when};
    struct eth eth;
    struct rill_span body;
    if (!eth_parse(&eth, frame, &body))
        return p;
    if (eth.type == ETH_TYPE_ARP)
        parse_arp(&p, body);
    else if (eth.type == ETH_TYPE_IP4)
        parse_ip4(&p, body);
    return p;
}

static bool list_add(struct packet_list *list, const struct packet *p)
{
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

static bool set_filter(pcap_t *capture, const char *filter)
{
    struct bpf_program program;
    if (pcap_compile(capture, &program, filter, 1, PCAP_NETMASK_UNKNOWN))
        return false;
    bool good = !pcap_setfilter(capture, &program);
    pcap_freecode(&program);
    return good;
}

static const char *read_all(struct packet_list *list, pcap_t *capture)
{
    struct pcap_pkthdr *header;
    const uint8_t *bytes;
    int status;
    while ((status = pcap_next_ex(capture, &header, &bytes)) == 1) {
        rill_time when = (rill_time)header->ts.tv_sec * 1000000000 + header->ts.tv_usec; /* ns */
        struct packet p = packet_parse((struct rill_span){bytes, header->caplen}, when);
        if (p.kind != PACKET_FOREIGN && !list_add(list, &p))
            return strerror(ENOMEM);
    }
    return status == PCAP_ERROR_BREAK ? NULL : pcap_geterr(capture);
}

const char *packet_list_read(struct packet_list *list, const char *file, const char *filter)
{
    static char complaint[PCAP_ERRBUF_SIZE + 64];
    const char *wrong = NULL;
    pcap_t *capture =
        pcap_open_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, complaint);
    if (!capture)
        return complaint;
    if (pcap_datalink(capture) != DLT_EN10MB)
        wrong = "the capture is not of an Ethernet";
    else if (!set_filter(capture, filter))
        wrong = pcap_geterr(capture);
    else
        wrong = read_all(list, capture);
    if (wrong)
        snprintf(complaint, sizeof complaint, "%s", wrong);
    pcap_close(capture);
    return wrong ? complaint : NULL;
}

void packet_list_end(struct packet_list *list)
{
    free(list->at);
    *list = (struct packet_list){0};
}
