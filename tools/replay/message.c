#include "replay/message.h"

#include "recording/grow.h"
#include "wire/arp.h"
#include "wire/icmp.h"
#include "wire/udp_header.h"

#include <stdio.h>

#define REASSEMBLY_TIME RILL_SECONDS(30)
#define ICMP_CHECKSUMMED 4 /* offset behind type, code and checksum */

void message_reader_open(struct message_reader *r)
{
    *r = (struct message_reader){.memory = {.budget = SIZE_MAX}};
    random_seed(&r->random, 1);
    reassembly_init(&r->fragments, &r->memory, &r->random, 4 * REASSEMBLY_MIN, REASSEMBLY_TIME);
}

void message_reader_close(struct message_reader *r)
{
    reassembly_end(&r->fragments);
}

static bool read_arp(struct rill_span body, struct message *m)
{
    struct arp arp;
    bool foreign;
    if (!arp_parse(&arp, body, &foreign) ||
        (arp.operation != ARP_REQUEST && arp.operation != ARP_REPLY))
        return false;
    *m = (struct message){.kind = arp.operation == ARP_REQUEST ? MESSAGE_ARP_REQUEST
                                                               : MESSAGE_ARP_REPLY,
                          .source = arp.sender,
                          .destination = arp.target};
    return true;
}

static void set_data(struct message *m, struct rill_span data)
{
    m->data = (uint8_t *)data.at;
    m->length = data.length;
}

static bool read_icmp(struct rill_span in, struct message *m)
{
    struct icmp icmp;
    struct rill_span rest;
    if (icmp_parse(&icmp, in, &rest))
        return false;
    m->kind = icmp.type == ICMP_ECHO         ? MESSAGE_ECHO
              : icmp.type == ICMP_ECHO_REPLY ? MESSAGE_ECHO_REPLY
                                             : MESSAGE_ICMP;
    m->type = icmp.type;
    m->code = icmp.code;
    set_data(m, span_skip(in, ICMP_CHECKSUMMED));
    return true;
}

static bool read_udp(struct rill_span in, struct message *m)
{
    struct udp_header udp;
    struct rill_span data;
    struct rill_address from = rill_address_ip4(m->source), to = rill_address_ip4(m->destination);
    if (udp_header_parse(&udp, in, &data) || !udp_checksum_good(from, to, in))
        return false;
    m->kind = MESSAGE_UDP;
    m->source_port = udp.source;
    m->destination_port = udp.destination;
    set_data(m, data);
    return true;
}

static bool read_ip(struct message_reader *r, struct rill_span body, rill_time when,
                    struct message *m)
{
    struct ip4 ip;
    struct rill_span payload;
    struct reassembly_result whole;
    if (ip4_parse(&ip, body, &payload))
        return false;
    *m = (struct message){.kind = MESSAGE_OTHER,
                          .type = ip.protocol,
                          .source = ip.source,
                          .destination = ip.destination};
    if (ip.more_fragments || ip.fragment_offset) {
        if (reassembly_take(&r->fragments, &ip, payload, when, &whole) || !whole.complete)
            return false;
        payload = whole.payload;
    }
    if (ip.protocol == IP_PROTOCOL_ICMP)
        return read_icmp(payload, m);
    if (ip.protocol == IP_PROTOCOL_UDP)
        return read_udp(payload, m);
    set_data(m, payload);
    return ip.protocol != IP_PROTOCOL_TCP;
}

bool message_read(struct message_reader *r, uint16_t ether_type, struct rill_span body,
                  rill_time when, struct message *m)
{
    if (ether_type == ETH_TYPE_ARP)
        return read_arp(body, m);
    return ether_type == ETH_TYPE_IP4 && read_ip(r, body, when, m);
}

struct message *messages_add(struct messages *ms, const struct message *m)
{
    ms->at = grow_one(ms->at, ms->count, &ms->room, sizeof *ms->at);
    struct message *copy = &ms->at[ms->count++];
    *copy = *m;
    copy->data = grow(NULL, m->length ? m->length : 1);
    if (m->length)
        memcpy(copy->data, m->data, m->length);
    return copy;
}

void messages_free(struct messages *ms)
{
    for (unsigned i = 0; i < ms->count; i++)
        free(ms->at[i].data);
    free(ms->at);
    *ms = (struct messages){0};
}

int message_order(const struct message *a, const struct message *b)
{
    const unsigned of_a[] = {a->kind, a->type, a->code, a->source_port, a->destination_port};
    const unsigned of_b[] = {b->kind, b->type, b->code, b->source_port, b->destination_port};
    for (unsigned i = 0; i < sizeof of_a / sizeof *of_a; i++)
        if (of_a[i] != of_b[i])
            return of_a[i] < of_b[i] ? -1 : 1;
    if (a->kind == MESSAGE_ICMP)
        return 0;
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    return memcmp(a->data, b->data, a->length);
}

struct notation notation_message(const struct message *m)
{
    struct notation n;
    switch (m->kind) {
    case MESSAGE_ARP_REQUEST:
    case MESSAGE_ARP_REPLY:
        snprintf(n.text, sizeof n.text, "ARP %s",
                 m->kind == MESSAGE_ARP_REPLY ? "reply" : "request");
        break;
    case MESSAGE_ECHO:
    case MESSAGE_ECHO_REPLY:
        snprintf(n.text, sizeof n.text, "ICMP echo %s length %zu",
                 m->kind == MESSAGE_ECHO ? "request" : "reply", m->length + ICMP_CHECKSUMMED);
        break;
    case MESSAGE_UDP:
        snprintf(n.text, sizeof n.text, "UDP %u > %u length %zu", m->source_port,
                 m->destination_port, m->length);
        break;
    case MESSAGE_OTHER:
        snprintf(n.text, sizeof n.text, "IP protocol %u length %zu", m->type, m->length);
        break;
    default:
        snprintf(n.text, sizeof n.text, "ICMP %u/%u length %zu", m->type, m->code,
                 m->length + ICMP_CHECKSUMMED);
        break;
    }
    return n;
}
