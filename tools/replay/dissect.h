/* Dissects a frame that a stack has sent, and verifies lengths, checksums and padding. */
#ifndef TESTS_DISSECT_H
#define TESTS_DISSECT_H

#include "wire/arp.h"
#include "wire/icmp.h"
#include "wire/igmp.h"
#include "wire/tcp_header.h"
#include "wire/udp_header.h"

enum dissected_kind {
    DISSECTED_ARP,
    DISSECTED_FRAGMENT, /* payload: the fragment's */
    DISSECTED_ICMP,
    DISSECTED_IGMP, /* payload: the whole message */
    DISSECTED_UDP,
    DISSECTED_TCP
};

struct dissected {
    enum dissected_kind kind;
    struct eth eth;
    struct arp arp;
    struct ip4 ip;
    struct icmp icmp;
    struct udp_header udp;
    struct tcp_header tcp;
    struct rill_span payload; /* of the innermost header */
};

/* NULL, or the error in the frame. */
const char *dissect(struct dissected *, struct rill_span frame);

#endif
