/* The ACE field of accurate ECN (RFC 9768 3.2.2): the flags AE, CWR and ECE of a segment as one
 * number. In the handshake it says how the last packet of the peer has arrived; afterwards it is a
 * counter of packets with a CE mark, modulo 8. */
#ifndef TCP_ACE_H
#define TCP_ACE_H

#include <stdbool.h>
#include <stdint.h>

#define ACE_MASK 7u
#define ACE_RESERVED 5u /* a SYN-ACK with it agrees, and tells nothing of our SYN (3.1.3) */
#define ACE_INITIAL 5u  /* of the counter: so a middlebox that clears the flags is noticed */

unsigned ace_of(uint16_t flags);
uint16_t ace_flags(unsigned ace); /* modulo 8 */

/* The code of the handshake for an ECN field (table 2), and the reverse. Unused codes stand for a
 * field that arrived as it was sent, without ECN. */
unsigned ace_code(uint8_t ecn);
uint8_t ace_decode(unsigned ace);

/* 3.2.2.3: can the network have turned the one field into the other? */
bool ace_arrival_valid(uint8_t sent, uint8_t arrived);

/* What else an ACK with an ACE counter tells. */
struct ace_evidence {
    uint32_t segments, bytes; /* newly delivered */
    bool counted;             /* marked_bytes is known, from the option or from what it was last */
    uint32_t marked_bytes;    /* of these bytes, with a mark */
    uint32_t mss;
    bool exact_segments; /* `segments` is not an estimate */
    bool stretched;      /* ACKs for many segments are usual: the path thins them out */
};

/* By how much the peer's counter, `counted` less its initial value before this ACK, has grown: RFC
 * 9768 3.2.2.5.2 and appendix A.2, in the form of Linux (__tcp_accecn_process). If the ACK reports
 * so many segments that the field may have wrapped, the safe assumption is the most marks that fit,
 * unless the bytes show less. */
uint32_t ace_increase(unsigned ace, uint32_t counted, const struct ace_evidence *);

#endif
