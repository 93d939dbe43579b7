/* Datagrams that draw an answer from any host that takes them for its own: the tests of what must
 * not be answered send all of them and count. Each goes the way that the caller forges. */
#ifndef TESTS_PROBE_H
#define TESTS_PROBE_H

#include "lone.h"

#define PROBE_OPEN 80 /* a listener, if the test has one */
#define PROBE_CLOSED 81

/* Each returns how many frames were sent in answer at once. */
unsigned probe_echo(struct lone *, const struct forge *);
unsigned probe_udp(struct lone *, const struct forge *, uint16_t port); /* 13 bytes, odd */
unsigned probe_syn(struct lone *, const struct forge *, uint16_t port);
unsigned probe_arp(struct lone *, const struct forge *, const struct arp *);

/* Echo, UDP to a closed port, SYN to an open and a closed one: 4 probes. */
#define PROBES 4
unsigned probe_all(struct lone *, const struct forge *);

/* A good ARP packet from the forger about `sender`; the target is the stack. */
struct arp probe_claim(const struct forge *, uint16_t operation, uint32_t sender);

/* An ICMP error that quotes a segment or datagram of the stack to 192.0.2.2. */
struct probe_quote {
    uint8_t protocol;
    uint16_t source, destination; /* ports: the stack's, the peer's */
    uint32_t seq;
    uint16_t total_length;
};
unsigned probe_error(struct lone *, const struct icmp *, const struct probe_quote *);

#endif
