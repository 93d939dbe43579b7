/* One frame of a capture, with the fields that a ladder shows. Packets from a capture file and from
 * a live stream fill in the same structure. */
#ifndef LADDER_PACKET_H
#define LADDER_PACKET_H

#include "wire/arp.h"
#include "wire/icmp.h"
#include "wire/tcp_header.h"
#include "wire/udp_header.h"

#include <rill/time.h>

enum packet_kind {
    PACKET_FOREIGN, /* neither ARP nor IPv4, or malformed: not drawn */
    PACKET_ARP,
    PACKET_FRAGMENT, /* of any protocol */
    PACKET_ICMP,
    PACKET_UDP,
    PACKET_TCP
};

struct packet {
    rill_time when;
    enum packet_kind kind;
    uint32_t source, destination; /* IPv4 in host order; of ARP: sender and target */
    uint32_t length;              /* bytes of text, after all headers */
    union {
        struct arp arp;
        struct ip4 fragment;
        struct icmp icmp;
        struct udp_header udp;
        struct tcp_header tcp;
    };
};

/* Parses an Ethernet frame. Transport checksums are not checked: a capture taken before the device
 * computes them has none. */
struct packet packet_parse(struct rill_span frame, rill_time when);

/* The same for a recorded frame; if it was cut, the header decides. */
struct recorded;
struct packet packet_of(const struct recorded *);

/* The first PACKETS_MAX drawable packets of a capture: a ladder needs bounded memory, whatever the
 * capture's length. */
#define PACKETS_MAX 131072

struct packet_list {
    struct packet *at;
    size_t count, room;
    size_t seen;    /* in the capture: more than `count` if the list was cut */
    size_t foreign; /* not drawn: neither ARP nor IPv4, malformed, or cut too short */
};

/* Reads FILE ("-": standard input) with libpcap and its filter language. NULL, or a sentence about
 * the error: the packets before the damage are in the list. */
const char *packet_list_read(struct packet_list *, const char *file, const char *filter);
void packet_list_end(struct packet_list *);

#endif
