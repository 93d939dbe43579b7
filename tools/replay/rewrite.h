/* Rewrites recorded packets for the stack of a stage: addressed to it, and with the numbers that it
 * has chosen in place of the recorded host's. Everything else stays as recorded, unknown options
 * too. */
#ifndef REPLAY_REWRITE_H
#define REPLAY_REWRITE_H

#include "replay/conversation.h"

#define REWRITE_MAX (ETH_HEADER + 65535)

struct rewrite {
    uint32_t shift; /* from the recorded host's ISN to the stack's: added to ACK and SACK */
    uint32_t most;  /* if `bounded`: the upper limit of both */
    bool bounded;
    uint32_t echo;               /* replaces the echoed timestamp */
    struct tcp_fast_open cookie; /* replaces a Fast Open cookie; length 0: unchanged */
};

/* Writes the Ethernet frame and returns its length. In an ICMP error the quotation is mapped. */
size_t rewrite_segment(uint8_t frame[REWRITE_MAX], const struct conversation_segment *,
                       const struct rewrite *);

/* The same for a packet without a TCP connection, ARP or IPv4, or a fragment: only its addresses
 * are mapped, and a wrong checksum stays wrong. */
size_t rewrite_packet(uint8_t frame[REWRITE_MAX], const struct recorded *);

#endif
