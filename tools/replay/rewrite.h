/* Recorded packets as the stack of a stage is to see them: addressed to it, and with the numbers
 * that it has chosen in place of those that the recorded host chose. Everything else stays as it
 * was recorded, options that nobody knows too. */
#ifndef REPLAY_REWRITE_H
#define REPLAY_REWRITE_H

#include "replay/conversation.h"

#define REWRITE_MAX (ETH_HEADER + 65535)

struct rewrite {
    uint32_t shift; /* from the recorded host's ISN to the stack's: added to ACK and SACK */
    uint32_t most;  /* where `bounded`: neither goes beyond this number */
    bool bounded;
    uint32_t echo;               /* what the echoed timestamp becomes */
    struct tcp_fast_open cookie; /* what a Fast Open cookie becomes; length 0: it stays */
};

/* Writes the Ethernet frame and returns its length. An ICMP error has what it quotes mapped. */
size_t rewrite_segment(uint8_t frame[REWRITE_MAX], const struct conversation_segment *,
                       const struct rewrite *);

/* The same for a packet of no TCP connection, ARP or IPv4, a fragment too: only who sends it to
 * whom is mapped, and a wrong checksum stays wrong. */
size_t rewrite_packet(uint8_t frame[REWRITE_MAX], const struct recorded *);

#endif
