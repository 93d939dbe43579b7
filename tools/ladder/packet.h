/* One frame of a capture, as far as a ladder shows it. Packets come from a capture file today;
 * whatever else brings packets (a live trace) fills in the same structure. */
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
    uint32_t length;              /* bytes of text, behind all headers */
    union {
        struct arp arp;
        struct ip4 fragment;
        struct icmp icmp;
        struct udp_header udp;
        struct tcp_header tcp;
    };
};

/* What an Ethernet frame holds. Transport checksums are not looked at: captures taken before the
 * device sums have none. */
struct packet packet_parse(struct rill_span frame, rill_time when);

/* The same of one that was read from a capture; of one that was cut, what its header tells. */
struct recorded;
struct packet packet_of(const struct recorded *);

/* The drawable packets of a capture, the first PACKETS_MAX of them: a ladder needs bounded memory,
 * whatever the capture's length. */
#define PACKETS_MAX 131072

struct packet_list {
    struct packet *at;
    size_t count, room;
    size_t seen;    /* in the capture: more than `count` where it was cut */
    size_t foreign; /* not drawn: neither ARP nor IPv4, malformed, or cut too short */
};

/* Reads FILE ("-": standard input) through libpcap and its filter language. NULL, or a sentence
 * that says what is wrong: what stands before the damage is in the list. */
const char *packet_list_read(struct packet_list *, const char *file, const char *filter);
void packet_list_end(struct packet_list *);

#endif
